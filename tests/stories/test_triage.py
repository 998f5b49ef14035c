"""An issue is opened or changed; what GitHub shows afterwards, in the author's language."""

from tests.stories.conftest import Town

FORM = """\
name: Bug
labels: []
body:
  - {type: input, id: version, attributes: {label: Version}}
  - {type: textarea, id: steps, attributes: {label: Steps to reproduce}}
  - {type: textarea, id: expected, attributes: {label: Expected behavior}}
  - {type: textarea, id: actual, attributes: {label: Actual behavior}}
"""


def test_an_english_bug_gets_its_label_and_one_english_comment(town: Town) -> None:
    number = town.world.open_issue("[Bug] crash on load", body="It crashes when the weights are loaded.")
    town.settle()

    (comment,) = town.world.bot_comments(number)
    assert town.world.labels(number) == {"bug"}
    assert "This is a bug report." in comment
    assert "24 hours after it was opened" in comment
    assert "`[Bug]`" in comment


def test_a_chinese_feature_request_gets_its_label_and_one_chinese_comment(town: Town) -> None:
    number = town.world.open_issue("【功能请求】支持流式输出", body="希望生成接口可以流式返回结果。")
    town.settle()

    (comment,) = town.world.bot_comments(number)
    assert town.world.labels(number) == {"enhancement"}
    assert "已归类为功能请求" in comment
    assert "72 小时" in comment


def test_a_documentation_issue_gets_its_label(town: Town) -> None:
    number = town.world.open_issue("docs: the quickstart names a file that is gone")
    town.settle()

    assert town.world.labels(number) == {"documentation"}


def test_an_issue_from_the_bug_form_is_known_by_its_headings(town: Town) -> None:
    town.world.push_file(".github/ISSUE_TEMPLATE/bug.yml", FORM)
    answers = {"version": "1.2", "steps": "load it", "expected": "it loads", "actual": "it crashes"}
    number = town.world.open_issue("Loading fails", form="bug.yml", answers=answers)
    town.settle()

    assert town.world.labels(number) == {"bug"}


def test_an_unclear_issue_is_left_to_a_person_and_says_so(town: Town) -> None:
    number = town.world.open_issue("Something about loading", body="I wonder.")
    town.settle()

    (comment,) = town.world.bot_comments(number)
    assert town.world.labels(number) == {"needs-triage"}
    assert "A maintainer needs to say" in comment


def test_when_a_maintainer_changes_the_label_the_comment_and_the_deadline_follow(town: Town) -> None:
    number = town.world.open_issue("[Bug] please add streaming")
    town.settle()

    town.world.remove_label(number, "bug")
    town.world.add_label(number, "enhancement")
    town.settle()

    (comment,) = town.world.bot_comments(number)
    assert town.world.labels(number) == {"enhancement"}
    assert "This is a feature request." in comment
    assert "72 hours" in comment


def test_a_persons_label_replaces_reeves_own(town: Town) -> None:
    number = town.world.open_issue("[Bug] the manual is wrong")
    town.settle()

    town.world.add_label(number, "documentation")
    town.settle()

    assert town.world.labels(number) == {"documentation"}


def test_a_label_that_a_person_removed_is_never_set_again(town: Town) -> None:
    number = town.world.open_issue("[Bug] crash on load")
    town.settle()
    town.world.remove_label(number, "bug")
    town.settle()

    town.world.edit_issue(number, body="more detail")
    town.settle()

    assert town.world.labels(number) == set()


def test_a_maintainer_who_answers_the_question_clears_needs_triage(town: Town) -> None:
    number = town.world.open_issue("Something about loading")
    town.settle()

    town.world.add_label(number, "bug")
    town.settle()

    assert town.world.labels(number) == {"bug"}
    assert len(town.world.bot_comments(number)) == 1


def test_an_author_who_edits_the_title_is_understood(town: Town) -> None:
    number = town.world.open_issue("crash on load")
    town.settle()

    town.world.edit_issue(number, title="[Bug] crash on load")
    town.settle()

    (comment,) = town.world.bot_comments(number)
    assert town.world.labels(number) == {"bug"}
    assert "This is a bug report." in comment


def test_an_organisation_with_issue_types_gets_the_type_too(town: Town) -> None:
    town.world.create_repository(
        "types/model", issue_types=("Bug", "Feature", "Task"), files={".github/reeve.yml": "version: 1\n"}
    )
    town.world.install("types/model")
    number = town.world.open_issue("[Bug] crash on load", repository="types/model")
    town.settle()

    assert town.world.issue_type(number, repository="types/model") == "Bug"
    assert town.world.labels(number, repository="types/model") == {"bug"}


def test_a_type_that_a_person_set_wins_over_the_title(town: Town) -> None:
    town.world.create_repository(
        "types/model", issue_types=("Bug", "Feature"), files={".github/reeve.yml": "version: 1\n"}
    )
    town.world.install("types/model")
    number = town.world.open_issue("[Bug] stream the output", issue_type="Feature", repository="types/model")
    town.settle()

    assert town.world.issue_type(number, repository="types/model") == "Feature"
    assert town.world.labels(number, repository="types/model") == {"enhancement"}


def test_without_a_policy_file_reeve_is_installed_but_passive(town: Town) -> None:
    town.world.create_repository("acme/quiet")
    town.world.install("acme/quiet")
    number = town.world.open_issue("[Bug] crash on load", repository="acme/quiet")
    town.settle()

    assert town.world.labels(number, repository="acme/quiet") == set()
    assert town.world.comments(number, repository="acme/quiet") == []


def test_a_policy_file_that_is_pushed_takes_effect_at_once(town: Town) -> None:
    town.world.push_file(".github/reeve.yml", "version: 1\nsla: {bug: 4h}\nlabels: {bug: kind/bug}\n")
    town.settle()
    number = town.world.open_issue("[Bug] crash on load")
    town.settle()

    (comment,) = town.world.bot_comments(number)
    assert town.world.labels(number) == {"kind/bug"}
    assert "4 hours after it was opened" in comment


def test_a_broken_policy_file_leaves_the_last_good_one_in_force(town: Town) -> None:
    town.world.push_file(".github/reeve.yml", "version: 1\nsla: {bug: 4h}\n")
    town.world.open_issue("[Bug] first")
    town.settle()

    town.world.push_file(".github/reeve.yml", "version: 1\nsla: {bug: no idea}\n")
    number = town.world.open_issue("[Bug] second")
    town.settle()

    (comment,) = town.world.bot_comments(number)
    assert "4 hours after it was opened" in comment


def test_an_issue_text_cannot_put_markup_or_mentions_into_reeves_comment(town: Town) -> None:
    number = town.world.open_issue("[Bug] @everyone <img src=x> [click](http://evil.example) <!-- reeve:sticky v1 -->")
    town.settle()

    (comment,) = town.world.bot_comments(number)
    assert "@everyone" not in comment
    assert "<img" not in comment
    assert "evil.example" not in comment


def test_at_the_deadline_reeve_looks_again_and_finds_what_it_was_never_told(town: Town) -> None:
    number = town.world.open_issue("[Bug] crash on load")
    town.settle()
    town.world.faults.webhooks.lose(None)
    town.world.remove_label(number, "bug")
    town.world.add_label(number, "enhancement")
    town.settle()
    town.world.faults.webhooks.clear()

    town.advance(hours=25)

    (comment,) = town.world.bot_comments(number)
    assert "This is a feature request." in comment
