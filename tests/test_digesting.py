"""The digest on the road: when it is made, when it waits, and what of a clock asks for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from bot import pipeline
from bot.model.decisions import Decision
from bot.model.effects import KeepIssue
from bot.model.events import ConfigChanged, DigestDue, Event
from bot.model.kinds import Kind
from bot.model.past import Known
from bot.model.subjects import Subject
from bot.model.timeline import Placed, Stage, Standing, Target, Timeline
from bot.policies import sla
from bot.policies.sla.digest import KEY
from bot.render import Words
from tests.road import MODEL, NOW, Island, Walk, changed, issue

HOUR = timedelta(hours=1)
WHOLE = Subject(MODEL.id, 0)
NINE = NOW.replace(hour=9) + timedelta(days=1)


def placed(stage: Stage, number: int = 7) -> Placed:
    """Return a bug's clock that stands so after 36 hours."""
    standing = Standing(Target.FIRST_ANSWER, NOW - 36 * HOUR, Kind.BUG, stage, 24 * HOUR, 36 * HOUR, NOW - 12 * HOUR)
    return Placed(Subject(MODEL.id, number), standing)


@dataclass
class Wall:
    """The clocks of all issues."""

    clocks: Sequence[Placed] = (placed(Stage.ESCALATED),)

    def late(self, repository_id: int) -> Sequence[Placed]:
        """Return those of the repository that ran out."""
        return [each for each in self.clocks if each.subject.repository_id == repository_id]

    def since(self, moment: datetime, *, repository_id: int | None = None) -> Sequence[Placed]:
        """Return those that started by then."""
        return [each for each in self.late(repository_id or 0) if each.standing.started_at >= moment]


EMPTY = Wall(())


def made(
    policy: str = "", *events: Event, wall: Wall | None = None, at: datetime = NOW, recent: int = 0
) -> Decision | None:
    """Handle these events, or that a digest is due, under this policy; so many notices went out an hour before."""
    walk = Walk(Island(policy=f"version: 1\n{policy}\n"))
    walk.notebook.pasts[WHOLE] = Known(Timeline(recent=(at - HOUR,) * recent))
    road = replace(walk.road, clocks=wall or Wall(), words=Words())
    return pipeline.handle(events or (DigestDue(MODEL),), road, at).decision


def kept(decision: Decision | None) -> list[bool]:
    """Return for each issue that is to be kept whether it is to be open."""
    effects = decision.effects if decision else ()
    return [each.is_open for each in effects if isinstance(each, KeepIssue) and each.key == KEY]


def test_what_escalated_is_listed_and_listed_again_the_next_morning() -> None:
    decision = made()
    assert decision is not None
    (effect,) = decision.effects
    assert isinstance(effect, KeepIssue)
    assert "#7" in effect.body
    assert (kept(decision), decision.digest_at) == ([True], NINE)


@pytest.mark.parametrize("wall", [EMPTY, Wall((placed(Stage.BREACHED),))], ids=["nothing late", "nothing escalated"])
def test_with_nothing_to_list_the_issue_is_closed_and_no_time_is_set(wall: Wall) -> None:
    decision = made(wall=wall)
    assert decision is not None
    assert (kept(decision), decision.digest_at) == ([False], None)


@pytest.mark.parametrize("policy", ["sla: {digest: never}", "sla: {enabled: false}"])
def test_where_no_digest_is_wanted_any_more_the_issue_is_closed(policy: str) -> None:
    decision = made(policy)
    assert decision is not None
    assert (kept(decision), decision.digest_at) == ([False], None)


@pytest.mark.parametrize(
    ("policy", "recent", "then"),
    [
        ('sla: {quiet_hours: "10:00-18:30"}', 0, NOW.replace(hour=18, minute=30)),
        ("sla: {calendar: {hours: ['14:00-18:00']}}", 0, NOW.replace(hour=14)),
        ("sla: {notices_per_day: 3}", 3, NOW + 23 * HOUR),
        ("sla: {notices_per_day: 0}", 0, NINE),
    ],
    ids=["quiet", "closed", "budget used up", "no notices at all"],
)
def test_when_nobody_may_be_called_the_digest_waits(policy: str, recent: int, then: datetime) -> None:
    decision = made(policy, recent=recent)
    assert decision is not None
    assert (decision.effects, decision.digest_at) == ((), then)
    assert [each.rule for each in decision.verdicts] == ["digest-put-off"]


def test_within_the_budget_it_goes_out() -> None:
    assert kept(made("sla: {notices_per_day: 3}", recent=2)) == [True]


def test_in_shadow_no_digest_goes_out() -> None:
    decision = made("sla: {shadow_until: 2026-12-31}")
    assert decision is not None
    assert decision.effects == ()


@pytest.mark.parametrize(("language", "title"), [("en", "Issues that wait"), ("zh-CN", "等待过久的 issue")])
def test_it_speaks_the_language_of_the_policy_file(language: str, title: str) -> None:
    decision = made(f"language: {language}")
    assert decision is not None
    assert [each.title.startswith(title) for each in decision.effects if isinstance(each, KeepIssue)] == [True]


def test_a_digest_that_comes_with_other_news_is_made_with_them() -> None:
    decision = made("", ConfigChanged(MODEL), DigestDue(MODEL))
    assert decision is not None
    assert {effect.kind for effect in decision.effects} == {"ensure_labels", "keep_issue"}


def test_without_a_policy_file_there_is_no_digest() -> None:
    walk = Walk(Island(policy=None))
    assert pipeline.handle([DigestDue(MODEL)], replace(walk.road, clocks=Wall()), NOW).decision is None


@pytest.mark.parametrize(
    ("policy", "wall", "then"),
    [("", Wall(), NINE), ("", EMPTY, None), ("sla: {digest: never}", Wall(), None)],
    ids=["something escalated", "nothing late", "not wanted"],
)
def test_a_new_policy_file_has_a_digest_made_where_there_is_something_to_list(
    policy: str, wall: Wall, then: datetime | None
) -> None:
    decision = made(policy, ConfigChanged(MODEL), wall=wall)
    assert decision is not None
    assert decision.digest_at == then


@pytest.mark.parametrize(
    ("policy", "hours", "then"),
    [
        ("", 25, None),
        ("", 37, NINE + timedelta(days=1)),
        ("sla: {digest: weekly}", 1, datetime(2026, 11, 30, 9, tzinfo=NOW.tzinfo)),
        ("sla: {digest: never}", 37, None),
    ],
    ids=["breached", "escalated", "weekly", "not wanted"],
)
def test_a_clock_asks_for_the_digest_that_tells_of_it(policy: str, hours: int, then: datetime | None) -> None:
    walk = Walk(Island(policy=f"version: 1\n{policy}\n"), policies=(sla.decide,), at=NOW + hours * HOUR)
    decision = walk.decide(changed(issue(labels=["bug"])))
    assert decision.digest_at == then


@pytest.mark.parametrize(
    ("language", "title"),
    [("en", "Answers of the week up to 30 November 2026"), ("zh-CN", "截至 2026 年 11 月 30 日的一周回复情况")],
)
def test_a_weekly_digest_is_dated_by_the_calendar_of_the_repository(language: str, title: str) -> None:
    """In Auckland it is Monday at nine while it is still Sunday in UTC."""
    policy = f"language: {language}\nsla: {{digest: weekly, calendar: {{timezone: Pacific/Auckland}}}}"
    decision = made(policy, at=datetime(2026, 11, 29, 20, tzinfo=UTC))
    assert decision is not None
    assert [each.title for each in decision.effects if isinstance(each, KeepIssue)] == [title]
