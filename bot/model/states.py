"""Where a delivery or an effect stands, as a number that both databases keep. Light to import."""

from enum import IntEnum


class State(IntEnum):
    """Where a delivery or an effect stands. Only the first two are still to be worked on."""

    PENDING = 0
    LEASED = 1
    DECIDED = 2
    DONE = 3
    IGNORED = 4
    DEAD = 5
