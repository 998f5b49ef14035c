"""`reeve gate`: the verdicts of the gates, before a push."""

import typer

app = typer.Typer(help="Ask a gate for its verdict before you push.", no_args_is_help=True)

#: The command reads its arguments itself.
_AS_THEY_ARE = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


@app.callback()
def gate() -> None:
    """Keep the name of each gate a command of its own, also while there is only one."""


@app.command(add_help_option=False, context_settings=_AS_THEY_ARE)
def coverage(context: typer.Context) -> None:
    """Judge whether tests reach the project and the changed lines; see `reeve gate coverage --help`."""
    from bot.gate import command

    raise typer.Exit(command.coverage(context.args))
