"""A worker's shift: what becomes of deliveries and effects when GitHub, the data or the code is not as it should be."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import quote_plus

import pytest
from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import OperationalError

from bot import settings, work
from bot.config import Config
from bot.github.forge import GitHub
from bot.github.pacing import PER_MINUTE
from bot.model.errors import GitHubDown, Gone, RateLimited, Refused
from bot.model.facts import Facts
from bot.model.subjects import Identity, Subject
from bot.model.verdicts import Verdict
from bot.policies import triage
from bot.road import Policy, Road
from bot.store.database import Database
from bot.store.inbox import MOST_ATTEMPTS
from bot.store.tables import State, inbox, notes, outbox
from bot.store.timers import KEEP_FINISHED, arm
from bot.wiring import Parts
from tests.github.samples import ME, encoded, issue_delivery
from tests.github.samples import issue as payload
from tests.road import MINUTE, MODEL, NOW, SECOND, Island, PlainWords, issue
from tests.store.given import delivered, effects, states

ENOUGH = timedelta(seconds=20)


@dataclass
class Shift:
    """A worker at its bench: a real store, a GitHub that does what it is told, and a clock to be moved."""

    database: Database
    island: Island
    parts: Parts
    now: datetime = NOW
    count: int = field(default=0)

    def opened(self, name: str, number: int = 7, **changes: Any) -> None:
        """Let an issue be opened and its delivery come in."""
        self.island.issues[number] = replace(issue(), subject=Subject(MODEL.id, number))
        opened = {"number": number, "title": "[Bug] x", "labels": [], "type": None} | changes
        self.came(name, encoded(issue_delivery(issue=payload(**opened))), subject=f"{MODEL.id}#{number}")

    def came(self, name: str, body: bytes, *, subject: str = f"{MODEL.id}#7") -> None:
        """Put this delivery into the inbox."""
        delivered(self.database.engine, name, subject=subject, body=body, at=self.now)

    def work(self, times: int = 1) -> None:
        """Work until nothing is due, so many times, each time as late as any retry could be."""
        for _ in range(times):
            assert not work.work(self.parts, shift=ENOUGH)
            self.now += work.LONGEST_PAUSE

    def reasons(self) -> dict[str, str | None]:
        """Return why every delivery stands where it stands."""
        with self.database.engine.connect() as connection:
            return dict(tuple(row) for row in connection.execute(select(inbox.c.delivery, inbox.c.reason)))

    def attempts(self) -> dict[str, int]:
        """Return how often every delivery was tried."""
        with self.database.engine.connect() as connection:
            return dict(tuple(row) for row in connection.execute(select(inbox.c.delivery, inbox.c.attempts)))


@pytest.fixture
def shift(engine: Engine) -> Shift:
    """A worker with nothing to do."""
    return on_shift(engine, triage.decide)


def on_shift(engine: Engine, *policies: Policy) -> Shift:
    """Put a worker with these policies before a store."""
    database, island = Database(engine), Island()
    database.keep_identity(ME)
    road = Road(lambda _: island, database.memory, PlainWords(), policies)
    meter = cast("GitHub", Meter())  # the identity is known: of GitHub's client only this is asked
    found = settings.read({"REEVE_APP_ID": "1", "REEVE_PRIVATE_KEY": "none", "REEVE_WEBHOOK_SECRET": "s"})
    made: list[Shift] = []
    made.append(Shift(database, island, Parts(found, database, meter, road, lambda: made[0].now)))
    return made[0]


class Meter:
    """A GitHub that only tells how many calls are left."""

    def budget_left(self, installation_id: int) -> int:
        """Say the same to everybody."""
        assert installation_id == MODEL.installation_id
        return 4321


@dataclass
class Stranger(Meter):
    """A GitHub that does not know this App."""

    error: Exception

    def identity(self) -> Identity:
        """Say so."""
        raise self.error


def breaks_on(word: str, error: Callable[[], Exception]) -> Policy:
    """Return a policy that fails on an issue with this word in its title."""

    def decide(facts: Facts, config: Config, now: datetime) -> Verdict:
        if word in facts.issue.title:
            raise error()
        return triage.decide(facts, config, now)

    return decide


# -- the good road ---------------------------------------------------------------------------------------------------


def test_a_delivery_is_judged_and_its_effects_are_written(shift: Shift) -> None:
    shift.opened("a")

    shift.work()

    assert states(shift.database.engine) == {"a": State.DONE}
    assert shift.island.issues[7].labels == {"bug"}
    assert list(shift.island.comments.values()) == ["en: triage/decided"]
    assert shift.database.figures.budget_left() == {MODEL.installation_id: 4321}


def test_with_nothing_to_do_nothing_is_left(shift: Shift) -> None:
    assert work.work(shift.parts) is False
    assert shift.island.calls == []


def test_a_shift_that_ends_says_that_something_may_be_left(shift: Shift) -> None:
    shift.opened("a")

    assert work.work(shift.parts, shift=timedelta(0)) is True
    assert states(shift.database.engine) == {"a": State.PENDING}


def test_a_delivery_in_a_form_field_is_read_too(shift: Shift) -> None:
    shift.opened("a")
    body = encoded(issue_delivery(issue=payload(title="[Feature] x", labels=[], type=None, number=8)))
    shift.island.issues[8] = replace(issue(), subject=Subject(MODEL.id, 8))
    shift.came("form", b"payload=" + quote_plus(body).encode(), subject=f"{MODEL.id}#8")

    shift.work()

    assert shift.island.issues[8].labels == {"enhancement"}


# -- GitHub says wait ------------------------------------------------------------------------------------------------


def test_a_rate_limit_while_judging_pauses_the_installation_and_counts_as_no_try(shift: Shift) -> None:
    shift.opened("a")
    shift.island.troubles = [RateLimited(NOW + MINUTE, scope="primary")]

    assert work.work(shift.parts) is False

    assert states(shift.database.engine) == {"a": State.PENDING}
    assert shift.attempts() == {"a": 0}
    shift.opened("b", 8)
    assert not shift.database.inbox.is_waiting(NOW + SECOND)
    assert shift.database.inbox.is_waiting(NOW + MINUTE)


def test_a_rate_limit_while_writing_pauses_the_installation_and_counts_as_no_try(shift: Shift) -> None:
    shift.opened("a")
    assert work.judge(shift.parts)
    shift.island.troubles = [RateLimited(NOW + MINUTE, scope="secondary")]

    assert work.write(shift.parts) is False

    assert effects(shift.database.engine)[0] == ("labels", State.PENDING)
    assert not shift.database.outbox.is_waiting(NOW + SECOND)
    shift.now = NOW + MINUTE
    shift.work()
    assert "apply set_labels" in shift.island.calls  # not "after a look": the limited one certainly did not happen
    assert states(shift.database.engine) == {"a": State.DONE}


def test_a_writer_rests_when_its_budget_is_used(shift: Shift) -> None:
    with shift.database.engine.begin() as connection:
        for number in range(PER_MINUTE):
            connection.execute(insert(outbox).values(**written(number)))
    shift.opened("a")

    assert work.work(shift.parts) is False

    assert effects(shift.database.engine)[-2:] == [("labels", State.PENDING), ("comment/status", State.PENDING)]
    assert not shift.database.outbox.is_waiting(NOW + 59 * SECOND)
    shift.now = NOW + MINUTE
    shift.work()
    assert states(shift.database.engine) == {"a": State.DONE}


def written(number: int) -> dict[str, Any]:
    """Return an effect that was written now."""
    return {
        "decision": 0,
        "installation_id": 77,
        "repository_id": MODEL.id,
        "target": f"1#{number}/labels",
        "kind": "set_labels",
        "priority": 10,
        "digest": "",
        "payload": "{}",
        "state": State.DONE,
        "not_before": NOW,
        "created_at": NOW,
        "written_at": NOW,
    }


# -- GitHub is away --------------------------------------------------------------------------------------------------


def test_while_github_is_down_a_delivery_is_tried_again_later_each_time(shift: Shift) -> None:
    shift.opened("a")
    shift.island.troubles = [GitHubDown("502")]

    work.work(shift.parts)

    assert states(shift.database.engine) == {"a": State.PENDING}
    assert shift.reasons() == {"a": "502"}
    assert not shift.database.inbox.is_waiting(NOW + timedelta(milliseconds=900))
    assert shift.database.inbox.is_waiting(NOW + 2 * SECOND)


@pytest.mark.parametrize("attempts", range(1, 14))
def test_the_pause_doubles_up_to_a_quarter_of_an_hour_and_is_never_the_same_for_all(
    shift: Shift, attempts: int
) -> None:
    most = min(timedelta(seconds=2**attempts), work.LONGEST_PAUSE)

    pauses = {work._next_try(shift.parts, attempts) - NOW for _ in range(20)}

    assert len(pauses) > 1
    assert all(most / 2 <= pause <= most for pause in pauses)


def test_a_delivery_that_never_gets_through_ends_as_a_dead_letter(shift: Shift) -> None:
    shift.opened("a")
    shift.island.troubles = [GitHubDown("502")] * 100

    shift.work(MOST_ATTEMPTS)

    assert states(shift.database.engine) == {"a": State.DEAD}
    assert shift.reasons() == {"a": f"given up after {MOST_ATTEMPTS} tries: 502"}
    assert len(shift.island.calls) == MOST_ATTEMPTS


def test_an_effect_that_never_gets_through_ends_dead_and_its_delivery_with_it(shift: Shift) -> None:
    shift.opened("a")
    work.judge(shift.parts)
    shift.island.troubles = [GitHubDown("502")] * 100
    shift.island.calls.clear()

    shift.work(2 * MOST_ATTEMPTS + 1)

    assert effects(shift.database.engine) == [("labels", State.DEAD), ("comment/status", State.DEAD)]
    assert states(shift.database.engine) == {"a": State.DEAD}
    assert shift.island.calls.count("apply set_labels after a look") == MOST_ATTEMPTS - 1


def test_a_dead_letter_that_is_armed_again_gets_through_when_github_is_back(shift: Shift) -> None:
    shift.opened("a")
    work.judge(shift.parts)
    shift.island.troubles = [Refused("not now")] * 2
    shift.work()
    assert states(shift.database.engine) == {"a": State.DEAD}

    assert shift.database.inbox.rearm("a", now=shift.now)
    shift.work()

    assert states(shift.database.engine) == {"a": State.DONE}
    assert shift.island.issues[7].labels == {"bug"}


# -- GitHub says no --------------------------------------------------------------------------------------------------


def test_a_delivery_that_github_refuses_ends_as_a_dead_letter_at_once(shift: Shift) -> None:
    shift.opened("a")
    shift.island.troubles = [Refused("no token")]

    shift.work()

    assert states(shift.database.engine) == {"a": State.DEAD}
    assert shift.reasons() == {"a": "refused by GitHub: no token"}


def test_an_effect_that_github_refuses_is_buried_and_the_next_one_is_written(shift: Shift) -> None:
    shift.opened("a")
    work.judge(shift.parts)
    shift.island.troubles = [Refused("archived")]

    shift.work()

    assert effects(shift.database.engine) == [("labels", State.DEAD), ("comment/status", State.DONE)]
    assert states(shift.database.engine) == {"a": State.DEAD}


def test_a_subject_that_is_gone_needs_nothing(shift: Shift) -> None:
    shift.opened("a")
    shift.island.troubles = [Gone("installation removed")]

    shift.work()

    assert states(shift.database.engine) == {"a": State.IGNORED}
    assert shift.reasons() == {"a": "gone: installation removed"}


@pytest.mark.parametrize("error", [Refused("the private key cannot be used"), Gone("no such App")])
def test_while_github_does_not_know_the_app_deliveries_wait_and_none_is_to_blame(
    shift: Shift, error: Exception
) -> None:
    with shift.database.engine.begin() as connection:
        connection.execute(delete(notes))
    shift.parts.github = cast("GitHub", Stranger(error))
    shift.opened("a")

    for _ in range(2 * MOST_ATTEMPTS):
        assert work.work(shift.parts) is False
        shift.now += work.STRANGER_PAUSE

    assert states(shift.database.engine) == {"a": State.PENDING}
    assert shift.attempts() == {"a": 0}
    assert shift.reasons() == {"a": str(error)}


# -- the data is not what it should be -------------------------------------------------------------------------------


def test_a_malformed_delivery_ends_as_a_dead_letter_and_the_others_are_judged(shift: Shift) -> None:
    shift.came("bad", b'{"action":"opened","action":"closed"}')
    shift.opened("good")

    shift.work()

    assert states(shift.database.engine) == {"bad": State.DEAD, "good": State.DONE}
    assert (shift.reasons()["bad"] or "").startswith("malformed: ")


def test_what_needs_nothing_done_is_ignored_with_its_reason(shift: Shift) -> None:
    shift.came("mine", encoded(issue_delivery(sender={"login": ME.login, "id": ME.user_id, "type": "Bot"})))

    shift.work()

    assert shift.reasons() == {"mine": "own doing"}
    assert states(shift.database.engine) == {"mine": State.IGNORED}


def test_a_delivery_that_takes_its_worker_down_each_time_is_set_aside(shift: Shift) -> None:
    shift.opened("a")
    for _ in range(MOST_ATTEMPTS):
        assert shift.database.inbox.claim(shift.now) is not None  # and the worker dies
        shift.now += MINUTE

    shift.work()

    assert states(shift.database.engine) == {"a": State.DEAD}
    assert shift.reasons() == {"a": f"given up after {MOST_ATTEMPTS} tries"}


# -- the code is not what it should be -------------------------------------------------------------------------------


def test_a_bug_on_one_delivery_buries_only_that_one(engine: Engine) -> None:
    shift = on_shift(engine, breaks_on("poison", lambda: ValueError("a bug")))
    shift.opened("before", updated_at="2026-11-20T11:00:00Z")
    shift.opened("poison", title="[Bug] poison", updated_at="2026-11-20T11:00:02Z")
    shift.opened("other", 8)

    shift.work()

    assert states(engine) == {"before": State.DONE, "poison": State.DEAD, "other": State.DONE}
    assert shift.reasons()["poison"] == "failed: ValueError, see the log"
    assert shift.island.issues[8].labels == {"bug"}


def test_a_bug_on_a_delivery_that_came_alone_buries_it_too(engine: Engine) -> None:
    shift = on_shift(engine, breaks_on("poison", lambda: ValueError("a bug")))
    shift.opened("poison", title="[Bug] poison")

    shift.work()

    assert states(engine) == {"poison": State.DEAD}


def test_a_bug_on_one_effect_buries_only_that_one(shift: Shift) -> None:
    shift.opened("a")
    work.judge(shift.parts)
    shift.island.troubles = [ValueError("a bug")]

    shift.work()

    assert effects(shift.database.engine) == [("labels", State.DEAD), ("comment/status", State.DONE)]
    assert states(shift.database.engine) == {"a": State.DEAD}


def test_an_effect_that_takes_long_is_written_down_before_the_next_call(shift: Shift) -> None:
    shift.opened("a")
    work.judge(shift.parts)
    seen: list[list[tuple[str, State]]] = []
    apply = shift.island.apply

    def slowly(*call: Any) -> Any:
        seen.append(effects(shift.database.engine))
        shift.now += work.LONGEST_TOGETHER + SECOND
        return apply(*call)

    shift.island.apply = slowly  # type: ignore[assignment,method-assign]
    shift.work()

    assert seen == [
        [("labels", State.LEASED), ("comment/status", State.LEASED)],
        [("labels", State.DONE), ("comment/status", State.LEASED)],
    ]
    assert states(shift.database.engine) == {"a": State.DONE}


def test_when_a_write_has_to_wait_what_was_taken_with_it_waits_untried(shift: Shift) -> None:
    shift.opened("a")
    work.judge(shift.parts)
    shift.island.troubles = [GitHubDown("no answer")]

    work.write(shift.parts)

    with shift.database.engine.connect() as connection:
        tries = connection.execute(select(outbox.c.attempts).order_by(outbox.c.id)).scalars().all()
    assert effects(shift.database.engine) == [("labels", State.PENDING), ("comment/status", State.PENDING)]
    assert tries == [1, 0]


def test_an_effect_that_takes_its_worker_down_each_time_is_set_aside(shift: Shift) -> None:
    shift.opened("a")
    work.judge(shift.parts)
    for _ in range(MOST_ATTEMPTS):
        writer = shift.database.outbox.claim_writer(shift.now)
        assert writer is not None
        assert shift.database.outbox.begin(writer, shift.now) is not None  # and the worker dies
        shift.now += MINUTE
    shift.island.calls.clear()

    shift.work()

    assert effects(shift.database.engine) == [("labels", State.DEAD), ("comment/status", State.DONE)]
    assert shift.island.calls == ["apply sticky_comment"]


@pytest.mark.parametrize("error", [GitHubDown("502"), RateLimited(NOW + MINUTE, scope="primary")])
def test_a_trouble_of_github_while_a_bug_is_isolated_is_no_bug(engine: Engine, error: Exception) -> None:
    shift = on_shift(engine, breaks_on("poison", lambda: ValueError("a bug")), breaks_on("slow", lambda: error))
    shift.opened("slow", title="[Bug] slow", updated_at="2026-11-20T11:00:00Z")
    shift.opened("poison", title="[Bug] poison", updated_at="2026-11-20T11:00:02Z")

    work.work(shift.parts)

    assert states(engine)["slow"] == State.PENDING
    assert states(engine)["poison"] in {State.PENDING, State.DEAD}


def test_a_database_that_fails_is_no_poison(engine: Engine) -> None:
    shift = on_shift(engine, breaks_on("x", lambda: OperationalError("select", {}, Exception("disk full"))))
    shift.opened("a")

    with pytest.raises(OperationalError):
        work.work(shift.parts)

    assert states(engine) == {"a": State.LEASED}  # and comes back when the lease ends


def test_a_worker_whose_lease_was_lost_records_nothing(engine: Engine) -> None:
    def slow(facts: Facts, config: Config, now: datetime) -> Verdict:
        assert Database(engine).inbox.claim(NOW + 5 * MINUTE) is not None  # another worker takes over
        return triage.decide(facts, config, now)

    shift = on_shift(engine, slow)
    shift.opened("a")
    claim = shift.database.inbox.claim(shift.now)
    assert claim is not None

    work._judge(shift.parts, claim)

    assert states(engine) == {"a": State.LEASED}
    assert effects(engine) == []


# -- the clock -------------------------------------------------------------------------------------------------------


def test_a_timer_that_is_due_has_its_issue_looked_at_again(shift: Shift) -> None:
    shift.database.memory.keep_repository(MODEL)
    shift.island.issues[7] = issue("[Docs] x")
    set_timer(shift, NOW + MINUTE)

    assert work.tick(shift.parts) == 0
    shift.now += MINUTE
    assert work.tick(shift.parts) == 1
    shift.work()

    assert shift.island.issues[7].labels == {"documentation"}


def test_a_timer_of_a_repository_that_is_no_longer_ours_is_ignored(shift: Shift) -> None:
    set_timer(shift, NOW)
    work.tick(shift.parts)

    shift.work()

    assert list(shift.reasons().values()) == ["the repository is no longer ours"]
    assert shift.island.calls == []


def test_a_tick_forgets_what_ended_long_ago(shift: Shift) -> None:
    delivered(shift.database.engine, "dead", state=State.DEAD)
    shift.opened("done")
    shift.work()
    shift.now += KEEP_FINISHED + timedelta(days=1)

    work.tick(shift.parts)

    assert "done" not in states(shift.database.engine)
    assert states(shift.database.engine)["dead"] == State.DEAD
    assert [state for _, state in effects(shift.database.engine)] == []


def set_timer(shift: Shift, due_at: datetime) -> None:
    with shift.database.engine.begin() as connection:
        arm(connection, Subject(MODEL.id, 7), 77, due_at)
