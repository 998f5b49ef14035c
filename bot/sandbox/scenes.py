"""The demo: a day at acme/model in a minute, told line by line while Reeve does its work for all to see."""

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.config import FILE
from bot.sandbox import release_scene
from bot.sandbox.stage import MAINTAINER
from bot.sandbox.state import Issue
from bot.sandbox.world import World

Say = Callable[[str], None]
REPOSITORY = "acme/model"
TYPES = ("Bug", "Feature", "Documentation")
KINDS = {"bug", "enhancement", "documentation", "needs-triage"}
FORM = """\
name: 错误报告 / Bug report
description: Tell us what went wrong
body:
  - type: textarea
    id: bug
    attributes: {label: Describe the bug}
  - type: textarea
    id: steps
    attributes: {label: Steps to reproduce}
  - type: textarea
    id: expected
    attributes: {label: Expected behavior}
"""
GOOD, MISTAKEN, MENDED = "version: 1\n", "version: 1\nsla:\n  bugs: 12h\n", "version: 1\nsla:\n  bug: 12h\n"
FILES = {
    FILE: GOOD,
    ".github/ISSUE_TEMPLATE/bug.yml": FORM,
    "README.md": "# A model\n",
}


@dataclass(slots=True)
class Scene:
    """One play: what was expected so far and whether it was seen."""

    world: World
    say: Say
    patience: float
    numbers: list[int] = field(default_factory=list)
    went_well: bool = True

    def expect(self, what: str, claim: Callable[[], bool]) -> None:
        """Wait until the claim is true, and tell whether it became so in time."""
        is_so = self.world.wait_for(claim, timeout=self.patience)
        self.say(f"  {'✓' if is_so else '✗ not seen:'} {what}")
        self.went_well = self.went_well and is_so

    def issue(
        self,
        title: str,
        *,
        author: str,
        label: str,
        body: str | None = None,
        form: str | None = None,
        answers: dict[str, str] | None = None,
    ) -> int:
        """Have somebody open an issue; Reeve is to label it and to say so once."""
        self.say(f"{author} opens{' with the form' if form else ''}: {title}")
        number = self.world.open_issue(title, author=author, body=body, form=form, answers=answers)
        self.numbers.append(number)
        self.expect_kind(number, label)
        return number

    def expect_kind(self, number: int, label: str) -> None:
        """Wait for exactly this label of Reeve's on the issue, and for its one comment."""
        self.expect(f"#{number} carries the label {label}", lambda: self.world.labels(number) & KINDS == {label})
        self.expect(f"#{number} has one comment of Reeve's", lambda: len(self.world.bot_comments(number)) == 1)
        self.say(f"    “{headline((self.world.bot_comments(number) or [''])[0])}”")


def play(world: World, say: Say, *, patience: float = 60.0) -> bool:
    """Play the scene before a Reeve that receives the world's webhooks; return whether all that was expected was seen.

    Nothing waits a fixed time: each step looks for its effect, `patience` seconds at most.
    """
    scene = Scene(world, say, patience)
    _stage(scene)
    _issues_arrive(scene)
    _a_maintainer_decides(scene)
    _github_fails(scene)
    _a_delivery_comes_twice(scene)
    _all_is_said_once(scene)
    _people_give_commands(scene)
    _the_policy_gets_a_mistake(scene)
    release_scene.play(scene)
    return scene.went_well


def headline(comment: str) -> str:
    """Return the first line of a comment that a reader sees: no hidden marker, no emphasis."""
    return next(iter(visible(comment)), "")


def visible(comment: str) -> list[str]:
    """Return the lines of a comment that hold something to read."""
    lines = (line.replace("**", "").strip("# ") for line in comment.splitlines() if not line.startswith("<!--"))
    return [line for line in lines if line]


def _stage(scene: Scene) -> None:
    scene.say(f"{MAINTAINER} installs Reeve on {REPOSITORY}, which has an empty policy: every default holds.")
    repository = scene.world.create_repository(REPOSITORY, issue_types=TYPES, files=FILES)
    scene.world.install(repository)


def _issues_arrive(scene: Scene) -> None:
    scene.say("Issues arrive, each by a signed webhook, in the languages their authors speak.")
    scene.issue("[Bug] Crash when loading a sharded checkpoint", author="ada", label="bug")
    scene.issue("【功能请求】支持行并行的线性层", author="xiaoming", label="enhancement", body="希望支持张量并行。")
    scene.issue("[Docs] The quick start misses a step", author="grace", label="documentation")
    answers = {"bug": "两张卡时输出全零", "steps": "1. 加载模型\n2. 运行", "expected": "输出与单卡一致"}
    scene.issue("两张卡结果不对", author="lihua", label="bug", form="bug.yml", answers=answers)


def _a_maintainer_decides(scene: Scene) -> None:
    scene.say("One issue says nothing of its kind, so Reeve asks instead of guessing.")
    number = scene.issue("Hello, it does not work for me", author="linus", label="needs-triage")
    before = scene.world.bot_comments(number)
    scene.say(f"{MAINTAINER} decides: #{number} is a bug.")
    scene.world.add_label(number, "bug", by=MAINTAINER)
    scene.expect("Reeve says the new verdict in the same comment", lambda: scene.world.bot_comments(number) != before)
    scene.expect_kind(number, "bug")


def _github_fails(scene: Scene) -> None:
    scene.say("GitHub has a bad moment: it answers 502 to the next three requests.")
    failed = len(_failures(scene.world))
    scene.world.faults.fail(3, status=502, path="/repos/*")
    scene.issue("[Bug] Out of memory at batch size 1", author="ada", label="bug")
    scene.expect("the failures were met and survived", lambda: len(_failures(scene.world)) == failed + 3)


def _a_delivery_comes_twice(scene: Scene) -> None:
    scene.say("A delivery comes twice, and an old one is sent once more.")
    world = scene.world
    world.faults.webhooks.double(event="issues")
    number = scene.issue("[Feature] Column-parallel embeddings", author="grace", label="enhancement")
    opened = next(each for each in reversed(world.deliveries) if each.event == "issues")
    world.redeliver(opened.guid)
    world.flush_deliveries()
    sent = [each for each in world.deliveries if each.payload.get("issue", {}).get("number") == number]
    twice = [each for each in sent if each.action == "opened"]
    scene.expect("both copies were accepted", lambda: [each.status_code // 100 for each in twice] == [2, 2])


def _all_is_said_once(scene: Scene) -> None:
    count = len(scene.numbers)
    once = f"{count} issues, {count} comments: nothing lost, nothing said twice"
    scene.expect(once, lambda: all(len(scene.world.bot_comments(number)) == 1 for number in scene.numbers))


def _people_give_commands(scene: Scene) -> None:
    number, world = scene.numbers[0], scene.world
    scene.say("People ask for things in comments; their role is looked up at that moment.")
    scene.say(f"mallory, an outsider, writes under #{number}: /kind feature")
    refused = world.comment(number, "/kind feature", by="mallory")
    scene.expect("refused, with a thumb down", lambda: _signs(scene, number, refused)[-1:] == ["-1"])
    scene.expect("the reason is told", lambda: len(_answers(scene, number)) == 1)
    for line in visible((_answers(scene, number) or [""])[0]):
        scene.say(f"    “{line}”")
    scene.expect(f"#{number} still carries the label bug", lambda: world.labels(number) & KINDS == {"bug"})
    scene.say(f"{MAINTAINER} writes under #{number}: /kind docs")
    obeyed = world.comment(number, "/kind docs", by=MAINTAINER)
    scene.expect("obeyed, with a thumb up and no words", lambda: _signs(scene, number, obeyed)[-1:] == ["+1"])
    label = "documentation"
    scene.expect(f"#{number} carries the label {label}", lambda: world.labels(number) & KINDS == {label})
    scene.expect("Reeve keeps to it in its one comment", lambda: "documentation" in headline(_kept(scene, number)))
    scene.say(f"    “{headline(_kept(scene, number))}”")


def _the_policy_gets_a_mistake(scene: Scene) -> None:
    world = scene.world
    scene.say(f"{MAINTAINER} proposes a new {FILE}, with a slip of the pen.")
    pull = world.open_pull_request("Answer bugs sooner", head="sooner", files={FILE: MISTAKEN}, author=MAINTAINER)
    scene.expect(f"the check of #{pull} fails, on the line of the mistake", lambda: bool(_remarks(scene, pull)))
    for remark in _remarks(scene, pull):
        scene.say(f"    {remark}")
    scene.say(f"{MAINTAINER} pushes it to the default branch all the same.")
    world.push_file(FILE, MISTAKEN)
    scene.expect("Reeve opens one issue about it", lambda: len(_reports(scene)) == 1)
    for report in _reports(scene):
        scene.say(f"    “{report.title}”")
    number = scene.issue("[Bug] Wrong logits under tensor parallelism", author="ada", label="bug")
    scene.expect("the last good policy stays in force: 24 hours", lambda: "24 hours" in _kept(scene, number))
    scene.say(f"{MAINTAINER} mends it.")
    world.push_file(FILE, MENDED)
    scene.expect("Reeve closes its issue", lambda: [each.state for each in _reports(scene)] == ["closed"])
    number = scene.issue("[Bug] The scheduler hangs at step 0", author="grace", label="bug")
    scene.expect("the new policy is in force: 12 hours", lambda: "12 hours" in _kept(scene, number))


def _remarks(scene: Scene, pull: int) -> list[str]:
    """Return what failed checks of a pull request's head say of its lines."""
    failed = (run for run in scene.world.checks(scene.world.pull(pull).head_sha) if run.conclusion == "failure")
    return [str(each["message"]) for run in failed for each in run.annotations]


def _reports(scene: Scene) -> list[Issue]:
    """Return the issues that Reeve itself opened."""
    issues = scene.world.repository().issues.values()
    return [each for each in issues if each.pull is None and each.author.login == scene.world.bot_login]


def _signs(scene: Scene, number: int, comment: int) -> list[str]:
    """Return Reeve's reactions to a comment."""
    reactions = scene.world.reactions(number, comment=comment)
    return [content for login, content in reactions if login == scene.world.bot_login]


def _answers(scene: Scene, number: int) -> list[str]:
    """Return what Reeve answered to commands."""
    return [text for text in scene.world.bot_comments(number) if "key=answer-" in text]


def _kept(scene: Scene, number: int) -> str:
    """Return the one comment that Reeve keeps up to date."""
    return next((text for text in scene.world.bot_comments(number) if "key=answer-" not in text), "")


def _failures(world: World) -> list[int]:
    return [request.status for request in world.requests if request.status == 502]
