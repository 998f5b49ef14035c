"""The page at `/_sandbox/`, in a real browser: readable, complete, and asking nobody else for anything."""

import shutil

import pytest
from playwright.sync_api import Page, sync_playwright

from bot.sandbox.markdown import to_html
from bot.sandbox.world import World
from tests.services import MISSING_SERVICE

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def looked_at(world: World) -> dict[str, object]:
    """Open the page in Chromium and say what is to be seen and what went wrong."""
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip(f"{MISSING_SERVICE}Chromium")
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=browser, args=FLAGS)
        page = chromium.new_page()
        try:
            return _seen(page, world)
        finally:
            chromium.close()


def _seen(page: Page, world: World) -> dict[str, object]:
    troubles: list[str] = []
    asked: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{world.url}/_sandbox/")
    return {
        "text": page.inner_text("body"),
        "scripts": page.locator("script").count(),
        "folds": page.locator("blockquote details").count(),
        "troubles": troubles,
        "elsewhere": [url for url in asked if not url.startswith(world.url)],
        "width": page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"),
    }


def test_a_person_sees_issues_and_comments_in_both_languages_as_github_shows_them() -> None:
    with World.start(seed=3) as world:
        world.create_repository("acme/model")
        number = world.open_issue("【功能请求】支持行并行", body="<script>alert(1)</script>")
        world.comment(number, "**已归类。**\n\n<details>\n<summary>详细说明</summary>\n\n依据\n\n</details>", by="bob")
        world.comment(number, "<script>alert(2)</script> <img src=x onerror=alert(3)>", by="eve")

        seen = looked_at(world)

    assert "支持行并行" in str(seen["text"])
    assert "已归类。" in str(seen["text"])
    assert "**" not in str(seen["text"])
    assert (seen["scripts"], seen["folds"], seen["troubles"], seen["elsewhere"]) == (0, 1, [], [])
    assert seen["width"]


@pytest.mark.parametrize(
    "hostile", ["<script>x</script>", "<img src=x onerror=y>", '<a href="javascript:x">y</a>', "[x](javascript:y)"]
)
def test_markup_in_a_comment_stays_text(hostile: str) -> None:
    html = to_html(hostile)

    assert "<script" not in html
    assert "<img" not in html
    assert "<a " not in html


def test_a_hidden_marker_is_not_shown() -> None:
    assert "reeve" not in to_html("hello\n\n<!-- reeve:sticky v1 key=status -->")
