"""Workflow files, as far as a run that is started by hand depends on them: its title, and what it may be given.

Source: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import yaml

from bot.sandbox.state import Json

FOLDER = ".github/workflows/"
_INPUT = re.compile(r"\$\{\{\s*(?:github\.event\.)?inputs\.([\w-]+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow: its name, its `run-name`, and the inputs of a start by hand; None where it cannot be so started."""

    name: str
    run_name: str
    inputs: Mapping[str, Json] | None = field(default=None)

    def title(self, given: Mapping[str, str]) -> str:
        """Return what the list of runs shows for a run with these inputs."""
        named = _INPUT.sub(lambda found: given.get(found[1], ""), self.run_name)
        return named or self.name

    def filled(self, given: Mapping[str, object]) -> dict[str, str]:
        """Return all inputs as the run sees them: texts, with the defaults of those that were not given."""
        known = self.inputs or {}
        defaults = {name: each["default"] for name, each in known.items() if "default" in each}
        return {name: _text(value) for name, value in {**defaults, **given}.items()}

    def mistake(self, given: Mapping[str, object]) -> str | None:
        """Return what GitHub says of inputs that do not fit; None where they do."""
        if self.inputs is None:
            return "Workflow does not have 'workflow_dispatch' trigger"
        if foreign := sorted(given.keys() - self.inputs.keys()):
            return f"Unexpected inputs provided: {foreign}"
        for name, each in self.inputs.items():
            if each.get("required") and "default" not in each and given.get(name) in {None, ""}:
                return f"Required input '{name}' not provided"
            if each.get("type") == "choice" and name in given and given[name] not in each["options"]:
                return f"Provided value '{given[name]}' for input '{name}' not in the list of allowed values"
        return None


def read_workflow(path: str, text: str) -> Workflow:
    """Return the workflow that a file describes."""
    data = yaml.safe_load(text)
    on = data.get("on", data.get(True)) or {}  # YAML 1.1 reads a bare `on` as true
    triggers = on if isinstance(on, dict) else dict.fromkeys([on] if isinstance(on, str) else on)
    is_manual = "workflow_dispatch" in triggers
    inputs = (triggers["workflow_dispatch"] or {}).get("inputs") or {} if is_manual else None
    return Workflow(data.get("name") or path, str(data.get("run-name") or ""), inputs)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
