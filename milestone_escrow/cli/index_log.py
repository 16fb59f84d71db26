"""How indexing is told: log lines for machines and for those who read logs, a bar for a person."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from milestone_escrow.cli.output import Screen

if TYPE_CHECKING:
    from milestone_escrow.indexer import Progress

__all__ = ["Log", "progress_bar"]


class Log:
    """Writes a line on standard error for each thing that happens.

    Attributes:
        format: ``text``, ``json`` or None, which writes nothing.
    """

    def __init__(self, format: str | None) -> None:
        """Write nothing yet."""
        self.format = format

    def info(self, event: str, **fields: Any) -> None:
        """Something happened as it should."""
        self._write("info", event, fields)

    def warn(self, event: str, **fields: Any) -> None:
        """Something went wrong, and is tried again."""
        self._write("warning", event, fields)

    def error(self, event: str, **fields: Any) -> None:
        """Something went wrong for good."""
        self._write("error", event, fields)

    def _write(self, level: str, event: str, fields: dict[str, Any]) -> None:
        if self.format is None:
            return
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if self.format == "json":
            line = json.dumps({"time": now, "level": level, "event": event, **fields})
        else:
            told = " ".join(f"{name}={json.dumps(value)}" for name, value in fields.items())
            line = f"{now} {level.upper():7} {event} {told}".rstrip()
        print(line, file=sys.stderr, flush=True)


@contextmanager
def progress_bar(screen: Screen) -> Iterator[Callable[[Progress], None] | None]:
    """Show a bar with rate and remaining time on standard error, if a person sees it."""
    if not screen.shows_progress():
        yield None
        return
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    bar = Bar(
        TextColumn("Indexing"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("block {task.fields[block]:,}, {task.fields[events]:,} events"),
        TextColumn("{task.fields[rate]:,} events/s"),
        TimeRemainingColumn(),
        console=screen.console(err=True),
        transient=True,
    )
    first: list[int] = []
    ended: list[bool] = []

    def advance(progress: Progress) -> None:
        if not first:
            if progress.block == progress.head:
                return  # a single batch: nothing to wait for
            first.append(progress.block)
            bar.add_task("", block=0, events=0, rate=0)
            bar.start()
        if ended:
            return  # what follows comes block by block
        elapsed = bar.tasks[0].elapsed or 0
        bar.update(
            bar.task_ids[0],
            total=progress.head - first[0],
            completed=progress.block - first[0],
            block=progress.block,
            events=progress.events,
            rate=round(progress.events / elapsed) if elapsed else 0,
        )
        if progress.block == progress.head:
            ended.append(True)
            bar.stop()

    try:
        yield advance
    finally:
        bar.stop()
