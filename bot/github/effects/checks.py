"""Check runs: one per target, found again by its `external_id`; annotations can be added but never taken back.

Limits: https://docs.github.com/en/rest/checks/runs
"""

from collections.abc import Iterator
from typing import Any

from bot.github import wire
from bot.github.client import Client, repo_path
from bot.github.effects.text import cut, normal
from bot.github.paging import PER_PAGE, pages
from bot.github.tokens import Scope
from bot.github.transport import Answer, Request
from bot.model.effects import Annotation, Button, CheckRun
from bot.model.forge import Attempt, Receipt
from bot.model.subjects import Repository

#: In bytes, which is never more than the characters that GitHub counts.
MAX_TITLE = 255
MAX_SUMMARY = 65_535
MAX_MESSAGE = 65_535

#: So many annotations GitHub takes in one request.
BATCH = 50


def keep_check(client: Client, repository: Repository, effect: CheckRun, attempt: Attempt) -> Receipt:
    """Have the commit carry this check.

    The `external_id` is the effect's target (and round), so that a check run tells its pull request even on a fork's
    commit, for which GitHub names none. A run that says what is no longer so, in annotations that cannot be taken back,
    is followed by a new one of the same name, which then counts.
    """
    run = _find(client, repository, effect, attempt)
    is_over = run is not None and run.conclusion is not None and effect.conclusion is None
    if run is None or is_over or run.external_id != _external_id(effect):
        return _begin(client, repository, effect)
    there = _annotations(client, repository, run)
    wanted = [_annotation(each) for each in effect.annotations]
    if any(each not in wanted for each in there):
        return _begin(client, repository, effect)
    missing = [each for each in wanted if each not in there]
    if not missing and _says(run, effect):
        return Receipt(run.id, was_needed=False)
    return _update(client, repository, effect, run.id, missing)


def _find(client: Client, repository: Repository, effect: CheckRun, attempt: Attempt) -> wire.CheckRunShape | None:
    if attempt.remote_id is not None:
        path = repo_path(repository, "check-runs", str(attempt.remote_id))
        answer = _call(client, repository, Request("GET", path), 404)
        return answer.read(wire.CheckRunShape) if answer.status == 200 else None
    if not attempt.may_have_happened:
        return None
    return max(_own_runs(client, repository, effect), key=lambda run: run.id, default=None)


def _own_runs(client: Client, repository: Repository, effect: CheckRun) -> Iterator[wire.CheckRunShape]:
    """Find Reeve's runs for this target; no other App can write as this one."""
    path = repo_path(repository, "commits", effect.head_sha, "check-runs")
    wanted: dict[str, str | int] = {"check_name": effect.name, "app_id": client.app_id, "filter": "all"}
    request = Request("GET", path, parameters={**wanted, "per_page": PER_PAGE})
    for page in pages(lambda each: _call(client, repository, each), request):
        for run in page.read(wire.CheckRuns).check_runs:
            if run.external_id == _external_id(effect) and wire.is_by(run.app, client.app_id):
                yield run


def _annotations(client: Client, repository: Repository, run: wire.CheckRunShape) -> list[dict[str, object]]:
    """Return the annotations that the run carries, in the words in which they are sent."""
    if not run.output.annotations_count:
        return []
    path = repo_path(repository, "check-runs", str(run.id), "annotations")
    request = Request("GET", path, parameters={"per_page": PER_PAGE})
    answers = pages(lambda each: _call(client, repository, each), request)
    return [_as_sent(each) for answer in answers for each in answer.read(list[wire.AnnotationShape])]


def _begin(client: Client, repository: Repository, effect: CheckRun) -> Receipt:
    first, rest = effect.annotations[:BATCH], effect.annotations[BATCH:]
    about = {"name": effect.name, "head_sha": effect.head_sha, "external_id": _external_id(effect)}
    body = about | _result(effect, [_annotation(each) for each in first])
    answer = _call(client, repository, Request("POST", repo_path(repository, "check-runs"), body=body))
    run_id = answer.read(wire.HasId).id
    if rest:
        _update(client, repository, effect, run_id, [_annotation(each) for each in rest])
    return Receipt(run_id)


def _update(
    client: Client, repository: Repository, effect: CheckRun, run_id: int, missing: list[dict[str, object]]
) -> Receipt:
    path = repo_path(repository, "check-runs", str(run_id))
    for start in range(0, max(len(missing), 1), BATCH):
        body = _result(effect, missing[start : start + BATCH])
        _call(client, repository, Request("PATCH", path, body=body))
    return Receipt(run_id)


def _result(effect: CheckRun, annotations: list[dict[str, object]]) -> dict[str, object]:
    output: dict[str, Any] = {"title": cut(effect.title, MAX_TITLE), "summary": cut(effect.summary, MAX_SUMMARY)}
    if annotations:
        output["annotations"] = annotations
    body: dict[str, object] = {"output": output, "actions": [_button(each) for each in effect.buttons]}
    if effect.conclusion is None:
        return body | {"status": "in_progress"}
    return body | {"status": "completed", "conclusion": effect.conclusion}


def _external_id(effect: CheckRun) -> str:
    """Return the name by which the run is found again: a check that was asked for anew is another run."""
    return f"{effect.target} {effect.round}" if effect.round else effect.target


def _button(button: Button) -> dict[str, str]:
    return {"label": button.label, "description": button.description, "identifier": button.name}


def _says(run: wire.CheckRunShape, effect: CheckRun) -> bool:
    """Whether the run shows the verdict, the title and the summary already."""
    is_same = run.conclusion == effect.conclusion and (run.status == "completed") == (effect.conclusion is not None)
    there = (normal(run.output.title), normal(run.output.summary))
    return is_same and there == (normal(cut(effect.title, MAX_TITLE)), normal(cut(effect.summary, MAX_SUMMARY)))


def _annotation(annotation: Annotation) -> dict[str, object]:
    return {
        "path": annotation.path,
        "start_line": annotation.start_line,
        "end_line": annotation.end_line,
        "annotation_level": annotation.level,
        "message": cut(annotation.message, MAX_MESSAGE),
    }


def _as_sent(shape: wire.AnnotationShape) -> dict[str, object]:
    return {
        "path": shape.path,
        "start_line": shape.start_line,
        "end_line": shape.end_line,
        "annotation_level": shape.annotation_level,
        "message": shape.message,
    }


def _call(client: Client, repository: Repository, request: Request, *accept: int) -> Answer:
    return client.call(repository, request, accept=accept, scope=Scope.CHECKS)
