"""The settings: every variable, every mistake, and no secret in a repr."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot import settings
from bot.settings import SettingsError

ENOUGH = {"REEVE_APP_ID": "12", "REEVE_PRIVATE_KEY": "PEM", "REEVE_WEBHOOK_SECRET": "s3cret"}


def test_three_variables_are_enough() -> None:
    found = settings.read(ENOUGH)

    assert found.app_id == 12
    assert found.private_key == "PEM"
    assert found.webhook_secrets == (b"s3cret",)
    assert found.github_api_url == "https://api.github.com"
    assert found.database_url == "sqlite:///.reeve/reeve.db"
    assert found.broker_url is None
    assert found.is_embedded
    assert found.data_dir == Path(".reeve")
    assert found.log_level == "INFO"


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("WEBHOOK_SECRET", "new, old", "webhook_secrets", (b"new", b"old")),
        ("WEBHOOK_SECRET", ",only,", "webhook_secrets", (b"only",)),
        ("WEBHOOK_SECRET", "密码", "webhook_secrets", ("密码".encode(),)),
        ("PRIVATE_KEY", "line one\\nline two", "private_key", "line one\nline two"),
        ("GITHUB_API_URL", "https://ghe.example/api/v3/", "github_api_url", "https://ghe.example/api/v3"),
        ("DATABASE_URL", "postgresql://u:p@db/reeve", "database_url", "postgresql+psycopg://u:p@db/reeve"),
        ("DATABASE_URL", "postgresql+psycopg://u:p@db/reeve", "database_url", "postgresql+psycopg://u:p@db/reeve"),
        ("DATABASE_URL", "sqlite:////srv/reeve.db", "database_url", "sqlite:////srv/reeve.db"),
        ("DATABASE_URL", "", "database_url", "sqlite:///.reeve/reeve.db"),
        ("DATA_DIR", "/srv/reeve", "database_url", "sqlite:////srv/reeve/reeve.db"),
        ("DATA_DIR", "/srv/reeve", "data_dir", Path("/srv/reeve")),
        ("BROKER_URL", "redis://queue/0", "broker_url", "redis://queue/0"),
        ("BROKER_URL", "redis://queue/0", "is_embedded", False),
        ("BROKER_URL", "", "is_embedded", True),
        ("LOG_LEVEL", "debug", "log_level", "DEBUG"),
    ],
)
def test_each_variable_sets_its_field(name: str, value: str, field: str, expected: object) -> None:
    assert getattr(settings.read({**ENOUGH, f"REEVE_{name}": value}), field) == expected


def test_the_private_key_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("PEM of the file")

    found = settings.read(without("REEVE_PRIVATE_KEY", REEVE_PRIVATE_KEY_FILE=str(tmp_path / "key.pem")))

    assert found.private_key == "PEM of the file"


def without(name: str, **more: str) -> dict[str, str]:
    return {key: value for key, value in ENOUGH.items() if key != name} | more


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "REEVE_APP_ID must be the App's numeric id"),
        (without("REEVE_APP_ID"), "REEVE_APP_ID .* stands on the App's settings page"),
        ({**ENOUGH, "REEVE_APP_ID": "Iv1.abc"}, "REEVE_APP_ID"),
        (
            {**ENOUGH, "REEVE_DATABASE_URL": "reeve:hunter2@db"},
            "REEVE_DATABASE_URL must begin with sqlite:/// or post(?!.*hunter2)",
        ),
        ({**ENOUGH, "REEVE_APP_ID": "１２"}, "REEVE_APP_ID"),
        ({**ENOUGH, "REEVE_APP_ID": "-1"}, "REEVE_APP_ID"),
        (without("REEVE_PRIVATE_KEY"), r"REEVE_PRIVATE_KEY_FILE \(or REEVE_PRIVATE_KEY\) must name"),
        (without("REEVE_PRIVATE_KEY", REEVE_PRIVATE_KEY_FILE="/nowhere"), "cannot read /nowhere"),
        (without("REEVE_PRIVATE_KEY", REEVE_PRIVATE_KEY_FILE=__file__), "cannot read"),  # not ASCII: 密码
        (without("REEVE_WEBHOOK_SECRET"), "REEVE_WEBHOOK_SECRET must be set"),
        ({**ENOUGH, "REEVE_WEBHOOK_SECRET": " , "}, "anybody could forge a delivery"),
        ({**ENOUGH, "REEVE_WEBHOOK_SECRET": "a,b,c"}, "two secrets at most"),
        ({**ENOUGH, "REEVE_LOG_LEVEL": "chatty"}, "REEVE_LOG_LEVEL"),
    ],
)
def test_each_mistake_names_its_variable_and_the_next_step(environment: Mapping[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        settings.read(environment)


def test_no_secret_shows_in_a_repr() -> None:
    found = settings.read(
        {
            **ENOUGH,
            "REEVE_PRIVATE_KEY": "CANARY",
            "REEVE_WEBHOOK_SECRET": "CANARY",
            "REEVE_DATABASE_URL": "postgresql://u:CANARY@db/reeve",
            "REEVE_BROKER_URL": "redis://:CANARY@queue/0",
        }
    )

    assert "CANARY" not in repr(found)


def test_a_process_reads_its_own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENOUGH.items():
        monkeypatch.setenv(name, value)

    assert settings.from_environment().app_id == 12
