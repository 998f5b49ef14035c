"""The parts of a model that are measured."""

from enum import StrEnum


class CannotRun(Exception):
    """A case cannot be run as asked, for a reason that is no fault: it is skipped with these words."""


class Piece(StrEnum):
    """A part of a model that an engine can build; what it is given and gives is said in `Engine.build`."""

    COLUMN = "column"
    ROW = "row"
    MLP = "mlp"
    ATTENTION = "attention"
    LAYER = "layer"
    EMBEDDING = "embedding"
    LOSS = "loss"
