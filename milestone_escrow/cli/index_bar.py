"""The bar of a run of the indexer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from milestone_escrow.cli.output import Screen

if TYPE_CHECKING:
    from milestone_escrow.indexer import Progress

__all__ = ["progress_bar"]


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
