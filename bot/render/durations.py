"""Lengths of time in the reader's language."""

_UNITS = {"zh-CN": ("小时", "分钟", "秒")}
_ENGLISH = ("h", "min", "s")


def duration(seconds: int, language: str) -> str:
    """Return a time in hours and minutes, for a day has not always the same hours; seconds only below a minute."""
    names = _UNITS.get(language, _ENGLISH)
    hours, minutes = divmod(seconds // 60, 60)
    parts = [f"{count} {unit}" for count, unit in ((hours, names[0]), (minutes, names[1])) if count]
    return " ".join(parts) or f"{seconds} {names[2]}"
