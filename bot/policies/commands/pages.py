"""The page `docs/commands.md`, written from the registry."""

from collections.abc import Callable

from bot.model.roles import Who
from bot.model.verbs import Risk, Verb, Where
from bot.policies.commands import rate
from bot.policies.commands.grammar import MAX_COMMANDS
from bot.policies.commands.guard import OLDEST
from bot.policies.commands.registry import OWN, Registry

_WHO = {
    Who.ANYONE: "anyone",
    Who.AUTHOR: "the author, or anybody who may triage",
    Who.TRIAGE: "triage role or higher",
    Who.WRITE: "write role or higher",
    Who.MAINTAIN: "maintain role or higher",
    Who.ADMIN: "admin role",
}
_WHERE = {
    Where.ANYWHERE: "issues and pull requests",
    Where.ISSUE: "issues",
    Where.PULL_REQUEST: "pull requests",
}
_OLD, _RISKY, _BURST = OLDEST[Risk.LOW].days, OLDEST[Risk.HIGH].days, rate.BURST
_HEAD = f"""\
# Commands

<!-- Written from the registry in `bot/policies/commands/registry.py`; a test compares. Change it there. -->

A command is a line of a comment that starts with `/verb` or `@reeve verb`:

```
/label +regression -question
```

- It counts only where everybody sees it: on a line of an ordinary paragraph. In code, quotes, lists, tables, headings,
  footnotes, HTML comments and folded blocks it does not.
- Verbs may be typed in any case of letters. What follows is ASCII: words, `key=value`, `key="quoted text"`, `+label`
  and `-label` (`+"a label with spaces"`); only a reason may be in Chinese, too. `/verb ?` explains a verb.
- A comment may hold {MAX_COMMANDS} commands. If it holds more, none is carried out.
- Commands are carried out when the comment is written. Editing a comment gives no new command, and a comment that was
  changed before Reeve got to it is not obeyed.
- What counts is your role in the repository as GitHub gives it at that time, a minute old at most. If GitHub does not
  answer, the command is refused.
- A risky command is bound to the commit you saw: after a push it is refused, and Reeve names the new head.
- Commands count in the order in which they were written. One that Reeve finds late, because GitHub lost it or Reeve was
  down, never undoes what a later one did, and is refused once it is {_OLD} days old; a risky one after {_RISKY} day.
- One account may write {_BURST} comments with commands at once, and then one more each minute. The first one above
  that is refused, the others get no answer.
- An unknown `/verb` is left to other bots. After `@reeve`, an unknown verb gets an answer.

Reeve answers with reactions: 👀 seen, 👍 done, 🚀 queued, 😕 not understood or not possible yet, 👎 refused. It
writes only to say why not, or what you asked for.
"""


def docs_page(summary: Callable[[str], str], registry: Registry = OWN) -> str:
    """Return the page; `summary` gives the English sentence on what a verb of Reeve's own does."""
    now = [_section(verb, summary) for verb in registry.verbs if verb.is_available]
    later = [_section(verb, summary) for verb in registry.verbs if not verb.is_available]
    coming = '## Not available yet\n\nThese verbs are understood and checked, and answered with "not available yet".\n'
    return "\n".join([_HEAD, *now, coming, *later])


def _section(verb: Verb, summary: Callable[[str], str]) -> str:
    lines = [
        f"{'##' if verb.is_available else '###'} `/{verb.name}`",
        "",
        verb.english or summary(verb.name).strip(),
        "",
        f"- Usage: `{verb.usage}`",
        *(f"- Short form: `/{alias}`" for alias in verb.aliases),
        f"- Who: {_who(verb)}",
        f"- Where: {'open ' if verb.needs_open else ''}{_WHERE[verb.where]}",
        *(["- Risky: the comment must be untouched, the commit unmoved"] if verb.risk is Risk.HIGH else []),
        f"- Examples: {', '.join(f'`{example}`' for example in verb.examples)}",
    ]
    return "\n".join(lines) + "\n"


def _who(verb: Verb) -> str:
    who = _WHO[verb.who] + (", but not the author" if verb.is_for_others else "")
    return f"{_WHO[verb.who_alone]} for themselves; {who} for others" if verb.who_alone else who
