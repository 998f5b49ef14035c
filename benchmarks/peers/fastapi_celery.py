"""The usual design: FastAPI checks the signature and hands every body to Celery. PORT and REDIS_PORT say where."""

import hashlib
import hmac
import json
import os
from typing import Annotated

import uvicorn
from celery import Celery
from fastapi import FastAPI, Header, Request, Response

SECRET = os.environ["REEVE_WEBHOOK_SECRET"].encode()

queue = Celery("peer", broker=f"redis://127.0.0.1:{os.environ['REDIS_PORT']}/0")
queue.conf.update(task_ignore_result=True)
api = FastAPI()


@queue.task  # type: ignore[untyped-decorator]
def process(event: str, payload: str) -> None:
    """What a worker would run."""


@api.post("/webhooks/github", status_code=202)
async def receive(
    request: Request,
    x_hub_signature_256: Annotated[str, Header()],
    x_github_event: Annotated[str, Header()],
    x_github_delivery: Annotated[str, Header()],
) -> Response:
    """Verify, parse, publish, acknowledge."""
    body = await request.body()
    expected = "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, x_hub_signature_256):
        return Response(status_code=401)
    json.loads(body)
    process.apply_async((x_github_event, body.decode()), task_id=x_github_delivery)
    return Response(status_code=202)


if __name__ == "__main__":
    uvicorn.run(
        api,
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
