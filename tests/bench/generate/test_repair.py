"""Repair brings text into one form and is then done."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bench.generate.repair import repair


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        ("２０２３ 年", "2023年"),
        ("２０２３ 年 ５ 月 １ 日发布", "2023年5月1日发布"),
        ("2023　年5月", "2023年5月"),
        ("二〇二三年", "2023年"),
        ("二零二三 年", "2023年"),
        ("第一二三四年级", "第一二三四年级"),
        ("ＧＰＵ ８ 张", "GPU 8 张"),
        ("精度为９９．５％", "精度为99.5%"),
        ("１２：３０开始", "12:30开始"),
        ("共１，０００个", "共1,000个"),
        ("一，二，三", "一，二，三"),
        ("模 型 很 快", "模型很快"),
        ("use CUDA 12 和 PyTorch", "use CUDA 12 和 PyTorch"),
        ("line one   \r\nline two\n\n\n\nend ", "line one\nline two\n\nend"),
        ("Version 2 年", "Version 2年"),
        ("", ""),
    ],
)
def test_text_comes_in_one_form(text: str, repaired: str) -> None:
    assert repair(text) == repaired


@given(
    st.text(alphabet=st.sampled_from("２０年月日 　．，：％ＡＢab12二〇三零是的。\n\t-"), max_size=40)
    | st.text(max_size=40)
)
def test_repairing_twice_changes_nothing_more(text: str) -> None:
    assert repair(repair(text)) == repair(text)
