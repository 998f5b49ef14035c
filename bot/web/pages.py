"""Everything but the webhook: health, readiness, figures. Imported on first use: a framework costs start and memory."""

import logging

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bot import __version__
from bot.web.evidence import add_evidence
from bot.web.figures import Check, Checks, Figures, Post
from bot.web.metrics import registry
from bot.web.tally import Tally

log = logging.getLogger(__name__)


def pages(figures: Figures, checks: Checks, tally: Tally, post: Post | None = None) -> FastAPI:
    """Return the application behind the webhook path."""
    # The interactive docs would load scripts from elsewhere.
    api = FastAPI(title="Reeve", version=__version__, docs_url=None, redoc_url=None)
    _health(api, checks)
    _metrics(api, registry(figures, tally))
    if post is not None:
        add_evidence(api, post)
    return api


def _health(api: FastAPI, checks: Checks) -> None:
    @api.get("/healthz", response_class=PlainTextResponse)
    async def healthz() -> str:
        """Say that the process is alive."""
        return "ok\n"

    @api.get("/readyz", responses={503: {"description": "Not ready, with the reason of each check."}})
    def readyz() -> JSONResponse:  # not async: the checks ask the database, on a thread
        """Say whether deliveries can be stored and worked on, and why not."""
        reasons = {name: _reason(check) for name, check in checks.items()}
        is_ready = not any(reasons.values())
        shown = {name: reason or "ok" for name, reason in reasons.items()}
        return JSONResponse({"ready": is_ready, "checks": shown}, status_code=200 if is_ready else 503)


def _metrics(api: FastAPI, figures: CollectorRegistry) -> None:
    @api.get("/metrics")
    def metrics() -> Response:
        """Give the figures in Prometheus' text format."""
        return Response(generate_latest(figures), media_type=CONTENT_TYPE_LATEST)


def _reason(check: Check) -> str | None:
    try:
        return check()
    except Exception as error:  # a web request ends here; the text may name hosts, so only the log gets it
        log.exception("a readiness check failed")
        return type(error).__name__
