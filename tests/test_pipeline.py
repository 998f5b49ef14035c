"""The road: events in, one decision out, whatever the order in which they come."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot import pipeline
from bot.config import Config, parse
from bot.model.decisions import Decision
from bot.model.effects import SetLabels, StickyComment
from bot.model.errors import GitHubDown, Gone
from bot.model.events import ConfigChanged, Event, Ignored, InstallationChanged, IssueChanged, LookAgain
from bot.model.facts import Facts, Issue, Memory
from bot.model.forge import Receipt
from bot.model.past import Learnt
from bot.model.subjects import Repository
from bot.model.verdicts import Message, Outcome, Verdict
from bot.road import Policy
from tests.road import LOOK, MINUTE, MODEL, NOW, SECOND, SEVEN, Island, Walk, changed, issue, listed, pending, told

LATER = NOW + MINUTE


def says(*, wake_at: datetime | None = None, message: bool = False, remember: Memory | None = None) -> Policy:
    """Return a policy that always concludes the same."""
    verdict = Verdict(
        "fixed", "rule", Outcome.PASS, Message("fixed/word") if message else None, wake_at=wake_at, remember=remember
    )
    return lambda _facts, _config, _now: verdict


def labels_wanted(walk: Walk) -> set[str]:
    return set(walk.island.issues[7].labels)


# -- which event knows most ------------------------------------------------------------------------------------------

OLD, NEW = changed(issue("old")), changed(issue("new", at=LATER))
TWIN = changed(issue("another state of the same second"))


@pytest.mark.parametrize(
    ("one", "other", "chosen"),
    [
        (OLD, NEW, NEW),
        (NEW, OLD, NEW),
        (OLD, OLD, OLD),
        (OLD, TWIN, LOOK),
        (LOOK, NEW, LOOK),
        (NEW, LOOK, LOOK),
        (LOOK, LOOK, LOOK),
    ],
)
def test_a_fresh_look_beats_a_snapshot_and_a_newer_snapshot_an_older_one(
    one: IssueChanged | LookAgain, other: IssueChanged | LookAgain, chosen: IssueChanged | LookAgain
) -> None:
    assert pipeline._newer(one, other) == chosen


def test_of_many_events_only_the_newest_state_is_judged() -> None:
    walk = Walk()

    decision = walk.decide(changed(issue("[Bug] x", at=LATER)), changed(issue("[Feature] x")))

    assert decision.memory.label == "bug"
    assert decision.memory.seen_at == LATER


def test_two_states_of_one_second_are_settled_by_asking() -> None:
    walk = Walk(Island(issues={7: issue("[Feature] x")}))

    decision = walk.decide(changed(issue("[Bug] x")), changed(issue("[Docs] x")))

    assert decision.memory.label == "enhancement"


# -- the fence -------------------------------------------------------------------------------------------------------


def test_a_snapshot_older_than_what_was_judged_is_not_judged() -> None:
    walk = Walk()
    walk.decide(changed(issue(at=LATER)))

    assert walk.go(changed(issue("[Feature] what it was before"))) == "a newer state was judged already"


def test_an_event_that_changes_nothing_moves_the_fence_and_decides_nothing() -> None:
    walk = Walk(policies=(says(),))
    walk.decide(changed(issue()))

    assert walk.go(changed(issue(at=LATER, comments=3))) == "nothing changed"
    assert walk.notebook.memory(SEVEN).seen_at == LATER
    assert walk.go(changed(issue("[Feature] in between", at=NOW + SECOND))) == "a newer state was judged already"


def test_a_snapshot_of_the_very_second_that_was_judged_is_read_again() -> None:
    walk = Walk(Island(issues={7: issue("[Feature] now")}), policies=(says(),))
    walk.decide(changed(issue("[Bug] before")))
    walk.asked()

    walk.decide(changed(issue("[Docs] in between")))

    assert walk.asked() == ["issue 7"]


@pytest.mark.parametrize("memory", [Memory(label="bug", digest="x"), Memory(type="Bug", digest="x")])
def test_a_snapshot_that_lacks_what_reeve_set_is_read_again(memory: Memory) -> None:
    walk = Walk(Island(issues={7: issue(labels=["bug"], at=LATER)}))
    walk.notebook.memories[SEVEN] = memory

    walk.go(changed(issue(at=NOW)))

    assert "issue 7" in walk.asked()


def test_a_snapshot_that_shows_what_reeve_set_is_believed() -> None:
    walk = Walk()
    walk.notebook.memories[SEVEN] = Memory(label="bug", digest="x")

    walk.go(changed(issue(labels=["bug"])))

    assert "issue 7" not in walk.asked()


def test_what_is_on_its_way_counts_as_done() -> None:
    walk = Walk(Island(issues={7: issue()}))
    walk.decide(changed(issue()))

    assert walk.go(changed(issue(at=LATER))) == "nothing changed"
    walk.write()
    assert labels_wanted(walk) == {"bug"}


def test_effects_that_were_written_are_no_news() -> None:
    walk = Walk(Island(issues={7: issue()}))
    walk.decide(changed(issue()))
    walk.write()

    assert walk.go(changed(walk.island.issues[7])) == "nothing changed"


@pytest.mark.parametrize(
    ("effect", "labels", "type_"),
    [
        (SetLabels(SEVEN, add=("bug",)), {"old", "bug"}, "Task"),
        (SetLabels(SEVEN, remove=("old", "absent")), set(), "Task"),
        (SetLabels(SEVEN, add=("bug",), remove=("old",), type="Bug"), {"bug"}, "Bug"),
        (SetLabels(SEVEN), {"old"}, "Task"),
    ],
)
def test_an_issue_after_an_effect(effect: SetLabels, labels: set[str], type_: str) -> None:
    after = replace(issue(labels=["old"]), type="Task").after([effect])

    assert (set(after.labels), after.type) == (labels, type_)


# -- events that lead to no subject ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([], "nothing to do"),
        ([Ignored("own doing")], "own doing"),
        ([ConfigChanged(MODEL)], "policy file was read"),
        ([InstallationChanged("suspend", 77)], "installation suspend"),
        ([Ignored("first"), Ignored("last")], "last"),
        ([ConfigChanged(MODEL), Ignored("last")], "policy file was read"),
    ],
)
def test_events_without_a_subject_leave_a_reason(events: list[Event], reason: str) -> None:
    passive = Walk(Island(policy=None))

    assert pipeline.handle(events, passive.road, NOW) == pipeline.Handled(None, reason)


def test_a_changed_policy_is_read_before_the_next_decision() -> None:
    walk = Walk()
    walk.decide(changed(issue("x")))
    walk.island.policy = "version: 1\nlanguage: zh-CN\n"
    pipeline.handle([ConfigChanged(MODEL)], walk.road, NOW)

    decision = walk.decide(changed(issue("y", at=LATER)))

    (comment,) = [e for e in decision.effects if isinstance(e, StickyComment)]
    assert comment.body.startswith("zh-CN")


def test_news_of_an_installation_is_kept() -> None:
    walk = Walk()
    news = InstallationChanged("created", 77, added=(MODEL,))

    pipeline.handle([news], walk.road, NOW)

    assert walk.notebook.installations == [news]


# -- the policy file and the issue types -----------------------------------------------------------------------------


def test_without_a_policy_file_reeve_is_installed_but_passive() -> None:
    walk = Walk(Island(policy=None))

    assert walk.go(changed()) == "no policy file: installed but passive"
    assert walk.notebook.repositories == {MODEL.id: MODEL}
    assert walk.asked() == ["file None"]


def test_that_there_is_no_policy_file_is_remembered_too() -> None:
    walk = Walk(Island(policy=None))
    walk.go(changed())
    walk.asked()

    assert walk.go(changed()) == "no policy file: installed but passive"
    assert walk.asked() == []


@pytest.mark.parametrize(
    ("later", "asked"), [(timedelta(minutes=15), []), (timedelta(minutes=15, seconds=1), ["file 'version: 1\\n'"])]
)
def test_a_policy_file_is_fresh_for_a_quarter_of_an_hour_and_then_asked_for_with_its_etag(
    later: timedelta, asked: list[str]
) -> None:
    walk = Walk(policies=(says(),))
    walk.go(changed())
    walk.asked()
    walk.at = NOW + later

    assert walk.go(changed(issue("y", at=NOW + later))) == "decided"
    assert walk.asked() == asked


def test_an_unchanged_policy_file_is_fresh_again() -> None:
    walk = Walk(policies=(says(),))
    walk.go(changed())
    walk.at = NOW + timedelta(minutes=20)
    walk.go(changed(issue("y", at=NOW + MINUTE)))

    assert walk.notebook.policy_file(MODEL)[1] == NOW + timedelta(minutes=20)


def test_a_broken_policy_file_leaves_the_last_good_one_in_force() -> None:
    walk = Walk()
    walk.decide(changed(issue("x")))
    walk.island.policy = "version: 99\n"
    walk.notebook.doubt_policy_file(MODEL)

    assert walk.decide(changed(issue("y", at=LATER))).config_digest == parse("version: 1\n").digest


def test_a_first_policy_file_that_is_broken_leaves_reeve_passive() -> None:
    assert Walk(Island(policy="version: 99\n")).go(changed()) == "no policy file: installed but passive"


def test_a_policy_file_that_is_taken_away_makes_reeve_passive() -> None:
    walk = Walk()
    walk.decide(changed())
    walk.island.policy = None
    walk.notebook.doubt_policy_file(MODEL)

    assert walk.go(changed(issue("y", at=LATER))) == "no policy file: installed but passive"


def test_a_policy_file_that_cannot_be_read_now_decides_nothing() -> None:
    walk = Walk(Island(troubles=[GitHubDown("502")]))

    with pytest.raises(GitHubDown):
        walk.go(changed())


def test_a_repository_that_comes_under_another_installation_is_not_believed_before_github_agrees() -> None:
    walk = Walk()
    walk.decide(changed())
    walk.island.troubles = [Gone("installation 78 does not exist")]

    with pytest.raises(Gone):
        walk.go(changed(issue("y", at=LATER), repository=replace(MODEL, installation_id=78)))

    assert walk.notebook.repositories == {MODEL.id: MODEL}


def test_a_repository_that_did_move_to_another_installation_is_kept_there() -> None:
    walk = Walk()
    walk.decide(changed())
    moved = replace(MODEL, installation_id=78)

    walk.decide(changed(issue("y", at=LATER), repository=moved))

    assert walk.notebook.repositories == {MODEL.id: moved}


@pytest.mark.parametrize(
    ("later", "asks"), [(timedelta(), False), (timedelta(hours=24), False), (timedelta(hours=24, seconds=1), True)]
)
def test_issue_types_are_asked_for_once_a_day(later: timedelta, asks: bool) -> None:  # noqa: FBT001
    walk = Walk(Island(types=("Bug",)), policies=(says(),))
    walk.go(changed())
    walk.asked()
    walk.at = NOW + later

    walk.go(changed(issue("y", at=NOW + later + MINUTE)))

    assert ("issue types" in walk.asked()) is asks


def test_a_persons_own_repository_has_no_issue_types_and_costs_no_request() -> None:
    walk = Walk(Island(types=("Bug",)))

    walk.go(changed(repository=Repository(MODEL.id, "ada/model", 77)))

    assert walk.asked() == ["file None"]


# -- what a decision holds -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([None], None),
        ([NOW], None),
        ([NOW - MINUTE], None),
        ([LATER], LATER),
        ([LATER + MINUTE, None, LATER, NOW], LATER),
    ],
)
def test_reeve_wakes_at_the_earliest_time_that_is_still_to_come(
    times: list[datetime | None], expected: datetime | None
) -> None:
    walk = Walk(policies=tuple(says(wake_at=at) for at in times))

    assert walk.decide(changed()).wake_at == expected


@pytest.mark.parametrize(
    ("policies", "bodies"),
    [
        ([says()], []),
        ([says(message=True)], ["en: fixed/word"]),
        ([says(message=True), says(), says(message=True)], ["en: fixed/word, fixed/word"]),
    ],
)
def test_there_is_one_comment_or_silence(policies: list[Policy], bodies: list[str]) -> None:
    effects = Walk(policies=tuple(policies)).decide(changed()).effects

    assert [e.body for e in effects if isinstance(e, StickyComment)] == bodies


@pytest.mark.parametrize(
    ("comments", "digest", "may_exist"), [(0, "", False), (2, "", True), (2, "judged before", False)]
)
def test_a_comment_is_looked_for_only_where_memory_cannot_tell(
    comments: int,
    digest: str,
    may_exist: bool,  # noqa: FBT001
) -> None:
    walk = Walk(policies=(says(message=True),))
    walk.notebook.memories[SEVEN] = Memory(digest=digest)

    (effect,) = walk.decide(changed(issue(comments=comments))).effects

    assert isinstance(effect, StickyComment)
    assert effect.may_exist is may_exist


def test_the_last_policy_that_remembers_something_is_believed() -> None:
    walk = Walk(policies=(says(remember=Memory(label="a")), says(remember=Memory(label="b")), says()))

    assert walk.decide(changed()).memory.label == "b"


def test_a_decision_is_bound_to_the_facts_and_the_policy_it_rests_on() -> None:
    walk = Walk()

    decision = walk.decide(changed())

    config = parse("version: 1\n")
    assert decision.facts_digest.startswith(pipeline.facts_digest(Facts(MODEL, issue()), config))
    assert decision.config_digest == config.digest


@pytest.mark.parametrize(
    "other",
    [
        replace(issue(), title="other"),
        replace(issue(), body="other"),
        replace(issue(), labels=frozenset({"other"})),
        replace(issue(), type="other"),
        replace(issue(), is_open=False),
    ],
)
def test_every_fact_that_a_verdict_may_rest_on_changes_the_fingerprint(other: Issue) -> None:
    digests = {pipeline.facts_digest(Facts(MODEL, each), Config()) for each in (issue(), other)}

    assert len(digests) == 2


def test_time_and_comments_alone_do_not_change_the_fingerprint() -> None:
    digests = {pipeline.facts_digest(Facts(MODEL, each), Config()) for each in (issue(), issue(at=LATER, comments=9))}

    assert len(digests) == 1


# -- acting ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("attempts", "call"), [(0, "apply set_labels"), (2, "apply set_labels after a look")])
def test_an_effect_that_was_tried_before_is_looked_up_first(attempts: int, call: str) -> None:
    walk = Walk(Island(issues={7: issue()}))

    receipt = pipeline.act(pending(SetLabels(SEVEN, add=("bug",)), attempts=attempts), walk.road)

    assert receipt == Receipt(remote_id=1)
    assert walk.asked()[0] == call


def test_an_effect_on_what_is_gone_needs_nothing_any_more() -> None:
    walk = Walk(Island(troubles=[Gone("deleted")]))

    assert pipeline.act(pending(SetLabels(SEVEN)), walk.road) == Receipt(was_needed=False)


# -- late, twice, out of order ---------------------------------------------------------------------------------------

EXPLICIT = ("[Bug] x", "[Feature] x", "[Docs] x", "[Bug] 中文标题的问题")
MARKS = ("bug", "enhancement", "documentation", "needs-triage")
OTHERS = ("wontfix", "good first issue")


def histories(titles: Sequence[str], labels: Sequence[str], *, may_close: bool) -> st.SearchStrategy[list[Issue]]:
    """Return the states that one issue went through, a minute apart, with people's labels out of these."""
    state = st.builds(
        lambda title, labels, is_open: replace(issue(title, labels=labels), is_open=is_open),
        st.sampled_from(titles),
        st.sets(st.sampled_from(labels), max_size=2).map(sorted),
        st.booleans() if may_close else st.just(True),  # noqa: FBT003  hypothesis takes it so
    )
    states = st.lists(state, min_size=1, max_size=5)
    return states.map(lambda each: [replace(one, updated_at=NOW + n * MINUTE) for n, one in enumerate(each)])


anything = histories((*EXPLICIT, "x", "Question: x"), MARKS + OTHERS, may_close=True)
# Whose evidence never goes away: else Reeve rightly keeps what it decided while it was there.
explicit = histories(EXPLICIT, OTHERS, may_close=False)


def island_of(events: list[IssueChanged]) -> Island:
    """Return GitHub as it is after these events."""
    return Island(issues={7: events[-1].issue}, listed={7: listed(events)})


def known_alike(decision: Decision) -> Decision:
    """Return a decision without what it learnt on the way: that depends on how one came to know it."""
    return replace(decision, learnt=Learnt(), facts_digest="", memory=replace(decision.memory, digest=""))


def mixed(events: list[IssueChanged], data: st.DataObject) -> list[IssueChanged]:
    """Return the events in any order, some of them several times."""
    repeats = data.draw(st.lists(st.sampled_from(events), max_size=4))
    return data.draw(st.permutations(events + repeats))


@given(anything, st.data())
def test_events_that_come_together_late_twice_or_out_of_order_make_the_decision_of_the_newest(
    history: list[Issue], data: st.DataObject
) -> None:
    """The promise on the first page of the design."""
    events = told(history)

    together = Walk(island_of(events)).decide(*mixed(events, data))
    newest = Walk(island_of(events)).decide(events[-1])

    assert known_alike(together) == known_alike(newest)


@given(anything, st.data())
def test_events_that_come_after_the_newest_change_nothing_however_late_and_often(
    history: list[Issue], data: st.DataObject
) -> None:
    assume(history[-1].is_open)  # of what is closed nobody reads the past
    events = told(history)
    walk = Walk(island_of(events))
    walk.decide(events[-1])
    wanted = walk.notebook.memories[SEVEN], list(walk.notebook.pending)

    reasons = {walk.go(event) for event in mixed(events, data)}

    assert reasons <= {"a newer state was judged already", "nothing changed"}
    assert (walk.notebook.memories[SEVEN], walk.notebook.pending) == wanted


@given(explicit, st.data())
def test_events_that_come_one_by_one_in_any_order_leave_the_issue_as_the_newest_alone_does(
    history: list[Issue], data: st.DataObject
) -> None:
    events = told(history)
    one_by_one, alone = (Walk(island_of(events)) for _ in range(2))

    for event in mixed(events, data):
        one_by_one.go(event)
    one_by_one.write()
    alone.go(events[-1])
    alone.write()

    assert labels_wanted(one_by_one) == labels_wanted(alone)
