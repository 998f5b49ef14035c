"""Text from outside -> what may be printed on a terminal."""


def shown(text: str) -> str:
    """Return text from outside on one line, with nothing in it that a terminal would obey."""
    return "".join(each if each.isprintable() else " " for each in text)
