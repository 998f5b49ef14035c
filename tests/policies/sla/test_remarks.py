"""What a comment's text says about itself."""

import pytest

from bot.model.timeline import Order
from bot.policies.sla.remarks import remark


@pytest.mark.parametrize(
    "body",
    [
        "Thanks, I can reproduce this.",
        "Fixed in 2.1",
        "已复现，正在修。",
        "> it fails\n\nWhich version is that?",
        "@author which version is that?",
        "```\npip install --pre acme\n```",
        "/needs-info\nPlease tell us the version that you use.",
        "Try /usr/lib/python3 instead",
        "/usr/lib/python3 is the wrong one",
        "Duplicate of #12",
        "no",
        "我觉得可以",
        "![how it should look](https://example.org/a.png)",
    ],
)
def test_words_of_ones_own_are_substantive(body: str) -> None:
    assert remark(body).is_substantive


@pytest.mark.parametrize(
    "body",
    [
        "",
        "   \n\t",
        "/needs-info",
        '/sla pause reason="waiting for a release"',
        "/lgtm\n/approve",
        "@reeve why",
        "> Which version is that?",
        "<!-- nothing to see -->",
        "<!-- never closed\nThanks, I can reproduce this.",
        "+1",
        "👍",
        ":+1: :tada:",
        "bump!",
        "Me too.",
        "顶",
        "同问！",
        "@someone",
        "cc @someone",
        "...",
    ],
)
def test_commands_quotes_and_signs_are_not_substantive(body: str) -> None:
    assert not remark(body).is_substantive


@pytest.mark.parametrize(
    "body",
    [
        "Automatic reply: I am out of the office until Monday.",
        "Auto-reply: thanks for your mail",
        "This is an automated message.",
        "**This message was generated automatically.** Please add a reproduction.",
        "Hello, this comment was automatically generated from a template.",
        "Thank you for your report! We will look at it.\n\n---\n_I am a bot, bleep, bloop._",
        "Hi, I'm currently out of office with limited access.",
        "自动回复：您好，我目前休假中。",
        "【自动回复】您的邮件已收到",
        "这是一条自动生成的消息",
        "本邮件为系统自动发送",
        "我是机器人，请补充版本号",
    ],
)
def test_an_auto_reply_is_known_by_how_it_begins_or_ends(body: str) -> None:
    assert remark(body).is_automatic


@pytest.mark.parametrize(
    "body",
    [
        "The automated message that you see comes from our CI. Please rebase.",
        "You could set autoreply=false, that works for me.",
        "It was generated automatically by the exporter, so edit the source instead.",
        "自动混合精度在这里不支持，请先关闭。",
        "请不要使用自动回复功能",
        "This is automatically handled in 2.1.",
        "这是自动混合精度的问题。",
        "Thanks, I can reproduce this.",
    ],
)
def test_a_person_may_write_about_automatic_things(body: str) -> None:
    assert not remark(body).is_automatic


def test_what_an_app_posts_in_a_persons_name_is_automatic() -> None:
    assert remark("Thanks, I can reproduce this.", is_by_app=True).is_automatic


@pytest.mark.parametrize(
    ("body", "orders"),
    [
        ('/sla pause reason="waiting for a release"', (Order("pause", "waiting for a release"),)),
        ("/sla pause", (Order("pause"),)),
        ("/SLA Resume", (Order("resume"),)),
        ("@reeve sla pause reason=upstream\n/needs-info", (Order("pause", "upstream"), Order("needs-info"))),
        ("/sla status", ()),
        ("/sla", ()),
        ("/sla pause because of reasons", ()),
        ("/needs-info please", ()),
        ("/hold", ()),
        ("`/sla pause`", ()),
        ("```\n/sla pause\n```", ()),
        ("> /sla pause", ()),
        ("/help\n/why\n/hold\n/label +a\n/sla pause\n/sla resume", ()),
        ("please /sla pause", ()),
    ],
)
def test_only_a_well_formed_command_in_plain_sight_orders_the_clock_about(body: str, orders: tuple[Order, ...]) -> None:
    assert remark(body).orders == orders
