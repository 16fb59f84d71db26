"""The main command: its commands are imported when they are used, its errors are one sentence."""

from __future__ import annotations

import contextlib
import difflib
import errno
import importlib
import json
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import click

from milestone_escrow.cli import exits
from milestone_escrow.cli.output import is_terminal
from milestone_escrow.exceptions import EscrowError, UsageError

__all__ = ["MainCommand"]


class MainCommand(click.Group):
    """A group of commands, each the ``command`` of a module of its own.

    Args:
        modules: Module names by the commands' names, in the order of the help.
        settings: Those of ``click.Group``.
    """

    def __init__(self, *, modules: Mapping[str, str], **settings: Any) -> None:
        """Import nothing yet."""
        super().__init__(**settings)
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the help."""
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None if there is none of that name."""
        if cmd_name not in self._modules:
            return None
        command: click.Command = importlib.import_module(self._modules[cmd_name]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the one that was probably meant."""
        if not ctx.resilient_parsing and args[0] not in self._modules and args[0][:1] != "-":
            near = difflib.get_close_matches(args[0], self._modules, n=1)
            meant = f" Did you mean {near[0]}?" if near else ""
            raise click.UsageError(f"There is no command {args[0]!r}.{meant}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; when nobody reads its output any more, end without a word."""
        try:
            outcome = super().invoke(ctx)
            sys.stdout.flush()
            return outcome
        except OSError as error:
            if error.errno != errno.EPIPE:
                raise
            # Python must not find that out once more when it ends.
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise click.exceptions.Exit(exits.BROKEN_PIPE) from error

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        *others: Any,
        **extra: Any,
    ) -> NoReturn:
        """Run the command and leave; see ``milestone_escrow.cli.exits`` for the exit codes."""
        given = list(sys.argv[1:] if args is None else args)
        extra["standalone_mode"] = False
        try:
            outcome = super().main(given, prog_name, *others, **extra)
            code = outcome if isinstance(outcome, int) else 0
        except BaseException as error:
            code = _ended(error, given)
        sys.exit(code)


def _ended(error: BaseException, args: Sequence[str]) -> int:
    """Tell about what ended a command, and return the exit code."""
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return exits.INTERRUPTED
    if "--debug" in args:
        traceback.print_exception(error)
    told, code = _sentence_of(error)
    if "--json" in args:
        click.echo(json.dumps({"error": told.to_dict()}, ensure_ascii=False), err=True)
    else:
        label = "Error:"
        if is_terminal(sys.stderr) and not os.environ.get("NO_COLOR"):
            label = click.style(label, fg="red", bold=True)
        click.echo(f"{label} {told.sentence}", err=True)
        if told.remedy:
            click.echo(told.remedy, err=True)
    return code


def _sentence_of(error: BaseException) -> tuple[EscrowError, int]:
    """Return an exception in the library's form, and its exit code."""
    if isinstance(error, EscrowError):
        return error, exits.code_of(error)
    if isinstance(error, click.ClickException):
        where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else ""
        sentence = error.format_message()
        sentence += "" if sentence.endswith((".", "?", "!")) else "."
        return UsageError(sentence, f"See {where or 'escrow'} --help."), exits.USAGE
    package = type(error).__module__.partition(".")[0]
    if package in ("requests", "web3"):
        from milestone_escrow.rpc_errors import in_words

        try:
            with in_words():
                raise error
        except EscrowError as words:
            return words, exits.code_of(words)
    if isinstance(error, OSError) and error.strerror:
        place = f" ({error.filename})" if error.filename else ""
        told = EscrowError(
            f"A file cannot be used: {error.strerror}{place}.",
            "Check the path, who may write there, and that the disk has room.",
            code="file",
        )
        return told, exits.REFUSED
    mistake = EscrowError(
        f"This program made a mistake ({type(error).__name__}).",
        "Run it again with --debug to see where, and report it.",
        code="mistake",
    )
    return mistake, exits.MISTAKE
