"""People write commands in comments; what Reeve does, and what it says."""

import pytest

from tests.stories.conftest import Town


def reactions(town: Town, number: int, comment: int) -> list[str]:
    """Return the signs that Reeve put on a comment."""
    return [content for who, content in town.world.reactions(number, comment=comment) if who == town.world.bot_login]


def answers(town: Town, number: int) -> list[str]:
    """Return what Reeve answered, leaving out the comment that it keeps."""
    return [text for text in town.world.bot_comments(number) if "key=answer-" in text]


def said(town: Town, number: int, text: str, *, by: str = "maintainer") -> int:
    """Let somebody comment and everything follow."""
    town.world.advance(seconds=5)
    comment = town.world.comment(number, text, by=by)
    town.settle()
    return comment


@pytest.fixture
def issue(town: Town) -> int:
    """A bug that was triaged."""
    number = town.world.open_issue("[Bug] crash on load")
    town.settle()
    return number


def test_a_command_is_seen_done_and_needs_no_words(town: Town, issue: int) -> None:
    comment = said(town, issue, "/label +good-first-issue")

    assert town.world.labels(issue) == {"bug", "good-first-issue"}
    assert reactions(town, issue, comment) == ["eyes", "+1"]
    assert answers(town, issue) == []


def test_a_maintainer_corrects_the_kind_and_the_deadline_follows(town: Town, issue: int) -> None:
    said(town, issue, "> Is it a bug?\n\n/kind feature")

    (comment,) = town.world.bot_comments(issue)
    assert town.world.labels(issue) == {"enhancement"}
    assert "This is a feature request." in comment
    assert "72 hours" in comment


def test_reeve_keeps_to_the_kind_that_a_person_gave(town: Town, issue: int) -> None:
    said(town, issue, "/kind docs")
    town.world.advance(seconds=5)
    town.world.edit_issue(issue, title="[Bug] crash on load, really")
    town.settle()

    assert town.world.labels(issue) == {"documentation"}


def test_an_outsider_is_refused_and_told_who_may(town: Town, issue: int) -> None:
    comment = said(town, issue, "/kind feature", by="eve")

    (answer,) = answers(town, issue)
    assert town.world.labels(issue) == {"bug"}
    assert reactions(town, issue, comment) == ["eyes", "-1"]
    assert "triage" in answer


def test_the_refusal_speaks_chinese_where_the_issue_does(town: Town) -> None:
    number = town.world.open_issue("【缺陷】加载时崩溃", body="加载权重时报错。")
    town.settle()
    said(town, number, "/kind feature", by="eve")

    (answer,) = answers(town, number)
    assert "权限" in answer


def test_permission_is_asked_now_and_not_taken_from_the_comment(town: Town, issue: int) -> None:
    town.world.set_permission("bob", "triage")
    said(town, issue, "/label +one", by="bob")
    town.world.set_permission("bob", "read")

    said(town, issue, "/label +two", by="bob")

    assert town.world.labels(issue) == {"bug", "one"}


def test_a_person_who_asks_for_help_gets_it(town: Town, issue: int) -> None:
    said(town, issue, "@reeve help", by="eve")

    (answer,) = answers(town, issue)
    assert "/label" in answer
    assert "/kind" in answer


def test_why_tells_what_holds_an_issue_up(town: Town, issue: int) -> None:
    said(town, issue, "/why", by="eve")
    said(town, issue, "/hold")
    said(town, issue, "/why", by="eve")

    before, after = answers(town, issue)
    assert "Nothing that Reeve knows of holds this up." in before
    assert "hold" in after.replace("Nothing that Reeve knows of holds this up.", "")


@pytest.mark.parametrize("environment", ["embedded"], indirect=True)  # one comment, two shapes: nothing more to see
@pytest.mark.parametrize(
    "text",
    ["```\n/label +x\n```", "> /label +x", "- /label +x", "<!--\n/label +x\n-->", "see /label +x", "/deploy prod"],
    ids=["fence", "quote", "list", "hidden", "mid-line", "another bot's"],
)
def test_what_is_no_command_is_met_with_silence(town: Town, issue: int, text: str) -> None:
    comment = said(town, issue, text)

    assert town.world.labels(issue) == {"bug"}
    assert reactions(town, issue, comment) == []
    assert answers(town, issue) == []


def test_an_unknown_word_to_reeve_gets_the_nearest_one(town: Town, issue: int) -> None:
    said(town, issue, "@reeve lable +x")

    (answer,) = answers(town, issue)
    assert "label" in answer


def test_a_comment_that_comes_twice_runs_once(town: Town, issue: int) -> None:
    town.world.faults.webhooks.double(event="issue_comment")
    said(town, issue, "/label +once")
    town.world.advance(seconds=5)
    town.world.remove_label(issue, "once")
    town.settle()
    created = next(d for d in town.world.deliveries if d.event == "issue_comment" and d.action == "created")
    town.world.redeliver(created.guid)
    town.settle()

    assert town.world.labels(issue) == {"bug"}


def test_a_command_that_was_edited_in_is_not_run(town: Town, issue: int) -> None:
    comment = said(town, issue, "hello")
    town.world.advance(seconds=5)
    town.world.edit_comment(issue, comment, "/label +sneaked-in", by="maintainer")
    town.settle()

    assert town.world.labels(issue) == {"bug"}


def test_a_comment_that_was_deleted_before_it_was_heard_is_not_run(town: Town, issue: int) -> None:
    town.close()
    town.world.advance(seconds=5)
    comment = town.world.comment(issue, "/label +gone", by="maintainer")
    town.world.flush_deliveries()
    created = next(d for d in town.world.deliveries if d.event == "issue_comment" and d.action == "created")
    town.world.delete_comment(issue, comment)
    town.open()
    town.world.redeliver(created.guid)
    town.settle()

    assert town.world.labels(issue) == {"bug"}


def test_risky_words_that_are_not_built_yet_say_so(town: Town) -> None:
    number = town.world.open_pull_request("fix", head="fix", files={"model.py": "x = 1\n"})
    town.settle()
    comment = said(town, number, "/approve")

    (answer,) = answers(town, number)
    assert reactions(town, number, comment)[-1] == "confused"
    assert "not available yet" in answer


def test_a_label_by_command_works_on_a_pull_request_which_is_not_triaged(town: Town) -> None:
    number = town.world.open_pull_request("[Bug] fix the crash", head="fix", files={"model.py": "x = 1\n"})
    town.settle()

    said(town, number, "/label +needs-review")

    assert town.world.labels(number) == {"needs-review"}
    (comment,) = town.world.bot_comments(number)
    assert "| gate | result |" in comment


def test_an_override_is_bound_to_the_commit_that_the_writer_saw(town: Town) -> None:
    number = town.world.open_pull_request("fix", head="fix", files={"model.py": "x = 1\n"})
    town.settle()
    seen = said(town, number, '/override coverage reason="only comments"')
    town.world.faults.webhooks.delay(0.4, event="issue_comment")
    town.world.advance(seconds=5)
    late = town.world.comment(number, '/override coverage reason="again"', by="maintainer")
    town.world.advance(seconds=5)
    town.world.push_to(number, {"model.py": "x = 2\n"})
    town.settle()

    assert reactions(town, number, seen) == ["eyes", "+1"]
    assert reactions(town, number, late) == ["eyes", "-1"]
    assert "commit" in answers(town, number)[-1]
