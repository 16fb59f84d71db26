"""The arbiter adapter: its calls, and what it says of itself and of a case.

An agreement that names an adapter (``contracts/arbiters/ArbiterAdapter.vy``) as its arbiter has its
disputes decided by an ERC-792 arbitrator. The builders are named as the adapter's functions; what
they need is the agreement, whose arbiter the adapter is. Fees are wei of the native coin. Its
events are in ``milestone_escrow.arbiter_events``.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import collapse_if_tuple
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from milestone_escrow import artifacts
from milestone_escrow.abi_values import ZERO_ADDRESS, to_address
from milestone_escrow.agreement import Agreement
from milestone_escrow.arbiter_events import ADAPTER
from milestone_escrow.calls import Call, encode_call
from milestone_escrow.exceptions import ContractRevert, DeploymentError, UsageError

if TYPE_CHECKING:
    from web3 import Web3

__all__ = [
    "RULINGS",
    "Adapter",
    "Case",
    "arbitration_cost",
    "case_id",
    "confirm",
    "execute",
    "pay_fee",
    "read_adapter",
    "read_case",
    "read_credit",
    "rule",
    "submit",
    "submit_evidence",
    "withdraw_credit",
]

RULINGS: Final = ("refused", "freelancer", "employer")
"""Who gets the milestone, by the number of the ruling; refused: half each."""


# --- Calls


def confirm(agreement: Agreement, sender: str) -> Call:
    """Anyone has the adapter say on record that it will arbitrate an open deal."""
    return _about(agreement, "confirm", sender)


def pay_fee(agreement: Agreement, index: int, sender: str, fee: int) -> Call:
    """A party pays the arbitrator's fee for its side, wei; what is too much is credited."""
    return _about(agreement, "pay_fee", sender, index, value=fee)


def submit(agreement: Agreement, index: int, sender: str, lacking: int = 0) -> Call:
    """Anyone hands a case over, both sides having paid; ``lacking`` wei if the price rose."""
    return _about(agreement, "submit", sender, index, value=lacking)


def submit_evidence(agreement: Agreement, index: int, evidence: str, sender: str) -> Call:
    """A party shows the arbitrator the ERC-1497 evidence at a URI of at most 512 bytes."""
    return _about(agreement, "submit_evidence", sender, index, evidence)


def rule(adapter: str, arbitrator: str, dispute_id: int, ruling: int) -> Call:
    """The arbitrator decides: 0 refused, 1 all to the freelancer, 2 all to the employer."""
    return _at(adapter, "rule", arbitrator, dispute_id, ruling)


def execute(agreement: Agreement, index: int, sender: str) -> Call:
    """Anyone ends a case: the milestone is split as ruled, and the fees left are credited."""
    return _about(agreement, "execute", sender, index)


def withdraw_credit(adapter: str, owner: str, to: str) -> Call:
    """The owner of a credit at the adapter takes all of it."""
    return _at(adapter, "withdraw_credit", owner, to)


# --- Reading


@dataclass(frozen=True, slots=True)
class Adapter:
    """What an adapter was deployed with.

    Attributes:
        address: The adapter, checksummed.
        escrow: Whose disputes it has decided.
        notes: Of that escrow.
        arbitrator: The ERC-792 arbitrator.
        extra_data: What the arbitrator is given with each dispute.
        fee_period: Seconds that the second side has to pay.
        arbitration_period: Seconds that the arbitrator needs.
    """

    address: str
    escrow: str
    notes: str
    arbitrator: str
    extra_data: bytes
    fee_period: int
    arbitration_period: int


@dataclass(frozen=True, slots=True)
class Case:
    """What an adapter stores of a case; all zero before the first fee and after the execution.

    Attributes:
        status: 0 unpaid, 1 the freelancer paid, 2 the employer paid, 3 both, 4 submitted, 5 ruled.
        fee: Wei that each side pays; once submitted: that go back to the winner.
        due: Unix seconds; the other side pays before.
        ruling_ends: Unix seconds; the escrow takes a ruling before.
        ruling: See ``RULINGS``.
    """

    status: int
    fee: int
    due: int
    ruling_ends: int
    ruling: int


def case_id(deal_id: bytes, index: int) -> int:
    """Return the id of a milestone's case, whether there is one or not."""
    return int.from_bytes(keccak(encode(["bytes32", "uint256"], [deal_id, index])), "big")


def read_adapter(w3: Web3, address: str) -> Adapter:
    """Return what an adapter was deployed with.

    Raises:
        UsageError: that is no address.
        DeploymentError: there is no adapter (``no-adapter``).
        NodeError: no node answers.
    """
    address = to_address(address, "adapter", UsageError)
    values = [
        _view(w3, address, field.name) for field in fields(Adapter) if field.name != "address"
    ]
    return Adapter(address, *values)


def read_case(w3: Web3, adapter: str, deal_id: bytes, index: int) -> Case:
    """Return what an adapter stores of a milestone's case.

    Raises:
        DeploymentError: there is no adapter (``no-adapter``).
        NodeError: no node answers.
    """
    return Case(*_view(w3, adapter, "case", case_id(deal_id, index)))


def read_credit(w3: Web3, adapter: str, owner: str) -> int:
    """Return the wei that an owner can withdraw from an adapter; raises as ``read_case``."""
    return int(_view(w3, adapter, "credit", owner))


def arbitration_cost(w3: Web3, adapter: Adapter) -> int:
    """Return the price of the adapter's arbitrator now, wei.

    Raises:
        DeploymentError: the arbitrator does not say (``no-arbitrator``).
        NodeError: no node answers.
    """
    from milestone_escrow.rpc_errors import request

    data = encode_call("arbitrationCost", adapter.extra_data, contract="CentralizedArbitrator")
    try:
        answer = request(
            w3, "eth_call", {"to": adapter.arbitrator, "data": "0x" + data.hex()}, "latest"
        )
        (cost,) = decode(["uint256"], bytes.fromhex(answer[2:]))
    except (ContractRevert, DecodingError, ValueError, TypeError) as error:
        raise DeploymentError(
            f"The arbitrator {adapter.arbitrator} does not say what it costs.",
            "Wait until it is in order again; the ruling period ends in the agreed fallback.",
            code="no-arbitrator",
        ) from error
    return int(cost)


# --- Inside


def _about(agreement: Agreement, name: str, sender: str, *arguments: Any, value: int = 0) -> Call:
    """Return a call on a case, at the agreement's arbiter."""
    if agreement.arbiter == ZERO_ADDRESS:
        raise UsageError(
            "The agreement has no arbiter.",
            "Only a deal whose arbiter is an adapter has cases.",
            code="no-adapter",
        )
    return _at(agreement.arbiter, name, sender, agreement.as_tuple(), *arguments, value=value)


def _at(adapter: str, name: str, sender: str, *arguments: Any, value: int = 0) -> Call:
    return Call(
        name,
        to_address(sender, "sender", UsageError),
        encode_call(name, *arguments, contract=ADAPTER),
        value=value,
        contract=ADAPTER,
        to=to_address(adapter, "adapter", UsageError),
    )


def _view(w3: Web3, adapter: str, name: str, *arguments: Any) -> Any:
    # Web3 takes a second to import, and what only builds calls does without.
    from milestone_escrow.rpc_errors import request

    (entry,) = (
        entry
        for entry in artifacts.load(ADAPTER).abi
        if entry["type"] == "function" and entry["name"] == name
    )
    data = encode_call(name, *arguments, contract=ADAPTER)
    types = [collapse_if_tuple(output) for output in entry["outputs"]]
    try:
        answer = request(w3, "eth_call", {"to": adapter, "data": "0x" + data.hex()}, "latest")
        (value,) = decode(types, bytes.fromhex(answer[2:]))
    except (ContractRevert, DecodingError, ValueError, TypeError) as error:
        raise DeploymentError(
            f"There is no arbiter adapter at {adapter}.",
            "Check the address, and that the agreement's arbiter is an adapter.",
            code="no-adapter",
        ) from error
    return to_checksum_address(value) if types == ["address"] else value
