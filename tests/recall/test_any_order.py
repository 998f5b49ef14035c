"""Whatever is lost, late, doubled or shuffled on the way: when the clock rings, it is as if all had been heard."""

import random
from collections.abc import Callable
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recall.given import ADA, BOB, MAINTAINER, Hub, Reader, Told

PEOPLE = st.sampled_from([ADA, BOB, MAINTAINER])
WORDS = st.sampled_from(["Fixed on main.", "+1", "On 2.1, with the log attached"])
TEXTS = st.one_of(WORDS, st.sampled_from(['/sla pause reason="holiday"', "/sla resume"]))
LABELS = st.sampled_from(["needs-info", "bug", "enhancement"])

Deed = Callable[[Hub, int], Told | None]


@st.composite
def deeds(draw: st.DrawFn) -> Deed:
    who, text, words, label = draw(PEOPLE), draw(TEXTS), draw(WORDS), draw(LABELS)
    kinds: list[Deed] = [
        lambda hub, number: hub.say(text, who, number),
        lambda hub, _: hub.label(label, who) if label not in hub.issue.labels else hub.unlabel(label, who),
        lambda hub, _: hub.close(who) if hub.issue.is_open else hub.reopen(who),
        lambda hub, number: _on_a_comment(hub, number, lambda one: hub.edit(one, words)),
        lambda hub, number: _on_a_comment(hub, number, hub.unsay),
    ]
    return kinds[draw(st.integers(0, len(kinds) - 1))]


def _on_a_comment(hub: Hub, number: int, act: Callable[[int], Told]) -> Told | None:
    """Do something to one of the comments that give no command, if there are any.

    What a command said before it was edited is told by its delivery alone: GitHub shows it to nobody.
    """
    said = (each for each in hub.listed if not each.body.startswith("/sla"))
    known = [each.happening.comment_id for each in said if each.happening.comment_id is not None]
    return act(known[number % len(known)]) if known else None


@given(
    story=st.lists(st.tuples(deeds(), st.integers(1, 20)), max_size=12),
    fate=st.randoms(use_true_random=False),
    losses=st.floats(0, 1),
)
@settings(max_examples=300, deadline=None)
def test_in_the_end_all_orders_and_losses_give_the_same_clock(
    story: list[tuple[Deed, int]], fate: random.Random, losses: float
) -> None:
    hub = Hub()
    told = [hub.open()]
    whole = Reader(hub)
    whole.hear(told[0])
    for number, (deed, hours) in enumerate(story, start=1):
        hub.wait(timedelta(hours=hours))
        if (delivery := deed(hub, number)) is not None:
            told.append(delivery)
            whole.hear(delivery)
    hub.wait(timedelta(minutes=5))

    partly = Reader(hub)
    arriving = [each for each in told if fate.random() >= losses] + [each for each in told if fate.random() < 0.2]
    fate.shuffle(arriving)
    for each in arriving:
        partly.hear(each)
    partly.look()
    whole.look()

    assert partly.standings() == whole.standings()
