"""Effects as requests: as few as possible, and the same end state however often they are tried."""

import pytest

from bot.github.effects import MAX_BODY, marker
from bot.github.forge import GitHub, GitHubForge
from bot.model.effects import File, OpenPull, SetLabels, StickyComment
from bot.model.errors import Gone, Refused
from bot.model.forge import Attempt, Receipt
from bot.model.subjects import Repository, Subject
from tests.github.conftest import APP_ID, MINT
from tests.github.little_server import LittleServer, Reply

SEVEN = Subject(1296269, 7)
ISSUE = "/repos/acme/model/issues/7"
COMMENTS = f"{ISSUE}/comments"
COMMENT = "/repos/acme/model/issues/comments"
MARKED = f"All is well\n\n{marker('status')}"
FIRST = Attempt()
AGAIN = Attempt(may_have_happened=True)


@pytest.fixture
def forge(github: GitHub, server: LittleServer) -> GitHubForge:
    server.will_say(f"PATCH {ISSUE}", Reply(200, {"number": 7}))
    server.will_say(f"POST {ISSUE}/labels", Reply(200, []))
    server.will_say(f"POST {COMMENTS}", Reply(201, {"id": 50}))
    return github.installation(77)


def writes(server: LittleServer) -> list[tuple[str, object]]:
    return [(f"{a.verb} {a.path}", a.body) for a in server.asked if a.verb != "GET" and f"{a.verb} {a.path}" != MINT]


def ours(comment_id: int, body: str = MARKED, app_id: int | None = APP_ID) -> dict[str, object]:
    app = None if app_id is None else {"id": app_id}
    return {"id": comment_id, "body": body, "performed_via_github_app": app}


def test_labels_and_type_are_one_request(forge: GitHubForge, server: LittleServer, repository: Repository) -> None:
    effect = SetLabels(SEVEN, add=("bug",), remove=("triage",), type="Bug", current=("triage", "p1"))

    receipt = forge.apply(repository, effect, FIRST)

    assert receipt == Receipt(None, was_needed=True)
    assert writes(server) == [(f"PATCH {ISSUE}", {"labels": ["bug", "p1"], "type": "Bug"})]
    assert server.names() == [MINT, f"PATCH {ISSUE}"]


@pytest.mark.parametrize(
    ("add", "remove", "current", "wanted"),
    [
        (("bug",), (), ("Bug",), ["Bug"]),
        (("bug", "BUG"), (), (), ["BUG"]),
        (("b",), ("A",), ("a", "c"), ["b", "c"]),
        ((), ("a",), ("a",), []),
        (("a",), ("a",), ("a",), ["a"]),
    ],
)
def test_label_names_differ_by_more_than_case(
    forge: GitHubForge, server: LittleServer, repository: Repository,
    add: tuple[str, ...], remove: tuple[str, ...], current: tuple[str, ...], wanted: list[str],
) -> None:  # fmt: skip
    forge.apply(repository, SetLabels(SEVEN, add, remove, type="Bug", current=current), FIRST)

    assert writes(server) == [(f"PATCH {ISSUE}", {"labels": wanted, "type": "Bug"})]


def test_a_second_try_leaves_the_labels_alone_that_others_set_meanwhile(
    forge: GitHubForge, server: LittleServer, repository: Repository
) -> None:
    forge.apply(repository, SetLabels(SEVEN, add=("bug",), type="Bug", current=("old",)), AGAIN)

    assert writes(server) == [(f"POST {ISSUE}/labels", {"labels": ["bug"]}), (f"PATCH {ISSUE}", {"type": "Bug"})]


def test_without_a_type_labels_are_added_and_removed_by_name(
    forge: GitHubForge, server: LittleServer, repository: Repository
) -> None:
    server.will_say(f"DELETE {ISSUE}/labels/needs%20%2F%20triage", Reply(200, []))

    forge.apply(repository, SetLabels(SEVEN, add=("bug",), remove=("needs / triage",)), FIRST)

    assert writes(server) == [
        (f"POST {ISSUE}/labels", {"labels": ["bug"]}),
        (f"DELETE {ISSUE}/labels/needs%20%2F%20triage", None),
    ]


def test_a_label_that_is_not_there_is_removed_already(
    forge: GitHubForge, server: LittleServer, repository: Repository
) -> None:
    server.will_say(f"DELETE {ISSUE}/labels/gone", Reply(404, {"message": "Label does not exist"}))

    assert forge.apply(repository, SetLabels(SEVEN, remove=("gone",)), FIRST) == Receipt(None, was_needed=False)


def test_nothing_to_change_sends_nothing(forge: GitHubForge, server: LittleServer, repository: Repository) -> None:
    assert forge.apply(repository, SetLabels(SEVEN), FIRST) == Receipt(None, was_needed=False)
    assert server.asked == []


def test_a_first_comment_is_one_request(forge: GitHubForge, server: LittleServer, repository: Repository) -> None:
    receipt = forge.apply(repository, StickyComment(SEVEN, "All is well"), FIRST)

    assert receipt == Receipt(50)
    assert server.names() == [MINT, f"POST {COMMENTS}"]
    assert writes(server) == [(f"POST {COMMENTS}", {"body": MARKED})]


def test_a_known_comment_is_rewritten_without_a_look(
    forge: GitHubForge, server: LittleServer, repository: Repository
) -> None:
    server.will_say(f"PATCH {COMMENT}/50", Reply(200, ours(50)))

    receipt = forge.apply(repository, StickyComment(SEVEN, "All is well", may_exist=True), Attempt(50))

    assert receipt == Receipt(50)
    assert server.names() == [MINT, f"PATCH {COMMENT}/50"]


def test_a_comment_that_somebody_deleted_is_written_anew(
    forge: GitHubForge, server: LittleServer, repository: Repository
) -> None:
    assert forge.apply(repository, StickyComment(SEVEN, "All is well"), Attempt(49)) == Receipt(50)
    assert server.names() == [MINT, f"PATCH {COMMENT}/49", f"POST {COMMENTS}"]


@pytest.mark.parametrize("attempt", [AGAIN, Attempt(49, may_have_happened=True)])
def test_a_try_that_got_through_is_found_and_needs_no_write(
    forge: GitHubForge, server: LittleServer, repository: Repository, attempt: Attempt
) -> None:
    server.will_say(f"GET {COMMENTS}", Reply(200, [ours(51, MARKED.replace("\n", "\r\n") + "\r\n")]))

    assert forge.apply(repository, StickyComment(SEVEN, "All is well"), attempt) == Receipt(51, was_needed=False)
    assert [name for name, _ in writes(server)] == [f"PATCH {COMMENT}/49"] * (attempt.remote_id is not None)


def test_a_comment_that_may_exist_is_looked_up_and_brought_up_to_date(
    forge: GitHubForge, server: LittleServer, repository: Repository
) -> None:
    server.will_say(f"GET {COMMENTS}", Reply(200, [ours(51, f"Old news\n\n{marker('status')}")]))
    server.will_say(f"PATCH {COMMENT}/51", Reply(200, ours(51)))

    assert forge.apply(repository, StickyComment(SEVEN, "All is well", may_exist=True), FIRST) == Receipt(51)
    assert writes(server) == [(f"PATCH {COMMENT}/51", {"body": MARKED})]


@pytest.mark.parametrize(
    "other",
    [
        ours(51, app_id=None),
        ours(51, app_id=99),
        ours(51, f"All is well\n\n{marker('other')}"),
        ours(51, f"{marker('status')}\nquoted above, signed below\n\n{marker('other')}"),
        ours(51, "no marker"),
        {"id": 51, "body": None},
    ],
    ids=["a person's", "another App's", "another key", "marker quoted", "no marker", "no body"],
)
def test_a_comment_that_is_not_ours_is_left_alone(
    forge: GitHubForge, server: LittleServer, repository: Repository, other: dict[str, object]
) -> None:
    server.will_say(f"GET {COMMENTS}", Reply(200, [other]))

    assert forge.apply(repository, StickyComment(SEVEN, "All is well"), AGAIN) == Receipt(50)
    assert writes(server) == [(f"POST {COMMENTS}", {"body": MARKED})]


def test_of_doubled_comments_the_oldest_stays(forge: GitHubForge, server: LittleServer, repository: Repository) -> None:
    server.will_say(f"GET {COMMENTS}", Reply(200, [ours(53), ours(51), ours(52)]))
    server.will_say(f"DELETE {COMMENT}/52", Reply(204))

    assert forge.apply(repository, StickyComment(SEVEN, "All is well"), AGAIN) == Receipt(51, was_needed=False)
    assert writes(server) == [(f"DELETE {COMMENT}/52", None), (f"DELETE {COMMENT}/53", None)]


def test_all_pages_are_searched(forge: GitHubForge, server: LittleServer, repository: Repository) -> None:
    def page(number: int) -> dict[str, str]:
        return {
            "Link": f'<{server.url}/x>; rel="first", <{server.url}{COMMENTS}?page={number}&per_page=100>; rel="next"'
        }

    many = [ours(n, "chatter", None) for n in range(1, 101)]
    server.will_say(f"GET {COMMENTS}", Reply(200, many, page(2)), Reply(200, many, page(3)), Reply(200, [ours(301)]))

    receipt = forge.apply(repository, StickyComment(SEVEN, "All is well"), AGAIN)

    assert receipt == Receipt(301, was_needed=False)
    assert [a.path for a in server.asked if a.verb == "GET"] == [
        f"{COMMENTS}?per_page=100",
        f"{COMMENTS}?page=2&per_page=100",
        f"{COMMENTS}?page=3&per_page=100",
    ]


def test_a_body_too_long_for_github_is_cut_and_keeps_its_marker(
    forge: GitHubForge, server: LittleServer, repository: Repository
) -> None:
    forge.apply(repository, StickyComment(SEVEN, "x" * 99_999), FIRST)

    ((_, sent),) = writes(server)
    assert isinstance(sent, dict)
    assert len(sent["body"]) == MAX_BODY
    assert sent["body"].endswith(marker("status"))


@pytest.mark.parametrize(("status", "error"), [(410, Gone), (404, Gone), (403, Refused), (422, Refused)])
def test_a_subject_that_takes_no_comment_says_why(
    forge: GitHubForge, server: LittleServer, repository: Repository, status: int, error: type[Exception]
) -> None:
    server.will_say(f"POST {COMMENTS}", Reply(status, {"message": "Issue is locked or deleted"}))

    with pytest.raises(error, match="locked or deleted"):
        forge.apply(repository, StickyComment(SEVEN, "All is well"), FIRST)
    assert len(server.asked) == 2


PULL = OpenPull(Subject(1296269, 0), "reeve/welcome", "Welcome", "Hello", (File("a.yml", "a: 1\n"),))
REPO = "/repos/acme/model"


@pytest.fixture
def half_way(server: LittleServer) -> LittleServer:
    sha = "a" * 40
    server.will_say(f"GET {REPO}", Reply(200, {"id": 1296269, "full_name": "acme/model", "default_branch": "main"}))
    server.will_say(f"GET {REPO}/pulls", Reply(200, []))
    server.will_say(f"GET {REPO}/git/ref/heads/main", Reply(200, {"object": {"sha": sha}}))
    server.will_say(f"POST {REPO}/git/refs", Reply(201, {}))
    file = {"type": "file", "sha": "b" * 40, "encoding": "base64", "content": "A"}
    server.will_say(f"GET {REPO}/contents/a.yml", Reply(200, file))
    server.will_say(f"PUT {REPO}/contents/a.yml", Reply(200, {}))
    server.will_say(f"POST {REPO}/pulls", Reply(201, {"number": 3, "head": {"ref": "reeve/welcome", "sha": sha}}))
    return server


def test_a_file_that_cannot_be_read_is_written_over(
    forge: GitHubForge, half_way: LittleServer, repository: Repository
) -> None:
    assert forge.apply(repository, PULL, FIRST) == Receipt(3)
    (put,) = [asked for asked in half_way.asked if asked.verb == "PUT"]
    assert (put.body["sha"], put.body["branch"]) == ("b" * 40, "reeve/welcome")


@pytest.mark.parametrize("what", ["git/refs", "pulls"])
def test_a_branch_or_pull_request_that_rules_forbid_is_refused(
    forge: GitHubForge, half_way: LittleServer, repository: Repository, what: str
) -> None:
    half_way.will_say(f"POST {REPO}/{what}", Reply(422, {"message": "Repository rule violations found"}))

    with pytest.raises(Refused, match="rule violations"):
        forge.apply(repository, PULL, FIRST)
