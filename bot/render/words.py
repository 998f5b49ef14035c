"""The templates at work. What a template prints is escaped unless it went through one of the filters here."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from bot import resources
from bot.config.mistakes import Mistake
from bot.model.verdicts import Data, Message
from bot.render.encode import Markdown, code, mention, plain
from bot.render.mistakes import Catalog

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
        message = Message(key, data)
        parts = (self._part("verdict", message, language), self._part("details", message, language))
        return "\n\n".join(part for part in parts if part) + "\n"

    def headed(self, message: Message, language: str) -> tuple[str, str]:
        """Return one message as a title and a body; a title is shown as it is, so nothing from outside may be in it."""
        return self._part("verdict", message, language), self._part("details", message, language) + "\n"

    def answer(self, messages: Sequence[Message], language: str) -> str:
        """Compose an answer to one comment: what has to be said, one after the other."""
        return "\n".join(self.text(each.key, each.data, language) for each in messages)

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

    def _part(self, block: str, message: Message, language: str) -> Markdown:
        template = self._template(message.key, language)
        context = template.new_context(dict(message.data))
        return Markdown("".join(template.blocks[block](context)).strip())

    def _template(self, key: str, language: str) -> Template:
        chosen = self._environments.get(language, self._environments[LANGUAGES[0]])
        return chosen.get_template(f"{key}.md.j2")


def environment(folder: Path, language: str) -> SandboxedEnvironment:
    """Return the engine for one language: sandboxed, strict about names, escaping by default."""
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
        "code": code,
        "cell": lambda text: Markdown(code(text).replace("|", "\\|")),  # a table's row is cut at bars before anything
        "choice": _choice_in_chinese if is_chinese else _choice_in_english,
        "codes": lambda texts: Markdown(("、" if is_chinese else ", ").join(map(code, texts))),
        "paragraphs": lambda texts: Markdown("\n\n".join(texts)),
        "moment": _moment_in_chinese if is_chinese else _moment_in_english,
        "duration": _duration_in_chinese if is_chinese else _duration_in_english,
        "mention": mention,
    }
    return result


def _finalize(value: object) -> object:
    """Escape what a template prints, so that forgetting to is impossible."""
    return value if isinstance(value, Markdown | int) else plain(str(value))


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


def _duration_in_english(seconds: int) -> Markdown:
    return Markdown(" ".join(f"{count} {unit}" for count, unit in _units(seconds, ("h", "min", "s"))))


def _duration_in_chinese(seconds: int) -> Markdown:
    return Markdown(" ".join(f"{count} {unit}" for count, unit in _units(seconds, ("小时", "分钟", "秒"))))


def _units(seconds: int, names: tuple[str, str, str]) -> list[tuple[int, str]]:
    """Split a time into hours and minutes, for a day has not always the same hours; seconds only below a minute."""
    hours, minutes = divmod(seconds // 60, 60)
    parts = [(hours, names[0]), (minutes, names[1])]
    return [part for part in parts if part[0]] or [(seconds, names[2])]
