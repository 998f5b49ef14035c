"""What a release needs done, against the sandbox: nothing twice, nothing moved, nothing made by accident."""

from collections.abc import Callable

import pytest

from bot.github.forge import GitHub
from bot.model.effects import AnswerDeployment, CreateTag, Dispatch, Effect, PublishRelease
from bot.model.errors import GitHubDown, Refused
from bot.model.forge import Attempt, Receipt
from bot.model.subjects import Repository, Subject
from bot.sandbox.published import Answer
from tests.github.desk import AGAIN, FIRST, Desk
from tests.github.little_server import LittleServer, Reply

FILE = "gpu.yml"
PATH = f".github/workflows/{FILE}"
GPU = "run-name: Suite ${{ inputs.nonce }}\non: {workflow_dispatch: {inputs: {nonce: {required: true}}}}\njobs: {}\n"


def tip(desk: Desk) -> str:
    return desk.world.repository().branches["main"]


def started(desk: Desk, nonce: str = "n0nce") -> Dispatch:
    if PATH not in desk.world.repository().commits[tip(desk)].files:
        desk.world.push_file(PATH, GPU)
    return Dispatch(desk.subject(0), FILE, "main", nonce, (("nonce", nonce),))


def tagged(desk: Desk) -> CreateTag:
    return CreateTag(desk.subject(0), "v1.1.0", tip(desk))


def published(desk: Desk) -> PublishRelease:
    if "v1.1.0" not in desk.world.tags():
        desk.world.create_tag("v1.1.0", tip(desk))
    return PublishRelease(desk.subject(0), "v1.1.0", "Model 1.1.0", "Notes")


def answered(desk: Desk) -> AnswerDeployment:
    asked = desk.world.ask_to_deploy("pypi", sha=tip(desk))
    return AnswerDeployment(desk.subject(0), asked.run.id, "pypi", "approved", "The suite passed.")


def written(desk: Desk) -> tuple[int, int, int, int]:
    """Count the runs that were started, the tags, the releases and the answers."""
    world = desk.world
    return len(world.dispatches()), len(world.tags()), len(world.releases()), len(world.deployment_answers())


def test_a_workflow_is_started_and_its_run_known_at_once(desk: Desk) -> None:
    effect = started(desk)

    receipt = desk.apply(effect)

    (run,) = desk.world.dispatches()
    assert (receipt.remote_id, receipt.was_needed) == (run.id, True)
    assert (run.path, run.inputs) == (PATH, {"nonce": "n0nce"})
    assert desk.asked() == [f"POST /repos/acme/model/actions/workflows/{FILE}/dispatches"]
    desk.check_exchanges()


def test_on_a_server_that_does_not_tell_the_run_is_found_by_its_nonce(desk: Desk) -> None:
    desk.world.hide_run_details()
    others = [desk.apply(started(desk, nonce)).remote_id for nonce in ("a", "b")]

    assert others == [run.id for run in desk.world.dispatches()]
    desk.check_exchanges()


def test_a_run_that_cannot_be_found_yet_has_no_number(desk: Desk) -> None:
    desk.world.hide_run_details()
    desk.world.push_file(PATH, GPU.replace("${{ inputs.nonce }}", ""))

    receipt = desk.apply(Dispatch(desk.subject(0), FILE, "main", "n0nce", (("nonce", "n0nce"),)))

    assert (receipt.remote_id, receipt.was_needed) == (None, True)


@pytest.mark.parametrize("drops", [1, 2])
@pytest.mark.parametrize("wish", [started, tagged, published, answered])
def test_an_answer_that_is_lost_after_the_write_doubles_nothing(
    desk: Desk, wish: Callable[[Desk], Effect], drops: int
) -> None:
    effect, before = wish(desk), written(desk)
    desk.world.faults.drop_answers(drops)

    desk.insist(effect)
    after = written(desk)
    desk.apply(effect, AGAIN)

    assert sum(after) == sum(before) + 1
    assert written(desk) == after
    desk.check_exchanges()


def test_a_run_found_after_a_lost_answer_is_the_one_that_was_started_first(desk: Desk) -> None:
    effect = started(desk)
    first = desk.apply(effect).remote_id
    desk.apply(effect)  # somebody read the nonce in the list of runs and used it again

    assert desk.apply(effect, AGAIN).remote_id == first
    assert len(desk.world.dispatches()) == 2


def test_a_tag_is_made_at_its_commit(desk: Desk) -> None:
    effect = tagged(desk)

    receipt = desk.apply(effect)

    assert (receipt.was_needed, receipt.is_overtaken, desk.world.tags()) == (True, False, {"v1.1.0": effect.sha})
    desk.check_exchanges()


@pytest.mark.parametrize("message", [None, "Model 1.1.0"], ids=["plain", "annotated"])
@pytest.mark.parametrize("is_elsewhere", [False, True])
def test_a_tag_that_stands_is_left_where_it_is(desk: Desk, message: str | None, is_elsewhere: bool) -> None:  # noqa: FBT001
    there = tip(desk)
    desk.world.create_tag("v1.1.0", there, message=message)
    if is_elsewhere:
        desk.world.push_file("a.py", "a = 2\n")

    receipt = desk.apply(tagged(desk))

    assert (receipt.was_needed, receipt.is_overtaken) == (False, is_elsewhere)
    assert desk.world.tags() == {"v1.1.0": there}
    desk.check_exchanges()


def test_a_tag_at_a_commit_that_is_not_there_is_refused(desk: Desk) -> None:
    with pytest.raises(Refused, match="does not exist"):
        desk.apply(CreateTag(desk.subject(0), "v1.1.0", "0" * 40))


def test_a_release_is_published_for_a_tag_that_is_there(desk: Desk) -> None:
    receipt = desk.apply(published(desk))

    (made,) = desk.world.releases()
    assert (receipt.remote_id, made.name, made.body, made.draft) == (made.id, "Model 1.1.0", "Notes", False)
    desk.check_exchanges()


def test_a_release_that_people_deleted_is_published_once_more(desk: Desk) -> None:
    effect = published(desk)
    desk.apply(effect)
    desk.world.repository().published.releases.clear()

    receipt = desk.apply(effect, Attempt(remote_id=1))

    assert (receipt.was_needed, len(desk.world.releases())) == (True, 1)


@pytest.mark.parametrize("tag", ["v1.1.0", "../releases", "v 1"])
def test_a_release_never_makes_its_tag(desk: Desk, tag: str) -> None:
    with pytest.raises(Refused, match="must not make one"):
        desk.apply(PublishRelease(desk.subject(0), tag, "title", "body"))

    assert written(desk) == (0, 0, 0, 0)


def test_a_release_that_people_published_stays_as_it_is(desk: Desk) -> None:
    effect = published(desk)
    theirs = desk.world.publish_release("v1.1.0", body="By hand")

    receipt = desk.apply(effect)

    assert (receipt.remote_id, receipt.was_needed) == (theirs.id, False)
    assert [each.body for each in desk.world.releases()] == ["By hand"]


def test_notes_that_are_too_long_are_cut(desk: Desk) -> None:
    effect = published(desk)

    desk.apply(PublishRelease(effect.subject, effect.tag, effect.title, "é" * 70_000))

    assert len(desk.world.releases()[0].body.encode()) == 125_000


@pytest.mark.parametrize("state", ["approved", "rejected"])
def test_a_deployment_is_answered_once(desk: Desk, state: str) -> None:
    effect = answered(desk)
    said = AnswerDeployment(effect.subject, effect.run_id, "pypi", state, "Why " * 400)  # type: ignore[arg-type]

    assert [desk.apply(said).was_needed, desk.apply(said).was_needed] == [True, False]
    assert desk.world.deployment_answers() == [Answer(effect.run_id, "pypi", state, ("Why " * 400)[:1024])]  # type: ignore[arg-type]
    desk.check_exchanges()


def test_a_run_that_begins_again_and_asks_again_is_answered_again(desk: Desk) -> None:
    asked = desk.world.ask_to_deploy("pypi", sha=tip(desk))
    effect = AnswerDeployment(desk.subject(0), asked.run.id, "pypi", "rejected", "Not yet.")
    desk.apply(effect)
    desk.world.rerun_workflow(asked.run)
    desk.world.ask_to_deploy("pypi", sha=tip(desk), run=asked.run)

    assert desk.apply(effect).was_needed
    assert [each.state for each in desk.world.deployment_answers()] == ["rejected", "rejected"]


def test_each_write_has_a_token_that_can_do_no_more(desk: Desk) -> None:
    for wish in (started, tagged, published, answered):
        desk.apply(wish(desk))

    mints = [each.request.body for each in desk.recording.answers if each.request.path.endswith("/access_tokens")]
    given = [body["permissions"] for body in mints if isinstance(body, dict)]
    assert given == [
        {"actions": "write", "metadata": "read"},
        {"contents": "write", "metadata": "read", "workflows": "write"},
        {"contents": "read", "issues": "write", "metadata": "read", "pull_requests": "write"},
        {"actions": "read", "deployments": "write", "metadata": "read"},
    ]


REPO = "/repos/acme/model"
EXISTS = Reply(422, {"message": "Reference already exists"})
TAG = CreateTag(Subject(1296269, 0), "v1.1.0", "c" * 40)
RELEASE = PublishRelease(Subject(1296269, 0), "v1.1.0", "title", "body")


def pointer(kind: str, sign: str) -> Reply:
    return Reply(200, {"object": {"type": kind, "sha": sign * 40}})


@pytest.mark.parametrize(
    ("steps", "is_overtaken"), [(["tag", "tag", "commit"], False), (["tag", "tree"], True), (["tag"] * 8, True)]
)
def test_a_tag_of_a_tag_is_followed_to_its_commit_and_not_for_ever(
    github: GitHub, server: LittleServer, repository: Repository, steps: list[str], *, is_overtaken: bool
) -> None:
    server.will_say(f"POST {REPO}/git/refs", EXISTS)
    server.will_say(f"GET {REPO}/git/ref/tags/v1.1.0", pointer(steps[0], "c"))
    server.will_say(f"GET {REPO}/git/tags/{'c' * 40}", *(pointer(kind, "c") for kind in steps[1:]))

    assert github.installation(77).apply(repository, TAG, FIRST) == Receipt(None, False, is_overtaken)  # noqa: FBT003
    assert len(server.asked) < 12


def test_a_tag_that_is_there_and_is_not_is_tried_again_later(
    github: GitHub, server: LittleServer, repository: Repository
) -> None:
    server.will_say(f"POST {REPO}/git/refs", EXISTS)

    with pytest.raises(GitHubDown, match="is there and is not"):
        github.installation(77).apply(repository, TAG, FIRST)


@pytest.mark.parametrize(
    ("error", "is_there"), [({"code": "already_exists"}, True), ({"code": "custom", "message": "Rule"}, False)]
)
def test_a_release_that_somebody_publishes_at_the_same_moment_is_enough(
    github: GitHub, server: LittleServer, repository: Repository, error: dict[str, str], *, is_there: bool
) -> None:
    found = Reply(200, {"id": 5, "tag_name": "v1.1.0"})
    server.will_say(f"GET {REPO}/releases/tags/v1.1.0", Reply(404), found)
    server.will_say(f"GET {REPO}/git/ref/tags/v1.1.0", pointer("commit", "c"))
    server.will_say(f"POST {REPO}/releases", Reply(422, {"message": "Validation Failed", "errors": [error]}))

    if is_there:
        assert github.installation(77).apply(repository, RELEASE, FIRST) == Receipt(5, was_needed=False)
    else:
        with pytest.raises(Refused, match="Validation Failed"):
            github.installation(77).apply(repository, RELEASE, FIRST)


def test_an_effect_whose_number_is_known_is_not_asked_about(
    github: GitHub, server: LittleServer, repository: Repository
) -> None:
    effect = Dispatch(Subject(1296269, 0), FILE, "main", "n0nce")

    assert github.installation(77).apply(repository, effect, Attempt(remote_id=8)) == Receipt(8, was_needed=False)
    assert server.asked == []
