"""Whatever happens in whatever order: nothing goes out that did not pass and was not approved, and it goes out once."""

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from bot.model.effects import CreateTag, Effect
from bot.model.roles import Role
from bot.store.releases import forget
from tests.policies.release.documents import QUIET, QUIET_TOO, case, launches
from tests.releasing.yard import MODEL, Yard

SLOWER = launches(QUIET, tuple(each * 1.12 for each in QUIET_TOO))


class Watched(Yard):
    """A yard in which somebody looks on whenever a tag is made."""

    def __init__(self, engine: Engine) -> None:
        """Open it; nothing has passed."""
        super().__init__(engine)
        self.passed: set[str] = set()

    def _apply(self, effect: Effect) -> bool:
        """Make an effect true, a tag only where everything is as it has to be."""
        if isinstance(effect, CreateTag):
            assert effect.sha in self.passed
            assert self.github.refs["main"] == effect.sha
            assert self.github.blockers == []
            assert {word.login for word in self.train.words if word.sha == effect.sha} == {"ada", "ben"}
            assert self.github.roles["ben"] >= Role.MAINTAIN
        return super()._apply(effect)


def _push(yard: Watched) -> None:
    yard.github.refs["main"] = f"{len(yard.effects):040x}"
    yard.look()


def _ends(yard: Watched, *, good: bool) -> None:
    if yard.dispatched and any(not run.is_over for run in yard.github.runs.values()):
        yard.passed |= {yard.last["candidate"]} if good else set()
        yard.finish(yard.result() if good else yard.result(case(launches=SLOWER)))


def _lose_rights(yard: Watched) -> None:
    yard.github.roles["ben"] = Role.READ if yard.github.roles["ben"] is Role.ADMIN else Role.ADMIN


STEPS: dict[str, Callable[[Watched], object]] = {
    "begin": lambda yard: yard.say("/release minor"),
    "cancel": lambda yard: yard.say("/release cancel"),
    "ada approves": lambda yard: yard.say("/release approve", by="ada"),
    "ben approves": lambda yard: yard.say("/release approve", by="ben"),
    "push": _push,
    "passes": lambda yard: _ends(yard, good=True),
    "is slower": lambda yard: _ends(yard, good=False),
    "fails": lambda yard: yard.finish(conclusion="failure") if yard.dispatched else None,
    "rights": _lose_rights,
    "a blocker": lambda yard: yard.github.blockers.append(9),
    "no blocker": lambda yard: yard.github.blockers.clear(),
    "look": lambda yard: yard.look(),
}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(sorted(STEPS)), max_size=12))
def test_nothing_goes_out_that_did_not_pass_and_was_not_approved_by_two_who_may(
    engine: Engine, steps: list[str]
) -> None:
    with engine.begin() as connection:
        forget(connection, MODEL.id)
    yard = Watched(engine)
    for step in ("begin", *steps):
        STEPS[step](yard)

    assert len([each for each in yard.effects if isinstance(each, CreateTag)]) <= 1
    assert len(yard.published) == ("v1.3.0" in yard.github.released)


def test_the_steps_lead_to_a_release(engine: Engine) -> None:
    yard = Watched(engine)
    for step in (
        "begin",
        "passes",
        "push",
        "passes",
        "ada approves",
        "rights",
        "ben approves",
        "rights",
        "ben approves",
    ):
        STEPS[step](yard)

    assert "v1.3.0" in yard.github.released
