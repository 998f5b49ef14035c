"""Nothing explicit says the kind: the words decide, or a person is asked; in the author's language."""

from tests.stories.conftest import Town

ENGLISH = {
    "bug": ("Segfault when loading a sharded checkpoint", "It crashes with `RuntimeError: size mismatch` on 2 GPUs."),
    "enhancement": ("Support streaming in the chat endpoint", "It would be nice to get tokens as they are generated."),
    "documentation": ("Typo in the quickstart guide", "The README says `pip instal`; the link to the docs is a 404."),
}
CHINESE = {
    "bug": ("加载分片权重时崩溃", "两张卡上启动就报错：RuntimeError: size mismatch，复现步骤：直接运行示例。"),
    "enhancement": ("希望支持流式输出", "目前只能等全部生成完，建议增加流式接口。"),
    "documentation": ("快速开始文档里的链接失效", "README 中安装教程的链接打开是 404，示例命令也过时了，请更新文档。"),
}


def test_english_issues_of_each_kind_are_told_by_their_words(town: Town) -> None:
    numbers = {label: town.world.open_issue(title, body=body) for label, (title, body) in ENGLISH.items()}
    town.settle()

    assert {label: town.world.labels(number) for label, number in numbers.items()} == {each: {each} for each in ENGLISH}
    (comment,) = town.world.bot_comments(numbers["bug"])
    assert "**This looks like a bug report**, because: `" in comment
    assert "24 hours after it was opened" in comment


def test_chinese_issues_of_each_kind_are_told_by_their_words_and_answered_in_chinese(town: Town) -> None:
    numbers = {label: town.world.open_issue(title, body=body) for label, (title, body) in CHINESE.items()}
    town.settle()

    assert {label: town.world.labels(number) for label, number in numbers.items()} == {each: {each} for each in CHINESE}
    (comment,) = town.world.bot_comments(numbers["enhancement"])
    assert "因为：`" in comment
    assert "72 小时" in comment


def test_a_question_starts_no_clock_and_a_person_is_asked(town: Town) -> None:
    english = town.world.open_issue("How do I choose the tensor parallel size?", body="Any best practices? Thanks!")
    chinese = town.world.open_issue("请问如何选择张量并行的大小？", body="新手求助，有没有推荐的配置？谢谢")
    town.settle()

    assert town.world.labels(english) == town.world.labels(chinese) == {"needs-triage"}
    assert "It reads like a question" in town.world.bot_comments(english)[0]
    assert "它看起来是一个提问" in town.world.bot_comments(chinese)[0]


def test_an_issue_too_thin_to_act_on_is_asked_for_more_in_its_language(town: Town) -> None:
    english = town.world.open_issue("[Bug] it does not work", body="please fix")
    chinese = town.world.open_issue("【Bug】报错了", body="怎么办，用不了")
    town.settle()

    assert town.world.labels(english) == town.world.labels(chinese) == {"bug", "needs-info"}
    assert "the steps that lead there" in town.world.bot_comments(english)[0]
    assert "复现步骤" in town.world.bot_comments(chinese)[0]


def test_similar_issues_are_named_in_the_folded_part_and_none_is_closed(town: Town) -> None:
    first = town.world.open_issue("KeyError when loading a GPTQ checkpoint", body="`gate_up_proj.weight` is missing.")
    other = town.world.open_issue("Support streaming in the chat endpoint", body="Tokens as they are generated.")
    town.settle()

    second = town.world.open_issue("Loading a GPTQ checkpoint: KeyError", body="gate_up_proj.weight is missing here.")
    town.settle()

    (comment,) = town.world.bot_comments(second)
    verdict, _, details = comment.partition("<details>")
    assert f"#{first}" in details
    assert f"#{first}" not in verdict
    assert f"#{other}" not in comment
    assert town.world.issue(second).state == town.world.issue(first).state == "open"


def test_a_comment_on_an_issue_changes_nothing_of_what_is_alike(town: Town) -> None:
    first = town.world.open_issue("KeyError when loading a GPTQ checkpoint", body="`gate_up_proj.weight` is missing.")
    town.settle()
    before = town.world.bot_comments(first)

    town.world.open_issue("Loading a GPTQ checkpoint: KeyError", body="gate_up_proj.weight is missing here.")
    town.world.comment(first, "I see the same.", by="ada")
    town.settle()

    assert town.world.bot_comments(first) == before


def test_a_secret_in_what_is_quoted_is_not_shown_again(town: Town) -> None:
    secret = "ghp_" + "aB3xQ9Zk" * 3
    number = town.world.open_issue(f"[Bug, {secret}] crash on load", body="It crashes when the weights are loaded.")
    town.settle()

    (comment,) = town.world.bot_comments(number)
    assert "how the title begins" in comment
    assert secret not in comment
    assert "redacted: github-token" in comment
