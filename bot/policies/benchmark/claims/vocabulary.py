"""The headings of a performance table, in English and Chinese: what people call its columns."""

import re
import unicodedata
from enum import StrEnum


class Column(StrEnum):
    """What a claim has to say, each in a column of its own or once for all rows."""

    METRIC = "metric"
    UNIT = "unit"
    BEFORE = "before"
    AFTER = "after"
    HARDWARE = "hardware"
    COMMAND = "command"
    COMMIT = "commit"


_WORDS = {
    Column.METRIC: "metric metrics measure measurement benchmark benchmarks case test scenario workload name item"
    " 指标 性能指标 指標 度量 测试项 測試項 测试项目 用例 测试用例 场景 基准测试 项目 名称",
    Column.UNIT: "unit units 单位 單位",
    Column.BEFORE: "before base baseline main master old previous prior original upstream"
    " 之前 改动前 修改前 优化前 改前 變更前 改動前 優化前 变更前 基线 基線 基准 基準 原来 原值 旧 主分支",
    Column.AFTER: "after head new now pr current patched optimized optimised candidate"
    " 之后 改动后 修改后 优化后 改后 變更後 改動後 優化後 之後 变更后 现在 新值 新 本次 当前 候选",
    Column.HARDWARE: "hardware machine device devices environment env gpu gpus cpu platform system runner"
    " 硬件 硬體 机器 機器 设备 設備 环境 環境 测试环境 測試環境 硬件环境 显卡 平台 运行环境",
    Column.COMMAND: "command commands cmd reproduce reproduction how-to-reproduce script"
    " 命令 指令 运行命令 测试命令 測試命令 复现命令 复现 複現 复现方法 脚本 执行命令",
    Column.COMMIT: "commit commits sha hash revision rev head-sha commit-sha"
    " 提交 提交号 提交哈希 提交记录 版本 版本号 提交版本",
}
_MEANING = {word: column for column, words in _WORDS.items() for word in words.split()}
#: Words around the one that counts: "this PR", "after the change", "GPU model".
_AROUND = re.compile(
    r"\b(?:this|the|with|on|of|value|values|result|results|change|changes|branch|name|info|information|model|used|id|my)\b"
    r"|结果|数值|的|值$|信息|型号|配置$"
)
_PARENTHESES = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_SIGNS = re.compile(r"[^\w\s+/-]")

#: What people put where they have nothing to say yet.
_BLANKS = "- -- --- — – … ... n/a na none null nil tbd todo tba xx xxx ? ?? x.xx 无 待补充 待定 略 暂无 未填写 _未填写_"
_NOTHING = frozenset([*_BLANKS.split(), "_no response_", "no response", "no data", "not applicable"])
_FILL_IN = re.compile(r"<[^<>]*>|\{[^{}]*\}|\[[^\[\]]*\]|_{2,}|\.{3,}")


def normal(text: str) -> str:
    """Return a text in one width and one case, without spaces at the ends."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def column(heading: str) -> Column | None:
    """Return which column a heading, or the name before a colon, means."""
    bare = _SIGNS.sub(" ", _PARENTHESES.sub(" ", normal(heading)))
    for candidate in (bare, _AROUND.sub(" ", bare)):
        words = candidate.split()
        if found := _MEANING.get("-".join(words)) or _MEANING.get("".join(words)):
            return found
    known = {_MEANING[word] for word in words if word in _MEANING}
    return known.pop() if len(known) == 1 and len(words) <= 3 else None


def unit_of(heading: str) -> str:
    """Return the unit that stands in parentheses in a heading or a metric's name: `after (ms)`."""
    found = _PARENTHESES.findall(unicodedata.normalize("NFKC", heading))
    return found[-1].strip() if found else ""


def is_nothing(text: str) -> bool:
    """Say whether a cell holds only what stands for an answer that is still to come."""
    bare = normal(text)
    return not bare or bare in _NOTHING or bool(_FILL_IN.fullmatch(bare))
