"""From a play that went wrong, the few steps that still go wrong in the same way."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from tests.contract.twin import Step, Twin
from tests.model_deal import Deal

__all__ = ["shrink"]

_SECONDS: Final = 30.0  # that shrinking may take


def shrink(steps: Sequence[Step]) -> list[Step]:
    """Return as few of the steps as still fail as all of them do; all, if replayed they do not."""
    kept = [*steps]
    wanted = _failure(kept)
    if wanted is None:
        return kept
    end = time.monotonic() + _SECONDS
    size = len(kept) // 2
    while size:
        at, before = 0, len(kept)
        while at < len(kept) and time.monotonic() < end:
            fewer = kept[:at] + kept[at + size :]
            if _failure(fewer) == wanted:
                kept = fewer
            else:
                at += size
        if size > 1 or len(kept) == before:
            size //= 2
    return kept


def _failure(steps: Sequence[Step]) -> tuple[str, str, str] | None:
    """Return which step fails and how when steps are made in a new world, None if none does."""
    twin = Twin()
    name = "finish"
    for deal in {id(deal): deal for step in steps for deal in _deals(step)}.values():
        twin.deal(deal.agreement)
    try:
        for step in steps:
            name = step.name
            twin.do(_moved(step, twin))
        name = "finish"
        twin.finish()
    except Exception as error:
        return name, type(error).__name__, str(error).split(":")[0]
    return None


def _deals(step: Step) -> list[Deal]:
    return [argument for argument in step.arguments if isinstance(argument, Deal)]


def _moved(step: Step, twin: Twin) -> Step:
    """Return the step about the deals of another world."""
    arguments = tuple(
        twin.deal(argument.agreement) if isinstance(argument, Deal) else argument
        for argument in step.arguments
    )
    return step._replace(arguments=arguments)
