"""Which names in a policy file stand for something on GitHub, and where they are."""

from collections.abc import Mapping
from typing import Annotated, Any

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from bot.config import parse
from bot.config.names import Name, Thing, named
from bot.config.section import Section
from bot.config.values import EnvironmentName, LabelName, WorkflowFile


class Inner(Section):
    """A section inside another."""

    label: LabelName = "a"
    title: str = "not a name"


class Everything(Section):
    """Names in every place where a section can hold them."""

    plain: WorkflowFile = "bench.yml"
    absent: EnvironmentName | None = None
    present: EnvironmentName | None = "gpu"
    several: Annotated[tuple[LabelName, ...], Field(max_length=3)] = ("x", "y")
    inner: Inner = Inner()
    many: tuple[Inner, ...] = (Inner(label="b"),)
    by_key: Mapping[str, LabelName] = {"k": "z"}
    other: tuple[int, ...] = (1,)


def test_every_name_is_found_with_what_it_stands_for_and_its_setting() -> None:
    assert list(named(Everything())) == [
        Name(Thing.WORKFLOW, "bench.yml", ("plain",)),
        Name(Thing.ENVIRONMENT, "gpu", ("present",)),
        Name(Thing.LABEL, "x", ("several", 0)),
        Name(Thing.LABEL, "y", ("several", 1)),
        Name(Thing.LABEL, "a", ("inner", "label")),
        Name(Thing.LABEL, "b", ("many", 0, "label")),
        Name(Thing.LABEL, "z", ("by_key", "k")),
    ]


def test_the_names_of_a_policy_file_are_those_of_its_labels() -> None:
    found = {each.path: each.value for each in named(parse("triage: {rules: [{title: a, label: rfc}]}"))}

    assert found["triage", "rules", 0, "label"] == "rfc"
    assert found["labels", "bug"] == "bug"
    assert ("triage", "rules", 0, "title") not in found


@pytest.mark.parametrize(
    ("kind", "text", "is_good"),
    [
        (WorkflowFile, "bench.yml", True),
        (WorkflowFile, "a_b-c.1.yaml", True),
        (WorkflowFile, "../x.yml", False),
        (WorkflowFile, "folder/x.yml", False),
        (WorkflowFile, "bench", False),
        (WorkflowFile, ".yml", False),
        (EnvironmentName, "gpu approval", True),
        (EnvironmentName, " gpu", False),
        (EnvironmentName, "", False),
        (EnvironmentName, "a\nb", False),
        (EnvironmentName, "x" * 256, False),
    ],
)
def test_a_name_that_github_could_not_have_is_refused(kind: Any, text: str, *, is_good: bool) -> None:
    adapter: TypeAdapter[str] = TypeAdapter(kind)
    if is_good:
        assert adapter.validate_python(text) == text
    else:
        with pytest.raises(ValidationError):
            adapter.validate_python(text)
