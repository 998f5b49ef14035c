"""`reeve`, and `python -m bot`.

Asking the coverage gate goes past typer, which loads pydantic: that takes as much memory as a large report.
"""

import sys

from bot.model.errors import ReeveError


def main() -> None:
    """Run the command; a mistake in what it was given is told in one line."""
    if sys.argv[1:3] == ["gate", "coverage"]:
        sys.exit(_coverage(sys.argv[3:]))
    from bot.cli import main as run

    run()


def _coverage(words: list[str]) -> int:
    from bot.gate import command

    try:
        return command.coverage(words)
    except ReeveError as error:
        sys.stderr.write(f"reeve: {error}\n")
        return 2


if __name__ == "__main__":
    main()
