"""Where runners post their results: with a token of GitHub Actions, and nothing else that would let them in."""

import asyncio
import logging

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.concurrency import run_in_threadpool

from bot.model.errors import GitHubDown, Refused, StoreDown
from bot.releasing.posted import LARGEST, Known
from bot.web.figures import Post

log = logging.getLogger(__name__)

PATH = "/evidence/tensor-parallel"

#: So many results are read at once, and each for so long (seconds): nobody is known before all of it is there.
ROOM, PATIENCE = 4, 30


def add_evidence(api: FastAPI, post: Post) -> None:
    """Let results be posted."""
    room = asyncio.Semaphore(ROOM)

    @api.post(PATH, status_code=202, responses={code: {"description": text} for code, text in _REFUSALS.items()})
    async def take(request: Request) -> Response:
        """Take the result of a run that Reeve started."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            return PlainTextResponse("a token of GitHub Actions is missing\n", 401, {"WWW-Authenticate": "Bearer"})
        async with room:
            try:
                body = await asyncio.wait_for(_body(request), PATIENCE)
            except TimeoutError:
                return PlainTextResponse("the document did not arrive in time\n", 408, _CLOSE)
            if body is None:
                return PlainTextResponse("the document is too large\n", 413, _CLOSE)
            return await run_in_threadpool(_answer, post, token.strip(), body)


_CLOSE = {"Connection": "close"}

_REFUSALS = {
    401: "No token.",
    403: "The token or the result is not believed, with the reason.",
    409: "This run has posted its result before.",
    408: "Too slow.",
    413: "Too large.",
    503: "The keys of the token's issuer, or the database, cannot be had now.",
}


async def _body(request: Request) -> bytes | None:
    """Return the whole body; None as soon as it is larger than a result can be."""
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > LARGEST:
            return None
    return bytes(content)


def _answer(post: Post, token: str, body: bytes) -> Response:
    try:
        post(token, body)
    except Known as error:
        return PlainTextResponse(f"{error}\n", 409)
    except Refused as error:
        log.warning("a posted result was refused", extra={"reason": str(error)[:200]})
        return PlainTextResponse(f"{str(error)[:200]}\n", 403)
    except (GitHubDown, StoreDown):
        return PlainTextResponse("try again later\n", 503, {"Retry-After": "30"})
    return PlainTextResponse("taken\n", 202)
