"""A repository's own issues as examples to learn from: those whose kind a person has said."""

from collections.abc import Iterable, Iterator, Mapping

from bot.classifier.corpus import Example, Label
from bot.config import Config
from bot.model.facts import Issue
from bot.model.subjects import Repository
from bot.policies.triage.vocabulary import kind_of_label, kind_of_name, plain, same

#: Labels that say outright that an issue is only a question. Others, such as `help wanted`, stand on bugs as well.
_QUESTIONS = frozenset({"question", "support", "usage", "提问", "咨询", "疑问", "kind/question", "type: question"})


def labelled(
    repository: Repository, issues: Iterable[Issue], own: Mapping[int, str], config: Config
) -> Iterator[Example]:
    """Yield the closed issues that people labelled with exactly one kind.

    `own` holds the labels that Reeve itself decided on, by number: those teach it nothing but its own mistakes.
    """
    for issue in issues:
        found = spoken(issue, own.get(issue.subject.number), config)
        if not issue.is_open and found is not None:
            created = issue.created_at.isoformat()
            yield Example(issue.title, issue.body, found, repository.full_name, created)


def spoken(issue: Issue, own: str | None, config: Config) -> Label | None:
    """Return the one kind that people gave an issue; None where there is none, or more than one.

    `own` is the label that Reeve itself decided on, if any.
    """
    names = [label for label in issue.labels if not same(label, own)]
    kinds: set[Label] = {kind.value for name in names if (kind := kind_of_label(name, config))}
    if issue.type and (kind := kind_of_name(issue.type)) and own is None:
        kinds.add(kind.value)
    if any(plain(name) in _QUESTIONS for name in names):
        kinds.add("question")
    return next(iter(kinds)) if len(kinds) == 1 else None
