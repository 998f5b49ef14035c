"""Our own repository keeps Reeve's rules: each of its files is loaded with our own code."""

import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from benchmarks import own
from bot.config import FILE, Config, parse
from bot.gating.parts import Gate
from bot.model.kinds import Kind
from bot.policies import language
from bot.policies.benchmark.comparison import compare
from bot.policies.triage.forms import recognise
from bot.reports import samples
from bot.sandbox.forms import fill, read_form

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / ".github"
FORMS = {
    "bug.yml": (Kind.BUG, "en"),
    "bug-zh-CN.yml": (Kind.BUG, "zh-CN"),
    "feature.yml": (Kind.FEATURE, "en"),
    "feature-zh-CN.yml": (Kind.FEATURE, "zh-CN"),
    "docs.yml": (Kind.DOCS, "en"),
    "docs-zh-CN.yml": (Kind.DOCS, "zh-CN"),
}
ANSWER = {"en": "It stops after the second request.", "zh-CN": "第二个请求之后就停止了。"}
WORKFLOWS = sorted((HOUSE / "workflows").glob("*.yml"))


def read(*parts: str) -> str:
    """Return a file of the house."""
    return HOUSE.joinpath(*parts).read_text(encoding="utf-8")


def test_our_own_policy_file_is_good_and_promises_no_less_than_the_defaults() -> None:
    config, default = parse((ROOT / FILE).read_text(encoding="utf-8")), Config()

    assert config.sla == default.sla
    assert config.coverage.minimum >= default.coverage.minimum


def test_there_is_a_form_for_each_kind_in_both_languages_and_nothing_else() -> None:
    assert {path.name for path in (HOUSE / "ISSUE_TEMPLATE").iterdir()} == {*FORMS, "config.yml"}
    assert {*FORMS.values()} == {(kind, spoken) for kind in Kind for spoken in ANSWER}


@pytest.mark.parametrize("name", FORMS)
def test_our_own_triage_recognises_the_form_and_the_language_of_its_answers(name: str) -> None:
    kind, spoken = FORMS[name]
    form = read_form(read("ISSUE_TEMPLATE", name))
    filled = fill(form, title="", answers={question["id"]: ANSWER[spoken] for question in form.questions})

    found = recognise(filled.body)

    assert found
    assert found[0] is kind
    assert language.detect("", filled.body) == spoken


@pytest.mark.parametrize("name", FORMS)
def test_a_form_half_filled_in_is_recognised_too_and_sets_no_label_by_itself(name: str) -> None:
    filled = fill(read_form(read("ISSUE_TEMPLATE", name)), title="x", answers={})

    found = recognise(filled.body)
    assert found
    assert found[0] is FORMS[name][0]
    assert (filled.title, filled.labels, filled.type) == ("x", (), None)


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_as_github_wants_it(name: str) -> None:
    """See https://docs.github.com/communities/using-templates-to-encourage-useful-issues-and-pull-requests ."""
    form = yaml.safe_load(read("ISSUE_TEMPLATE", name))

    assert set(form) == {"name", "description", "body"}
    ids = [element["id"] for element in form["body"] if element["type"] != "markdown"]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z_-]+", each) for each in ids)
    assert {element["type"] for element in form["body"]} == {"markdown", "textarea"}
    assert all(len(form[key]) > 3 and isinstance(form[key], str) for key in ("name", "description"))


def test_both_languages_ask_the_same_questions() -> None:
    for english, chinese in pairwise(FORMS):
        if chinese == english.replace(".yml", "-zh-CN.yml"):
            asked = [
                [
                    (each["id"], each["type"], each.get("validations"))
                    for each in read_form(read("ISSUE_TEMPLATE", name)).questions
                ]
                for name in (english, chinese)
            ]
            assert asked[0] == asked[1]


def test_issues_without_a_form_stay_possible_for_reeve_asks_about_them() -> None:
    assert yaml.safe_load(read("ISSUE_TEMPLATE", "config.yml")) == {"blank_issues_enabled": True}


def test_a_pull_request_is_asked_for_a_whole_benchmark() -> None:
    row = re.search(r"^\| metric .*$", read("PULL_REQUEST_TEMPLATE.md"), re.MULTILINE)

    assert row
    columns = [cell.strip() for cell in row[0].strip("|").split("|")]
    assert columns == ["metric", "unit", "before", "after", "hardware", "command", "commit"]


def test_every_path_has_an_owner_and_every_owned_path_exists() -> None:
    rules = [line.split() for line in read("CODEOWNERS").splitlines() if line and not line.startswith("#")]

    assert rules[0][0] == "*"
    assert all(re.fullmatch(r"@[\w-]+(/[\w-]+)?", owner) for _, *owners in rules for owner in owners)
    assert [pattern for pattern, *_ in rules if not list(ROOT.glob(pattern.strip("/")))] == []


def test_the_code_of_conduct_speaks_both_languages() -> None:
    page = read("CODE_OF_CONDUCT.md")

    assert "How we treat each other" in page
    assert "相处之道" in page


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_its_whole_sha_and_grants_are_made_job_by_job(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    used = re.findall(r"uses: (.*)$", text, re.MULTILINE)
    assert used
    others = [each for each in used if not each.startswith("./")]
    assert [each for each in others if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each)] == []
    assert yaml.safe_load(text)["permissions"] == {}


def test_the_coverage_is_handed_over_as_json_and_lcov() -> None:
    steps = yaml.safe_load(read("workflows", "ci.yml"))["jobs"]["test"]["steps"]

    upload = next(step["with"] for step in steps if "upload-artifact" in step.get("uses", ""))
    tested = next(step["env"]["PYTEST_ADDOPTS"] for step in steps if step["name"] == "Test")
    assert upload["path"].split() == ["coverage.json", "coverage.lcov"]
    assert upload["if-no-files-found"] == "error"
    assert all(f":{name}" in tested for name in upload["path"].split())


def test_our_own_gates_take_what_our_own_workflows_hand_over() -> None:
    for gate in Gate:
        assert f".github/workflows/reeve-{gate}.yml" in gate.workflows
        jobs = yaml.safe_load(read("workflows", f"reeve-{gate}.yml"))["jobs"]
        assert [job["uses"] for job in jobs.values()] == [f"./.github/workflows/measure-{gate}.yml"]
    command = next(iter(yaml.safe_load(read("workflows", "reeve-benchmark.yml"))["jobs"].values()))["with"]["command"]
    assert command == f'python -m {own.__name__} "$REEVE_REPORT"'


def test_our_own_performance_data_is_read_and_judged_by_our_own_gate() -> None:
    build = {"dirty": False, "environment": {"machine": "runner-1"}}
    turns = [("base", "head") if pair % 2 == 0 else ("head", "base") for pair in range(6)]
    document = {
        "schema": "reeve.samples/1",
        "base": {"commit": "b" * 40, **build},
        "head": {"commit": "a" * 40, **build},
        "launches": [{"side": side, "report": own.report(samples=3, length=0.0001)} for turn in turns for side in turn],
    }

    found = compare(samples.parse(json.dumps(document).encode(), name="benchmark.json"), Config().benchmark)

    assert (found.faults, found.mismatches) == ((), ())
    assert {each.metric.name for each in found.metrics} == set(own.WORK)
    assert {each.judgement.pairs for each in found.metrics} == {6}


def test_zizmor_finds_nothing_in_our_workflows() -> None:
    zizmor = Path(sys.executable).parent / "zizmor"

    done = subprocess.run(
        [zizmor, "--offline", "--persona", "pedantic", HOUSE / "workflows"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
