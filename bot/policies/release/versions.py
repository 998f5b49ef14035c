"""Version numbers of releases: what comes after which, and what kind of step it is.

Semantic Versioning 2.0.0 (https://semver.org) without pre-releases: a release that the gate lets out is a whole one.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

_TAG = re.compile(r"v?(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})", re.ASCII)


class Step(StrEnum):
    """How far a release goes: fixes alone, fixes and small things, or changes of the architecture."""

    PATCH = "patch"
    MINOR = "minor"
    MAJOR = "major"


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A release's number; versions are ordered as their numbers are."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        """Return the tag: `v1.2.3`."""
        return f"v{self.major}.{self.minor}.{self.patch}"

    def after(self, step: Step) -> "Version":
        """Return the next version by this step."""
        match step:
            case Step.PATCH:
                return Version(self.major, self.minor, self.patch + 1)
            case Step.MINOR:
                return Version(self.major, self.minor + 1, 0)
            case Step.MAJOR:
                return Version(self.major + 1, 0, 0)

    def step_to(self, later: "Version") -> Step | None:
        """Return the step that leads from here to exactly that version; None where no single step does."""
        return next((step for step in Step if self.after(step) == later), None)


#: What comes before a repository's first release.
NOTHING = Version(0, 0, 0)


def parse(tag: str) -> Version | None:
    """Return the version that a tag names, with or without its v; None where it names none."""
    found = _TAG.fullmatch(tag)
    return Version(*map(int, found.groups())) if found else None


def latest(tags: tuple[str, ...]) -> Version:
    """Return the highest version among these tags; other tags are nobody's release."""
    return max((version for tag in tags if (version := parse(tag))), default=NOTHING)
