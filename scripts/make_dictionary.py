"""Makes `bot/store/bodies.dict`, with which bodies of deliveries are packed, from what our own sandbox sends.

    python -m scripts.make_dictionary

It plays the scene of `make run` and listens; another playing makes another dictionary of the same worth. What one place
has and another does not is replaced first: names, numbers and hashes. What remains is what every delivery of GitHub's
has, keys and addresses. A dictionary that is already in use is never written over: rows name theirs.
"""

import random
import re
from collections.abc import Sequence
from pathlib import Path

import zstandard

from bot.demo import demo
from bot.sandbox import hooks
from bot.sandbox.hooks import Delivery
from bot.sandbox.state import State

TARGET = Path(__file__).resolve().parents[1] / "bot" / "store" / "bodies.dict"

#: Bytes. Twice as much was slower and no smaller.
SIZE = 16_384

#: As often each delivery is told as if from another repository.
PLACES = 5

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


def heard() -> Sequence[bytes]:
    """Return the bodies that the sandbox sends while its scene is played."""
    sent, signed = [], hooks.signed

    def listen(delivery: Delivery, state: State) -> tuple[bytes, dict[str, str]]:
        body, headers = signed(delivery, state)
        if body.startswith(b"{"):
            sent.append(body)
        return body, headers

    hooks.signed = listen
    demo(stay=False)
    return sent


def make(bodies: Sequence[bytes]) -> bytes:
    """Return the dictionary of these bodies."""
    chance = random.Random(1)  # noqa: S311  no secret: the same every time
    samples: list[bytes | bytearray | memoryview] = [elsewhere(body, chance) for body in bodies for _ in range(PLACES)]
    return zstandard.train_dictionary(SIZE, samples).as_bytes()


if __name__ == "__main__":
    if TARGET.exists():
        raise SystemExit(f"{TARGET.name} is in use: give a new one a name of its own")
    TARGET.write_bytes(make(heard()))
