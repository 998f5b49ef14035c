"""Every verb that Reeve knows, declared once.

The parser, the check of roles, `/help`, the page in the documentation and the tests all read this one list. What
a verb does is told in `templates/*/commands/summary.md.j2`, in both languages.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.model.kinds import Kind
from bot.model.roles import Role
from bot.policies.commands.arguments import Parameter, Type


class Who(StrEnum):
    """Who may use a verb: anyone, the author of the issue or pull request, or whoever has a role in the repository."""

    ANYONE = "anyone"
    AUTHOR = "author"
    TRIAGE = "triage"
    WRITE = "write"
    MAINTAIN = "maintain"
    ADMIN = "admin"

    def includes(self, role: Role | None, *, is_author: bool) -> bool:
        """Say whether somebody with this role is meant; a role that is not known counts as none."""
        match self:
            case Who.ANYONE:
                return True
            case Who.AUTHOR:
                return is_author or Who.TRIAGE.includes(role, is_author=False)
            case Who.TRIAGE | Who.WRITE | Who.MAINTAIN | Who.ADMIN:
                return role is not None and role >= Role[self.name]


class Risk(StrEnum):
    """Whether a verb needs the comment untouched and the commit unmoved."""

    LOW = "low"
    HIGH = "high"


class Where(StrEnum):
    """On what a verb makes sense."""

    ANYWHERE = "anywhere"
    ISSUE = "issue"
    PULL_REQUEST = "pull_request"


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: what it may be given, who may use it and where. `who_alone` holds when it is given nothing."""

    name: str
    who: Who
    examples: tuple[str, ...]
    parameters: tuple[Parameter, ...] = ()
    aliases: tuple[str, ...] = ()
    who_alone: Who | None = None
    risk: Risk = Risk.LOW
    where: Where = Where.ANYWHERE
    needs_open: bool = False
    is_for_others: bool = False
    is_available: bool = True

    @property
    def usage(self) -> str:
        """How the verb is written."""
        return " ".join([f"/{self.name}", *(each.usage for each in self.parameters)])

    def allowed(self, arguments: tuple[str, ...]) -> Who:
        """Return who may give these arguments."""
        return self.who if arguments or self.who_alone is None else self.who_alone


_SHA = Parameter("sha", Type.SHA)

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
        ('/override coverage reason="generated code" until=2030-01-31',),
        (
            Parameter("gate", choices=("coverage", "benchmark", "safety"), is_required=True),
            Parameter("reason", Type.REASON, is_keyed=True, is_required=True, shown='"..."'),
            Parameter("until", Type.DATE, is_keyed=True, shown="YYYY-MM-DD"),
        ),
        risk=Risk.HIGH,
        where=Where.PULL_REQUEST,
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
            Parameter("suite"),
            Parameter("tp", Type.DEGREES, is_keyed=True, shown="1,2,4"),
            Parameter("vs", Type.REF, is_keyed=True, shown="<ref>"),
        ),
        aliases=("bench",),
        risk=Risk.HIGH,
        where=Where.PULL_REQUEST,
        needs_open=True,
        is_available=False,
    ),
    Verb(
        "release",
        Who.MAINTAIN,
        ("/release plan v1.3.0", "/release cut v1.3.0"),
        (
            Parameter("step", choices=("plan", "freeze", "gate", "approve", "cut"), is_required=True),
            Parameter("version", Type.VERSION, is_required=True),
            _SHA,
        ),
        risk=Risk.HIGH,
        needs_open=True,
        is_available=False,
    ),
    Verb("retest", Who.AUTHOR, ("/retest",), where=Where.PULL_REQUEST, needs_open=True, is_available=False),
    Verb("ack", Who.TRIAGE, ("/ack",), where=Where.ISSUE, needs_open=True, is_available=False),
    Verb(
        "sla",
        Who.TRIAGE,
        ("/sla status", '/sla pause reason="waiting for a release"', "/sla resume"),
        (
            Parameter("action", choices=("pause", "resume", "status"), is_required=True),
            Parameter("reason", Type.REASON, is_keyed=True, shown='"..."'),
        ),
        where=Where.ISSUE,
        is_available=False,
    ),
)

BY_NAME: dict[str, Verb] = {name: verb for verb in VERBS for name in (verb.name, *verb.aliases)}
