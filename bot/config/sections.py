"""The settings themselves: one frozen model per section of the policy file, with the project's own defaults."""

import hashlib
import json
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

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

    title: Pattern
    label: LabelName


class Triage(Enforced):
    """How new issues are sorted, beyond the rules that hold everywhere. The first rule that fits decides."""

    rules: Annotated[tuple[Rule, ...], Field(max_length=50)] = ()


class Safety(Enforced):
    """The content checks. No settings yet."""


class Commands(Section):
    """The comment commands. No settings yet."""


class Messages(Section):
    """Words of the repository's own that Reeve passes on, literally."""

    welcome: Prose | None = None


class Labels(Section):
    """The repository's own names for the labels that Reeve works with."""

    bug: LabelName = "bug"
    feature: LabelName = "enhancement"
    docs: LabelName = "documentation"
    needs_triage: LabelName = "needs-triage"
    hold: LabelName = "hold"
    needs_info: LabelName = "needs-info"
    at_risk: LabelName = "sla:at-risk"
    breached: LabelName = "sla:breached"

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

    version: Version = 1
    language: Literal["auto", "en", "zh-CN"] = "auto"
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
