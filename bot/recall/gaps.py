"""Does what is known of an issue's past lead to what it shows now? Where it does not, something was never told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.model.facts import Issue
from bot.model.forge import Entry
from bot.model.past import Known
from bot.model.timeline import Happening, Source, What, heard_key
from bot.policies.sla.history import settle

#: GitHub's times are whole seconds and clocks differ: what changed so little later than what is known is that.
SLACK = timedelta(seconds=10)

#: Comments may be missing for good, such as one of Reeve's own that a person deleted: not every event is worth a look.
COUNT_AGAIN_AFTER = timedelta(minutes=10)


#: What changes what an issue shows besides its comments.
_MARKING = (What.LABELED, What.UNLABELED, What.TYPED, What.CLOSED, What.CONVERTED, What.REOPENED)


@dataclass
class _Shown:
    """What an issue shows at the end of what happened; names are in small letters."""

    labels: set[str] = field(default_factory=set)
    type: str = ""
    is_open: bool = True
    comments: set[int] = field(default_factory=set)

    def take(self, each: Happening) -> None:
        """Let one thing happen."""
        name = (each.name or "").casefold()
        match each.what:
            case What.LABELED:
                self.labels.add(name)
            case What.UNLABELED:
                self.labels.discard(name)
            case What.TYPED:
                self.type = name
            case What.CLOSED | What.CONVERTED:
                self.is_open = False
            case What.OPENED | What.REOPENED:
                self.is_open = True
            case What.COMMENTED if each.comment_id is not None:
                self.comments.add(each.comment_id)
            case _:
                pass  # leaves no mark on what an issue shows


def is_known(happenings: Sequence[Happening], known: Known) -> bool:
    """Say whether an issue's whole past was ever known: read, or told from its opening on."""
    whats = {each.what for each in happenings}
    return known.read_at is not None or (What.OPENED in whats and What.ARRIVED not in whats)


def has_gap(issue: Issue, happenings: Sequence[Happening], known: Known, now: datetime) -> bool:
    """Say whether the issue shows something that no known happening explains.

    A state that is older than the newest thing known proves nothing: it may not show that yet.
    """
    newest = _newest(happenings, issue)
    if issue.updated_at < newest:
        return False
    shown = _shown(happenings, newest)
    if any(_differences(issue, shown)):
        return True
    # Of Reeve's own comments nobody knows whether this state shows them already.
    is_counted = len(shown.comments) <= issue.comments <= len(shown.comments) + known.own_comments
    return not is_counted and (known.read_at is None or now - known.read_at > COUNT_AGAIN_AFTER)


def found(issue: Issue, happenings: Sequence[Happening]) -> Iterator[Entry]:
    """Give what must have happened though GitHub's own list does not say so, such as the renaming of a label.

    A mark that changed in the very second of this state may have changed after it.
    """
    newest = _newest(happenings, issue)
    if all(each.at < issue.updated_at for each in happenings if each.what in _MARKING):
        for what, name in _differences(issue, _shown(happenings, newest)):
            at = issue.updated_at
            yield Entry(
                Happening(id=heard_key(what, at, None, name), what=what, at=at, source=Source.READ, name=name or None)
            )


def is_unexplained(issue: Issue, happenings: Sequence[Happening], known: Known, *, seen_at: datetime | None) -> bool:
    """Say whether the issue changed later than anything that is known to have changed it."""
    known_at = [at for at in (seen_at, known.written_at, known.read_at) if at is not None]
    return issue.updated_at > max(known_at, default=_newest(happenings, issue)) + SLACK


def _newest(happenings: Sequence[Happening], issue: Issue) -> datetime:
    return max((each.at for each in happenings), default=issue.created_at)


def _shown(happenings: Sequence[Happening], until: datetime) -> _Shown:
    shown = _Shown()
    for each in settle(happenings, until=until):
        shown.take(each)
    return shown


def _differences(issue: Issue, shown: _Shown) -> Iterator[tuple[What, str]]:
    """Give what would have to happen for the issue to show what it does."""
    labels = {label.casefold(): label for label in issue.labels}
    yield from ((What.UNLABELED, name) for name in sorted(shown.labels - set(labels)))
    yield from ((What.LABELED, labels[name]) for name in sorted(set(labels) - shown.labels))
    if shown.type != (issue.type or "").casefold():
        yield What.TYPED, issue.type or ""
    if shown.is_open != issue.is_open:
        yield (What.REOPENED if issue.is_open else What.CLOSED), ""
