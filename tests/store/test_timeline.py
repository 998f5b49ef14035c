"""What happened to an issue is given back as it was learnt, and a clock as it stood."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Engine, func, select

from bot.model.decisions import Decision
from bot.model.effects import KeepIssue, StickyComment
from bot.model.events import InstallationChanged
from bot.model.forge import Receipt
from bot.model.kinds import Kind
from bot.model.past import Learnt
from bot.model.roles import Role
from bot.model.subjects import Actor, Subject
from bot.model.timeline import (
    Happening,
    Notice,
    Order,
    Regime,
    Remark,
    Source,
    Stage,
    Standing,
    Target,
    What,
    comment_key,
)
from bot.store.database import Database
from bot.store.tables import clocks, happenings, notices, regimes
from tests.store.given import MINUTE, MODEL, NOW, SEVEN, comment, decision, delivered, states

HOUR = timedelta(hours=1)
OPENED = Happening(id="heard:opened", what=What.OPENED, at=NOW, actor=Actor(1, "ada"))
SAID = Happening(
    id=comment_key(5),
    what=What.COMMENTED,
    at=NOW + MINUTE,
    actor=Actor(3, "maintainer"),
    role=Role.MAINTAIN,
    source=Source.READ,
    comment_id=5,
    remark=Remark(orders=(Order("pause", "放假"),)),
)
LATE = Standing(
    Target.FIRST_ANSWER,
    NOW,
    Kind.BUG,
    Stage.BREACHED,
    allowed=24 * HOUR,
    elapsed=25 * HOUR,
    due_at=NOW + 24 * HOUR,
)


def recorded(database: Database, found: Decision, *, name: str = "first") -> None:
    delivered(database.engine, name, subject=found.subject.key)
    database.memory.keep_repository(MODEL)
    claim = database.inbox.claim(NOW)
    assert claim is not None
    assert database.record(claim, claim.seqs, found, now=NOW)


def test_what_was_learnt_is_given_back_in_order(engine: Engine) -> None:
    database = Database(engine)
    regime = Regime(NOW, '{"sla":{}}')

    database.memory.keep_past(SEVEN, Learnt((SAID, OPENED), ("a", "b"), NOW, regime))

    known = database.memory.past(SEVEN, NOW)
    assert known.timeline.happenings == (OPENED, SAID)
    assert known.timeline.regimes == (regime,)
    assert (known.etags, known.read_at) == (("a", "b"), NOW)
    assert database.memory.past(Subject(MODEL.id, 8), NOW).timeline.happenings == ()


def test_an_entry_is_kept_once_as_it_is_known_best(engine: Engine) -> None:
    database = Database(engine)
    database.memory.keep_past(SEVEN, Learnt((replace(SAID, role=None),)))
    database.memory.keep_past(SEVEN, Learnt((SAID,)))
    database.memory.keep_past(SEVEN, Learnt())

    assert database.memory.past(SEVEN, NOW).timeline.happenings == (SAID,)


def test_a_decision_brings_along_what_was_learnt_and_how_the_clocks_stand(engine: Engine) -> None:
    database = Database(engine)

    recorded(database, replace(decision(), learnt=Learnt((OPENED,)), standings=(LATE,)))

    assert database.memory.past(SEVEN, NOW).timeline.happenings == (OPENED,)
    assert [(each.subject, each.standing) for each in database.clocks.since(NOW)] == [(SEVEN, LATE)]
    assert database.clocks.since(NOW + MINUTE) == []
    assert database.clocks.since(NOW, repository_id=1) == []


def test_a_decision_whose_lease_was_lost_leaves_nothing_behind(engine: Engine) -> None:
    database = Database(engine)
    delivered(engine, "first")
    claim = database.inbox.claim(NOW)
    assert claim is not None
    lost = replace(claim, lease="another")

    assert not database.record(lost, claim.seqs, replace(decision(), learnt=Learnt((OPENED,))), now=NOW)

    assert database.memory.past(SEVEN, NOW).timeline.happenings == ()


def test_the_late_ones_are_those_that_ran_out_and_run_on_the_longest_overdue_first(engine: Engine) -> None:
    database = Database(engine)
    stages = {1: Stage.ESCALATED, 2: Stage.BREACHED, 3: Stage.AT_RISK, 4: Stage.MISSED, 5: Stage.BREACHED}
    for number, stage in stages.items():
        due_at = NOW + (10 - number) * HOUR
        ended_at = NOW if stage is Stage.MISSED else None
        standing = replace(LATE, stage=stage, due_at=due_at, ended_at=ended_at)
        subject = Subject(MODEL.id, number)
        recorded(database, replace(decision(subject=subject), standings=(standing,)), name=str(number))

    assert [each.subject.number for each in database.clocks.late(MODEL.id)] == [5, 2, 1]
    assert [each.subject.number for each in database.clocks.late(MODEL.id, limit=1)] == [5]


def test_a_clock_that_a_better_knowledge_of_the_past_has_undone_is_forgotten(engine: Engine) -> None:
    database = Database(engine)
    recorded(database, replace(decision(), standings=(LATE, replace(LATE, started_at=NOW + HOUR))))

    recorded(database, replace(decision(), standings=(replace(LATE, stage=Stage.MET),)), name="second")

    assert [each.standing.stage for each in database.clocks.since(NOW)] == [Stage.MET]


def test_a_notice_counts_from_when_it_was_first_wanted_and_for_a_day(engine: Engine) -> None:
    database = Database(engine)
    call = StickyComment(SEVEN, "@acme/team", key="sla-first-answer-called")
    recorded(database, decision(call, comment("the one that is kept")))

    known = database.memory.past(SEVEN, NOW + HOUR).timeline
    assert (known.notices, known.recent) == ((Notice("sla-first-answer-called", NOW),), (NOW,))
    other = database.memory.past(Subject(MODEL.id, 8), NOW + HOUR).timeline
    assert (other.notices, other.recent) == ((), (NOW,))
    assert database.memory.past(SEVEN, NOW + 25 * HOUR).timeline.recent == ()


def test_reeves_own_comments_are_counted_and_its_last_write_is_known(engine: Engine) -> None:
    database = Database(engine)
    answer = StickyComment(SEVEN, "No.", key="answer-5")
    recorded(database, decision(comment("hello"), answer, StickyComment(Subject(MODEL.id, 70), "another issue")))
    writer = database.outbox.claim_writer(NOW)
    assert writer is not None
    while (pending := database.outbox.begin(writer, NOW + MINUTE)) is not None:
        database.outbox.confirm(pending, Receipt(1), now=NOW + MINUTE)

    known = database.memory.past(SEVEN, NOW)

    assert (known.own_comments, known.written_at) == (2, NOW + MINUTE)
    assert database.memory.past(Subject(MODEL.id, 8), NOW).written_at is None


def test_what_a_clock_wants_waits_for_what_people_wait_for(engine: Engine) -> None:
    database = Database(engine)
    recorded(database, replace(decision(comment("at risk")), rank=23))
    eight = Subject(MODEL.id, 8)
    recorded(database, replace(decision(comment("late", eight), subject=eight), rank=22), name="second")
    nine = Subject(MODEL.id, 9)
    recorded(database, decision(comment("new", nine), subject=nine), name="third")

    writer = database.outbox.claim_writer(NOW)
    assert writer is not None
    order = []
    while (pending := database.outbox.begin(writer, NOW)) is not None:
        order.append(pending.effect.target.split("/")[0].split("#")[1])
        database.outbox.confirm(pending, Receipt(1), now=NOW)

    assert order == ["9", "8", "7"]
    assert set(states(engine)) == {"first", "second", "third"}


def test_of_a_repository_that_is_no_longer_ours_nothing_is_remembered(engine: Engine) -> None:
    database = Database(engine)
    call = StickyComment(SEVEN, "@acme/team", key="sla-first-answer-called")
    learnt = Learnt((OPENED,), regime=Regime(NOW, "{}"))
    recorded(database, replace(decision(call), learnt=learnt, standings=(LATE,)))

    database.memory.keep_installation(InstallationChanged("deleted", 77), now=NOW)

    with engine.connect() as connection:
        tables = (happenings, regimes, notices, clocks)
        left = [connection.execute(select(func.count()).select_from(table)).scalar() for table in tables]
    assert left == [0, 0, 0, 0]


def test_a_digest_counts_as_one_of_the_notices_and_its_closing_does_not(database: Database) -> None:
    opened = KeepIssue(SEVEN, "sla-digest", "late", "#7")
    recorded(database, decision(replace(opened, is_open=False)))
    assert database.memory.past(SEVEN, NOW).timeline.recent == ()

    recorded(database, decision(opened), name="second")

    assert database.memory.past(SEVEN, NOW).timeline.recent == (NOW,)
