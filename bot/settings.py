"""The process's own settings: environment variables with the prefix `REEVE_`, secrets never shown."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.model.errors import ReeveError

#: What an address of a database begins with.
_DATABASES = ("sqlite://", "postgresql://", "postgresql+psycopg://")

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class SettingsError(ReeveError):
    """A setting is missing or unusable; the text names it and the next step."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How this process runs. Everything secret is left out of the repr."""

    app_id: int
    private_key: str = field(repr=False)
    webhook_secrets: tuple[bytes, ...] = field(repr=False)
    github_api_url: str = "https://api.github.com"
    database_url: str = field(default="", repr=False)
    broker_url: str | None = field(default=None, repr=False)
    data_dir: Path = Path(".reeve")
    log_level: str = "INFO"
    public_url: str = ""
    classifier_url: str = ""
    classifier_key: str = field(default="", repr=False)
    classifier_model: str = ""
    classifier_timeout: float = 20.0

    @property
    def is_embedded(self) -> bool:
        """One process does it all: no broker is set, the queue lives in memory."""
        return self.broker_url is None


def read(environment: Mapping[str, str]) -> Settings:
    """Build the settings from the environment; raise `SettingsError` that names the variable to set."""
    data_dir = Path(environment.get("REEVE_DATA_DIR", ".reeve"))
    return Settings(
        app_id=_app_id(environment.get("REEVE_APP_ID", "")),
        private_key=_private_key(environment),
        webhook_secrets=_webhook_secrets(environment.get("REEVE_WEBHOOK_SECRET", "")),
        github_api_url=environment.get("REEVE_GITHUB_API_URL", "https://api.github.com").rstrip("/"),
        database_url=database_url(environment),
        broker_url=environment.get("REEVE_BROKER_URL") or None,
        data_dir=data_dir,
        log_level=_log_level(environment.get("REEVE_LOG_LEVEL") or "INFO"),
        public_url=environment.get("REEVE_PUBLIC_URL", "").rstrip("/"),
        classifier_url=environment.get("REEVE_CLASSIFIER_URL", ""),
        classifier_key=environment.get("REEVE_CLASSIFIER_KEY", ""),
        classifier_model=_classifier_model(environment),
        classifier_timeout=_seconds("REEVE_CLASSIFIER_TIMEOUT", environment.get("REEVE_CLASSIFIER_TIMEOUT") or "20"),
    )


def database_url(environment: Mapping[str, str]) -> str:
    """Return where the database is, as SQLAlchemy writes it; SQLite in the data directory by default."""
    if given := environment.get("REEVE_DATABASE_URL", ""):
        if not given.startswith(_DATABASES):
            raise SettingsError(  # the text may hold a password, and is not repeated
                "REEVE_DATABASE_URL must begin with sqlite:/// or postgresql://,"
                " such as postgresql://USER:PASSWORD@HOST/NAME; without it Reeve uses SQLite in REEVE_DATA_DIR"
            )
        return given.replace("postgresql://", "postgresql+psycopg://", 1)
    return f"sqlite:///{Path(environment.get('REEVE_DATA_DIR', '.reeve')) / 'reeve.db'}"


def _app_id(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise SettingsError("REEVE_APP_ID must be the App's numeric id: it stands on the App's settings page on GitHub")
    return int(text)


def _private_key(environment: Mapping[str, str]) -> str:
    if inline := environment.get("REEVE_PRIVATE_KEY"):
        return inline.replace("\\n", "\n")
    path = environment.get("REEVE_PRIVATE_KEY_FILE")
    if not path:
        raise SettingsError("REEVE_PRIVATE_KEY_FILE (or REEVE_PRIVATE_KEY) must name the App's private key in PEM form")
    try:
        return Path(path).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"REEVE_PRIVATE_KEY_FILE: cannot read {path}: {error}") from error


def _webhook_secrets(text: str) -> tuple[bytes, ...]:
    secrets = tuple(part.strip().encode() for part in text.split(",") if part.strip())
    if not secrets:
        raise SettingsError("REEVE_WEBHOOK_SECRET must be set: without it anybody could forge a delivery")
    if len(secrets) > 2:
        raise SettingsError("REEVE_WEBHOOK_SECRET takes two secrets at most: the current and the previous one")
    return secrets


def _classifier_model(environment: Mapping[str, str]) -> str:
    model = environment.get("REEVE_CLASSIFIER_MODEL", "")
    if environment.get("REEVE_CLASSIFIER_URL") and not model:
        raise SettingsError("REEVE_CLASSIFIER_MODEL must name the model to ask for at REEVE_CLASSIFIER_URL")
    return model


def _seconds(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 25:  # a lease is 30 s, and the issue is not judged before the answer is there
        raise SettingsError(f"{name} must be a number of seconds above 0, and 25 at most")
    return value


def _log_level(text: str) -> str:
    if text.upper() not in LOG_LEVELS:
        raise SettingsError(f"REEVE_LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}")
    return text.upper()


def from_environment() -> Settings:
    """Read this process's own environment."""
    return read(os.environ)
