"""Structured logs: one JSON object a line, on standard error, with secrets taken out whoever logged them."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

_RICH_WAS_LOADED = "rich" in sys.modules
# structlog would load rich for tracebacks on a terminal (5 MiB, 40 ms); what is logged here is JSON.
sys.modules.setdefault("rich", None)  # type: ignore[arg-type]
import structlog  # noqa: E402

if not _RICH_WAS_LOADED:
    del sys.modules["rich"]

#: GitHub's tokens in both formats (the 2026 one has dots and is about 520 characters long), JWTs, PEM keys.
_SECRETS = re.compile(
    r"gh[opsur]_[A-Za-z0-9_.\-]{20,}|github_pat_\w{20,}|eyJ[\w-]{10,}\.[\w-]+\.[\w-]+"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)"
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"
)


def masked(text: str) -> str:
    """Return the text with everything that looks like a credential replaced."""
    return _SECRETS.sub("[secret]", text)


def _mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401
    return {key: _masked_value(value) for key, value in event.items()}


def _masked_value(value: object) -> object:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, list | tuple):
        return [_masked_value(part) for part in value]
    if isinstance(value, bool | int | float | None):
        return value
    return masked(str(value))


def configure(level: str) -> None:
    """Send everything that this process logs, by us or by a library, through the same mask and format."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _mask,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "urllib3", "celery", "kombu", "alembic", "amqp"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
