"""Random plays by seed ranges, in several processes, to be stopped and taken up again."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import nullcontext
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from tests.compiled import ROOT, built, escrow_code
from tests.contract.playing import AGED, YOUNG, play_one

__all__ = ["Batch", "Played", "journal_of", "play", "seeds_of"]

_PLAYS: Final = 50  # of a batch at most: some seconds
_USUAL: Final = 1_000  # calls of a play
PACES: Final = (YOUNG, AGED)


@dataclass(frozen=True, slots=True)
class Batch:
    """Plays of one pace with the seeds ``first``, ``first + 1``, and so on.

    Attributes:
        first: The first seed.
        plays: How many.
        pace: How often time jumps.
        optimize: The compiler's optimisation of the escrow; empty: as published.
    """

    first: int
    plays: int
    pace: float
    optimize: str = ""


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a batch.

    Attributes:
        batch: The batch.
        calls: Calls executed in the EVM and in the model.
        done: How many of them went through.
        failure: What went wrong, with the seed and its story; empty: nothing.
    """

    batch: Batch
    calls: int
    done: int
    failure: str = ""


def seeds_of(played: Sequence[Played]) -> str:
    """Return the seeds of some batches in words."""
    last = max(it.batch.first + it.batch.plays for it in played) - 1
    return f"{min(it.batch.first for it in played)}..{last}, paces {PACES[0]} and {PACES[1]}"


def play(
    calls: int,
    first: int,
    *,
    optimize: str = "",
    processes: int = 1,
    journal: Path | None = None,
    progress: Callable[[int], None] = lambda calls: None,
) -> list[Played]:
    """Play batches from a seed on until so many calls were executed, or one went wrong.

    Args:
        calls: At least so many.
        first: The first seed.
        optimize: See ``Batch``.
        processes: How many at a time.
        journal: Where finished batches are written; those that are there already are not played.
        progress: Told the calls so far after each batch.
    """
    known = _read(journal)
    played: list[Played] = []
    total = 0
    plays = min(max(calls // (len(PACES) * _USUAL), 1), _PLAYS)
    batches = _batches(first, plays, optimize)
    pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"))
    running: set[Future[Played]] = set()

    def take(one: Played) -> None:
        nonlocal total
        played.append(one)
        total += one.calls
        progress(total)

    try:
        while True:
            # What runs is counted as if it were done.
            while len(running) < processes and total + _USUAL * plays * len(running) < calls:
                batch = next(batches)
                if batch in known:
                    take(known[batch])
                else:
                    running.add(pool.submit(_play, batch))
            if not running:
                return played
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                one = future.result()
                take(one)
                if one.failure:
                    return played
                _write(journal, one)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _batches(first: int, plays: int, optimize: str) -> Iterator[Batch]:
    while True:
        for pace in PACES:
            yield Batch(first, plays, pace, optimize)
        first += plays


def _play(batch: Batch) -> Played:
    seen: Counter[str] = Counter()
    with built(batch.optimize) if batch.optimize else nullcontext():
        for seed in range(batch.first, batch.first + batch.plays):
            try:
                for (_, result), times in play_one(seed, batch.pace).items():
                    seen[result] += times
            except Exception as error:
                return Played(batch, seen.total(), seen["done"], _failure(error, seed, batch))
    return Played(batch, seen.total(), seen["done"])


def _failure(error: Exception, seed: int, batch: Batch) -> str:
    again = f"python -m tests.verify.replay {seed} {batch.pace}"
    if batch.optimize:
        again += f" --optimize {batch.optimize}"
    told = [f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())]
    return "\n".join([*told, f"Again: {again}"])


# --- The journal: one line a batch


def journal_of(name: str) -> Path:
    """Return where the batches of a run are written: another file for every state of the code."""
    found = hashlib.sha256(escrow_code()[1])
    tests = ROOT / "tests"
    own = [path for path in (tests / "contract").glob("*.py") if not path.match("test_*")]
    own += [tests / f"{name}.py" for name in ("compiled", "escrow", "evm", "roles", "words")]
    for path in sorted([*own, *tests.glob("model*.py")]):
        found.update(path.read_bytes())
    return ROOT / ".build" / "verify" / f"{name}-{found.hexdigest()[:12]}.jsonl"


def _read(journal: Path | None) -> dict[Batch, Played]:
    if journal is None or not journal.exists():
        return {}
    known: dict[Batch, Played] = {}
    for line in journal.read_text(encoding="utf-8").splitlines():
        try:
            *of_batch, calls, done = json.loads(line)
        except ValueError:
            continue  # the line that was being written when the run was stopped
        known[Batch(*of_batch)] = Played(Batch(*of_batch), calls, done)
    return known


def _write(journal: Path | None, one: Played) -> None:
    if journal is None:
        return
    journal.parent.mkdir(parents=True, exist_ok=True)
    batch = one.batch
    line = [batch.first, batch.plays, batch.pace, batch.optimize, one.calls, one.done]
    with journal.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())
