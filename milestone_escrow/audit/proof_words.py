"""What a proof shows, in plain words. Amounts are raw units: a proof knows no decimals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from milestone_escrow.audit.proof_check import Proven
from milestone_escrow.times import instant

__all__ = ["words_of"]


def words_of(proven: Proven) -> tuple[str, ...]:
    """Return what a proof shows, a sentence each, and what it rests on."""
    claims = proven.claims
    lines = [
        f"All of this holds if block {claims['block']['number']} of the chain has the hash "
        f"0x{proven.block_hash.hex()}; the proof does not show that."
    ]
    lines += _transaction(claims) if "transaction" in claims else _state(claims)
    if proven.is_this_version is None:
        lines.append("What code the contract has is not part of this proof.")
    elif proven.is_this_version:
        lines.append("The contract has the code of the milestone escrow of this version.")
    else:
        lines.append(
            "The contract does not have the code of the milestone escrow of this version: what its "
            "words mean is not known."
        )
    return tuple(lines)


def _state(claims: dict[str, Any]) -> Iterator[str]:
    yield (
        f"At the end of that block, {_when(claims)}, the contract {claims['escrow']} had "
        f"{claims['balance']} raw units of the native coin."
    )
    for deal in claims["deals"]:
        if not deal["opened"]:
            yield f"The deal {deal['deal_id']} was not open."
            continue
        words = ["closed, replaced by another" if deal["closed"] else "open"]
        words.append("the freelancer was bound" if deal["bound"] else "nobody was bound")
        yield (
            f"The deal {deal['deal_id']}, which is the agreement in this file on chain "
            f"{deal['chain_id']}, was {', '.join(words)}."
        )
        for each in deal["milestones"]:
            yield (
                f"Milestone {each['index']} of {each['amount']} raw units was {each['state']}, "
                f"held {each['remaining']}"
                + (f", had paid {each['paid']}" if each["paid"] != "0" else "")
                + (f", since {instant(int(each['since']))}" if each["since"] != "0" else "")
                + "."
            )
    for credit in claims["credits"]:
        yield (
            f"{credit['owner']} could fetch {credit['amount']} raw units of the token "
            f"{credit['token']}."
        )


def _transaction(claims: dict[str, Any]) -> Iterator[str]:
    transaction = claims["transaction"]
    outcome = "went through" if transaction["succeeded"] else "failed"
    yield (
        f"The transaction {transaction['hash']} is number {transaction['position']} of that block, "
        f"{_when(claims)}, and {outcome}."
    )
    for event in claims["events"]:
        args = ", ".join(
            f"{name} {value}" for name, value in event["args"].items() if name != "agreement"
        )
        yield f"In it the contract {claims['escrow']} logged {event['event']}: {args}."
    if not claims["events"]:
        yield f"In it the contract {claims['escrow']} logged nothing."


def _when(claims: dict[str, Any]) -> str:
    return instant(int(claims["block"]["timestamp"]))
