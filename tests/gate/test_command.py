"""`reeve gate coverage`: the verdict, the JSON and the exit status, on what git and coverage.py really write."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.config import FILE
from bot.gate import gathering
from bot.gate.checkout import GitFailed
from bot.gate.gathering import NotUsable
from bot.policies.coverage.evidence import LONG_AGO
from bot.reports.diff import BadDiff
from tests.gate.desk import CALC, MORE, MORE_TESTS, TEST, Desk
from tests.reports.coverage_samples import SMALL, Measured, as_json, as_lcov, as_xml

FORMATS = ("coverage.json", "coverage.xml", "coverage.lcov")


def new_file(path: str, text: str) -> str:
    """Return the diff of a new file."""
    names = f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n"
    return names + f"@@ -0,0 +1,{text.count(chr(10))} @@\n{text}"


def test_a_change_without_tests_fails_and_one_that_adds_them_passes(desk: Desk) -> None:
    desk.commit({"shop/calc.py": CALC + MORE})
    desk.measure("--branch")
    for name in FORMATS:
        assert desk.verdict(name, "--base", "main", status=1) == {
            "verdict": "fail",
            "reason": "a pull request must contain unit tests: source changed, no test was touched, and 4 of 6 changed"
            " lines are uncovered (33.33 % covered, 80 % needed)",
            "project": {"covered": 4, "total": 8},
            "patch": {"covered": 2, "total": 6},
            "uncovered": {"shop/calc.py": [11, 12, 13, 17]},
        }

    desk.commit({"tests/test_calc.py": TEST + MORE_TESTS})
    desk.measure("--branch")
    for name in FORMATS:
        found = desk.verdict(name, "--base", "main", status=0)
        assert (found["verdict"], found["patch"], found["uncovered"]) == ("pass", {"covered": 6, "total": 6}, {})


def test_a_report_of_the_source_folder_alone_is_placed_by_the_tree(desk: Desk) -> None:
    """coverage.py's XML then names `calc.py`, not `shop/calc.py`."""
    desk.commit({"shop/calc.py": CALC + MORE})
    desk.measure()
    xml = desk.root / "coverage.xml"
    xml.write_text(
        xml.read_text().replace('filename="shop/', 'filename="').replace(f"{desk.root}<", f"{desk.root}/shop<")
    )

    found = desk.verdict("coverage.xml", "--base", "main", status=1)

    assert found["uncovered"] == {"shop/calc.py": [11, 12, 13, 17]}


def test_what_is_not_committed_yet_counts_too(desk: Desk) -> None:
    desk.write({"shop/calc.py": CALC + MORE})
    desk.measure()

    assert desk.verdict("coverage.json", "--base", "main", status=1)["patch"] == {"covered": 2, "total": 6}


def test_a_new_file_that_was_never_added_counts_too_and_the_index_stays_as_it_was(desk: Desk) -> None:
    desk.measure()
    desk.write({"shop/left.py": "".join(f"x{n} = {n}\n" for n in range(9))})
    before = desk.git("status", "--porcelain")

    assert desk.verdict("coverage.json", "--base", "main", status=1)["patch"] == {"covered": 0, "total": 9}
    assert desk.git("status", "--porcelain") == before
    assert "?? shop/left.py" in before.splitlines()


def test_a_source_file_that_no_report_mentions_fails(desk: Desk) -> None:
    desk.commit({"shop/calc.py": CALC + MORE, "tests/test_calc.py": TEST + MORE_TESTS})
    desk.measure()
    desk.write({"shop/left.py": "".join(f"x{n} = {n}\n" for n in range(9))})

    found = desk.verdict("coverage.json", "--base", "main", status=1)

    assert found["project"] == {"covered": 8, "total": 17}


def test_a_report_of_another_source_asks_for_action(desk: Desk) -> None:
    desk.commit({"shop/calc.py": CALC + MORE})
    desk.measure()
    desk.commit({"shop/calc.py": "\n\n\n" + CALC + MORE, "tests/test_calc.py": TEST + MORE_TESTS})

    found = desk.verdict("coverage.json", "--base", "main", status=3)

    assert found["verdict"] == "action_required"
    assert "contradicts the source" in found["reason"]


def test_new_pragmas_are_shown(desk: Desk) -> None:
    desk.commit({"shop/calc.py": CALC + MORE.replace("def sub(a, b):", "def sub(a, b):  # pragma: no cover")})
    desk.measure()

    _, said = desk.ask("coverage.json", "--base", "main")

    assert "Newly excluded from the count, 4 in all" in said
    assert "`shop/calc.py`: 9, 11-13" in said


def test_documentation_alone_passes_with_the_reason(desk: Desk) -> None:
    desk.commit({"README.md": "# Shop\n", "shop/calc.py": CALC + "\n# a note\n"})
    desk.measure()

    found = desk.verdict("coverage.json", "--base", "main", status=0)

    assert (found["verdict"], found["reason"]) == ("pass", "no executable line changed")


def test_a_diff_from_a_file_is_judged_by_report_and_text_alone(desk: Desk) -> None:
    diff = new_file("bot/a.py", "+x = 1\n+y = 2\n+\n+z = 3\n") + new_file("bot/fresh.py", "+# note\n+a = 1\n")
    desk.write({"change.diff": diff, ".github/reeve.yml": "version: 1\ncoverage: {minimum: 100}\n"})
    (desk.root / "r.lcov").write_bytes(
        as_lcov({"bot/a.py": Measured({1: 1, 2: 1, 4: 1}), "bot/b.py": Measured({1: 1})})
    )

    found = desk.verdict("r.lcov", "--diff", "change.diff", status=1)

    assert (found["patch"], found["project"]) == ({"covered": 3, "total": 4}, {"covered": 4, "total": 4})
    assert found["uncovered"] == {"bot/fresh.py": [2]}
    assert "80 % needed" in found["reason"]


def test_a_diff_of_this_very_tree_is_judged_with_its_sources_and_policy(desk: Desk) -> None:
    desk.commit(
        {"shop/calc.py": CALC + MORE, "tests/test_calc.py": TEST + MORE_TESTS, FILE: "coverage: {minimum: 100}\n"}
    )
    desk.measure()
    desk.write({"coverage.diff": desk.git("diff", "main", "HEAD")})
    assert desk.verdict("coverage.json", "--diff", "coverage.diff", status=0)["patch"] == {"covered": 6, "total": 6}

    desk.write({"shop/left.py": "x = 1\n"})
    found = desk.verdict("coverage.json", "--diff", "coverage.diff", status=1)
    assert (found["project"], "100 % are needed" in found["reason"]) == ({"covered": 8, "total": 9}, True)


def test_the_diff_may_come_on_the_standard_input(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (desk.root / "r.json").write_bytes(as_json(SMALL))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(new_file("bot/a.py", "+x = 1\n").encode())))

    assert desk.verdict("r.json", "--diff", "-", status=0)["patch"] == {"covered": 1, "total": 1}


def test_the_policy_of_the_base_holds_and_not_that_of_the_change(desk: Desk) -> None:
    desk.git("checkout", "-q", "main")
    desk.commit({FILE: "version: 1\ncoverage: {minimum: 30, project: ratchet}\n"})
    desk.git("checkout", "-q", "feature")
    desk.git("rebase", "-q", "main")
    desk.commit({"shop/calc.py": CALC + MORE, FILE: "version: 1\ncoverage: {minimum: 1}\n"})
    desk.measure()

    lacking = desk.verdict("coverage.json", "--base", "main", status=3)
    (desk.root / "coverage.base.json").write_bytes(as_json({"a.py": Measured({1: 1, 2: 0})}))
    good = desk.verdict("coverage.json", "--base", "main", "--base-report", "coverage.base.json", status=0)
    (desk.root / "coverage.base.json").write_bytes(as_json({"a.py": Measured({1: 1, 2: 1})}))
    lower = desk.verdict("coverage.json", "--base", "main", "--base-report", "coverage.base.json", status=1)
    given = desk.verdict("coverage.json", "--base", "main", "--config", FILE, status=0)

    assert lacking["reason"].startswith("what the merge base reached is not known")
    assert "30 % are needed" in good["reason"]
    assert lower["reason"].startswith("the project would fall from 2 of 2 (100.00 %) to 4 of 8 (50.00 %)")
    assert "1 % are needed" in given["reason"]


def test_parts_are_named_by_their_files_or_as_given(desk: Desk) -> None:
    desk.write({"reeve.yml": "coverage: {parts: [unit, gpu, slow]}\n", "x.diff": new_file("bot/a.py", "+x = 1\n")})
    (desk.root / "unit.json").write_bytes(as_json(SMALL))
    (desk.root / "other.xml").write_bytes(as_xml(SMALL))
    options = ("--diff", "x.diff", "--config", "reeve.yml")

    waiting = desk.verdict("unit.json", "gpu=other.xml", *options, status=3)
    whole = desk.verdict("unit.json", "gpu=other.xml", "slow=unit.json", *options, status=0)

    assert (waiting["verdict"], waiting["reason"]) == ("pending", "2 of 3 parts arrived: wait for the others")
    assert whole["project"] == {"covered": 4, "total": 5}


def test_branches_count_where_the_policy_says_so(desk: Desk) -> None:
    desk.write(
        {"reeve.yml": "coverage: {branch: true}\n", "x.diff": new_file("bot/a.py", "+x = 1\n+\n+\n+\n+if x: y\n")}
    )
    for name, write in (("r.json", as_json), ("r.xml", as_xml), ("r.lcov", as_lcov)):
        (desk.root / name).write_bytes(write(SMALL))
        found = desk.verdict(name, "--diff", "x.diff", "--config", "reeve.yml", status=1)
        assert (found["patch"], found["uncovered"]) == ({"covered": 1, "total": 3}, {"bot/a.py": [2, 5]})


@pytest.mark.parametrize(
    "report",
    [b"", b"{}", as_json({}), as_json(SMALL).replace(b'"missing_lines": 1', b'"missing_lines": NaN'), b"\x00" * 99],
)
def test_a_report_that_cannot_be_used_is_neither_green_nor_red(desk: Desk, report: bytes) -> None:
    (desk.root / "r.json").write_bytes(report)
    desk.write({"x.diff": new_file("bot/a.py", "+x = 1\n")})

    found = desk.verdict("r.json", "--diff", "x.diff", status=3)

    assert found["verdict"] == "action_required"
    assert "r: " in found["reason"]


@pytest.mark.parametrize("report", ["none.json", "unit=none.json", "bot"])
def test_a_report_that_cannot_be_read_is_a_matter_of_usage(desk: Desk, report: str) -> None:
    desk.write({"x.diff": new_file("bot/a.py", "+x = 1\n"), "bot/b.py": ""})

    with pytest.raises(NotUsable, match="cannot be read"):
        desk.ask(report, "--diff", "x.diff")


@pytest.mark.parametrize(
    "arguments", [["-", "--diff", "-"], ["-", "-", "--base", "main"], ["a=-", "--diff", "x.diff", "--config", "-"]]
)
def test_the_standard_input_is_one_thing_only(desk: Desk, arguments: list[str]) -> None:
    with pytest.raises(NotUsable, match="given once"):
        desk.ask(*arguments)


@pytest.mark.parametrize(
    "text", ["fatal: not a git repository\n", "\x1b[1mdiff --git a/x.py b/x.py\x1b[m\n", " x.py | 2 +-\n"]
)
def test_a_text_that_is_no_diff_does_not_pass_for_no_change(desk: Desk, text: str) -> None:
    (desk.root / "r.json").write_bytes(as_json(SMALL))
    desk.write({"x.diff": text})

    with pytest.raises(BadDiff, match="it is no diff"):
        desk.ask("r.json", "--diff", "x.diff")


@pytest.mark.parametrize("attribute", ["*.py binary\n", "*.py -diff\n"])
def test_an_attribute_that_calls_sources_binary_hides_no_line(desk: Desk, attribute: str) -> None:
    desk.commit({"shop/calc.py": CALC + MORE, ".gitattributes": attribute})
    desk.measure()
    shown = desk.git("diff", "main")
    desk.write({"x.diff": shown, "shop/weights.bin": "\0" * 99})

    assert desk.verdict("coverage.json", "--base", "main", status=1)["patch"] == {"covered": 2, "total": 6}
    with pytest.raises(NotUsable, match=r"shop/calc\.py: the diff does not show its lines"):
        desk.ask("coverage.json", "--diff", "x.diff")


def test_a_file_whose_lines_git_and_python_number_apart_is_not_green(desk: Desk) -> None:
    """To git this is one line, a comment; Python runs what follows the first carriage return."""
    desk.measure()
    (desk.root / "shop" / "sly.py").write_bytes(b"# a comment\rx = 1\ry = 2\r")

    found = desk.verdict("coverage.json", "--base", "main", status=3)

    assert "bare carriage returns" in found["reason"]


def test_a_git_that_warns_a_great_deal_is_waited_for(desk: Desk) -> None:
    """Of each file that ends its lines otherwise than it will, by its name: more than a pipe holds."""
    desk.git("config", "core.autocrlf", "input")
    desk.measure()
    name = "{}_" + "long" * 40 + ".txt"
    desk.write({f"texts/{name.format(n)}": "" for n in range(300)})
    desk.git("add", "-A")
    for n in range(300):
        (desk.root / "texts" / name.format(n)).write_bytes(b"x\r\n")

    assert desk.verdict("coverage.json", "--base", "main", status=0)["verdict"] == "pass"


def test_79_996_percent_is_not_80(desk: Desk) -> None:
    big = {"bot/a.py": Measured({n: int(n <= 19_999) for n in range(1, 25_001)})}
    (desk.root / "r.lcov").write_bytes(as_lcov(big))
    desk.write({"x.diff": new_file("bot/a.py", "+x = 1\n")})

    found = desk.verdict("r.lcov", "--diff", "x.diff", status=1)

    assert found["reason"] == "19999 of 25000 statements are covered (79.99 %), 80 % are needed: cover 1 more"


def test_the_summary_is_markdown_in_either_language(desk: Desk) -> None:
    desk.commit({"shop/calc.py": CALC + MORE})
    desk.measure()

    _, english = desk.ask("coverage.json", "--base", "main")
    _, chinese = desk.ask("coverage.json", "--base", "main", "--language", "zh-CN")

    assert english.startswith("# A pull request must contain unit tests: 4 of 6 changed lines are uncovered\n\n")
    assert "- `shop/calc.py`: 11-13, 17" in english
    assert "| changed lines | 2 | 6 | 33.33 % | 80 % |" in english
    assert chinese.startswith("# PR 必须包含单元测试：6 行改动中有 4 行未被覆盖\n\n")


def test_on_a_terminal_the_summary_is_drawn(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.write({"x.diff": new_file("bot/a.py", "+x = 1\n")})
    (desk.root / "r.json").write_bytes(as_json(SMALL))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)

    _, said = desk.ask("r.json", "--diff", "x.diff")

    assert "Covered: 100.00 % of the changed lines" in said
    assert "| changed lines" not in said


@pytest.mark.parametrize("arguments", [[], ["r.json"], ["r.json", "--diff", "a", "--base", "b"], ["--diff", "a"]])
def test_wrong_arguments_are_a_matter_of_usage(desk: Desk, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        desk.ask(*arguments)
    assert ended.value.code == 2


def test_what_cannot_be_used_is_named(desk: Desk) -> None:
    (desk.root / "r.json").write_bytes(as_json(SMALL))
    desk.write({"bad.diff": "@@@\n", "bad.yml": "coverage: {minimum: 101}\n", "x.diff": new_file("a.py", "+x\n")})

    with pytest.raises(BadDiff):
        desk.ask("r.json", "--diff", "bad.diff")
    with pytest.raises(NotUsable, match=r"none\.diff cannot be read: No such file"):
        desk.ask("r.json", "--diff", "none.diff")
    with pytest.raises(GitFailed, match="merge-base"):
        desk.ask("r.json", "--base", "nowhere")
    with pytest.raises(GitFailed, match="merge-base"):
        desk.ask("r.json", "--base=--all")
    with pytest.raises(NotUsable, match=r"coverage\.minimum"):
        desk.ask("r.json", "--diff", "x.diff", "--config", "bad.yml")
    with pytest.raises(NotUsable, match=r"--base-report bad.yml: unknown-format"):
        desk.ask("r.json", "--diff", "x.diff", "--base-report", "bad.yml")


def test_outside_of_any_repository_there_is_no_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "r.json").write_bytes(as_json(SMALL))

    with pytest.raises(GitFailed):
        gathering.gather(gathering.Asked(("r.json",), base="main"), LONG_AGO)


def test_the_command_is_one_of_reeves_and_says_so(desk: Desk) -> None:
    (desk.root / "r.json").write_bytes(as_json(SMALL))
    desk.write({"x.diff": new_file("bot/a.py", "+x = 1\n")})
    arguments = ["gate", "coverage", "r.json", "--diff", "x.diff", "--json"]

    typed = CliRunner().invoke(app, arguments)
    run = subprocess.run([sys.executable, "-m", "bot", *arguments], capture_output=True, text=True, check=False)
    wrong = subprocess.run(
        [sys.executable, "-m", "bot", "gate", "coverage", "r.json", "--diff", "none"],
        capture_output=True,
        text=True,
        check=False,
    )
    other = subprocess.run([sys.executable, "-m", "bot", "--help"], capture_output=True, text=True, check=False)

    assert (typed.exit_code, run.returncode) == (0, 0)
    assert json.loads(typed.stdout) == json.loads(run.stdout)
    assert (wrong.returncode, wrong.stderr) == (2, "reeve: none cannot be read: No such file or directory\n")
    assert "gate" in other.stdout


def test_the_light_command_loads_nothing_heavy(desk: Desk) -> None:
    (desk.root / "r.lcov").write_bytes(as_lcov(SMALL))
    desk.write({"x.diff": new_file("bot/a.py", "+x = 1\n")})
    heavy = {"typer", "pydantic", "jinja2", "yaml", "rich", "coverage", "msgspec", "bot.config", "bot.model.effects"}
    program = (
        "import sys; from bot.gate import command; status = command.coverage(sys.argv[1:]);"
        f"print(status, sorted({heavy} & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, "r.lcov", "--diff", "x.diff", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines()[-1] == "0 []"


def test_the_policy_file_is_looked_for_where_the_service_finds_it() -> None:
    assert gathering.POLICY_FILE == FILE
