"""The `reeve` command: what each command says, and that every mistake is told in one line with the next step."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from bot import cli
from bot.clock import utc_now
from bot.sandbox.world import World
from bot.store import audit, migrate, revision
from bot.store import engine as engines
from bot.store.database import Database
from bot.store.tables import State
from tests.services import free_port
from tests.store.given import NOW, decided, delivered, labels, states

ENOUGH = {"REEVE_APP_ID": "12", "REEVE_PRIVATE_KEY": "PEM", "REEVE_WEBHOOK_SECRET": "s3cret"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a data directory of its own and no other setting."""
    for name in [name for name in os.environ if name.startswith("REEVE_") and "TEST" not in name]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("REEVE_DATA_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def database(home: Path) -> Database:
    """The store that the commands open, made by `reeve migrate`."""
    assert run("migrate").exit_code == 0
    return Database(engines.connect(f"sqlite:///{home / 'reeve.db'}"))


def run(*arguments: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(cli.app, arguments)


def main(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run a command as the console script does; return its exit code and what it said of its mistake."""
    monkeypatch.setattr(sys, "argv", ["reeve", *arguments])
    with pytest.raises(SystemExit) as exit_:
        cli.main()
    return int(exit_.value.code or 0), capsys.readouterr().err


# -- mistakes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["serve", "worker", "beat"])
@pytest.mark.parametrize("missing", ["REEVE_APP_ID", "REEVE_PRIVATE_KEY", "REEVE_WEBHOOK_SECRET"])
def test_a_missing_setting_is_named_in_one_line(
    command: str, missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ENOUGH.keys() - {missing}:
        monkeypatch.setenv(name, ENOUGH[name])

    code, said = main(monkeypatch, capsys, command)

    assert code == 2
    assert said.startswith("reeve: REEVE_")
    assert missing in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("command", ["worker", "beat"])
def test_a_worker_without_a_broker_is_refused_with_the_reason(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in ENOUGH.items():
        monkeypatch.setenv(name, value)

    code, said = main(monkeypatch, capsys, command)

    assert code == 2
    assert "REEVE_BROKER_URL must be set" in said
    assert "`reeve serve` does the work itself" in said


@pytest.mark.parametrize("command", [["deliveries"], ["audit", "verify"], ["migrate"]])
def test_a_database_that_is_away_is_told_in_one_line(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REEVE_DATABASE_URL", f"postgresql://reeve:CANARY@127.0.0.1:{free_port()}/reeve")

    code, said = main(monkeypatch, capsys, *command)

    assert code == 2
    assert said.startswith("reeve: ")
    assert "CANARY" not in said


def test_without_a_command_the_help_lists_them_all() -> None:
    said = run().output

    for command in ("serve", "worker", "beat", "deliveries", "audit", "migrate", "sandbox", "demo"):
        assert command in said


# -- deliveries ------------------------------------------------------------------------------------------------------


def test_without_dead_letters_there_is_nothing_to_list(database: Database) -> None:
    delivered(database.engine, "waiting")

    assert run("deliveries").output == "no dead letters\n"


def test_dead_letters_are_listed_newest_first_with_their_reasons(database: Database) -> None:
    bury(database, "one", "malformed: twice")
    bury(database, "two", "refused by GitHub: archived")
    delivered(database.engine, "waiting")

    lines = run("deliveries").output.splitlines()

    assert [line.split()[2] for line in lines] == ["two", "one"]
    assert lines[1].startswith("2026-11-24 12:00:00")
    assert "dead" in lines[1]
    assert "tries=1" in lines[1]
    assert lines[1].endswith("malformed: twice")


def test_all_deliveries_are_listed_on_request_up_to_a_limit(database: Database) -> None:
    for number in range(5):
        delivered(database.engine, f"d{number}", subject=f"1#{number}")

    assert len(run("deliveries", "--all").output.splitlines()) == 5
    assert [line.split()[2] for line in run("deliveries", "--all", "--limit", "2").output.splitlines()] == ["d4", "d3"]


def test_deliveries_as_json_are_one_object_a_line(database: Database) -> None:
    bury(database, "one", "malformed: twice")

    (line,) = run("deliveries", "--json").output.splitlines()

    assert json.loads(line) == {
        "delivery": "one",
        "event": "issues",
        "subject": "1296269#7",
        "state": "dead",
        "attempts": 1,
        "received_at": "2026-11-24T12:00:00+00:00",
        "reason": "malformed: twice",
    }


def test_no_deliveries_as_json_are_no_lines(database: Database) -> None:  # noqa: ARG001  the database is there
    assert run("deliveries", "--json").output == ""


def test_a_dead_letter_is_tried_again_by_its_id(database: Database) -> None:
    bury(database, "one", "malformed: twice")

    result = run("deliveries", "--retry", "ONE")

    assert (result.exit_code, result.output) == (0, "ONE will be tried again\n")
    assert states(database.engine) == {"one": State.PENDING}


@pytest.mark.parametrize("delivery", ["unknown", "waiting"])
def test_what_is_no_dead_letter_cannot_be_tried_again(database: Database, delivery: str) -> None:
    delivered(database.engine, "waiting")

    result = run("deliveries", "--retry", delivery)

    assert (result.exit_code, result.output) == (1, f"no dead letter has the id {delivery}\n")


def bury(database: Database, name: str, reason: str) -> None:
    delivered(database.engine, name)
    claim = database.inbox.claim(NOW)
    assert claim is not None
    database.inbox.bury(claim, claim.seqs, reason, now=NOW)


# -- the audit log ---------------------------------------------------------------------------------------------------


def three_decisions(database: Database) -> audit.Checked:
    for name in ("a", "b", "c"):
        decided(database, name, labels(name))
    checked = audit.verify(audit.entries(database.engine))
    assert checked.entries == 3
    return checked


def test_an_empty_log_holds(database: Database) -> None:  # noqa: ARG001  the database is there
    assert run("audit", "verify").output == f"the chain holds: 0 entries, head {audit.GENESIS}\n"


def test_a_whole_log_holds_and_tells_its_head(database: Database) -> None:
    checked = three_decisions(database)

    result = run("audit", "verify", "--json")

    assert result.exit_code == 0
    assert json.loads(result.output) == {"entries": 3, "head": checked.head, "fault": None}


def test_the_chain_must_pass_through_a_head_that_was_noted(database: Database) -> None:
    checked = three_decisions(database)

    assert run("audit", "verify", "--noted", f"3:{checked.head}").exit_code == 0
    rolled_back = run("audit", "verify", "--noted", f"4:{checked.head}")
    rewritten = run("audit", "verify", "--noted", f"2:{checked.head}")

    assert (rolled_back.exit_code, rewritten.exit_code) == (1, 1)
    assert "4 entries were noted, 3 are left: the log was rolled back" in rolled_back.output
    assert "entry 2 is not the one that was noted" in rewritten.output


def test_a_noted_head_that_cannot_be_read_is_told(database: Database) -> None:  # noqa: ARG001  the database is there
    assert "write COUNT:HASH" in str(run("audit", "verify", "--noted", "3").exception)


@pytest.mark.parametrize(
    ("tampering", "said"),
    [
        ("UPDATE audit SET entry = replace(entry, 'pass', 'fail') WHERE seq = 2", "entry 2 was changed"),
        ("UPDATE audit SET detail = replace(detail, 'acme', 'evil') WHERE seq = 2", "entry 2: its detail was changed"),
        ("DELETE FROM audit WHERE seq = 2", "entry 2 is missing"),
        ("UPDATE audit SET hash = replace(hash, substr(hash, 1, 1), 'x') WHERE seq = 3", "entry 3 was changed"),
    ],
)
def test_a_log_that_was_tampered_with_names_the_place_and_fails(database: Database, tampering: str, said: str) -> None:
    three_decisions(database)
    with database.engine.begin() as connection:
        connection.execute(text(tampering))

    result = run("audit", "verify")
    as_json = run("audit", "verify", "--json")

    assert result.exit_code == as_json.exit_code == 1
    assert result.output.startswith(said)
    assert json.loads(as_json.output)["fault"].startswith(said)


def test_the_log_can_be_verified_elsewhere_from_what_is_shown(database: Database) -> None:
    checked = three_decisions(database)

    shown = [json.loads(line) for line in run("audit", "show").output.splitlines()]

    head = audit.GENESIS
    for line in shown:
        head = audit.chain(head, line["entry"])
        assert head == line["hash"]
        assert audit.detail_digest(line["detail"]) == json.loads(line["entry"])["detail"]
    assert head == checked.head
    assert [json.loads(line)["hash"] for line in run("audit", "show", "--after", "2").output.splitlines()] == [head]


# -- the database ----------------------------------------------------------------------------------------------------


def test_migrate_makes_the_database_and_may_be_run_again(home: Path) -> None:
    for _ in range(2):
        result = run("migrate")
        assert (result.exit_code, result.output) == (0, f"the database is at migration {revision.HEAD}\n")

    assert migrate.is_current(engines.connect(f"sqlite:///{home / 'reeve.db'}"))


# -- the long-running ones -------------------------------------------------------------------------------------------


def test_serve_answers_until_it_is_told_to_stop(home: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "bot", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env={**os.environ, **ENOUGH, "REEVE_DATA_DIR": str(home)})
    try:
        assert answers(f"http://127.0.0.1:{port}/readyz")
    finally:
        process.send_signal(signal.SIGTERM)

    assert process.wait(15) in {0, -signal.SIGTERM}


def test_the_sandbox_prints_how_to_point_reeve_at_it() -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "sandbox", "--port", str(port)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert answers(f"http://127.0.0.1:{port}/_sandbox/")
    finally:
        process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=15)

    for name in ("REEVE_APP_ID", "REEVE_PRIVATE_KEY_FILE", "REEVE_WEBHOOK_SECRET", "REEVE_GITHUB_API_URL"):
        assert f"export {name}=" in said
    assert "reeve serve --port 8000" in said
    assert process.returncode == 0


def test_worker_and_beat_take_what_serve_queued(redis_url: str, home: Path, database: Database) -> None:
    """The one delivery has a body that cannot be an event, so it ends as a dead letter: both have done their part."""
    delivered(database.engine, "a", at=utc_now())
    with World.start() as world:
        environment = {**os.environ, **world.environment(), "REEVE_DATA_DIR": str(home), "REEVE_BROKER_URL": redis_url}
        processes = [
            subprocess.Popen([sys.executable, "-W", "ignore", "-m", "bot", name], env=environment)
            for name in ("worker", "beat")
        ]
        deadline = time.monotonic() + 30
        while states(database.engine) != {"a": State.DEAD} and time.monotonic() < deadline:
            time.sleep(0.1)
        for process in processes:
            process.send_signal(signal.SIGTERM)
        codes = [process.wait(15) for process in processes]

    assert states(database.engine) == {"a": State.DEAD}
    assert codes[0] == 0
    assert codes[1] in {0, -signal.SIGTERM}  # the beat keeps nothing that it would have to put away


def answers(url: str) -> bool:
    """Wait until something answers 200."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return True
        except httpx.HTTPError:
            pass
        time.sleep(0.05)
    return False
