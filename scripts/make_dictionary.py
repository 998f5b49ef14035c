"""Makes `bot/store/bodies.dict`, with which bodies of deliveries are packed, from GitHub's example payloads.

    python -m scripts.make_dictionary FOLDER

FOLDER holds EVENT/ACTION-NN.json, the examples of npm's @octokit/webhooks-examples (MIT).

What one place has and another does not is replaced first: names, numbers and hashes. What remains is what every
delivery has, keys and addresses. A dictionary that is already in use is never written over: rows name theirs.
"""

import json
import random
import re
import sys
from pathlib import Path

import zstandard

TARGET = Path(__file__).resolve().parents[1] / "bot" / "store" / "bodies.dict"

#: Bytes. Twice as much was slower and no smaller.
SIZE = 16_384

_LOGIN = re.compile(rb'"login":"([^"]+)"')
_PLACE = re.compile(rb'"full_name":"([^"/]+)/([^"]+)"')


def elsewhere(body: bytes, chance: random.Random) -> bytes:
    """Return the delivery as it might have come from another repository."""
    places = _PLACE.findall(body)
    names = {**dict.fromkeys(_LOGIN.findall(body), b"octocat"), **{owner: b"octocat" for owner, _ in places}}
    names |= {name: b"example" for _, name in places}
    for name in sorted(names, key=len, reverse=True):
        body = body.replace(name, names[name])
    body = re.sub(rb"[0-9a-f]{40}", lambda _: b"%040x" % chance.getrandbits(160), body)
    return re.sub(
        rb"\d{3,}", lambda found: b"%d" % chance.randrange(10 ** (len(found[0]) - 1), 10 ** len(found[0])), body
    )


def make(folder: Path) -> bytes:
    """Return the dictionary; the same examples give the same one."""
    chance = random.Random(1)  # noqa: S311  no secret: the same every time
    texts = [json.loads(path.read_bytes()) for path in sorted(folder.glob("*/*.json"))]
    bodies = [json.dumps(text, separators=(",", ":"), ensure_ascii=False).encode() for text in texts]
    return zstandard.train_dictionary(SIZE, [elsewhere(body, chance) for body in bodies]).as_bytes()


if __name__ == "__main__":
    if TARGET.exists():
        raise SystemExit(f"{TARGET.name} is in use: give a new one a name of its own")
    TARGET.write_bytes(make(Path(sys.argv[1])))
