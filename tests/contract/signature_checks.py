"""One signature at the contract's check and at the library's: who counts as its signer."""

from __future__ import annotations

import json
from collections.abc import Iterable

from milestone_escrow.exceptions import ContractRevert, SignatureError
from milestone_escrow.typed_data import recover
from tests.contract.signature_rules import TABLE, Vector
from tests.evm import Chain, Contract, deploy

__all__ = ["checker", "disagreements", "listed"]

_LONGEST = 1_024  # bytes that the contract takes at all


def listed() -> list[Vector]:
    """Return the vectors of the committed table."""
    return [
        Vector(
            row["rule"],
            row["signer"],
            bytes.fromhex(row["digest"]),
            bytes.fromhex(row["signature"]),
            row["counts"],
        )
        for row in json.loads(TABLE.read_text(encoding="utf-8"))
    ]


def checker() -> Contract:
    """Return the contract's check by itself, deployed."""
    return deploy(Chain(), "mocks/SignatureChecker.vy")


def disagreements(at: Contract, some: Iterable[Vector]) -> tuple[int, list[str]]:
    """Return how many vectors were tried, and of which the contract or the library think ill."""
    tried, wrong = 0, []
    for vector in some:
        tried += 1
        found = _at_contract(at, vector), _at_library(vector)
        if found != (vector.counts, vector.counts):
            wrong.append(f"the contract {found[0]}, the library {found[1]}: {vector}")
    return tried, wrong


def _at_contract(at: Contract, vector: Vector) -> bool:
    data = at.calldata("check", vector.signer, vector.digest, vector.signature)
    try:
        at.chain.read(at.address, data)
    except ContractRevert as refused:
        # What is longer is no argument of this type, so that the check does not see it.
        known = "BadSignature" if len(vector.signature) <= _LONGEST else "NoReason"
        assert refused.error == known, vector
        return False
    return True


def _at_library(vector: Vector) -> bool:
    try:
        return recover(vector.digest, vector.signature) == vector.signer
    except SignatureError:
        return False
