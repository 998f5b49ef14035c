"""The repository's policy file, `.github/reeve.yml`: text -> Config, or every mistake with line and column."""

from pydantic import ValidationError

from bot.config import strict
from bot.config.coverage import Coverage
from bot.config.explain import explain
from bot.config.mistakes import ConfigError, Mistake
from bot.config.sections import Config, Labels, Messages, Rule, Triage
from bot.config.sla import Sla

__all__ = [
    "FILE",
    "Config",
    "ConfigError",
    "Coverage",
    "Labels",
    "Messages",
    "Mistake",
    "Rule",
    "Sla",
    "Triage",
    "parse",
]

#: Where the policy file lies in a governed repository.
FILE = ".github/reeve.yml"


def parse(text: str | bytes, *, file: str = FILE) -> Config:
    """Return the settings; an empty file is all defaults. Raise `ConfigError` with every mistake there is."""
    document = strict.read(text, file=file)
    mistakes = list(document.mistakes)
    try:
        config = Config.model_validate({} if document.value is None else document.value)
    except ValidationError as error:
        mistakes += explain(error, document)
    if mistakes:
        raise ConfigError(mistakes)
    return config
