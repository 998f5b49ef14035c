"""A working copy: which of its files are sources, and what becomes of a git that fails."""

from pathlib import Path

import pytest

from bot.gate import checkout
from bot.gate.checkout import Checkout, GitFailed
from bot.reports import diff
from tests.gate.desk import CALC, Desk


def test_only_plain_files_of_the_working_copy_are_sources(desk: Desk) -> None:
    (desk.root / "link.py").symlink_to("shop/calc.py")
    (desk.root / "out").symlink_to(desk.root.parent)
    (desk.root.parent / "outside.py").write_text("x = 1\n")
    here = checkout.find(Path())

    assert here.source("shop/calc.py") == CALC.encode()
    for path in ("link.py", "../outside.py", "out/outside.py", "shop", "none.py", "a\0b.py", "a" * 5000):
        assert here.source(path) is None


def test_the_tree_holds_what_git_knows_and_what_it_would_add(desk: Desk) -> None:
    desk.write({"new.py": "", "coverage.json": "{}", "sp ace/modül.py": ""})
    (desk.root / "link.py").symlink_to("shop/calc.py")
    desk.git("add", "link.py")
    (desk.root / "tests" / "test_calc.py").unlink()

    tree = checkout.find(desk.root / "shop").tree

    assert tree == frozenset({"shop/__init__.py", "shop/calc.py", ".gitignore", "new.py", "sp ace/modül.py"})


def test_a_diff_is_of_this_tree_if_every_line_is_there(desk: Desk) -> None:
    desk.commit({"shop/calc.py": CALC + "x = 1\n"})
    changed = diff.parse(checkout.changes(checkout.find(Path()), "main"))
    assert checkout.find(Path()).has(changed)

    desk.write({"shop/calc.py": CALC + "x = 2\n"})
    assert not checkout.find(Path()).has(changed)
    desk.write({"shop/calc.py": "x = 1\n"})
    assert not checkout.find(Path()).has(changed)
    assert not checkout.find(Path()).has(())


def test_the_users_own_settings_of_git_change_no_diff(desk: Desk) -> None:
    desk.commit({"shop/calc.py": CALC + "x = 1\n", "modül.py": "y = 2\n"})
    plain = b"".join(checkout.changes(checkout.find(Path()), "main"))
    for key, value in {
        "diff.noprefix": "true",
        "diff.mnemonicPrefix": "true",
        "color.ui": "always",
        "core.quotePath": "false",
        "diff.external": "false",
        "diff.context": "7",
    }.items():
        desk.git("config", key, value)

    assert b"".join(checkout.changes(checkout.find(Path()), "main")) == plain


def test_a_file_of_a_commit_is_read_and_one_that_is_not_there_is_none(desk: Desk) -> None:
    here = checkout.find(desk.root)

    assert checkout.at(here, "main", "shop/calc.py") == CALC.encode()
    assert checkout.at(here, "main", "none") is None


def test_a_git_that_fails_says_why(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkout, "_DIFF", ("diff", "--no-such-option"))

    with pytest.raises(GitFailed, match="git diff: usage"):
        list(checkout.changes(checkout.find(desk.root), "main"))


def test_a_base_without_a_common_commit_is_told(desk: Desk) -> None:
    desk.git("checkout", "-q", "--orphan", "other")
    desk.commit({"a.py": "x = 1\n"})

    with pytest.raises(GitFailed, match="none in common"):
        list(checkout.changes(checkout.find(desk.root), "main"))


def test_without_git_there_is_a_folder_and_no_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    assert checkout.find(tmp_path) == Checkout(tmp_path, None)
    with pytest.raises(GitFailed, match="git cannot be run"):
        checkout.changes(Checkout(tmp_path, None), "main").__next__()
