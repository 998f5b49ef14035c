"""What the stories of releases share: a repository with a release, people who may approve, runs of the suite."""

from pathlib import Path

import msgspec

from bot.policies.release.required import required
from bot.reports import tensor_parallel
from bot.reports.tensor_parallel import Case, Document
from bot.sandbox.ci import WorkflowRun
from bot.sandbox.published import Release
from bot.sandbox.state import Issue
from tests.policies.release.documents import case, document, side
from tests.stories.conftest import Town

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = ".github/workflows/reeve-tensor-parallel.yml"


def prepared(town: Town, *, policy: str = "version: 1\n", day: int = 40) -> int:
    """Give the repository a first release, a change since then, green CI, an issue to speak in; return its number."""
    world = town.world
    world.push_file(".github/reeve.yml", policy)
    world.push_file(WORKFLOW, (ROOT / "workflows" / "reeve-tensor-parallel.yml").read_text())
    world.create_tag("v1.2.0", tip(town))
    world.publish_release("v1.2.0")
    for person, role in (("ada", "maintain"), ("ben", "admin"), ("eve", "read")):
        world.set_permission(person, role)
    town.settle()
    town.advance(days=day)
    number = world.open_pull_request("feat: faster decode", head="faster", files={"model.py": "x = 1\n"})
    town.settle()
    world.merge(number)
    green(town)
    town.settle()
    issue = world.open_issue("[Feature] the next release")
    town.settle()
    return issue


def tip(town: Town) -> str:
    """Return the head of the default branch."""
    return town.world.repository().branches["main"]


def green(town: Town) -> None:
    """Let CI pass on the head of the default branch."""
    town.world.report_check(tip(town), "ci", "success")


def say(town: Town, number: int, text: str, *, by: str = "ada") -> str:
    """Let somebody comment and everything follow; return what was answered to it."""
    town.world.advance(seconds=5)
    comment = town.world.comment(number, text, by=by)
    town.settle()
    said = [each for each in town.world.bot_comments(number) if f"-{comment} " in each or f"-{comment}-" in each]
    return said[-1] if said else ""


def run(town: Town) -> WorkflowRun:
    """Return the newest run of the suite."""
    return town.world.dispatches()[-1]


def result(town: Town, *cases: Case, **changes: object) -> Document:
    """Return a whole result for the newest run, made beforehand; these cases take the place of those of their names."""
    begun = run(town)
    inputs = begun.inputs
    own = {each.name: each for each in cases}
    every = [own.pop(name, case(name)) for name in sorted(required(inputs["profile"]))]
    made = document(
        *every,
        *own.values(),
        nonce=inputs["nonce"],
        profile=inputs["profile"],
        run_id=str(begun.id),
        duration=60.0 + begun.number,
        sides={"base": side(inputs["base"]), "head": side(inputs["candidate"])},
    )
    return msgspec.structs.replace(made, **changes)


def finish(town: Town, made: Document | None, *, nonce: str = "") -> None:
    """Let the newest run hand a result over and end, and everything follow."""
    begun = run(town)
    town.world.advance(minutes=30)
    name = f"reeve-tensor-parallel.{nonce or begun.inputs['nonce']}"
    handed = {} if made is None else {name: {"tensor-parallel.json": tensor_parallel.encode(made)}}
    town.world.finish_workflow(begun, handed, conclusion="success" if made else "failure")
    town.settle()


def release_issue(town: Town, version: str = "v1.3.0") -> Issue:
    """Return the issue of a release."""
    found = [each for each in town.world.repository().issues.values() if f"key=release-{version} " in (each.body or "")]
    return found[-1]


def told(town: Town) -> str:
    """Return what the issue of the release says."""
    return release_issue(town).body or ""


def release(town: Town) -> Release:
    """Return the newest release."""
    return town.world.releases()[-1]
