"""The process that parses sources: it says what the parser says, and its death costs one source only."""

from pathlib import Path

import pytest

from bot import statements
from bot.reports import statements as here
from bot.statements import Source

GOOD = b"x = 1\nif x:  # pragma: no cover\n    y = 2\n"


def test_the_process_says_what_the_parser_says_in_full() -> None:
    """It loads only a part of coverage.py: what it finds must not depend on that."""
    texts = {str(path): path.read_bytes() for path in sorted(Path(here.__file__).parents[1].glob("*/*.py"))[:40]}
    asked = {name: Source(text, ((1, 3),), with_digests=True) for name, text in texts.items()}

    found = statements.read(asked)

    assert len(found) == 40
    assert found == {name: here.read(text, added={1, 2, 3}, with_digests=True) for name, text in texts.items()}


def test_bytes_of_any_kind_are_passed_on_unchanged() -> None:
    source = "# coding: latin-1\nx = 'é\x85'\n".encode("latin-1")

    assert statements.read({"a.py": Source(source)})["a.py"].statements == {2}


def test_no_source_needs_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nonexistent")

    assert statements.read({}) == {}


def test_a_source_that_kills_the_process_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    killing = statements._PROGRAM.replace(
        "serve(",
        "from bot.reports import statements as s; read = s.read; "
        "s.read = lambda text, **more: __import__('os')._exit(3) if text == b'boom' else read(text, **more); serve(",
    )
    monkeypatch.setattr(statements, "_PROGRAM", killing)

    found = statements.read(
        {"a.py": Source(GOOD), "b.py": Source(b"boom"), "c.py": Source(b"boom"), "d.py": Source(GOOD)}
    )

    assert found["a.py"] == found["d.py"] == here.read(GOOD)
    assert found["b.py"].problem == found["c.py"].problem == "the parser did not survive it"


def test_a_source_that_takes_too_long_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    stuck = statements._PROGRAM.replace(
        "serve(",
        "from bot.reports import statements as s; read = s.read; "
        "s.read = lambda text, **more: __import__('time').sleep(60) if text == b'boom' else read(text, **more); serve(",
    )
    monkeypatch.setattr(statements, "_PROGRAM", stuck)
    monkeypatch.setattr(statements, "_SECONDS", 5)

    found = statements.read({"a.py": Source(GOOD), "b.py": Source(b"boom")})

    assert found["a.py"] == here.read(GOOD)
    assert found["b.py"].problem


def test_what_takes_all_the_memory_is_a_source_that_cannot_be_parsed() -> None:
    deep = Source(b"-" * 1_500_000 + b"1\n")

    found = statements.read({"a.py": deep, "b.py": Source(GOOD)})

    assert found["a.py"].problem
    assert found["b.py"].statements == {1}


def test_many_sources_are_read_in_several_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "_BATCH_BYTES", 100)

    found = statements.read({f"{n}.py": Source(b"x = 1\n" * 10) for n in range(5)})

    assert [len(each.statements) for each in found.values()] == [10] * 5
