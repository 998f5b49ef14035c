"""A release from a command to its notes, as the demo tells it. The runner's result was recorded on a CPU beforehand."""

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bot.config import FILE
from bot.reports import tensor_parallel
from bot.reports.tensor_parallel import Document
from bot.sandbox.ci import WorkflowRun

if TYPE_CHECKING:
    from bot.sandbox.scenes import Scene

#: Two approve, as the defaults ask; `smoke` is the profile for CPUs.
POLICY = "version: 1\nrelease: {profile: smoke}\n"

#: A run of the suite on two CPU ranks: every number in it was measured, its commits and nonce are put in here.
RECORDED = Path(__file__).with_name("recorded.json")

WORKFLOW = ".github/workflows/reeve-tensor-parallel.yml"
_STARTED_BY_HAND = """\
run-name: Tensor-parallel ${{ inputs.nonce }}
on:
  workflow_dispatch:
    inputs: {candidate: {}, base: {}, nonce: {}, profile: {}, pairs: {}, tp: {}}
"""
FIRST, NEXT = "v0.1.0", "v0.1.1"
APPROVERS = ("nadia", "omar")


def play(scene: "Scene") -> None:
    """Take a release from the command to the published notes."""
    world = scene.world
    number = _stage(scene)
    scene.say(f"{APPROVERS[0]}, a maintainer, writes under #{number}: /release patch")
    world.comment(number, "/release patch", by=APPROVERS[0])
    scene.expect("Reeve starts the tensor-parallel suite on both commits", lambda: len(world.dispatches()) == 1)
    scene.expect("and opens the release issue", lambda: bool(_issue(scene)))
    _runner_answers(scene)
    scene.expect("Reeve works the verdict out from the raw numbers: it passes", lambda: _passed(scene))
    for person in APPROVERS:
        scene.say(f"{person} writes under #{number}: /release approve")
        world.comment(number, "/release approve", by=person)
    scene.expect(f"two have approved: the tag {NEXT} stands on that very commit", lambda: NEXT in world.tags())
    scene.expect("the release is published, with notes and the table", lambda: len(world.releases()) == 2)
    scene.expect("the release issue is closed", lambda: _issue(scene)[-1:] == ["closed"])
    for line in world.releases()[-1].body.splitlines()[:3]:
        scene.say(f"    {line}")


def _stage(scene: "Scene") -> int:
    """Give the repository a first release, a fix since, and green CI; return the issue that people speak in."""
    world = scene.world
    scene.say(f"{FIRST} is out; since then a fix was merged, and CI is green on it.")
    world.push_file(FILE, POLICY)
    world.push_file(WORKFLOW, _STARTED_BY_HAND)
    world.create_tag(FIRST, world.repository().branches["main"])
    world.publish_release(FIRST)
    for person in APPROVERS:
        world.set_permission(person, "maintain")
    pull = world.open_pull_request("fix: a rank waited for itself", head="fix", files={"parallel.py": "x = 1\n"})
    world.merge(pull)
    world.report_check(world.repository().branches["main"], "ci", "success")
    return world.open_issue("[Feature] Let us have a release", author=APPROVERS[0])


def _runner_answers(scene: "Scene") -> None:
    """Hand over what was recorded, under the commits and the nonce of this run."""
    if not scene.world.dispatches():
        return
    run = scene.world.dispatches()[-1]
    scene.say("The runner hands its numbers over. (Here: recorded on two CPU ranks beforehand, not measured now.)")
    handed = {"tensor-parallel.json": tensor_parallel.encode(recorded(run))}
    scene.world.finish_workflow(run, {f"reeve-tensor-parallel.{run.inputs['nonce']}": handed})


def recorded(run: WorkflowRun) -> Document:
    """Return the recorded result as if this run had made it."""
    made = tensor_parallel.parse(RECORDED.read_bytes())
    commits = {"head": run.inputs["candidate"], "base": run.inputs["base"]}
    sides = {name: msgspec.structs.replace(side, commit=commits[name]) for name, side in made.sides.items()}
    return msgspec.structs.replace(made, sides=sides, nonce=run.inputs["nonce"], run_id=str(run.id), digest="")


def _issue(scene: "Scene") -> list[str]:
    """Return the states of the release's issue, of which there is one."""
    issues = scene.world.repository().issues.values()
    return [each.state for each in issues if f"key=release-{NEXT} " in (each.body or "")]


def _passed(scene: "Scene") -> bool:
    checks = scene.world.checks(scene.world.repository().branches["main"])
    return any(each.name == "reeve / release" and each.conclusion == "success" for each in checks)
