"""Commands of ``escrow`` on the network that Ape connects to, in the place of ``--rpc``.

The commands do the work over the node's URL; Ape only chooses the network, and starts a node where
the choice asks for one. ``ape run`` passes this file over: its name begins with an underscore.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

import click
from ape.api import ProviderAPI, SubprocessProvider
from ape.cli import ConnectedProviderCommand
from ape.exceptions import ApeException
from ape.logging import logger

from milestone_escrow.cli import exits
from milestone_escrow.exceptions import EscrowError, NodeError
from milestone_escrow.rpc_errors import in_words
from milestone_escrow.workspace import HOME_VARIABLE

__all__ = ["on_ape"]

_REPLACED = {"rpc", "node", "debug"}  # by --network and --verbosity


def on_ape(
    command: click.Command, *, help: str, new_chain: Callable[[str], Mapping[str, Any]]
) -> click.Command:
    """Return a command of ``escrow`` as a script of Ape, with the same options.

    Args:
        command: One that has the option ``--rpc``.
        help: What ``--help`` shows.
        new_chain: Called first with the node's URL where Ape has started the node itself: the chain
            is then empty, and ends with the command. Returns values for options not given.
    """
    replaced = {
        param.name: param.get_default(click.Context(command))
        for param in command.params
        if param.name in _REPLACED and param.expose_value
    }

    def callback(provider: ProviderAPI, **values: Any) -> None:
        assert command.callback is not None
        rpc_url = _url_of(provider)
        every = {**replaced, **values, "rpc": rpc_url}
        if isinstance(provider, SubprocessProvider) and provider.process is not None:
            # What is on a chain that ends with the command must not be noted in this folder.
            with _passing_workspace():
                for name, value in new_chain(rpc_url).items():
                    every[name] = value if every[name] is None else every[name]
                command.callback(**every)
        else:
            command.callback(**every)

    return _OnApe(  # type: ignore[no-untyped-call]
        name=command.name,
        callback=callback,
        help=help,
        short_help=command.short_help,
        params=[param for param in command.params if param.name not in _REPLACED],
    )


class _OnApe(ConnectedProviderCommand):
    """A command whose errors are one sentence and its remedy, those of Ape's networks too."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        with _told():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        if ctx.params.get("json"):
            logger.set_level("WARNING")  # Ape tells what it does on standard output
        with _told(), in_words():
            return super().invoke(ctx)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except EscrowError as error:
        raise _Told(error) from error
    except ApeException as error:
        raise _Told(
            NodeError(
                f"Ape cannot use this network: {str(error).rstrip('.')}.",
                "Check --network (ape networks list shows the choices), and that its node "
                "runs or can be started: escrow doctor looks.",
                code="network",
            )
        ) from error


class _Told(click.ClickException):
    """An error in the words and with the exit code that ``escrow`` has for it."""

    def __init__(self, error: EscrowError) -> None:
        super().__init__(str(error))
        self.error = error
        self.exit_code = exits.code_of(error)

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the sentence and, on a line of its own, the remedy to standard error."""
        click.echo(f"Error: {self.error.sentence}", err=True)
        if self.error.remedy:
            click.echo(self.error.remedy, err=True)


def _url_of(provider: ProviderAPI) -> str:
    url = provider.http_uri
    if url is None:
        raise NodeError(
            f"The network {provider.network_choice} is not reached by HTTP.",
            "Choose one that is, or give its node's URL: --network http://127.0.0.1:8545.",
            code="network",
        )
    return str(url)


@contextmanager
def _passing_workspace() -> Iterator[None]:
    before = os.environ.get(HOME_VARIABLE)
    with tempfile.TemporaryDirectory() as folder:
        os.environ[HOME_VARIABLE] = folder
        try:
            yield
        finally:
            del os.environ[HOME_VARIABLE]
            if before is not None:
                os.environ[HOME_VARIABLE] = before
