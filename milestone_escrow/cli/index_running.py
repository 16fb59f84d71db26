"""Running an indexer from the command line: once with a bar, or until a signal, watched."""

from __future__ import annotations

import contextlib
import resource
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from milestone_escrow.cli import exits
from milestone_escrow.cli.index import Wanted
from milestone_escrow.cli.index_bar import progress_bar
from milestone_escrow.cli.index_log import Log
from milestone_escrow.cli.output import Screen
from milestone_escrow.cli.terminating import Terminated, terminable
from milestone_escrow.cli.words import counted
from milestone_escrow.exceptions import EscrowError, NodeError
from milestone_escrow.indexer import Indexer, IndexReport

if TYPE_CHECKING:
    from milestone_escrow.indexer.ranges_dask import Workers

__all__ = ["Settings", "peak_memory", "run"]

_KIB: Final = 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """How to index; see the options of the same names."""

    once: bool
    at: int | None
    finality: str
    confirmations: int | None
    interval: float
    timeout: float
    listen: str | None
    log_format: str | None
    workers: str | None
    add: bool


def run(screen: Screen, wanted: Wanted, settings: Settings) -> None:
    """Index once, or until a signal.

    Raises:
        EscrowError: As ``Indexer.run_once`` and ``Indexer.follow``.
        KeyboardInterrupt: Ctrl-C.
    """
    log = Log(settings.log_format)
    with contextlib.ExitStack() as stack:
        workers = _workers(settings, stack)
        indexer = stack.enter_context(
            Indexer(
                wanted.urls,
                wanted.store,
                wanted.escrow,
                wanted.from_block,
                notes=wanted.notes,
                add=settings.add or not isinstance(wanted.store, Path),
                timeout=settings.timeout,
                finality=settings.finality,
                confirmations=settings.confirmations,
                changed=lambda node, why: log.warn("node-changed", node=node, why=why.sentence),
                executor=None if workers is None else workers.executor,
                reader=None if workers is None else workers.reader(wanted.urls, settings.timeout),
            )
        )
        log.info("started", store=wanted.shown, escrow=wanted.escrow, node=indexer.nodes.name)
        try:
            with terminable():
                if settings.once:
                    with progress_bar(screen) as progress:
                        report = indexer.run_once(progress, to_block=settings.at)
                    _Shown(screen, wanted, log, indexer, False).report(report)
                else:
                    _follow(screen, wanted, settings, log, indexer)
        except Terminated:
            log.info("stopped", by="SIGTERM")
            if settings.once:  # one that follows is never done, and ends well like this
                raise click.exceptions.Exit(exits.TERMINATED) from None
        except KeyboardInterrupt:
            log.info("stopped", by="SIGINT")
            raise
        except EscrowError as error:
            log.error("failed", code=error.code, why=error.sentence, remedy=error.remedy)
            raise


def _follow(screen: Screen, wanted: Wanted, settings: Settings, log: Log, indexer: Indexer) -> None:
    """Tell of every run that brought something, until a signal."""
    shown = _Shown(screen, wanted, log, indexer, True)
    with contextlib.ExitStack() as stack:
        if settings.listen is not None:
            from milestone_escrow.indexer.metrics import Watch

            watch = stack.enter_context(Watch(settings.listen, indexer.health, indexer.nodes))
            log.info("listening", url=watch.url)
            shown.note(f"Health and metrics at {watch.url}.")
        progress = stack.enter_context(progress_bar(screen))
        try:
            indexer.follow(
                threading.Event(),
                interval=settings.interval,
                ws_url=wanted.ws_url,
                progress=progress,
                report=shown.report,
                trouble=shown.trouble,
                connected=shown.connected,
            )
        except EscrowError as error:
            if settings.listen is None:
                raise
            # Whoever watches shall see what is wrong: it stays, red, and indexes nothing.
            log.error("failed", code=error.code, why=error.sentence, remedy=error.remedy)
            shown.note(f"{error} Waiting to be stopped.")
            _wait_for_a_signal()
            raise


def _wait_for_a_signal() -> None:
    with contextlib.suppress(Terminated, KeyboardInterrupt):
        threading.Event().wait()


def _workers(settings: Settings, stack: contextlib.ExitStack) -> Workers | None:
    if settings.workers is None:
        return None
    from milestone_escrow.indexer.ranges_dask import Workers

    return stack.enter_context(Workers(settings.workers, timeout=settings.timeout))


@dataclass(slots=True)
class _Shown:
    """What a person, a program or a log gets to see of the runs."""

    screen: Screen
    wanted: Wanted
    log: Log
    indexer: Indexer
    following: bool
    runs: int = 0
    silent: bool = False

    def report(self, report: IndexReport) -> None:
        """A run ended."""
        self.runs += 1
        if self.silent:
            self.silent = False
            self.log.info("node-answers", node=self.indexer.nodes.name)
            self.note("The node answers again.")
        if self.runs == 1 or report.events or report.reorgs or report.unknown:
            fields = asdict(report) | {"seconds": round(report.seconds, 3)}
            self.log.info("indexed", **fields)
            self._show(report, fields)
            if self.runs == 1 and self.following:
                self.note("Following the chain; Ctrl-C stops.")

    def trouble(self, error: NodeError) -> None:
        """A run failed, and will be tried again."""
        self.log.warn("trouble", code=error.code, why=error.sentence)
        if not self.silent:
            self.note(f"{error.sentence} Waiting for it.")
        self.silent = True

    def connected(self, there: bool) -> None:
        """The WebSocket came or went."""
        self.log.info("websocket", connected=there)

    def note(self, text: str) -> None:
        """Tell a person something beside the result; the log has its own words."""
        if self.log.format is None:
            self.screen.note(text)

    def _show(self, report: IndexReport, fields: dict[str, Any]) -> None:
        if self.screen.json:
            self.screen.emit(
                fields | _measured(report, self.indexer) | {"store": self.wanted.shown}
            )
            return
        line = (
            f"Block {report.head:,}: {counted(report.events, 'new event')} "
            f"in {counted(report.blocks, 'block')}, {report.seconds:.1f} s."
        )
        if report.reorgs:
            line += f" The chain was reorganised {counted(report.reorgs, 'time')}."
        if report.unknown:
            line += f" {counted(report.unknown, 'log')} of no known event."
        self.screen.line(line)


def _measured(report: IndexReport, indexer: Indexer) -> dict[str, Any]:
    return {
        "events_per_second": round(report.events / report.seconds) if report.seconds else None,
        "peak_memory": peak_memory(),
        "requests": indexer.nodes.requests,
    }


def peak_memory() -> int:
    """Return the most memory that this process had resident, bytes."""
    # Where the kernel tells it of the program alone; getrusage begins with what the process was
    # before it became this program, a large shell or Python.
    with contextlib.suppress(OSError), open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * _KIB
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * _KIB
