"""`reeve` with a stopwatch on its worker: when each delivery came and was taken goes to the file STOPWATCH names."""

import os
import time
from datetime import datetime

from bot.cli import main
from bot.store.inbox import Claim, Inbox


def watch(path: str) -> None:
    """Write down, for each delivery that is claimed: when it came and when its handler begins (seconds since 1970)."""
    notes = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    claim = Inbox.claim

    def claim_and_note(self: Inbox, now: datetime) -> Claim | None:
        found = claim(self, now)
        if found is not None:
            began = time.time()
            lines = (f"{d.received_at.timestamp():.3f} {began:.6f} {d.event}\n" for d in found.deliveries)
            os.write(notes, "".join(lines).encode())
        return found

    Inbox.claim = claim_and_note  # type: ignore[method-assign]


if __name__ == "__main__":
    watch(os.environ["STOPWATCH"])
    main()
