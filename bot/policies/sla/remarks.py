"""What a comment's text says about itself: whether it answers anything, wrote itself, or orders the clock about."""

import re
import unicodedata
from collections.abc import Iterator

from bot.model.timeline import Order, Remark
from bot.policies import markdown
from bot.policies.commands.arguments import Mistake, bind
from bot.policies.commands.grammar import MAX_BODY, Command, parse
from bot.policies.commands.registry import VERBS

_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
# A command of ours or of any other bot: "/lgtm", "@reeve why"; a path such as /usr/lib is none.
_COMMAND = re.compile(r" {0,3}(?:/[A-Za-z][\w-]*(?=[ \t]|$)|@reeve\b).*")
_QUOTE = re.compile(r" {0,3}>.*")
_MENTION = re.compile(r"(?<![\w/`])@[A-Za-z0-9][\w/-]*(?:\[bot\])?")
_SHORTCODE = re.compile(r":[a-z0-9_+-]+:")
_SIGN = re.compile(
    r"(?:\+1|bump|up|ping|same(?: here| issue| problem)?|me too|mark|cc|fyi|following|subscribed"
    r"|顶+|同问|同求|同样|蹲|马克|路过|关注|先?(?:马|码|mark)一?下?)",
    re.IGNORECASE,
)
# Only how a text begins or ends tells that nobody wrote it: people also write *about* automatic messages.
_AUTOMATIC = re.compile(
    r"""(?:[\W_]*(?:automatic|automated|auto)[ -]?(?:reply|response|message|comment|answer)\b
        | .{0,20}\b(?:this|the\ following)\b.{0,20}\b(?:is|was)\ (?:an?\ )?(?:
            auto(?:mated|matic)\ (?:message|reply|response|comment|notification)
            | automatically\ (?:generated|posted|sent|created|added) | generated\ automatically | posted\ by\ a\ bot)\b
        | [\W_]*i(?:'m|\ am)\ (?:just\ |only\ )?(?:a|an\ automated)\ bot\b
        | .{0,80}\bi(?:'m|\ am|\ will\ be)\b.{0,20}\bout\ of\ (?:the\ )?office\b
        | [\W_]*out\ of\ (?:the\ )?office\b
        | [\W_]*自动(?:回复|答复|应答|消息)
        | [\W_]*(?:本|此|该|这).{0,8}(?:为|由|是).{0,12}自动(?:生成|发送|发出|发布|回复|创建)
        | [\W_]*我是(?:一个|一只)?(?:机器人|bot\b))""",
    re.IGNORECASE | re.VERBOSE,
)
_SLA = next(verb for verb in VERBS if verb.name == "sla")


def remark(body: str, *, is_by_app: bool = False) -> Remark:
    """Return what there is to know of a comment; `is_by_app`: GitHub says that an app posted it for its writer."""
    text = body[:MAX_BODY]
    own = [line for line in _own(text) if line.strip()]
    is_automatic = is_by_app or any(_AUTOMATIC.match(line) for line in (*own[:1], *own[-1:]))
    return Remark(is_substantive=_says_something(own), is_automatic=is_automatic, orders=tuple(_orders(text)))


def _own(text: str) -> Iterator[str]:
    """Yield the writer's own lines: without commands, quotes and what is hidden. Code and pictures are content."""
    outside = set(markdown.lines(text))
    for line in _HIDDEN.sub(" ", text).splitlines():
        is_marked = line in outside and (_COMMAND.fullmatch(line) or _QUOTE.fullmatch(line))
        if not is_marked:
            yield line


def _says_something(own: list[str]) -> bool:
    """Say whether words or digits are left once mentions and signs of assent are gone."""
    text = _SHORTCODE.sub(" ", _MENTION.sub(" ", " ".join(own)))
    words = " ".join(text.split()).strip(" .,!?~…。，！？～")
    return any(unicodedata.category(each)[0] in "LN" for each in words) and not _SIGN.fullmatch(words)


def _orders(text: str) -> Iterator[Order]:
    """Yield what the comment asks of the clock, as far as it is well formed: what is refused has no effect."""
    parsed = parse(text)
    for each in parsed if isinstance(parsed, tuple) else ():
        if isinstance(each, Command) and (order := _order(each)):
            yield order


def _order(command: Command) -> Order | None:
    if command.verb == "needs-info" and not command.arguments:
        return Order("needs-info")
    bound = bind(_SLA.parameters, command.arguments) if command.verb == "sla" else Mistake()
    if isinstance(bound, Mistake):
        return None
    match bound.one("action"):
        case "pause":
            return Order("pause", bound.get("reason") or "")
        case "resume":
            return Order("resume")
        case _:
            return None
