"""What Reeve itself did to an issue, as part of its past: GitHub's news of it is passed over, so it is noted here."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from bot.model.effects import Effect, SetLabels
from bot.model.subjects import Actor, Subject
from bot.model.timeline import Happening, What, heard_key

#: Reeve, whatever its App is called.
REEVE = Actor(0, "reeve[bot]", is_bot=True)


def own_changes(effects: Iterable[Effect], subject: Subject, now: datetime) -> Iterator[Happening]:
    """Give the labels and types that these effects put on the issue and take off it, as of now."""
    for effect in effects:
        if isinstance(effect, SetLabels) and effect.subject == subject:
            yield from (_change(What.UNLABELED, now, name) for name in effect.remove)
            yield from (_change(What.LABELED, now, name) for name in effect.add)
            if effect.type is not None:
                yield _change(What.TYPED, now, effect.type)


def _change(what: What, now: datetime, name: str) -> Happening:
    return Happening(id=heard_key(what, now, REEVE, name), what=what, at=now, actor=REEVE, name=name)
