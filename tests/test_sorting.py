"""Whose opinion counts: a plugin's, the repository's own, the endpoint's, or that of the model that ships."""

from dataclasses import replace

from bot import resources
from bot.classifier.corpus import Example
from bot.classifier.fitting import learn
from bot.model.facts import Issue
from bot.model.kinds import Kind
from bot.model.scores import Scores, Similar, Thresholds
from bot.model.subjects import Repository
from bot.sorting import Ask, Fitted, Shipped, Sorting
from tests.policies.given import facts

HERE = Repository(1, "acme/model", 7)
SHIPPED = Shipped(resources.weights)
SURE = Scores(0.0, 0.0, 0.9, 0.1)
CLEAR = "Segmentation fault on import"
UNCLEAR = "zorp"


class Shelf:
    """What was learnt, and what is alike."""

    def __init__(self, fitted: Fitted | None = None) -> None:
        """Keep it."""
        self._fitted = fitted

    def fitted(self, repository: Repository) -> Fitted | None:  # noqa: ARG002  one for all
        """Return what was learnt."""
        return self._fitted

    def similar(self, repository: Repository, issue: Issue) -> tuple[Similar, ...]:  # noqa: ARG002  one for all
        """Return the same for every issue."""
        return (Similar(3, 80),)


def nobody(title: str, body: str) -> None:
    """Have no opinion."""


class Asked:
    """Somebody who always says the same, and remembers having been asked."""

    def __init__(self, scores: Scores | None) -> None:
        """Say this."""
        self.scores, self.times = scores, 0

    def __call__(self, title: str, body: str) -> tuple[str, Scores] | None:  # noqa: ARG002  says the same to all
        """Have this opinion."""
        self.times += 1
        return None if self.scores is None else ("other", self.scores)


def sorting(*, plugins: Ask = nobody, endpoint: Ask | None = None, fitted: Fitted | None = None) -> Sorting:
    """Return a sorter over the model that ships."""
    return Sorting(SHIPPED, Shelf(fitted), plugins, endpoint)


def issue(title: str) -> Issue:
    """Return an open issue with this title."""
    return facts(title, body="").issue


def test_the_model_that_ships_has_an_opinion_of_every_issue() -> None:
    opinion = sorting().opinion(HERE, issue(CLEAR))

    assert opinion.scores.best is Kind.BUG
    assert (opinion.source, opinion.similar, opinion.is_unproven) == ("reeve", (Similar(3, 80),), False)


def test_a_plugins_opinion_stands_in_place_of_reeves_own() -> None:
    endpoint = Asked(SURE)
    opinion = sorting(plugins=Asked(SURE), endpoint=endpoint).opinion(HERE, issue(CLEAR))

    assert (opinion.scores, opinion.source, opinion.similar) == (SURE, "other", (Similar(3, 80),))
    assert endpoint.times == 0


def test_the_endpoint_is_asked_only_where_the_words_are_not_enough() -> None:
    endpoint = Asked(SURE)
    clear = sorting(endpoint=endpoint).opinion(HERE, issue(CLEAR))
    assert (clear.source, endpoint.times) == ("reeve", 0)

    unclear = sorting(endpoint=endpoint).opinion(HERE, issue(UNCLEAR))
    assert (unclear.source, unclear.scores, endpoint.times) == ("other", SURE, 1)


def test_a_closed_issue_is_not_sent_anywhere() -> None:
    endpoint = Asked(SURE)
    sorting(endpoint=endpoint).opinion(HERE, replace(issue(UNCLEAR), is_open=False))

    assert endpoint.times == 0


def test_where_the_endpoint_has_no_opinion_the_built_in_one_stands() -> None:
    alone = sorting().opinion(HERE, issue(UNCLEAR))

    assert sorting(endpoint=Asked(None)).opinion(HERE, issue(UNCLEAR)) == alone


def test_a_repositorys_own_model_speaks_with_its_own_thresholds() -> None:
    pairs = (("zorp the frobnicator", "docs"), ("blick the frobnicator", "bug"))
    history = [Example(title, "", "docs" if label == "docs" else "bug", "a") for title, label in pairs * 10]
    own = learn(history, 1.0, Thresholds(0.8, 0.6))

    alone = sorting().opinion(HERE, issue("zorp the frobnicator"))
    fitted = sorting(fitted=Fitted(own)).opinion(HERE, issue("zorp the frobnicator"))

    assert fitted.scores.docs > alone.scores.docs + 0.2
    assert (fitted.thresholds, fitted.source) == (Thresholds(0.8, 0.6), "reeve, fitted")


def test_where_the_history_is_too_short_the_opinion_says_so() -> None:
    assert sorting(fitted=Fitted(None, "suggest")).opinion(HERE, issue(CLEAR)).is_unproven
