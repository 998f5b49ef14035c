"""Creating, changing and deleting a repository's labels."""

from bot.sandbox.state import Account, Happening, Label, Repository, State

#: The labels a new repository has, https://docs.github.com/issues/using-labels-and-milestones-to-track-work/managing-labels
DEFAULTS = (
    ("bug", "d73a4a", "Something isn't working"),
    ("documentation", "0075ca", "Improvements or additions to documentation"),
    ("duplicate", "cfd3d7", "This issue or pull request already exists"),
    ("enhancement", "a2eeef", "New feature or request"),
    ("good first issue", "7057ff", "Good for newcomers"),
    ("help wanted", "008672", "Extra attention is needed"),
    ("invalid", "e4e669", "This doesn't seem right"),
    ("question", "d876e3", "Further information is requested"),
    ("wontfix", "ffffff", "This will not be worked on"),
)


def add_default_labels(state: State, repository: Repository) -> None:
    """Give a new repository the labels that GitHub gives it, without a word to anybody."""
    for name, color, description in DEFAULTS:
        label = Label(state.next_id(), name, color, description, default=True)
        repository.labels[name] = label


def ensure_label(state: State, repository: Repository, *, name: str, by: Account) -> Label:
    """Return the repository's label with this name, created in grey if it is missing."""
    found = repository.labels.get(name.lower())
    return found or create_label(state, repository, name=name, by=by)


def create_label(
    state: State,
    repository: Repository,
    *,
    name: str,
    by: Account,
    color: str = "ededed",
    description: str | None = None,
) -> Label:
    """Create a label."""
    label = Label(state.next_id(), name, color, description)
    repository.labels[name.lower()] = label
    state.tell(Happening("label", "created", by, repository, extra={"label": label}))
    return label


def edit_label(
    state: State,
    repository: Repository,
    *,
    label: Label,
    by: Account,
    name: str | None = None,
    color: str | None = None,
    description: str | None = None,
) -> None:
    """Change a label's name, colour or description; what is `None` stays."""
    wanted = {"name": name, "color": color, "description": description}
    changed = {key: value for key, value in wanted.items() if value is not None and value != getattr(label, key)}
    changes = {key: {"from": getattr(label, key) or ""} for key in changed}
    for key, value in changed.items():
        setattr(label, key, value)
    repository.labels = {each.name.lower(): each for each in repository.labels.values()}
    state.tell(Happening("label", "edited", by, repository, extra={"label": label, "changes": changes}))


def delete_label(state: State, repository: Repository, *, label: Label, by: Account) -> None:
    """Delete a label from the repository and from everything that carries it."""
    del repository.labels[label.name.lower()]
    for issue in repository.issues.values():
        issue.labels = [each for each in issue.labels if each is not label]
    state.tell(Happening("label", "deleted", by, repository, extra={"label": label}))
