"""What follows from the classifier's opinion: a label where it is sure, a suggestion where it is not, else nothing.

It never outvotes a person, a rule of the repository's own or a form; but where it is sure of another kind than a form
or a prefix names, a person is asked.
"""

from bot.classifier import features, text
from bot.config import Config
from bot.model.facts import Facts
from bot.model.kinds import Kind
from bot.model.scores import Opinion
from bot.policies.triage.finding import Finding
from bot.policies.triage.vocabulary import kind_of_label

#: How sure the classifier must be of another kind before a prefix, or the form that was used, is doubted.
SURE_AGAINST_A_PREFIX, SURE_AGAINST_A_FORM = 0.85, 0.95

#: Signs in a title that name documentation; a product's feature about documents is none.
_DOCUMENTATION = frozenset({"st:docs.docs", "st:docs.tutorial", "st:docs.typo", "st:docs.link"})
_NOT_DOCUMENTATION = "st:docs.trap"


def by_documentation(facts: Facts, config: Config) -> Finding | None:
    """Find documentation that the title names, where its words agree: it outranks a prefix such as `[Bug]`."""
    opinion = _opinion(facts, config)
    if opinion is None or opinion.scores.docs < opinion.thresholds.suggest:
        return None
    signs = set(features.extract(text.read(facts.issue.title, ""))[features.SIGN])
    if not signs & _DOCUMENTATION or _NOT_DOCUMENTATION in signs:
        return None
    if _only_suggests(opinion, config):
        return None
    return Finding("docs-title", Kind.DOCS, opinion.scores.reasons, config.labels.docs, confidence=_percent(opinion))


def doubted(finding: Finding | None, facts: Facts, config: Config) -> Finding | None:
    """Return the finding of a form or a prefix, or that a person has to choose where the words say another thing."""
    opinion = _opinion(facts, config)
    if finding is None or finding.kind is None or opinion is None or opinion.scores.best is finding.kind:
        return finding
    if _before(facts, config) is finding.kind:
        return finding  # said before, and nobody objected
    sure = SURE_AGAINST_A_FORM if finding.rule == "issue-form" else SURE_AGAINST_A_PREFIX
    if opinion.scores.confidence < sure:
        return finding
    return Finding(
        "contradicted",
        evidence=(*finding.evidence, *opinion.scores.reasons),
        label=config.labels.needs_triage,
        suggestion=opinion.scores.best,
        confidence=_percent(opinion),
    )


def by_words(facts: Facts, config: Config) -> Finding | None:
    """Find the kind that the words tell, where they tell it surely enough or told the same before."""
    opinion = _opinion(facts, config)
    kind = opinion.scores.best if opinion else None
    if opinion is None or kind is None or _only_suggests(opinion, config):
        return None
    before = _before(facts, config)
    needed = opinion.thresholds.suggest if before is kind else opinion.thresholds.of(kind)
    if before not in {None, kind} or opinion.scores.confidence < needed:
        return None
    label = config.labels.of(kind)
    return Finding("classifier", kind, opinion.scores.reasons, label, confidence=_percent(opinion))


def suggested(facts: Facts, config: Config) -> Finding | None:
    """Find what is likely but not sure, for a person to decide: a kind, or that it is only a question."""
    opinion = _opinion(facts, config)
    if opinion is None or opinion.scores.confidence < opinion.thresholds.suggest:
        return None
    kind = opinion.scores.best
    return Finding(
        "suggestion" if kind else "question-by-words",
        evidence=opinion.scores.reasons,
        label=config.labels.needs_triage,
        suggestion=kind,
        confidence=_percent(opinion),
    )


def _opinion(facts: Facts, config: Config) -> Opinion | None:
    return None if config.triage.classifier == "off" else facts.opinion


def _only_suggests(opinion: Opinion, config: Config) -> bool:
    mode = config.triage.classifier
    return mode == "suggest" or (mode == "auto" and opinion.is_unproven)


def _before(facts: Facts, config: Config) -> Kind | None:
    return kind_of_label(facts.memory.label, config) if facts.memory.label else None


def _percent(opinion: Opinion) -> int:
    return int(opinion.scores.confidence * 100)
