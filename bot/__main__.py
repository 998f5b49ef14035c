"""`python -m bot` is `reeve`."""

from bot.cli import main

main()
