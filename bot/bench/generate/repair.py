"""The last stage: text in one form, whatever form the model chose. Repairing twice changes nothing more.

Only what has one right reading is touched: full-width digits and letters, the space and the numerals in Chinese dates,
space between two Chinese characters, and space at line ends. Words, and Chinese punctuation, stay as they are.
"""

import re

_WIDE = {
    code: code - 0xFEE0 for span in ((0xFF10, 0xFF1A), (0xFF21, 0xFF3B), (0xFF41, 0xFF5B)) for code in range(*span)
}
_NUMERALS = dict(zip("〇零一二三四五六七八九", "00123456789", strict=True))
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_SPACE = r"[ \t\u00a0\u3000]"

#: A sign between digits is part of the number; elsewhere it is punctuation of the sentence.
_IN_NUMBERS = {"．": ".", "，": ",", "：": ":", "－": "-", "／": "/"}
_SIGN = re.compile(f"(?<=[0-9])([{''.join(_IN_NUMBERS)}])(?=[0-9])")
_PERCENT = re.compile(rf"(?<=[0-9]){_SPACE}?％")

_SPOKEN_YEAR = re.compile(rf"(?<![{_HAN}])([〇零一二三四五六七八九]{{4}})(?={_SPACE}*年)")
_DATE_GAP = re.compile(
    rf"(?<=[0-9]){_SPACE}+(?=[年月日号时時分秒])|(?<=[年月日号时時分秒]){_SPACE}+(?=[0-9]+{_SPACE}*[年月日号时時分秒])"
)
_HAN_GAP = re.compile(rf"(?<=[{_HAN}，。！？；：、]){_SPACE}+(?=[{_HAN}，。！？；：、])")
_LINE_END = re.compile(rf"{_SPACE}+$", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n{3,}")


def repair(text: str) -> str:
    """Return the text in its one form: `２０２３ 年 ５ 月` becomes `2023年5月`, `ＧＰＵ ８ 张` becomes `GPU 8 张`."""
    text = text.replace("\r\n", "\n").translate(_WIDE)
    text = _SIGN.sub(lambda sign: _IN_NUMBERS[sign[1]], text)
    text = _PERCENT.sub("%", text)
    text = _SPOKEN_YEAR.sub(lambda year: "".join(_NUMERALS[each] for each in year[1]), text)
    text = _HAN_GAP.sub("", _DATE_GAP.sub("", text))
    return _BLANK_LINES.sub("\n\n", _LINE_END.sub("", text)).strip()
