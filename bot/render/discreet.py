"""The words for people, without the secrets that somebody wrote into what they quote."""

from collections.abc import Callable, Mapping

from bot.render.encode import Markdown
from bot.render.words import Words


class Discreet(Words):
    """Everything that Reeve says, what it quotes taken through redactors first, Reeve's own and those of plugins.

    First, because a secret that is escaped for Markdown does not look like one any more.
    """

    def __init__(self, redact: Callable[[str], str]) -> None:
        """Read the templates; keep what takes secrets out of a text."""
        super().__init__()
        self._redact = redact

    def _block(self, key: str, block: str, data: Mapping[str, object], language: str) -> Markdown:
        return super()._block(key, block, {name: self._shown(value) for name, value in data.items()}, language)

    def _shown(self, value: object) -> object:
        """Return a text, or a list of texts, without secrets; markup of Reeve's own and everything else as it is."""
        match value:
            case Markdown():
                return value
            case str():
                return self._redact(value)
            case tuple():
                return tuple(self._shown(each) for each in value)
            case _:
                return value
