"""The templates at work. What a template prints is escaped unless it went through one of the filters here."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from bot import resources
from bot.config.mistakes import Mistake
from bot.model.verdicts import Data, Message, Shadow
from bot.render.durations import duration
from bot.render.encode import Markdown, address, code, mention, plain
from bot.render.mistakes import Catalog

#: What stands around a message of something in shadow.
FRAME_OF_SHADOW = "shadow/report"

#: The languages that Reeve speaks; the first one serves where another is asked for.
LANGUAGES = ("en", "zh-CN")

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class Words:
    """Everything that Reeve says to people, by the key of the message and the language of the reader."""

    def __init__(self, templates: Path | None = None) -> None:
        """Read the templates from this folder, by default from Reeve's own."""
        self._folder = templates or resources.templates()
        self._environments = {language: environment(self._folder, language) for language in LANGUAGES}
        self._catalogs: dict[str, Catalog] = {}

    def comment(self, messages: Sequence[Message], language: str) -> str:
        """Compose the one comment of a subject: verdicts and next steps first, the details folded."""
        parts = [(self._part("verdict", each, language), self._part("details", each, language)) for each in messages]
        frame = self._template("sticky", language)
        verdicts = [verdict for verdict, _ in parts if verdict]
        details = [detail for _, detail in parts if detail]
        return frame.render(verdicts=verdicts, details=details).strip() + "\n"

    def text(self, key: str, data: Mapping[str, Data], language: str) -> str:
        """Return one message alone: the verdict, then the details."""
        return self._whole(Message(key, data), language)

    def headed(self, message: Message, language: str) -> tuple[str, str]:
        """Return one message as a title and a body; a title is shown as it is, so nothing from outside may be in it."""
        return self._part("verdict", message, language), self._part("details", message, language) + "\n"

    def answer(self, messages: Sequence[Message], language: str) -> str:
        """Compose an answer to one comment: what has to be said, one after the other."""
        return "\n".join(self._whole(each, language) for each in messages)

    def mistake(self, mistake: Mistake, language: str) -> str:
        """Return in plain text what is wrong with a policy file, without the place."""
        chosen = language if language in LANGUAGES else LANGUAGES[0]
        if chosen not in self._catalogs:
            self._catalogs[chosen] = Catalog(self._folder, chosen)
        return self._catalogs[chosen].tell(mistake)

    def document(self, name: str, language: str) -> str:
        """Return a text that is passed on as it is, such as a file for a repository."""
        chosen = language if language in LANGUAGES else LANGUAGES[0]
        return (self._folder / chosen / name).read_text(encoding="utf-8")

    def _whole(self, message: Message, language: str) -> str:
        parts = (self._part("verdict", message, language), self._part("details", message, language))
        return "\n\n".join(part for part in parts if part) + "\n"

    def _part(self, block: str, message: Message, language: str) -> Markdown:
        said = self._block(message.key, block, message.data, language)
        return self._framed(block, said, message.shadow, language) if message.shadow else said

    def _framed(self, block: str, said: Markdown, shadow: Shadow, language: str) -> Markdown:
        """Say that what is said is only a report."""
        data = {
            "said": said,
            "section": shadow.section,
            "until": shadow.until,
            "add": shadow.add,
            "remove": shadow.remove,
        }
        return self._block(FRAME_OF_SHADOW, block, data, language)

    def _block(self, key: str, block: str, data: Mapping[str, object], language: str) -> Markdown:
        template = self._template(key, language)
        context = template.new_context(dict(data))
        return Markdown("".join(template.blocks[block](context)).strip())

    def _template(self, key: str, language: str) -> Template:
        chosen = self._environments.get(language, self._environments[LANGUAGES[0]])
        return chosen.get_template(f"{key}.md.j2")


@lru_cache(maxsize=8)
def environment(folder: Path, language: str) -> SandboxedEnvironment:
    """Return the engine for one language: sandboxed, strict about names, escaping by default.

    One for all of this process: it keeps the templates that it has read, and to read one takes as long as fifty texts.
    """
    result = SandboxedEnvironment(
        loader=FileSystemLoader(folder / language),
        undefined=StrictUndefined,
        finalize=_finalize,
        autoescape=False,  # the output is Markdown, not HTML: `finalize` escapes it
        trim_blocks=True,
        lstrip_blocks=True,
    )
    is_chinese = language == "zh-CN"
    result.filters |= {
        "address": address,
        "code": code,
        "cell": lambda text: Markdown(code(text).replace("|", "\\|")),  # a table's row is cut at bars before anything
        "choice": _choice_in_chinese if is_chinese else _choice_in_english,
        "codes": lambda texts: Markdown(("、" if is_chinese else ", ").join(map(code, texts))),
        "likenesses": _likenesses_in_chinese if is_chinese else _likenesses_in_english,
        "quoted": lambda text: Markdown("\n".join(f"> {line}".rstrip() for line in text.splitlines())),
        "paragraphs": lambda texts: Markdown("\n\n".join(texts)),
        "moment": _moment_in_chinese if is_chinese else _moment_in_english,
        "day": _day_in_chinese if is_chinese else _day_in_english,
        "duration": lambda seconds: Markdown(duration(seconds, language)),
        "mention": mention,
    }
    return result


def _finalize(value: object) -> object:
    """Escape what a template prints, so that forgetting to is impossible."""
    return value if isinstance(value, Markdown | int) else plain(str(value))


def _likenesses_in_english(pairs: Sequence[str]) -> Markdown:
    """Return issues as references that GitHub links: `12=87` is `#12`.

    How alike each is depends on what other issues there were at the moment of looking, and would only seem exact.
    """
    return Markdown(", ".join(map(_reference, pairs)))


def _likenesses_in_chinese(pairs: Sequence[str]) -> Markdown:
    return Markdown("、".join(map(_reference, pairs)))


def _reference(pair: str) -> str:
    return f"#{int(pair.partition('=')[0])}"


def _choice_in_english(texts: Sequence[str]) -> Markdown:
    *first, last = map(code, texts)
    return Markdown(f"{', '.join(first)} or {last}" if first else last)


def _choice_in_chinese(texts: Sequence[str]) -> Markdown:
    *first, last = map(code, texts)
    return Markdown(f"{'、'.join(first)} 或 {last}" if first else last)


def _moment_in_english(iso: str) -> Markdown:
    moment = datetime.fromisoformat(iso).astimezone(UTC)
    return Markdown(f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}, {moment:%H:%M} UTC")


def _moment_in_chinese(iso: str) -> Markdown:
    moment = datetime.fromisoformat(iso).astimezone(UTC)
    return Markdown(f"{moment.year} 年 {moment.month} 月 {moment.day} 日 {moment:%H:%M}（UTC）")


def _day_in_english(iso: str) -> Markdown:
    day = date.fromisoformat(iso)
    return Markdown(f"{day.day} {_MONTHS[day.month - 1]} {day.year}")


def _day_in_chinese(iso: str) -> Markdown:
    day = date.fromisoformat(iso)
    return Markdown(f"{day.year} 年 {day.month} 月 {day.day} 日")
