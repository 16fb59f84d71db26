"""What was asked of the bridge, as a wallet shows by the descriptors what the bridge made of it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from milestone_escrow.abi_values import ZERO_ADDRESS
from milestone_escrow.call_facts import CALL_FACTS
from milestone_escrow.calls import ESCROW, NOTES
from scripts._build.erc7730 import descriptors
from tests.bridge.clear_signing import read_call
from tests.bridge.errands import Errand, Place

__all__ = ["assert_shown"]

_AMOUNTS: Final = ("amount", "paid_total", "freelancer_amount", "freelancer_amounts")
_TIMES: Final = ("expiry", "deadline")
_NOT_SHOWN_AS_ASKED: Final = ("deal_id", "units")  # of which the agreement is shown


def assert_shown(place: Place, name: str, errand: Errand, transaction: dict[str, Any]) -> None:
    """Read a prepared transaction by the descriptors of the deployment, and compare."""
    facts, stage = CALL_FACTS[name], place.stage
    where = {ESCROW: stage.escrow.address, NOTES: place.town.notes}
    descriptor = descriptors(stage.escrow.chain_id, where)[f"calldata-{facts.contract}.json"]
    token = ZERO_ADDRESS if errand.agreement is None else errand.agreement.token
    known = {} if token == ZERO_ADDRESS else {token: ("UNIT", 6)}
    unit = known.get(token, ("ETH", 18))
    shown = read_call(descriptor, transaction, known)
    assert shown.texts("Does") == [facts.does] and shown.texts("Final") == [facts.final]
    for field, value in errand.body.items():
        if field in ("agreement", "new"):
            for term in ("employer", "freelancer", "arbiter", "document"):
                assert shown.at(f"{field}.{term}") == [value[term]]
            amounts = [_amount(part["amount"], *unit) for part in value["milestones"]]
            assert shown.at(f"{field}.milestones.[].amount") == amounts
        elif field not in _NOT_SHOWN_AS_ASKED:
            path = f"{field}.[]" if isinstance(value, list) else field
            values = value if isinstance(value, list) else [value]
            assert shown.at(path) == [_text(field, each, unit) for each in values], field


def _text(field: str, value: Any, unit: tuple[str, int]) -> str:
    if field in _AMOUNTS:
        return _amount(value, *unit)
    if field in _TIMES:
        return datetime.fromtimestamp(int(value), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"{value}%" if field == "percent" else str(value)


def _amount(raw: str, symbol: str, decimals: int) -> str:
    return f"{Decimal(raw).scaleb(-decimals).normalize():f} {symbol}"
