"""The hostile corpus, case by case, over real HTTP."""

import base64
import json
from pathlib import Path
from typing import Any

from tests.web.doors import PATH, Door, request

#: Signed bodies that only the worker reads closely enough to refuse; stored raw, they end as dead letters there.
LATER = {"dev-wh-json-dup", "dev-wh-json-nan", "dev-wh-json-bool-number", "dev-wh-json-bigint", "dev-wh-repo-traversal"}


def body_of(case: dict[str, Any]) -> bytes:
    """Return the body, or build the large one."""
    if "body_spec" not in case:
        return base64.b64decode(case.get("body_b64", ""))
    spec = case["body_spec"]
    prefix, unit, suffix = (base64.b64decode(spec[f"{part}_b64"]) for part in ("prefix", "unit", "suffix"))
    return prefix + unit * int(spec["count"]) + suffix


def cases(shared_data: Path) -> list[dict[str, Any]]:
    """Return the corpus in its order: some cases are sequences."""
    lines = (shared_data / "security" / "webhooks.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_every_hostile_delivery_is_answered_as_expected(door: Door, shared_data: Path) -> None:
    wrong = {}
    for case in cases(shared_data):
        status, reason = request(door.port, case["method"], PATH, body_of(case), dict(case["headers"]))
        allowed = {*case["expect"]["status_in"], *({202} if case["id"] in LATER else ())}
        if status not in allowed:
            wrong[case["id"]] = (status, reason, sorted(allowed))
    assert wrong == {}


def test_nothing_unsigned_or_malformed_in_the_corpus_is_stored(door: Door, shared_data: Path) -> None:
    for case in cases(shared_data):
        if case["expect"]["status_in"][0] in (400, 401, 413, 415, 405) and case["id"] not in LATER:
            request(door.port, case["method"], PATH, body_of(case), dict(case["headers"]))
    stored = [delivery for delivery, *_ in door.rows()]
    allowed = [dict(c["headers"])["X-GitHub-Delivery"] for c in cases(shared_data) if c["id"].endswith("sig-upper")]
    assert set(stored) <= set(allowed)
