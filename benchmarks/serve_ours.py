"""Reeve's door alone, as `reeve serve` starts it: REEVE_DATABASE_URL, REEVE_WEBHOOK_SECRET and PORT say how."""

import os

from bot.github.webhooks import peek
from bot.store.ingest import GroupCommit, Ingest
from bot.web.app import build
from bot.web.doorbell import Doorbell
from bot.web.server import serve
from bot.web.tally import Tally
from bot.web.webhook import Receiver


class NoFigures:
    """The benchmark looks at the database itself."""

    def deliveries_by_state(self) -> dict[str, int]:
        """Nothing."""
        return {}

    def queue_age_seconds(self) -> dict[str, float]:
        """Nothing."""
        return {}

    def effects_by_state(self) -> dict[str, int]:
        """Nothing."""
        return {}

    def budget_left(self) -> dict[int, int]:
        """Nothing."""
        return {}

    def lost(self) -> int:
        """Nothing."""
        return 0


def main() -> None:
    """Put the parts together and serve."""
    tally = Tally()
    bell = Doorbell(lambda: None)
    ingest = Ingest(os.environ["REEVE_DATABASE_URL"])
    group = GroupCommit(ingest.admit, on_commit=bell.ring, on_batch=tally.batches.observe)
    receiver = Receiver(
        secrets=[os.environ["REEVE_WEBHOOK_SECRET"].encode()], peek=peek, submit=group.submit, tally=tally
    )
    app = build(
        receiver=receiver, figures=NoFigures(), checks={}, tally=tally, shutdown=[group.close, bell.close, ingest.close]
    )
    serve(app, "127.0.0.1", int(os.environ["PORT"]))


if __name__ == "__main__":
    main()
