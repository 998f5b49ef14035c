"""The settings themselves: one frozen model per section of the policy file, with the project's own defaults."""

import hashlib
import json
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from bot.config.benchmark import Benchmark
from bot.config.coverage import Coverage
from bot.config.mistakes import Unusable
from bot.config.release import Release
from bot.config.section import Section
from bot.config.shadow import Enforced, promoted
from bot.config.sla import Sla
from bot.config.values import LabelName, Pattern, Prose, Version
from bot.model.kinds import Kind


class Rule(Enforced):
    """Issues whose title holds this pattern (in any case of letters) get this label."""

    title: Pattern = Field(description="The pattern, in any case of letters; no look-around and no back-references.")
    label: LabelName = Field(
        description="The label that fitting issues get; one that stands for no kind leaves the issue to a person."
    )


def _unquoted_off(value: object) -> object:
    """Return what was meant by `off`: without quotes it is a truth value in YAML."""
    return "off" if value is False else value


class Triage(Enforced):
    """How new issues are sorted, beyond the rules that hold everywhere. The first rule that fits decides."""

    rules: Annotated[tuple[Rule, ...], Field(max_length=50)] = Field(
        default=(), description="Rules of the repository's own for titles; the first that fits decides."
    )
    classifier: Annotated[Literal["auto", "label", "suggest", "off"], BeforeValidator(_unquoted_off)] = Field(
        default="auto",
        description="What to do with the classifier's opinion where nothing explicit says the kind. `auto` labels, but"
        " only suggests once the repository's history was read and has fewer than 50 labelled issues.",
    )
    ask_for_more: bool = Field(default=True, description="Whether an issue too thin to act on gets `needs_info`.")
    duplicates: bool = Field(default=True, description="Whether similar issues are named in the comment's details.")


class Safety(Enforced):
    """The content checks. No settings yet."""


class Commands(Section):
    """The comment commands. No settings yet."""


class Messages(Section):
    """Words of the repository's own that Reeve passes on, literally."""

    welcome: Prose | None = Field(
        default=None, description="A text for authors whose issue could not be sorted; shown literally."
    )


class Labels(Section):
    """The repository's own names for the labels that Reeve works with."""

    bug: LabelName = Field(default="bug", description="Something does not work.")
    feature: LabelName = Field(default="enhancement", description="Something new is wanted.")
    docs: LabelName = Field(default="documentation", description="Something should be written down better.")
    needs_triage: LabelName = Field(
        default="needs-triage", description="A maintainer has to say what kind of issue this is."
    )
    hold: LabelName = Field(default="hold", description="A maintainer stopped this until further notice.")
    needs_info: LabelName = Field(
        default="needs-info", description="The author has to tell more before this can go on."
    )
    at_risk: LabelName = Field(default="sla:at-risk", description="The answer is nearly due.")
    breached: LabelName = Field(default="sla:breached", description="The answer is late.")

    def of(self, kind: Kind) -> str:
        """Return the label that stands for this kind."""
        match kind:
            case Kind.BUG:
                return self.bug
            case Kind.FEATURE:
                return self.feature
            case Kind.DOCS:
                return self.docs

    @model_validator(mode="after")
    def _tell_roles_apart(self) -> Self:
        names = [getattr(self, each) for each in type(self).model_fields]
        if len({each.casefold() for each in names}) < len(names):
            raise Unusable("labels-differ", count=len(names))
        return self


class Config(Section):
    """A repository's policy: what is not in the file has its default."""

    version: Version = Field(default=1, description="The version of this format.")
    language: Literal["auto", "en", "zh-CN"] = Field(
        default="auto", description="The language of comments; `auto` is the author's own."
    )
    triage: Triage = Triage()
    sla: Sla = Sla()
    coverage: Coverage = Coverage()
    benchmark: Benchmark = Benchmark()
    release: Release = Release()
    safety: Safety = Safety()
    commands: Commands = Commands()
    messages: Messages = Messages()
    labels: Labels = Labels()

    def at(self, now: datetime) -> "Config":
        """Return the settings as they hold at this moment: what was in shadow until a day that is over is enforced."""
        return promoted(self, now)

    @property
    def digest(self) -> str:
        """The SHA-256 of the effective settings: equal for files that mean the same, however they are written."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()
