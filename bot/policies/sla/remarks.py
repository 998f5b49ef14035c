"""What a comment's text says about itself: whether it answers anything, wrote itself, or orders the clock about."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bot.model.timeline import Order, Remark
from bot.policies import markdown
from bot.policies.markdown import MAX_BODY

if TYPE_CHECKING:
    from bot.policies.commands.grammar import Command

_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
# A command of ours or of any other bot: "/lgtm", "@reeve why"; a path such as /usr/lib is none.
_COMMAND = re.compile(r" {0,3}(?:/[A-Za-z][\w-]*(?=[ \t]|$)|@reeve\b).*")
# What may be a command or a quote: most comments hold neither, and need no closer look.
_MARKED = re.compile(r"^ {0,3}(?:/[A-Za-z]|@reeve\b|>)", re.MULTILINE | re.IGNORECASE)
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
#: No sign of assent is longer.
_LONGEST_SIGN = 30


def remark(body: str, *, is_by_app: bool = False) -> Remark:
    """Return what there is to know of a comment; `is_by_app`: GitHub says that an app posted it for its writer."""
    text = body[:MAX_BODY]
    is_marked = _MARKED.search(text) is not None
    own = [line for line in _own(text, is_marked=is_marked) if not line.isspace() and line]
    is_automatic = is_by_app or any(_AUTOMATIC.match(line) for line in {*own[:1], *own[-1:]})
    orders = tuple(_orders(text)) if is_marked else ()
    return Remark(is_substantive=_says_something(own), is_automatic=is_automatic, orders=orders)


def _own(text: str, *, is_marked: bool) -> Sequence[str]:
    """Return the writer's own lines: without commands, quotes and what is hidden. Code and pictures are content."""
    lines = (_HIDDEN.sub(" ", text) if "<!--" in text else text).splitlines()
    if not is_marked:
        return lines
    outside = set(markdown.lines(text))
    return [line for line in lines if line not in outside or not (_COMMAND.fullmatch(line) or _QUOTE.fullmatch(line))]


def _says_something(own: list[str]) -> bool:
    """Say whether words or digits are left once mentions and signs of assent are gone."""
    if any(len(line) > _LONGEST_SIGN and line[0].isalnum() and "@" not in line for line in own):
        return True  # no need to look at a sentence more closely
    text = _SHORTCODE.sub(" ", _MENTION.sub(" ", " ".join(own)))
    words = " ".join(text.split()).strip(" .,!?~…。，！？～")
    return any(unicodedata.category(each)[0] in "LN" for each in words) and not _SIGN.fullmatch(words)


def _orders(text: str) -> Iterator[Order]:
    """Yield what the comment asks of the clock, as far as it is well formed: what is refused has no effect."""
    from bot.policies.commands.grammar import Command, parse  # noqa: PLC0415  a parser of Markdown, for few comments

    parsed = parse(text)
    for each in parsed if isinstance(parsed, tuple) else ():
        if isinstance(each, Command) and (order := _order(each)):
            yield order


def _order(command: "Command") -> Order | None:
    from bot.policies.commands.arguments import Mistake, bind  # noqa: PLC0415
    from bot.policies.commands.registry import VERBS  # noqa: PLC0415

    if command.verb == "needs-info" and not command.arguments:
        return Order("needs-info")
    if command.verb != "sla":
        return None
    bound = bind(next(verb.parameters for verb in VERBS if verb.name == "sla"), command.arguments)
    if isinstance(bound, Mistake):
        return None
    match bound.one("action"):
        case "pause":
            return Order("pause", bound.get("reason") or "")
        case "resume":
            return Order("resume")
        case _:
            return None
