"""Issue forms: the answers to a form's questions, written as the Markdown that GitHub makes of them.

Source: https://docs.github.com/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml

from bot.sandbox.state import Json

Answer = str | bool | Sequence[str]
NO_RESPONSE = "_No response_"


@dataclass(frozen=True, slots=True)
class Form:
    """An issue form: what it asks, and the title, labels and type that it gives."""

    questions: tuple[Json, ...]
    title: str = ""
    labels: tuple[str, ...] = ()
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """An issue as it comes out of a form."""

    title: str
    body: str
    labels: tuple[str, ...]
    type: str | None


def read_form(text: str) -> Form:
    """Return the form that a YAML file describes; Markdown elements ask nothing and are left out."""
    data = yaml.safe_load(text)
    labels = data.get("labels") or ()
    named = tuple(part.strip() for part in labels.split(",")) if isinstance(labels, str) else tuple(labels)
    asked = tuple(element for element in data["body"] if element["type"] != "markdown")
    return Form(asked, data.get("title") or "", named, data.get("type"))


def fill(form: Form, *, title: str, answers: Mapping[str, Answer]) -> Filled:
    """Return the issue that a person gets who answers by question id or label; the rest stays unanswered."""
    body = "\n\n".join(f"### {_label(question)}\n\n{_written(question, answers)}" for question in form.questions)
    return Filled(form.title + title, body, form.labels, form.type)


def _label(question: Json) -> str:
    return str(question["attributes"]["label"])


def _written(question: Json, answers: Mapping[str, Answer]) -> str:
    answer = answers.get(question.get("id", ""), answers.get(_label(question)))
    if question["type"] == "checkboxes":
        return _boxes(question, answer)
    if not answer:
        return NO_RESPONSE
    text = answer if isinstance(answer, str) else ", ".join(answer) if isinstance(answer, Sequence) else str(answer)
    render = question["attributes"].get("render")
    return f"```{render}\n{text}\n```" if render else text


def _boxes(question: Json, answer: Answer | None) -> str:
    labels = [str(option["label"]) for option in question["attributes"]["options"]]
    ticked = set(labels) if answer is True else {answer} if isinstance(answer, str) else set(answer or ())
    return "\n".join(f"- [{'X' if label in ticked else ' '}] {label}" for label in labels)
