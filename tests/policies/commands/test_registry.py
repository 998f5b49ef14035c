"""The registry holds together: every verb explained, permitted, exemplified, and understood by the parser."""

import pytest

from bot.model.roles import Role, Who
from bot.model.verbs import Bound, Parameter, Risk, Type, Verb
from bot.policies.commands import OWN, VERBS, Command, parse
from bot.policies.commands.actions import ACTIONS
from bot.policies.commands.arguments import MAX_ARGUMENTS, Mistake, bind
from bot.render import LANGUAGES, Words

WORDS = Words()
EXAMPLES = [(verb, example) for verb in VERBS for example in verb.examples]


def test_every_name_and_short_form_means_one_verb() -> None:
    assert len(OWN.by_name) == sum(1 + len(verb.aliases) for verb in VERBS)


def test_every_verb_that_is_available_has_an_action_and_no_other_has() -> None:
    assert set(ACTIONS) == {verb.name for verb in VERBS if verb.is_available}


@pytest.mark.parametrize(("verb", "example"), EXAMPLES, ids=[example for _, example in EXAMPLES])
def test_every_example_is_understood(verb: Verb, example: str) -> None:
    parsed = parse(example)
    assert isinstance(parsed, tuple)
    (command,) = parsed
    assert isinstance(command, Command)
    assert command.verb == verb.name
    assert isinstance(bind(verb.parameters, command.arguments), Bound)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_verb_is_explained_in_both_languages(verb: Verb) -> None:
    said = {WORDS.text("commands/summary", {"verb": verb.name}, language) for language in LANGUAGES}
    assert len(said) == len(LANGUAGES)
    assert all(len(text.strip().splitlines()) == 1 for text in said)


@pytest.mark.parametrize("who", Who)
def test_everybody_who_may_is_named_in_both_languages(who: Who) -> None:
    said = {WORDS.text("commands/who", {"who": who.value}, language) for language in LANGUAGES}
    assert len(said) == len(LANGUAGES)


def test_a_risky_verb_is_never_for_anyone() -> None:
    assert all(verb.who >= Who.MAINTAIN or verb.who is Who.WRITE for verb in VERBS if verb.risk is Risk.HIGH)


@pytest.mark.parametrize(
    ("who", "least"),
    [
        (Who.TRIAGE, Role.TRIAGE),
        (Who.WRITE, Role.WRITE),
        (Who.MAINTAIN, Role.MAINTAIN),
        (Who.ADMIN, Role.ADMIN),
        (Who.AUTHOR, Role.TRIAGE),
        (Who.ANYONE, Role.NONE),
    ],
)
def test_a_role_includes_the_higher_ones_and_no_lower_one(who: Who, least: Role) -> None:
    for role in Role:
        assert who.includes(role, is_author=False) == (role >= least)


@pytest.mark.parametrize("who", Who)
@pytest.mark.parametrize("is_author", [True, False])
def test_a_role_that_is_not_known_allows_nothing(who: Who, *, is_author: bool) -> None:
    assert who.includes(None, is_author=is_author) == (who is Who.ANYONE or (who is Who.AUTHOR and is_author))


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        (Type.WORD, ["a", "tp-8", "x1"], ["", "1a", "A b", "a;b", "a_b", "é", "a" * 41]),
        (
            Type.LABEL,
            ["+a", "-kind/bug", "+a: b", "+good first issue"],
            ["a", "+", "+ a", "+a ", "+a,b", '+a"', "+缺陷", "+a\n", "+" + "a" * 51],
        ),
        (
            Type.USER,
            ["octo", "@octo-cat", "-@octo", "-octo"],
            ["", "@", "@-a", "@a--b", "@a-", "@org/team", "@a.b", "@a@b", "a" * 40],
        ),
        (
            Type.REASON,
            ["flaky", "a b; $(c) ${{ d }}", "等待上游，下周。"],
            ["", "ab", " ab", 'a"b', "理由", "аbс", "等\u202e待上游", "ａｂｃ", "a\nb", "x" * 301],
        ),
        (Type.DATE, ["2030-01-31"], ["2030-1-1", "20300131", "２０３０-01-01"]),
        (Type.SHA, ["0123456", "a" * 40], ["012345", "a" * 41, "A" * 12, "g" * 12]),
        (
            Type.VERSION,
            ["v1", "1.2", "v1.2.0", "v1.2.0-rc.1", "1.2.0rc1"],
            ["", "v", "v1.", "1..2", "v1.2.0$(id)", "../../heads/main", "refs/tags/v1", "v1 ", "v1;", "v１", "latest",
            "-v1"],
        ),
        (Type.DEGREES, ["8", "1,2,4"], ["", "0", "-1", "8;", "1,,2", "1,", "${{x}}", "8|sh", "8&", "８",
        ",".join("1" * 9)]),
        (Type.REF, ["main", "v1.2.0", "feature/x_y"], ["", "../x", "a..b", "a//b", "/a", "a/", "a.lock", "a.", "-a",
        "a b", "a;b"]),
        (Type.DURATION, ["90m", "3d"], ["", "0h", "3", "3w", "3d;"]),
    ],
)  # fmt: skip
def test_a_type_accepts_its_own_grammar_and_nothing_else(type_: Type, good: list[str], bad: list[str]) -> None:
    parameter = Parameter("x", type_)
    assert [each for each in good if not parameter.accepts(each)] == []
    assert [each for each in bad if parameter.accepts(each)] == []


PARAMETERS = (
    Parameter("step", choices=("plan", "cut"), is_required=True),
    Parameter("sha", Type.SHA),
    Parameter("tp", Type.DEGREES, is_keyed=True),
    Parameter("labels", Type.LABEL, is_repeated=True),
)


def test_arguments_find_their_parameters_in_any_order() -> None:
    bound = bind(PARAMETERS, ("+a", "tp=8", "CUT", "0123456", "-b"))
    assert isinstance(bound, Bound)
    assert [each.text for each in bound.given] == ["+a", "tp=8", "cut", "0123456", "-b"]
    assert (bound.one("step"), bound.get("tp"), bound.get("sha")) == ("cut", "8", "0123456")
    assert bound.all("labels") == ("+a", "-b")


@pytest.mark.parametrize(
    ("arguments", "mistake"),
    [
        ((), Mistake(missing="step")),
        (("tp=8",), Mistake(missing="step")),
        (("cut", "plan"), Mistake("plan")),
        (("cut", "tp=1", "tp=2"), Mistake("tp=2")),
        (("cut", "8"), Mistake("8")),
        (("cut", "TP=8"), Mistake("TP=8")),
        (("cut", "gpu=8"), Mistake("gpu=8")),
        (("cut", ""), Mistake("")),
        (("\u017ftep",), Mistake("\u017ftep")),
        (("cut", *["+a"] * MAX_ARGUMENTS), Mistake("+a")),
    ],
)
def test_an_argument_that_fits_nowhere_or_is_missing_is_a_mistake(arguments: tuple[str, ...], mistake: Mistake) -> None:
    assert bind(PARAMETERS, arguments) == mistake


def test_the_usage_shows_what_may_be_left_out() -> None:
    assert [each.usage for each in PARAMETERS] == ["plan|cut", "[<sha>]", "[tp=<tp>]", "[<labels>]"]
    assert OWN.by_name["hold"].usage == "/hold [cancel]"
