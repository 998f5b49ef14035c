"""The workflow that runs the tensor-parallel suite: what it is asked, what it refuses, and what it hands over."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from bot import cli, resources
from bot.config import Config

BASE, CANDIDATE, NONCE = "b" * 40, "a" * 40, "0123456789abcdef"


def read(name: str) -> dict[str, Any]:
    """Return a workflow as GitHub reads it; YAML takes the key `on` for a truth."""
    found: dict[Any, Any] = yaml.safe_load(resources.workflow(name).read_text(encoding="utf-8"))
    return {"on" if key is True else key: value for key, value in found.items()}


CALLER, BODY = read("reeve-tensor-parallel.yml"), read("measure-tensor-parallel.yml")
MEASURE, POST = BODY["jobs"]["measure"], BODY["jobs"]["post"]


def script(words: str, job: dict[str, Any] = MEASURE) -> str:
    """Return what a step runs, by its name."""
    found: str = next(step["run"] for step in job["steps"] if words in step["name"])
    return found


def shell(words: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a step as a runner does."""
    more = {"RUNNER_TEMP": str(folder), "GITHUB_WORKSPACE": str(folder), "GITHUB_RUN_ID": "42", **environment}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script(words)]
    return subprocess.run(command, env=os.environ | more, capture_output=True, text=True, check=False)


def python(folder: Path, says: str) -> None:
    """Put a Python in place that writes down what it is asked, in one line of JSON."""
    program = folder / "python"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!{sys.executable}\nimport json, sys\nopen('{says}', 'a').write(json.dumps(sys.argv[1:]))\n")
    program.chmod(0o755)


# -- who may start it, and how it waits --------------------------------------------------------------------------------


def test_only_a_dispatch_on_the_default_branch_runs_it() -> None:
    assert list(CALLER["on"]) == ["workflow_dispatch"]
    assert CALLER["jobs"]["suite"]["if"] == "github.ref_name == github.event.repository.default_branch"


def test_a_release_that_waits_for_the_runner_is_never_cancelled() -> None:
    assert CALLER["concurrency"] == {"group": "reeve-tensor-parallel", "cancel-in-progress": False, "queue": "max"}


def test_the_run_is_found_by_its_nonce_and_so_is_what_it_hands_over() -> None:
    upload = MEASURE["steps"][-1]["with"]

    assert CALLER["run-name"] == "Tensor-parallel ${{ inputs.nonce }}"
    assert upload["name"] == "reeve-tensor-parallel.${{ inputs.nonce }}"
    assert Path(upload["path"]).name == "tensor-parallel.json"
    assert upload["if-no-files-found"] == "error"


def test_the_caller_passes_on_everything_that_it_is_asked() -> None:
    asked, passed = CALLER["on"]["workflow_dispatch"]["inputs"], CALLER["jobs"]["suite"]["with"]

    assert {name: passed[name] for name in asked} == {name: f"${{{{ inputs.{name} }}}}" for name in asked}
    assert set(passed) <= set(BODY["on"]["workflow_call"]["inputs"])
    assert asked["profile"]["default"] == Config().release.profile


def test_the_default_runner_is_an_ephemeral_one_of_ones_own() -> None:
    labels = json.loads(CALLER["on"]["workflow_dispatch"]["inputs"]["runner"]["default"])

    assert {"self-hosted", "gpu", "ephemeral"} <= set(labels)


# -- what the steps do -------------------------------------------------------------------------------------------------

GOOD = {"CANDIDATE": CANDIDATE, "BASE": BASE, "NONCE": NONCE, "SUITE": "", "SUITE_COMMIT": ""}


@pytest.mark.parametrize(
    ("change", "is_taken"),
    [
        ({}, True),
        ({"SUITE": "acme/reeve", "SUITE_COMMIT": "c" * 40}, True),
        ({"CANDIDATE": "main"}, False),
        ({"CANDIDATE": "a" * 39}, False),
        ({"BASE": "v1.0.0"}, False),
        ({"BASE": ""}, False),
        ({"NONCE": "../../etc"}, False),
        ({"NONCE": "short"}, False),
        ({"SUITE": "acme/reeve", "SUITE_COMMIT": "main"}, False),
    ],
)
def test_only_whole_hashes_are_checked_out(tmp_path: Path, change: dict[str, str], is_taken: bool) -> None:  # noqa: FBT001  a column of the table
    assert (shell("Refuse", tmp_path, **(GOOD | change)).returncode == 0) is is_taken


def test_each_side_is_checked_out_by_its_hash_and_installed_into_its_own_environment(tmp_path: Path) -> None:
    checkouts = {step["with"]["path"]: step["with"] for step in MEASURE["steps"] if "checkout" in step.get("uses", "")}
    for side in ("base", "head"):
        (tmp_path / side).mkdir()
    quick = tmp_path / "bin" / "python"  # it leaves pip out, which takes seconds
    quick.parent.mkdir()
    quick.write_text(f'#!/bin/sh\nexec {sys.executable} "$@" --without-pip\n')
    quick.chmod(0o755)

    done = shell(
        "Install both",
        tmp_path,
        PATH=f"{quick.parent}:{os.environ['PATH']}",
        RUNNER_TEMP=str(tmp_path / "venvs"),
        INSTALL="python -c 'import sys; print(sys.prefix)' > where",
    )

    assert (checkouts["head"]["ref"], checkouts["base"]["ref"]) == ("${{ inputs.candidate }}", "${{ inputs.base }}")
    assert not any(each["persist-credentials"] for each in checkouts.values())
    assert done.returncode == 0, done.stderr
    for side in ("base", "head"):
        assert (tmp_path / side / "where").read_text().strip() == str(tmp_path / "venvs" / side)


@pytest.mark.parametrize(
    ("pairs", "tp", "launches", "worlds"), [("", "", 0, ""), ("12", "1,2,4,8", 12, "1,2,4,8")], ids=["", "more"]
)
def test_the_suite_is_led_by_the_base_and_asked_in_words_that_it_knows(
    tmp_path: Path, pairs: str, tp: str, launches: int, worlds: str
) -> None:
    python(tmp_path / "base" / "bin", str(tmp_path / "asked"))

    asked = {"CANDIDATE": CANDIDATE, "BASE": BASE, "NONCE": NONCE, "PROFILE": "release", "ENGINE": "acme.engine:Engine"}
    done = shell("take turns", tmp_path, **asked, PAIRS=pairs, TP=tp)

    assert done.returncode == 0, done.stderr
    module, name, bench, run, *options = json.loads((tmp_path / "asked").read_text())
    assert (module, name, bench, run) == ("-m", "bot", "bench", "run")
    command = typer.main.get_command(cli.app)
    for word in (bench, run):
        command = command.commands[word]  # type: ignore[attr-defined]
    understood = command.make_context("run", options).params
    assert (
        understood
        | {
            "head": CANDIDATE,
            "base": BASE,
            "nonce": NONCE,
            "run_id": "42",
            "profile": "release",
            "engine": "acme.engine:Engine",
            "head_python": str(tmp_path / "head" / "bin" / "python"),
            "base_python": str(tmp_path / "base" / "bin" / "python"),
            "pairs": launches,
            "tp": worlds,
        }
        == understood
    )


def test_the_job_that_runs_the_code_cannot_say_that_it_is_the_workflow() -> None:
    assert MEASURE["permissions"] == {"contents": "read"}
    assert POST["permissions"] == {"id-token": "write"}
    assert POST["needs"] == "measure"
    assert not any("checkout" in step.get("uses", "") for step in POST["steps"])


def test_a_result_is_posted_with_a_token_for_reeve_and_nobody_else(tmp_path: Path) -> None:
    curl = tmp_path / "bin" / "curl"
    curl.parent.mkdir()
    curl.write_text('#!/bin/sh\nprintf "%s\\n" "$@" -- >> "$TOLD"\necho \'{"value": "a.b.c"}\'\n')
    curl.chmod(0o755)
    told, address = tmp_path / "told", "https://reeve.example.org/"
    environment = os.environ | {
        "PATH": f"{curl.parent}:{os.environ['PATH']}", "TOLD": str(told), "ADDRESS": address,
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t", "ACTIONS_ID_TOKEN_REQUEST_URL": "https://ids.example.org/?a=1",
    }  # fmt: skip

    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script("Post it", POST)]
    subprocess.run(command, env=environment, check=True, capture_output=True)

    token, post, _ = told.read_text().split("--\n")
    assert "audience=https://reeve.example.org" in token.splitlines()
    assert post.splitlines()[-1] == "https://reeve.example.org/evidence/tensor-parallel"
    assert "Authorization: Bearer a.b.c" in post.splitlines()
