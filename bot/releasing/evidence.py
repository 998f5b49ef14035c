"""From a run of the suite to a result that can be believed, or a word on why it cannot.

The run is the one that Reeve started: its id comes with GitHub's answer to the dispatch, or it is found by the nonce.
It must be of the configured workflow, started by a dispatch on the default branch of this very repository, and never
run again. What it handed over must carry the nonce, the two commits and the run's id, and must be new.
"""

import hashlib
import json
from dataclasses import dataclass, replace

import msgspec

from bot.model.effects import Dispatch
from bot.model.errors import Gone, TooLarge
from bot.model.runs import Run
from bot.model.trains import Attempt, Fate, Taken, releases_of
from bot.releasing.parts import Place
from bot.reports import tensor_parallel
from bot.reports.handed import Refused, SuiteRead
from bot.reports.tensor_parallel import Document

#: What the workflow calls what it hands over: this, and the nonce.
ARTIFACT = "reeve-tensor-parallel."


@dataclass(frozen=True, slots=True)
class Seen:
    """An attempt as it is known now, and the result where one was accepted just now."""

    attempt: Attempt
    taken: Taken | None = None


def begun(place: Place, *, head: str, base: str, pairs: int | None = None, tp: str = "", profile: str = "") -> Attempt:
    """Return a new attempt with a nonce of its own."""
    profile = profile or place.config.release.profile
    return Attempt(place.desk.nonce(), head, base, profile, place.desk.now, pairs=pairs, tp=tp)


def dispatch(attempt: Attempt, place: Place) -> Dispatch:
    """Return the effect that starts the run: always on the default branch, with the commits as inputs."""
    rules = place.config.release
    inputs = (
        ("candidate", attempt.head),
        ("base", attempt.base),
        ("nonce", attempt.nonce),
        ("profile", attempt.profile),
        ("pairs", str(attempt.pairs or "")),
        ("tp", attempt.tp),
        *([("runner", json.dumps(rules.runner))] if rules.runner else []),
    )
    subject, branch = releases_of(place.repository.id), place.repository.default_branch
    return Dispatch(subject, rules.workflow, branch, attempt.nonce, inputs)


def look(attempt: Attempt, place: Place, *, version: str) -> Seen:
    """Return what is known of an attempt now; only one that waits is looked at."""
    if attempt.fate is not Fate.WAITING:
        return Seen(attempt)
    target = dispatch(attempt, place).target
    run = _run(attempt, target, place)
    if run is None:
        is_dead = place.desk.store.death(target) is not None
        return Seen(replace(attempt, fate=Fate.FAILED, flaw="dispatch-refused") if is_dead else attempt)
    attempt = replace(attempt, run_id=run.id, url=run.url)
    if flaw := _foreign(run, place):
        return Seen(_refused(attempt, flaw))
    if not run.is_over:
        return Seen(attempt)
    if run.conclusion != "success":
        return Seen(_failed(attempt, f"run-{run.conclusion}"))
    return _handed(attempt, run, place, version)


def _run(attempt: Attempt, target: str, place: Place) -> Run | None:
    """Find the run: by its id, or by the nonce where GitHub's answer to the dispatch was lost."""
    desk, repository = place.desk, place.repository
    run_id = attempt.run_id or desk.store.remote_id(target)
    if run_id is not None:
        return desk.forge.run(repository, run_id)
    return desk.forge.run_by_nonce(repository, place.config.release.workflow, attempt.nonce, attempt.at)


def _foreign(run: Run, place: Place) -> str:
    """Say why a run cannot be the one that was started; empty where it can."""
    repository = place.repository
    is_ours = (
        run.path == f".github/workflows/{place.config.release.workflow}"
        and run.event == "workflow_dispatch"
        and run.head_ref == repository.default_branch
        and run.head_repository_id == repository.id
    )
    if not is_ours:
        return "foreign-run"
    return "run-again" if run.attempt > 1 else ""


def _handed(attempt: Attempt, run: Run, place: Place, version: str) -> Seen:
    """Read what a run posted by itself, or handed over under the name that was agreed on."""
    repository, forge = place.repository, place.desk.forge
    if (archive := place.desk.store.posted(repository.id, run.id, attempt.nonce)) is not None:
        return _opened(attempt, run, archive, place, version)
    handed = [each for each in forge.artifacts(repository, run.id) if each.name.startswith(ARTIFACT)]
    ours = [each for each in handed if each.name == ARTIFACT + attempt.nonce]
    if len(ours) != 1:
        return Seen(_refused(attempt, "another-name") if handed else _failed(attempt, "nothing-handed-over"))
    artifact = ours[0]
    try:
        archive = forge.artifact(repository, artifact)
    except TooLarge:
        return Seen(_refused(attempt, "archive-too-large"))
    except Gone:
        return Seen(_failed(attempt, "archive-expired"))
    if artifact.digest is not None and artifact.digest.removeprefix("sha256:") != hashlib.sha256(archive).hexdigest():
        return Seen(_refused(attempt, "digest-differs"))
    return _opened(attempt, run, archive, place, version)


def _opened(attempt: Attempt, run: Run, archive: bytes, place: Place, version: str) -> Seen:
    """Open an archive in the limited child, and check that what it holds was made for this attempt."""
    answer = place.desk.opener.suite(archive)
    if isinstance(answer, Refused):
        return Seen(_refused(attempt, answer.flaw))
    if not isinstance(answer, SuiteRead):
        return Seen(_refused(attempt, "unknown-format"))
    if flaw := _untrue(answer.document, attempt, run, place):
        return Seen(_refused(attempt, flaw))
    return Seen(replace(attempt, fate=Fate.TAKEN), _taken(answer.document, attempt, run, place, version))


def _untrue(document: Document, attempt: Attempt, run: Run, place: Place) -> str:
    """Say in what way a document is not what was asked for; empty where it is."""
    head, base = document.sides["head"], document.sides.get("base")
    if place.desk.store.is_known(place.repository.id, identity(document)):
        return "replayed"
    if document.nonce != attempt.nonce:
        return "forged-nonce"
    if head.commit != attempt.head or base is None or base.commit != attempt.base:
        return "stale-commits"
    if document.run_id != str(run.id):
        return "foreign-run"
    return "another-profile" if document.profile != attempt.profile else ""


def identity(document: Document) -> str:
    """Return the fingerprint of the numbers alone: a copy under another nonce, or of another run, has the same."""
    bare = msgspec.structs.replace(document, nonce="", run_id="", started="")
    return tensor_parallel.digest(bare)


def environment(document: Document) -> str:
    """Return the fingerprint of where the candidate was measured: only results with the same one can be compared."""
    made = (document.profile, document.suite_version, document.sides["head"].environment)
    return hashlib.sha256(msgspec.json.encode(made, order="deterministic")).hexdigest()


def _taken(document: Document, attempt: Attempt, run: Run, place: Place, version: str) -> Taken:
    return Taken(
        nonce=attempt.nonce,
        head=attempt.head,
        base=attempt.base,
        version=version,
        run_id=run.id,
        attempt=run.attempt,
        digest=identity(document),
        environment=environment(document),
        content=tensor_parallel.encode(document),
        at=place.desk.now,
    )


def _refused(attempt: Attempt, flaw: str) -> Attempt:
    return replace(attempt, fate=Fate.REFUSED, flaw=flaw)


def _failed(attempt: Attempt, flaw: str) -> Attempt:
    return replace(attempt, fate=Fate.FAILED, flaw=flaw)
