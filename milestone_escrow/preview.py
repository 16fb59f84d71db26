"""What calls would do if they were sent now: their events and gas, nothing being sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from milestone_escrow.exceptions import ContractRevert, NodeError

if TYPE_CHECKING:
    from milestone_escrow.calls import Call
    from milestone_escrow.client import EscrowClient, Receipt

__all__ = ["preview"]


def preview(client: EscrowClient, calls: Sequence[Call]) -> tuple[Receipt, ...] | None:
    """Return the receipts that calls would have, sent one after the other.

    Returns:
        None where the node does not simulate (``eth_simulateV1``), as older ones do not.

    Raises:
        ContractRevert: one of them would be refused.
        NodeError: no node answers.
    """
    from hexbytes import HexBytes

    from milestone_escrow.revert_sentences import decode_revert
    from milestone_escrow.rpc_errors import request

    asked = {"blockStateCalls": [{"calls": [client.transaction(call) for call in calls]}]}
    try:
        (block,) = request(client.w3, "eth_simulateV1", asked, "latest")
    except (NodeError, ContractRevert) as error:
        if isinstance(error, NodeError) and error.code != "node-refused":
            raise
        return None
    receipts = []
    for call, outcome in zip(calls, block["calls"], strict=True):
        if int(outcome["status"], 16) != 1:
            raise decode_revert(bytes(HexBytes(outcome.get("returnData", "0x"))))
        logs = [_completed(log, block) for log in outcome["logs"]]
        receipts.append(
            client.receipt(
                call,
                bytes(32),
                {"logs": logs, "blockNumber": block["number"], "gasUsed": outcome["gasUsed"]},
            )
        )
    return tuple(receipts)


def _completed(log: dict[str, Any], block: dict[str, Any]) -> dict[str, Any]:
    """Return a log with the place that a block in the making has not given it yet."""
    zero = "0x" + "0" * 64
    place = {"blockNumber": block["number"], "blockHash": zero, "transactionHash": zero}
    return log | {name: log.get(name) or value for name, value in place.items()}
