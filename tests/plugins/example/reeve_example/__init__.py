"""An example of a plugin: it asks for the version in a bug report, knows areas, and says who is on duty."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.classifier import Classifier
from bot.config import Config
from bot.model.effects import SetLabels
from bot.model.facts import Facts
from bot.model.roles import Who
from bot.model.verbs import Parameter, Verb
from bot.model.verdicts import Data, Outcome, Verdict
from bot.plugins import Asked, Command, Policy, Redactor, ReportParser, Scorer, hookimpl, note

from .opinions import OurBenchmark, SaysItsUnits, Typos

LABEL = "needs-version"

AREA = Verb(
    "area",
    Who.TRIAGE,
    ("/area loaders",),
    (Parameter("area", choices=("loaders", "kernels"), is_required=True),),
    english="Says which part of the model this is about.",
    chinese="标明这与模型的哪个部分有关。",
)

_MACHINE = re.compile(r"\b[a-z]+-\d+\.lab\.example\b")


@hookimpl
def policies() -> Sequence[Policy]:
    """Return the one policy of this plugin."""
    return (version_is_told,)


@hookimpl
def commands() -> Sequence[Command]:
    """Return the one verb of this plugin."""
    return (Command(AREA, set_area),)


@hookimpl
def classifiers() -> Sequence[Classifier]:
    """Return what knows a slip of the pen when it sees one."""
    return (Typos(),)


@hookimpl
def report_parsers() -> Sequence[ReportParser]:
    """Return what reads the report of our own benchmark."""
    return (OurBenchmark(),)


@hookimpl
def scorers() -> Sequence[Scorer]:
    """Return what likes answers that say their units."""
    return (SaysItsUnits(),)


@hookimpl
def redactors() -> Sequence[Redactor]:
    """Return what hides the names of our machines."""
    return (without_machines,)


@hookimpl
def message_data(key: str, data: Mapping[str, Data]) -> Mapping[str, Data]:  # noqa: ARG001
    """Greet those whose issue waits for a person."""
    return {"welcome": "On duty this week: the loaders team."} if key == "triage/unclear" else {}


def version_is_told(facts: Facts, config: Config, now: datetime) -> Verdict:  # noqa: ARG001
    """Ask for the version where an open issue names none."""
    if not facts.issue.is_open or "version" in facts.issue.body.casefold() or "版本" in facts.issue.body:
        return Verdict("example", "told", Outcome.PASS, effects=(SetLabels(facts.issue.subject, remove=(LABEL,)),))
    return Verdict(
        "example",
        "not-told",
        Outcome.ACTION_REQUIRED,
        message=note("Which version was it? Please add it.", "请补充所用的版本。"),
        effects=(SetLabels(facts.issue.subject, add=(LABEL,)),),
    )


def set_area(asked: Asked) -> Verdict:
    """Label an issue with the area that somebody named."""
    label = SetLabels(asked.facts.issue.subject, add=(f"area: {asked.arguments.one('area')}",))
    return Verdict("example", "area", Outcome.PASS, effects=(label,))


def without_machines(text: str) -> str:
    """Hide the names of our machines."""
    return _MACHINE.sub("[machine]", text)
