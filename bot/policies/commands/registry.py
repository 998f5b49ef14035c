"""Every verb that Reeve knows, declared once, and beside them those of plugins.

The parser, the check of roles, `/help`, the page in the documentation and the tests all read this one list. What
a verb of Reeve's own does is told in `templates/*/commands/summary.md.j2`, in both languages.
"""

from collections.abc import Iterable, Mapping

from bot.model.kinds import Kind
from bot.model.roles import Who
from bot.model.verbs import Parameter, Risk, Type, Verb, Where
from bot.plugins import Command as PluginCommand
from bot.plugins import Handler

_SHA = Parameter("sha", Type.SHA)

#: The gates of a pull request that a person may answer for.
GATES = ("coverage", "benchmark", "safety")

#: What may be done with a release; only some of it takes a branch or commit, and only `cut` needs a version.
RELEASE_STEPS = ("plan", "patch", "minor", "major", "cut", "status", "approve", "cancel")
BEGINS = frozenset({"patch", "minor", "major", "cut"})

VERBS: tuple[Verb, ...] = (
    Verb("help", Who.ANYONE, ("/help", "/help label"), (Parameter("verb"),)),
    Verb("why", Who.ANYONE, ("/why",)),
    Verb(
        "label",
        Who.TRIAGE,
        ("/label +regression -question", '/label +"good first issue"'),
        (Parameter("labels", Type.LABEL, is_required=True, is_repeated=True, shown="+label|-label ..."),),
    ),
    Verb(
        "kind",
        Who.TRIAGE,
        ("/kind bug",),
        (Parameter("kind", choices=tuple(kind.value for kind in Kind), is_required=True),),
        where=Where.ISSUE,
    ),
    Verb(
        "assign",
        Who.TRIAGE,
        ("/assign", "/assign @octocat", "/assign -@octocat"),
        (Parameter("users", Type.USER, is_repeated=True, shown="@user|-@user ..."),),
        who_alone=Who.ANYONE,
        needs_open=True,
    ),
    Verb("needs-info", Who.TRIAGE, ("/needs-info",), needs_open=True),
    Verb(
        "hold",
        Who.WRITE,
        ("/hold", "/hold cancel"),
        (Parameter("action", choices=("cancel",)),),
        needs_open=True,
    ),
    Verb(
        "override",
        Who.MAINTAIN,
        (
            '/override coverage reason="generated code" until=2030-01-31',
            '/override mlp/llama-3-8b/bfloat16/8/step reason="known, fixed in the next one"',
        ),
        (
            Parameter("gate", choices=GATES),
            Parameter("case", Type.CASE),
            Parameter("reason", Type.REASON, is_keyed=True, is_required=True, shown='"..."'),
            Parameter("until", Type.DATE, is_keyed=True, shown="YYYY-MM-DD"),
        ),
        risk=Risk.HIGH,
        needs_open=True,
    ),
    Verb(
        "approve",
        Who.WRITE,
        ("/approve", "/approve 0123456789ab"),
        (_SHA,),
        risk=Risk.HIGH,
        where=Where.PULL_REQUEST,
        needs_open=True,
        is_for_others=True,
        is_available=False,
    ),
    Verb(
        "benchmark",
        Who.WRITE,
        ("/benchmark", "/benchmark tp=2,4 vs=v1.2.0", "/benchmark 0123456789ab", "/benchmark cancel"),
        (
            Parameter("action", choices=("cancel",)),
            _SHA,
            Parameter("suite", choices=("smoke", "pr", "release", "nightly")),
            Parameter("tp", Type.DEGREES, is_keyed=True, shown="1,2,4"),
            Parameter("vs", Type.REF, is_keyed=True, shown="<ref>"),
        ),
        aliases=("bench",),
        risk=Risk.HIGH,
        where=Where.PULL_REQUEST,
        needs_open=True,
    ),
    Verb(
        "release",
        Who.MAINTAIN,
        (
            "/release plan",
            "/release minor",
            "/release patch stable/1.2",
            "/release cut v1.3.0",
            "/release approve 0123456789ab",
            "/release status",
            "/release cancel",
        ),
        (
            Parameter("step", choices=RELEASE_STEPS, is_required=True),
            Parameter("version", Type.VERSION),
            _SHA,
            Parameter("ref", Type.REF),
        ),
        risk=Risk.HIGH,
        needs_open=True,
    ),
    Verb("retest", Who.AUTHOR, ("/retest",), where=Where.PULL_REQUEST, needs_open=True),
    Verb(
        "ack",
        Who.MAINTAIN,
        ("/ack", "/ack 0123456789ab"),
        (_SHA,),
        risk=Risk.HIGH,
        where=Where.PULL_REQUEST,
        needs_open=True,
    ),
    Verb(
        "sla",
        Who.TRIAGE,
        ("/sla status", '/sla pause reason="waiting for a release"', "/sla resume"),
        (
            Parameter("action", choices=("pause", "resume", "status"), is_required=True),
            Parameter("reason", Type.REASON, is_keyed=True, shown='"..."'),
        ),
        where=Where.ISSUE,
    ),
)


class Registry:
    """The verbs that may be typed here, by their names and short forms; `handlers` are what plugins do with theirs."""

    def __init__(self, commands: Iterable[PluginCommand] = ()) -> None:
        """Know Reeve's own verbs, and those of plugins behind them."""
        added = tuple(commands)
        self.verbs: tuple[Verb, ...] = (*VERBS, *(each.verb for each in added))
        self.by_name: Mapping[str, Verb] = {name: verb for verb in self.verbs for name in (verb.name, *verb.aliases)}
        self.handlers: Mapping[str, Handler] = {each.verb.name: each.handle for each in added}


#: Without any plugin.
OWN = Registry()
