"""Performance tables in descriptions: English and Chinese, in any order, complete or not, and hostile ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policies.benchmark.claims import Claim, Column, Row, read
from bot.policies.benchmark.claims.quantities import Quantity, quantity
from bot.policies.benchmark.claims.vocabulary import column, is_nothing, unit_of
from tests.limits import at_most

HEAD = "0123456789abcdef0123456789abcdef01234567"

WHOLE = Row("TTFT", "ms", 12.5, 11.0, "8 x H200", "vllm bench serve --x", ("0123456",))

ENGLISH = """
## What

Faster.

| Metric | Unit | Before | After | Hardware | Command | Commit |
| --- | --- | ---: | ---: | --- | --- | --- |
| TTFT | ms | 12.5 | **11.0** | 8 x H200 | `vllm bench serve --x` | 0123456 |
"""
SHUFFLED = """
| After (ms) | Commit | *Metric* | Before |
| --- | --- | --- | --- |
| 11.0 ms | [0123456](https://example.org/c/0123456) | TTFT | 12.5 |

- **Hardware**: 8 x H200

Command:

```sh
vllm bench serve --x
```
"""
CHINESE = """
### 性能对比

| 指标 | 优化后 | 优化前 | 单位 |
| :-- | --: | --: | :-- |
| TTFT | １１．０ | 12.5 | ms |

- 硬件：8 x H200
- 命令：`vllm bench serve --x`
- 提交：0123456
"""
TRADITIONAL = """
|指標|單位|改動前|改動後|硬體|指令|提交|
|-|-|-|-|-|-|-|
|TTFT|ms|12.5|11|8 x H200|vllm bench serve --x|0123456|
"""
BY_HEADINGS = """
### Hardware

8 x H200

### How to reproduce

```
vllm bench serve --x
```

### Results

| | main | this PR |
|---|---|---|
| TTFT | 12.5 ms | 11.0 ms |

| Setting | Value |
|---|---|
| Commit SHA | 0123456 |
"""


@pytest.mark.parametrize("body", [ENGLISH, SHUFFLED, CHINESE, TRADITIONAL, BY_HEADINGS], ids=range(5))
def test_a_table_is_read_in_either_language_and_any_order(body: str) -> None:
    claim = read(body)
    assert claim == Claim((WHOLE,))
    assert claim.missing == ()
    assert claim.rows[0].is_of(HEAD)


@pytest.mark.parametrize(
    ("heading", "meant"),
    [
        ("Before", Column.BEFORE),
        ("baseline (main)", Column.BEFORE),
        ("Before (ms)", Column.BEFORE),
        ("修改前", Column.BEFORE),
        ("基线", Column.BEFORE),
        ("main branch", Column.BEFORE),
        ("After the change", Column.AFTER),
        ("This PR", Column.AFTER),
        ("PR head", Column.AFTER),
        ("改动后结果", Column.AFTER),
        ("本次", Column.AFTER),
        ("Benchmark", Column.METRIC),
        ("性能指标", Column.METRIC),
        ("测试用例", Column.METRIC),
        ("Unit", Column.UNIT),
        ("单位", Column.UNIT),
        ("GPU model", Column.HARDWARE),
        ("测试环境", Column.HARDWARE),
        ("硬件配置", Column.HARDWARE),
        ("Reproduce", Column.COMMAND),
        ("复现命令", Column.COMMAND),
        ("Commit SHA", Column.COMMIT),
        ("提交号", Column.COMMIT),
        ("ＣＯＭＭＩＴ", Column.COMMIT),
        ("Speedup", None),
        ("Δ", None),
        ("before/after", None),
        ("变化", None),
        ("", None),
        ("before and after", None),
    ],
)
def test_a_heading_means_a_column(heading: str, meant: Column | None) -> None:
    assert column(heading) is meant


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12.5", Quantity(12.5, "")),
        ("12.5 ms", Quantity(12.5, "ms")),
        ("12.5ms", Quantity(12.5, "ms")),
        ("1,234.5 tok/s", Quantity(1234.5, "tok/s")),
        ("1 234 567", Quantity(1234567, "")),
        ("1_000", Quantity(1000, "")),
        ("12,5", Quantity(12.5, "")),
        ("~3e-4 s", Quantity(3e-4, "s")),
        ("1.2E+3", Quantity(1200, "")),
        ("12.3 ± 0.4 ms", Quantity(12.3, "ms")),
        ("12.3 +/- 5 %", Quantity(12.3, "")),
        ("45 %", Quantity(45, "%")),
        ("１２．５ ms", Quantity(12.5, "ms")),
        ("12.5 ms (p50)", Quantity(12.5, "ms")),
        ("−3", Quantity(-3, "")),
        ("0", Quantity(0, "")),
        ("", None),
        ("fast", None),
        ("12 → 13", None),
        ("1.2.3", None),
        ("nan", None),
        ("inf", None),
        ("1e999", None),
        ("1" * 200, None),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, expected: Quantity | None) -> None:
    assert quantity(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("after (ms)", "ms"), ("吞吐（tok/s）", "tok/s"), ("x (a) [b]", "b"), ("plain", "")]
)
def test_a_unit_may_stand_in_parentheses(text: str, expected: str) -> None:
    assert unit_of(text) == expected


@pytest.mark.parametrize(
    "text", ["", " ", "-", "—", "N/A", "TBD", "…", "<number>", "{x}", "[fill in]", "____", "无", "待补充"]
)
def test_what_stands_for_an_answer_to_come_is_none(text: str) -> None:
    assert is_nothing(text)


@pytest.mark.parametrize("text", ["0", "none of them", "x", "无锡"])
def test_an_answer_is_one(text: str) -> None:
    assert not is_nothing(text)


def table(*rows: str, heading: str = "| metric | unit | before | after |") -> str:
    """Write a table of these rows."""
    return "\n".join(
        [heading, "|" + " --- |" * heading.count("| "), *rows, "", "Hardware: x", "Command: y", "Commit: 0123456"]
    )


def test_each_missing_part_is_named_in_the_order_of_the_columns() -> None:
    assert read("| before | after | metric |\n|-|-|-|\n| 1 | 2 | x |").missing == (
        Column.UNIT,
        Column.HARDWARE,
        Column.COMMAND,
        Column.COMMIT,
    )
    assert read(
        "| metric | before | after |\n|-|-|-|\n| x | 1 ms | 2 ms |\n\nHardware: a\n\nCommit: 0123456"
    ).missing == (Column.COMMAND,)


def test_a_description_without_a_table_claims_nothing_and_lacks_everything() -> None:
    claim = read("It is 20 % faster on my machine: 12 ms before, 10 ms after.")
    assert claim == Claim()
    assert claim.missing == tuple(Column)


@pytest.mark.parametrize(
    "body",
    [
        "<!--\n" + ENGLISH + "\n-->",
        "```\n" + ENGLISH + "\n```",
        "\n".join(f"> {line}" for line in ENGLISH.splitlines()),
        "\n".join(f"    {line}" for line in ENGLISH.splitlines()),
        ENGLISH.replace("12.5", "").replace("**11.0**", ""),
        ENGLISH.replace("12.5", "<before>").replace("**11.0**", "TBD"),
        "| metric | value |\n|-|-|\n| x | 3 |",
        "",
    ],
    ids=range(8),
)
def test_a_table_that_nobody_filled_in_or_that_is_only_quoted_is_none(body: str) -> None:
    assert read(body) == Claim()


@pytest.mark.parametrize(
    "row",
    ["| x | ms | 12 | |", "| x | ms | 12 | fast |", "| x | ms | 0 | 3 |", "| x | ms | -1 | 3 |", "| x | ms | 1 | nan |",
     "| x | | 1 ms | 2 s |", "| x | ms | 1 | 1e999 |"],
)  # fmt: skip
def test_a_row_whose_numbers_cannot_be_compared_is_named(row: str) -> None:
    claim = read(table("| good | ms | 2 | 1 |", row))
    assert [each.metric for each in claim.rows] == ["good"]
    assert claim.unreadable == ("x",)


def test_a_row_without_a_name_is_shown_as_a_question_mark() -> None:
    assert read(table("| | ms | 2 | 1 |")).unreadable == ("?",)


def test_several_tables_add_up_and_the_first_answer_counts() -> None:
    body = table("| a | ms | 2 | 1 |") + "\n\n" + table("| b | ms | 4 | 3 |").replace("Hardware: x", "Hardware: z")
    assert [(row.metric, row.hardware) for row in read(body).rows] == [("a", "x"), ("b", "x")]


def test_commits_of_both_sides_may_be_named_and_one_must_be_the_head() -> None:
    row = read(table("| a | ms | 2 | 1 |").replace("0123456", "fedcba9..`0123456`")).rows[0]
    assert row.commits == ("fedcba9", "0123456")
    assert row.is_of(HEAD)
    assert not row.is_of("f" * 40)


@pytest.mark.parametrize("commit", ["latest", "012345", "main", "PR head", "0123456g"])
def test_what_is_no_commit_is_missing(commit: str) -> None:
    assert read(table("| a | ms | 2 | 1 |").replace("0123456", commit)).missing == (Column.COMMIT,)


def test_an_answer_under_a_name_with_nothing_behind_it_counts_once() -> None:
    body = "Hardware:\n\n4 x A100\n\nanother line\n\n" + table("| a | ms | 2 | 1 |")
    assert read(body).rows[0].hardware == "4 x A100"


HOSTILE = {
    "quotes": ">" * 65_000,
    "pipes": "|" * 65_000,
    "lists": "- " * 30_000,
    "brackets": "| metric | before | after |\n|-|-|-|\n| " + "[" * 60_000,
    "stars": "| metric | before | after |\n|-|-|-|\n| " + "*_" * 30_000 + "| 1 | 2 |",
    "rows": "| metric | before | after |\n|-|-|-|\n" + "|a\n" * 16_000,
    "colons": "hardware:\n" * 6_500,
    "digits": "| metric | before | after |\n|-|-|-|\n| a | " + "1," * 30_000 + " | 2 |",
    "spaces": "| metric | before | after |\n|-|-|-|\n| a | " + "1 " * 30_000 + " | 2 |",
    "references": "[a]: x\n" * 9_000,
    "tags": "<" * 65_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_no_description_takes_long(body: str) -> None:
    with at_most(60):
        assert isinstance(read(body), Claim)


def test_no_more_rows_are_kept_than_anybody_reads() -> None:
    claim = read(table(*["| a | ms | 2 | 1 |"] * 1_000))
    assert len(claim.rows) == 200


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    assert isinstance(read(text), Claim)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r|"), max_size=20), min_size=4, max_size=4))
def test_any_cells_are_read_and_numbers_stay_positive(cells: list[str]) -> None:
    claim = read(table("| " + " | ".join(cells) + " |"))
    assert all(row.before > 0 and row.after > 0 for row in claim.rows)
    assert len(claim.rows) + len(claim.unreadable) <= 1
