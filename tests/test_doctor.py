"""What `reeve doctor` finds, and that it says how to put it right."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import cli, settings
from bot.doctor import Finding, Level, examine
from bot.github.forge import GitHub
from bot.sandbox.world import World
from bot.settings import Settings
from bot.store import engine as engines
from bot.store import migrate


class Practice:
    """A sandbox and a Reeve in good health; a test spoils something and has it examined."""

    def __init__(self, world: World, folder: Path) -> None:
        """Set up Reeve's database."""
        self.world = world
        self.environment = {**world.environment(), "REEVE_DATA_DIR": str(folder)}
        self.settings = settings.read(self.environment)
        self.skew = timedelta()
        engine = engines.connect(self.settings.database_url)
        migrate.upgrade(engine)
        engine.dispose()

    def findings(self) -> list[Finding]:
        """Return what is wrong."""
        return [each for each in self.examine(self.settings) if each.level is not Level.OK]

    def examine(self, found: Settings) -> list[Finding]:
        """Make every check."""
        github = GitHub(
            app_id=found.app_id,
            private_key=found.private_key,
            base_url=found.github_api_url,
            clock=lambda: self.world.now,
        )
        try:
            return list(examine(found, github, lambda: self.world.now + self.skew))
        finally:
            github.close()


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    """Everything is well: one governed repository, the App installed."""
    with World.start(seed=7) as world:
        world.create_repository("acme/model", files={".github/reeve.yml": "version: 1\n"})
        world.install()
        world.require_check(app_id=world.app_id)
        world.flush_deliveries()
        world.advance(days=4)  # that nobody heard of the installation is long ago
        world.receiver = "http://127.0.0.1:9/webhooks/github"
        yield Practice(world, tmp_path)


def test_a_good_installation_has_no_findings(practice: Practice) -> None:
    found = practice.examine(practice.settings)

    assert {each.check for each in found} >= {"database", "broker", "clock", "app", "webhook", "installations"}
    assert practice.findings() == []


def drop_permission(practice: Practice) -> None:
    del practice.world._state.app.permissions["checks"]


def drop_grant(practice: Practice) -> None:
    practice.world.installation().permissions["issues"] = "read"


def drop_event(practice: Practice) -> None:
    app = practice.world._state.app
    app.events = tuple(each for each in app.events if each != "push")


def suspend(practice: Practice) -> None:
    practice.world.receiver = None
    practice.world.suspend()
    practice.world.receiver = "http://127.0.0.1:9/webhooks/github"


def spoil_policy(practice: Practice) -> None:
    practice.world.receiver = None
    practice.world.push_file(".github/reeve.yml", "slo: {}\n")
    practice.world.receiver = "http://127.0.0.1:9/webhooks/github"


def name_nobody(practice: Practice) -> None:
    practice.world.receiver = None
    practice.world.push_file(".github/reeve.yml", "sla: {team: acme/nobody}\n")
    practice.world.receiver = "http://127.0.0.1:9/webhooks/github"


def name_a_stray_label(practice: Practice) -> None:
    practice.world.receiver = None
    rules = "triage: {rules: [{title: a, label: zebra}]}\n"
    practice.world.push_file(".github/reeve.yml", rules)
    practice.world.receiver = "http://127.0.0.1:9/webhooks/github"


def contradict_the_organization(practice: Practice) -> None:
    practice.world.receiver = None
    practice.world.push_file(".github/reeve.yml", "labels: {feature: defect}\n")
    practice.world.create_repository("acme/.github", files={".github/reeve.yml": "labels: {bug: defect}\n"})
    practice.world.install("acme/.github")
    practice.world.flush_deliveries()
    practice.world.advance(days=4)
    practice.world.receiver = "http://127.0.0.1:9/webhooks/github"


def spoil_the_organizations(practice: Practice) -> None:
    practice.world.receiver = None
    practice.world.create_repository("acme/.github", files={".github/reeve.yml": "locked: [slo]\n"})
    practice.world.install("acme/.github")
    practice.world.flush_deliveries()
    practice.world.advance(days=4)
    practice.world.receiver = "http://127.0.0.1:9/webhooks/github"


def put_a_folder(practice: Practice) -> None:
    practice.world.receiver = None
    practice.world.push_file(".github/reeve.yml", None)
    practice.world.push_file(".github/reeve.yml/x", "")
    practice.world.receiver = "http://127.0.0.1:9/webhooks/github"


def no_secret(practice: Practice) -> None:
    practice.world.webhook_secret = ""


def no_certificate(practice: Practice) -> None:
    practice.world._state.app.checks_certificate = False


def no_address(practice: Practice) -> None:
    practice.world.receiver = "/webhooks/github"


def no_tls(practice: Practice) -> None:
    practice.world.receiver = "http://reeve.example/webhooks/github"


def lose_delivery(practice: Practice) -> None:
    practice.world.open_issue("[Bug] nobody listens")
    practice.world.flush_deliveries()


def wrong_key(practice: Practice) -> None:
    practice.settings = replace(practice.settings, private_key="not a key")


def other_app(practice: Practice) -> None:
    practice.settings = replace(practice.settings, app_id=99)


def no_database(practice: Practice) -> None:
    practice.settings = replace(practice.settings, database_url="postgresql+psycopg://127.0.0.1:9/reeve")


def old_database(practice: Practice) -> None:
    practice.settings = replace(practice.settings, database_url="sqlite:////nowhere/reeve.db")


def no_broker(practice: Practice) -> None:
    practice.settings = replace(practice.settings, broker_url="redis://127.0.0.1:9/0")


def fast_clock(practice: Practice) -> None:
    practice.skew = timedelta(seconds=45)


def wrong_clock(practice: Practice) -> None:
    practice.skew = timedelta(seconds=-400)


def require_nothing(practice: Practice) -> None:
    practice.world.repository().required.clear()


def require_from_anybody(practice: Practice) -> None:
    practice.world.require_check("reeve / coverage", by_ruleset=False)


def require_from_another_app(practice: Practice) -> None:
    practice.world.require_check(app_id=15368)


def publish_unasked(practice: Practice, *protectors: int) -> None:
    practice.world.receiver = None
    practice.world.create_environment("pypi live", protectors=protectors)
    practice.world.push_file(".github/reeve.yml", "release: {environment: pypi live}\n")
    practice.world.receiver = "http://127.0.0.1:9/webhooks/github"


def publish_by_anothers_leave(practice: Practice) -> None:
    publish_unasked(practice, 15368)


FAULTS: list[tuple[Callable[[Practice], None], str, Level, str, str]] = [
    (drop_permission, "app", Level.ERROR, "checks: write", "permissions and events"),
    (drop_grant, "installation acme", Level.ERROR, "issues: write", "accepts the new permissions"),
    (drop_event, "app", Level.ERROR, "push", "tick it"),
    (suspend, "installation acme", Level.WARNING, "suspended", "resume"),
    (spoil_policy, "acme/model", Level.ERROR, ".github/reeve.yml:1:1", "reeve config check"),
    (name_nobody, "acme/model", Level.ERROR, 'names the team "acme/nobody"', "default branch"),
    (name_a_stray_label, "acme/model", Level.WARNING, 'names the label "zebra"', "default branch"),
    (contradict_the_organization, "acme/model", Level.ERROR, "together with the organization's file", "default branch"),
    (spoil_the_organizations, "acme/.github", Level.ERROR, 'locks "slo"', "default branch"),
    (put_a_folder, "acme/model", Level.ERROR, "it is a folder, not a file", "default branch"),
    (require_nothing, "acme/model", Level.WARNING, "is required on main", "require the check `reeve`"),
    (require_from_anybody, "acme/model", Level.ERROR, "`reeve / coverage` may be reported by anybody", "this App"),
    (require_from_another_app, "acme/model", Level.ERROR, "another App (15368)", "as the source"),
    (publish_unasked, "acme/model", Level.WARNING, "`pypi live` does not ask Reeve", "a deployment protection rule"),
    (
        publish_by_anothers_leave,
        "acme/model",
        Level.WARNING,
        "`pypi live` does not ask Reeve",
        "Settings > Environments",
    ),
    (lose_delivery, "deliveries", Level.WARNING, "1 did not arrive", "sweep"),
    (wrong_key, "app", Level.ERROR, "private key", "REEVE_APP_ID"),
    (other_app, "app", Level.ERROR, "refuses the App", "REEVE_APP_ID"),
    (no_database, "database", Level.ERROR, "PostgreSQL", "REEVE_DATABASE_URL"),
    (old_database, "database", Level.ERROR, "newest migration", "reeve migrate"),
    (no_broker, "broker", Level.ERROR, "does not answer", "REEVE_BROKER_URL"),
    (fast_clock, "clock", Level.WARNING, "s ahead of", "NTP"),
    (wrong_clock, "clock", Level.ERROR, "s behind", "NTP"),
    (no_secret, "webhook", Level.ERROR, "no secret", "REEVE_WEBHOOK_SECRET"),
    (no_certificate, "webhook", Level.ERROR, "certificate", "SSL verification"),
    (no_address, "webhook", Level.ERROR, "no address", "/webhooks/github"),
    (no_tls, "webhook", Level.WARNING, "without TLS", "https://"),
    (lambda practice: practice.world.send_as_form(), "webhook", Level.WARNING, "form", "application/json"),
    (lambda practice: practice.world.faults.fail(None, status=502), "app", Level.ERROR, "does not answer", "network"),
]


@pytest.mark.parametrize(
    ("spoil", "check", "level", "message", "fix"), FAULTS, ids=[f"{each[1]}-{each[3]}" for each in FAULTS]
)
def test_each_fault_is_found_with_its_fix(
    practice: Practice, spoil: Callable[[Practice], None], check: str, level: Level, message: str, fix: str
) -> None:
    spoil(practice)

    found = [each for each in practice.findings() if each.check == check]

    assert [each.level for each in found][:1] == [level]
    assert message in found[0].message
    assert fix in found[0].fix


def test_an_environment_that_asks_reeve_is_no_finding(practice: Practice) -> None:
    publish_unasked(practice, 15368, practice.world.app_id)

    assert [each for each in practice.findings() if each.check == "acme/model"] == []


@pytest.mark.parametrize(("said", "message"), [("", "it is not there"), ("git version 2.30.2", "it is version 2.30.2")])
def test_a_git_that_is_too_old_or_missing_is_found(
    practice: Practice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str, message: str
) -> None:
    folder = tmp_path / "programs"
    folder.mkdir()
    if said:
        (folder / "git").write_text(f"#!/bin/sh\necho {said}\n", encoding="utf-8")
        (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))

    (found,) = [each for each in practice.findings() if each.check == "git"]

    assert (found.level, found.message) == (Level.ERROR, message)
    assert "install git 2.38" in found.fix


def test_settings_that_are_missing_are_the_first_finding(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REEVE_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("REEVE_APP_ID", raising=False)

    ran = CliRunner().invoke(cli.app, ["doctor", "--json"])

    (found,) = json.loads(ran.stdout)
    assert (ran.exit_code, found["check"], found["level"]) == (1, "settings", "error")
    assert "REEVE_APP_ID" in found["message"]


def test_the_policy_file_is_written_once(tmp_path: Path) -> None:
    first = CliRunner().invoke(cli.app, ["init", str(tmp_path)])
    second = CliRunner().invoke(cli.app, ["init", str(tmp_path)])

    assert (first.exit_code, second.exit_code) == (0, 1)
    assert CliRunner().invoke(cli.app, ["config", "check", str(tmp_path / ".github" / "reeve.yml")]).exit_code == 0
