"""Errors of the API: one JSON shape for all (RFC 9457), never a traceback."""

from __future__ import annotations

from http import HTTPStatus

import msgspec

from frontend_bridge.api.models import Problem
from milestone_escrow.exceptions import (
    AgreementError,
    AmountError,
    ContractRevert,
    DeploymentError,
    DocumentError,
    EscrowError,
    NodeError,
    NotEnoughFunds,
    StoreError,
    UnknownDeal,
    UsageError,
)
from milestone_escrow.offchain.quotas import QUOTA_REACHED

__all__ = ["Refused", "encode_problem", "refused_by"]

_TYPE = "urn:milestone-escrow:problem:"


class Refused(Exception):  # noqa: N818 - an answer, not a fault of this program
    """A request that is answered by a problem.

    Attributes:
        problem: What is sent.
        headers: Sent along.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        remedy: str,
        code: str,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        """Make the problem.

        Args:
            status: Of HTTP.
            detail: What is wrong, one sentence.
            remedy: What to do about it, one sentence.
            code: Stable name for machines.
            headers: Beside the usual ones.
        """
        super().__init__(detail)
        self.problem = Problem(
            type=_TYPE + code,
            title=HTTPStatus(status).phrase,
            status=status,
            detail=detail,
            remedy=remedy,
            code=code,
        )
        self.headers = headers


def refused_by(error: Exception) -> Refused:
    """Return what is answered for an error: the library's own in its words, others in none."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, UnknownDeal):
        return Refused(404, error.sentence, error.remedy, "unknown-deal")
    if isinstance(error, ContractRevert | NotEnoughFunds):
        return Refused(409, error.sentence, error.remedy, error.code)
    if isinstance(error, UsageError) and error.code == QUOTA_REACHED:
        return Refused(429, error.sentence, error.remedy, error.code, ((b"retry-after", b"3600"),))
    if isinstance(error, UsageError | AgreementError | AmountError | DocumentError):
        return Refused(422, error.sentence, error.remedy, error.code)
    if isinstance(error, StoreError):
        if error.code.startswith("offchain"):
            return unavailable(
                "offchain-unavailable",
                "What is kept beside the chain cannot be used at the moment.",
            )
        # What it says of files and servers is for whoever runs the bridge.
        code = "starting" if error.code == "no-store" else "index-unavailable"
        return unavailable(code, "The index cannot be read at the moment.")
    if isinstance(error, NodeError | DeploymentError):  # the latter: it serves another chain
        return unavailable("node-unavailable", "The node does not answer at the moment.")
    code = error.code if isinstance(error, EscrowError) else "mistake"
    return Refused(
        500, "The bridge made a mistake.", "Try again; if it stays, tell who runs it.", code
    )


def unavailable(code: str, detail: str) -> Refused:
    """Return a refusal that another try may mend."""
    return Refused(503, detail, "Try again in a few seconds.", code, ((b"retry-after", b"2"),))


def encode_problem(problem: Problem) -> bytes:
    """Return its JSON."""
    return msgspec.json.encode(problem)
