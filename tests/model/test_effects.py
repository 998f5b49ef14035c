"""Effects: where each writes to, and in what order they go."""

from typing import get_args

import pytest

from bot.model.effects import (
    PRIORITY,
    AnswerDeployment,
    Assign,
    CheckRun,
    CreateTag,
    Dispatch,
    Effect,
    EnsureLabels,
    KeepIssue,
    OpenPull,
    PublishRelease,
    React,
    SetLabels,
    StickyComment,
)
from bot.model.events import ConfigChanged
from bot.model.subjects import Repository, Subject

SEVEN = Subject(1296269, 7)

TARGETS: list[tuple[Effect, str]] = [
    (SetLabels(SEVEN, add=("bug",)), "labels"),
    (StickyComment(SEVEN, "text"), "comment/status"),
    (StickyComment(SEVEN, "text", key="answer-3"), "comment/answer-3"),
    (React(SEVEN, 3, "eyes"), "reaction/3/eyes"),
    (Assign(SEVEN, add=("ada",)), "assignees"),
    (CheckRun(SEVEN, "abc", "coverage", None, "title", "summary"), "check/coverage/abc"),
    (KeepIssue(SEVEN, "config", "title", "body"), "issue/config"),
    (EnsureLabels(SEVEN, ()), "label-names"),
    (OpenPull(SEVEN, "reeve/init", "title", "body", ()), "pull/reeve/init"),
    (Dispatch(SEVEN, "gpu.yml", "main", "n0nce"), "dispatch/n0nce"),
    (CreateTag(SEVEN, "v1.2.0", "abc"), "tag/v1.2.0"),
    (PublishRelease(SEVEN, "v1.2.0", "title", "body"), "release/v1.2.0"),
    (AnswerDeployment(SEVEN, 5, "pypi", "approved", "passed"), "deployment/5/pypi"),
]


@pytest.mark.parametrize(("effect", "place"), TARGETS)
def test_each_effect_names_the_one_place_it_writes_to(effect: Effect, place: str) -> None:
    assert effect.target == f"1296269#7/{place}"


def test_every_kind_of_effect_has_a_place_and_an_order() -> None:
    kinds = {effect.kind for effect, _ in TARGETS}

    assert {type(effect) for effect, _ in TARGETS} == set(get_args(Effect))
    assert kinds == PRIORITY.keys()


def test_what_people_wait_for_is_written_first() -> None:
    assert PRIORITY["react"] < PRIORITY["check_run"] < PRIORITY["set_labels"] < PRIORITY["sticky_comment"]


def test_a_subject_reads_back_what_it_wrote() -> None:
    assert Subject.parse(SEVEN.key) == SEVEN


def test_a_changed_policy_file_is_about_the_repository_itself() -> None:
    assert ConfigChanged(Repository(1296269, "acme/model", 77)).subject == Subject(1296269, 0)
