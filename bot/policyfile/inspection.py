"""A repository's policy file as it lies there now, for those who ask outside of the road: nothing is remembered."""

from bot.config import FILE
from bot.model.errors import Gone, Refused, Unreadable
from bot.model.subjects import Repository
from bot.policyfile.decision import Examined, Found
from bot.policyfile.ground import Ground, is_home
from bot.policyfile.names import Forge, Registrar


def look(forge: Forge, repository: Repository) -> Found:
    """Read the file on the default branch; `Refused` and `Gone` are passed on."""
    try:
        read = forge.file(repository, FILE, etag=None)
    except Unreadable as error:
        return Found(None, unreadable=error.why)
    return Found(None if read is None else read.value)


def ground(forge: Forge, repository: Repository, home: Repository | None) -> Ground:
    """Return what lies beneath a repository's file; an organisation's that is bad, or out of reach, is none."""
    if is_home(repository):
        return Ground(is_home=True)
    found = _within_reach(forge, home)
    is_good = found.text is not None and not found.examine(Ground(is_home=True)).mistakes
    return Ground(found.text if is_good else None)


def _within_reach(forge: Forge, home: Repository | None) -> Found:
    try:
        return Found(None) if home is None else look(forge, home)
    except (Gone, Refused):
        return Found(None)


def inspect(forge: Forge, repository: Repository, beneath: Ground) -> Examined | None:
    """Return what is wrong with the file, names that stand for nothing included; None where there is no file."""
    found = look(forge, repository)
    if found.text is None and not found.unreadable:
        return None
    examined = found.examine(beneath)
    missing = Registrar(forge, repository).missing(found.text, beneath) if found.text is not None else ()
    return examined.with_names(missing)
