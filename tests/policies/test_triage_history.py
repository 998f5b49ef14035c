"""Of a repository's history only what people said teaches anything."""

from dataclasses import replace

import pytest

from bot.config import Config
from bot.model.facts import Issue
from bot.model.subjects import Repository
from bot.policies.triage.history import labelled
from tests.policies.given import facts

HERE = Repository(1, "acme/model", 7)


def closed(*labels: str, type_: str | None = None) -> Issue:
    """Return a closed issue with these labels."""
    return replace(facts("zorp", body="text", labels=labels).issue, is_open=False, type=type_)


@pytest.mark.parametrize(
    ("issue", "own", "label"),
    [
        (closed("bug"), None, "bug"),
        (closed("kind/feature", "good first issue"), None, "feature"),
        (closed("文档"), None, "docs"),
        (closed("question"), None, "question"),
        (closed(type_="Bug"), None, "bug"),
        (closed("bug", "enhancement"), None, None),
        (closed("bug", "question"), None, None),
        (closed("help wanted"), None, None),
        (closed(), None, None),
        (closed("bug"), "bug", None),
        (closed("Bug"), "bug", None),
        (closed("enhancement"), "bug", "feature"),
        (closed("bug"), "needs-triage", "bug"),
        (replace(closed("bug"), is_open=True), None, None),
    ],
)
def test_one_kind_that_a_person_set_on_a_closed_issue_is_an_example(
    issue: Issue, own: str | None, label: str | None
) -> None:
    found = list(labelled(HERE, [issue], {issue.subject.number: own} if own else {}, Config()))

    assert [each.label for each in found] == ([label] if label else [])
    assert all((each.title, each.body, each.source) == ("zorp", "text", "acme/model") for each in found)
