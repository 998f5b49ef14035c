"""Deliveries for the tests: made to measure, GitHub's own recordings, and hostile ones."""

import base64
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.model.subjects import Identity

JSON = "application/json"
ME = Identity(app_id=12, login="governor[bot]", user_id=424242)


def issue(**changes: Any) -> dict[str, Any]:
    """Return an issue as deliveries carry it."""
    return {
        "number": 7,
        "title": "Crash at TP=8",
        "body": "loss is NaN",
        "state": "open",
        "comments": 2,
        "created_at": "2026-11-20T10:00:00Z",
        "updated_at": "2026-11-20T11:00:00Z",
        "user": {"login": "octocat", "id": 1, "type": "User"},
        "labels": [{"name": "bug"}],
        "type": {"id": 5, "name": "Bug"},
    } | changes


def comment(**changes: Any) -> dict[str, Any]:
    """Return a comment as deliveries carry it."""
    return {
        "id": 3,
        "body": "Me too",
        "user": {"login": "octocat", "id": 1, "type": "User"},
        "created_at": "2026-11-20T12:00:00Z",
        "updated_at": "2026-11-20T12:30:00Z",
        "issue_url": "https://api.github.com/repos/acme/model/issues/7",
    } | changes


def pull(**changes: Any) -> dict[str, Any]:
    """Return a pull request as deliveries carry it: from a fork, onto trunk."""
    return {
        "number": 9,
        "title": "Faster all-reduce",
        "body": "measured",
        "state": "open",
        "draft": False,
        "merged_at": None,
        "created_at": "2026-11-20T10:00:00Z",
        "updated_at": "2026-11-20T11:00:00Z",
        "user": {"login": "octocat", "id": 1, "type": "User"},
        "labels": [{"name": "p1"}],
        "head": {"ref": "faster", "sha": "a" * 40, "repo": {"id": 5}},
        "base": {"ref": "trunk", "sha": "b" * 40, "repo": {"id": 1296269}},
    } | changes


def repository(**changes: Any) -> dict[str, Any]:
    """Return a repository as deliveries carry it."""
    owner = {"login": "acme", "id": 9, "type": "Organization"}
    return {"id": 1296269, "full_name": "acme/model", "default_branch": "trunk", "owner": owner} | changes


def delivery(**changes: Any) -> dict[str, Any]:
    """Return what every delivery about a repository carries."""
    sender = {"login": "octocat", "id": 1, "type": "User"}
    return {"repository": repository(), "installation": {"id": 77}, "sender": sender} | changes


def issue_delivery(action: str = "opened", **changes: Any) -> dict[str, Any]:
    """Return a delivery of the event `issues`."""
    return delivery(action=action, issue=issue()) | changes


def comment_delivery(text: str | None = "Me too", action: str = "created", **changes: Any) -> dict[str, Any]:
    """Return a delivery of the event `issue_comment`."""
    return delivery(action=action, issue=issue(), comment=comment(body=text)) | changes


def pull_delivery(action: str = "opened", **changes: Any) -> dict[str, Any]:
    """Return a delivery of the event `pull_request`."""
    return delivery(action=action, number=9, pull_request=pull()) | changes


def push_delivery(*touched: str, **changes: Any) -> dict[str, Any]:
    """Return a push of one commit to the default branch that modified these files."""
    commit = {"id": "c0ffee", "added": [], "removed": [], "modified": list(touched)}
    way = {"ref": "refs/heads/trunk", "before": "a" * 40, "after": "b" * 40}
    return delivery(**way, created=False, deleted=False, forced=False, commits=[commit]) | changes


def encoded(payload: object) -> bytes:
    """Return the payload as GitHub sends it."""
    return json.dumps(payload, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Hostile:
    """A delivery of the security corpus, and how many deliveries may reach a handler (None: either is fine)."""

    id: str
    headers: dict[str, str]
    body: bytes
    enqueued: int | None

    @property
    def event(self) -> str:
        """Which event it claims to be."""
        return self.headers.get("x-github-event", "")

    @property
    def content_type(self) -> str:
        """Which content type it claims to have."""
        return self.headers.get("content-type", "")


def shared_data(name: str) -> Path:
    """Return a folder of the shared test data, which lies beside the repository; skip the test where it is absent."""
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "data"
    found = Path(os.environ.get("REEVE_SHARED_DATA", beside)) / name
    if not found.exists():
        pytest.skip(f"shared test data missing: {name} (set REEVE_SHARED_DATA)")
    return found


def recorded() -> list[tuple[str, bytes]]:
    """Return GitHub's own example payloads as (event, body)."""
    files = sorted((shared_data("github") / "payloads").glob("*/*.json"))
    return [(file.parent.name, file.read_bytes()) for file in files]


def hostile() -> list[Hostile]:
    """Return the security corpus of deliveries, without those that only the web process can judge."""
    lines = (shared_data("security") / "webhooks.jsonl").read_text(encoding="utf-8").splitlines()
    return [_hostile(json.loads(line)) for line in lines]


def _hostile(row: dict[str, Any]) -> Hostile:
    headers = {name.lower(): value for name, value in row["headers"]}
    return Hostile(row["id"], headers, _body(row), row["expect"]["enqueued"])


def _body(row: dict[str, Any]) -> bytes:
    if "body_b64" in row:
        return base64.b64decode(row["body_b64"])
    spec = row["body_spec"]
    prefix, unit, suffix = (base64.b64decode(spec[f"{part}_b64"]) for part in ("prefix", "unit", "suffix"))
    return prefix + unit * int(spec["count"]) + suffix
