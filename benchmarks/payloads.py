"""The traffic: GitHub's own example payloads in the mix that a model repository sees, each signed once."""

import hashlib
import hmac
import json
import os
import random
from dataclasses import dataclass
from pathlib import Path

SECRET = "benchmark-secret"  # noqa: S105  signs nothing but this traffic

#: Deliveries of a hundred, by event: an active repository of models, with CI (an estimate, the same for everyone).
MIX = {
    "issues": 30,
    "issue_comment": 20,
    "pull_request": 20,
    "check_run": 10,
    "pull_request_review": 5,
    "workflow_run": 5,
    "push": 5,
    "star": 3,
    "label": 2,
}


@dataclass(frozen=True, slots=True)
class Payload:
    """One signed body."""

    event: str
    body: bytes
    signature: str


def folder() -> Path:
    """Return where the payloads are: REEVE_SHARED_DATA, or beside the checkout."""
    beside = Path(__file__).resolve().parents[1].parent / "shared" / "data"
    found = Path(os.environ.get("REEVE_SHARED_DATA", beside)) / "github" / "payloads"
    if not found.is_dir():
        raise SystemExit(f"no payloads at {found}: set REEVE_SHARED_DATA to the folder that has github/payloads")
    return found


def payload(path: Path) -> Payload:
    """Read one example, compact as GitHub sends it."""
    body = json.dumps(json.loads(path.read_bytes()), separators=(",", ":"), ensure_ascii=False).encode()
    return Payload(path.parent.name, body, sign(body))


def sign(body: bytes) -> str:
    """Return the signature header of a body."""
    return "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


def traffic(count: int = 1000) -> list[Payload]:
    """Return the same mixed sequence every time."""
    by_event = {event: [payload(path) for path in sorted((folder() / event).glob("*.json"))] for event in MIX}
    chance = random.Random(1296269)
    events = chance.choices(list(MIX), list(MIX.values()), k=count)
    return [chance.choice(by_event[event]) for event in events]
