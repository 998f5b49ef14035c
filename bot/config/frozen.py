"""The settings that a clock runs by, as a line of text that is kept beside it: `read` gives back what `write` got."""

import json
from functools import lru_cache

from bot.config.layers import written
from bot.config.sections import Config

#: What a clock depends on; a change anywhere else is none to it.
_SECTIONS = ("sla", "labels")


def write(config: Config) -> str:
    """Return the settings of the clock: equal text for equal settings, and defaults too, for those may change."""
    values = {name: written(getattr(config, name)) for name in _SECTIONS}
    return json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=256)
def read(text: str) -> Config:
    """Return a configuration of these settings, with defaults elsewhere.

    Raise `pydantic.ValidationError` on any other text.
    """
    return Config.model_validate(json.loads(text))
