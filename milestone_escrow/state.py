"""The fold: from events, in the order of the chain, to the state of all deals. Pure, no I/O.

``Fold.apply`` takes one record after the other and changes its ``State`` in place; the state then
equals the contract's storage. An event that the contract could not have logged at that point raises
``FoldError`` and changes nothing. The objects of the state are passed on from
``milestone_escrow.deal_state``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from milestone_escrow.agreement import BPS, ZERO_ADDRESS
from milestone_escrow.deal_state import (
    OUTCOME_OF_REASON,
    Changes,
    Deal,
    DealMilestone,
    DealState,
    Ledger,
    MilestoneState,
    Outcome,
    State,
    Status,
)
from milestone_escrow.event_types import (
    Accepted,
    Active,
    Credited,
    CreditPaid,
    Disputed,
    Funded,
    Moved,
    Opened,
    Reason,
    Refunded,
    Released,
    ReleaseRequested,
    RequestVoided,
    Ruled,
    Superseded,
)
from milestone_escrow.events import Event, EventRecord, RawLog, record_of
from milestone_escrow.fold_rules import (
    BY_WILL,
    DISPUTED,
    FUNDED,
    HOLDING,
    REFUNDED_FROM,
    RELEASED_FROM,
    REQUESTED,
    SPLITS,
    UNDISPUTED,
    FoldError,
    Impossible,
    check_party,
    check_remaining,
    check_ruling,
    milestone_in,
    milestone_of,
    refuse,
)

__all__ = [
    "Changes",
    "Deal",
    "DealMilestone",
    "DealState",
    "Fold",
    "FoldError",
    "Ledger",
    "MilestoneState",
    "Outcome",
    "State",
    "Status",
    "fold",
]


def fold(records: Iterable[EventRecord]) -> State:
    """Return the state after ``records``, which are all the events of one escrow, in order.

    Raises:
        FoldError: An event cannot have happened at its place.
    """
    folding = Fold()
    for record in records:
        folding.apply(record)
    return folding.state


# Members of an enumeration, each looked up once: Python 3.11 takes longer for that by name than for
# the rest of what an event needs.
_AGREED, _RESERVED, _FUNDED, _REQUESTED, _DISPUTED, _SETTLED = Status
_WITHDRAW: Final = Reason.WITHDRAW
_MOVED: Final = Outcome.MOVED

_MilestoneEvent = (
    Funded | ReleaseRequested | RequestVoided | Disputed | Ruled | Released | Refunded | Moved
)


class Fold:
    """Applies events, one at a time, to a state.

    Attributes:
        state: Changed in place.
    """

    def __init__(self, state: State | None = None) -> None:
        """Go on from ``state``; without one, from before the first event."""
        self.state = State() if state is None else state
        self._changes = Changes()
        self._block_number = 0  # of the event that is being applied
        self._log_index = 0
        self._handlers: dict[type, Callable[[Any], None]] = {
            Opened: self._opened,
            Accepted: self._accepted,
            Superseded: self._superseded,
            Active: self._active,
            Funded: self._funded,
            ReleaseRequested: self._release_requested,
            RequestVoided: self._request_voided,
            Disputed: self._disputed,
            Ruled: self._ruled,
            Released: self._released,
            Refunded: self._refunded,
            Moved: self._moved,
            Credited: self._credited,
            CreditPaid: self._credit_paid,
        }

    def apply(self, record: EventRecord) -> None:
        """Apply one event.

        Raises:
            FoldError: The event cannot have happened here; the state is as before.
        """
        self.apply_event(record, record.event)

    def apply_event(self, place: RawLog | EventRecord, event: Event) -> None:
        """Apply an event that stands at the place of a log; else as ``apply``."""
        state = self.state
        block_number = self._block_number = place.block_number
        log_index = self._log_index = place.log_index
        try:
            if block_number <= state.block_number and (
                block_number < state.block_number or log_index <= state.log_index
            ):
                refuse(f"log {state.log_index} of block {state.block_number} was applied before")
            self._handlers[type(event)](event)
        except Impossible as why:
            record = record_of(place, event) if isinstance(place, RawLog) else place
            deal_id, index = getattr(event, "deal_id", None), getattr(event, "index", None)
            raise FoldError(str(why), record, deal_id, index) from None
        state.block_number = block_number
        state.log_index = log_index

    def take_changes(self) -> Changes:
        """Return what changed since the last call."""
        changes, self._changes = self._changes, Changes()
        return changes

    # --- The deal

    def _opened(self, event: Opened) -> None:
        agreement = event.agreement
        if self._known(event.deal_id) is not None:
            refuse("the deal was opened before")
        if (event.employer, event.freelancer) != (agreement.employer, agreement.freelancer):
            refuse("its parties are not those of its agreement")
        if not agreement.milestones:
            refuse("its agreement has no milestones")
        self.state.deals[event.deal_id] = Deal(
            event.deal_id,
            agreement,
            self._block_number,
            self._log_index,
            [DealMilestone(milestone.amount) for milestone in agreement.milestones],
        )
        self._changes.deals.add(event.deal_id)
        self._changes.milestones.update(
            (event.deal_id, i) for i in range(len(agreement.milestones))
        )

    def _accepted(self, event: Accepted) -> None:
        deal = self._open_deal(event.deal_id)
        if deal.bound:
            refuse("the freelancer was bound before")
        if event.freelancer != deal.agreement.freelancer or event.freelancer == ZERO_ADDRESS:
            refuse("the agreement names another freelancer")
        deal.bound = True
        self._changes.deals.add(event.deal_id)
        for index, milestone in enumerate(deal.milestones):
            if milestone.status is _RESERVED:
                milestone.status = _FUNDED
                self._changes.milestones.add((event.deal_id, index))

    def _superseded(self, event: Superseded) -> None:
        deal = self._open_deal(event.deal_id)
        if event.employer != deal.agreement.employer:
            refuse("the agreement names another employer")
        deal.closed = True
        deal.successor = event.successor
        self._changes.deals.add(event.deal_id)

    def _active(self, event: Active) -> None:
        deal = self._deal(event.deal_id)
        agreement = deal.agreement
        if event.actor not in (agreement.employer, agreement.freelancer, agreement.arbiter):
            refuse("the actor has no role in the agreement")
        if event.last_activity < max(deal.last_activity, agreement.final_deadline):
            refuse("its time is before the final deadline or the last activity")
        deal.last_activity = event.last_activity
        self._changes.deals.add(event.deal_id)

    # --- The milestone

    def _funded(self, event: Funded) -> None:
        deal = self._open_deal(event.deal_id)
        milestone = milestone_of(deal, event.index)
        if milestone.status is not _AGREED:
            refuse(f"the milestone is {milestone.status.name.lower()}")
        if event.remaining != milestone.amount:
            refuse(f"it holds {event.remaining}, the agreement says {milestone.amount}")
        milestone.status = _FUNDED if deal.bound else _RESERVED
        milestone.remaining = event.remaining
        milestone.funded_block = self._block_number
        deal.funded |= 1 << event.index
        self._changes.deals.add(event.deal_id)
        self._changed(event)
        self._ledger(deal).funded += event.remaining

    def _release_requested(self, event: ReleaseRequested) -> None:
        deal = self._open_deal(event.deal_id)
        milestone = milestone_in(deal, event.index, FUNDED)
        check_party(event.freelancer, deal.agreement.freelancer)
        check_remaining(milestone, event.remaining)
        milestone.status = _REQUESTED
        milestone.since = event.since
        milestone.evidence = event.evidence
        self._changed(event)

    def _request_voided(self, event: RequestVoided) -> None:
        deal = self._open_deal(event.deal_id)
        milestone = milestone_in(deal, event.index, REQUESTED)
        check_party(event.freelancer, deal.agreement.freelancer)
        check_remaining(milestone, event.remaining)
        milestone.status = _FUNDED
        milestone.since = 0
        self._changed(event)

    def _disputed(self, event: Disputed) -> None:
        deal = self._open_deal(event.deal_id)
        milestone = milestone_in(deal, event.index, UNDISPUTED)
        if milestone.status is _REQUESTED and event.actor != deal.agreement.employer:
            check_party(event.actor, deal.agreement.freelancer)
        else:
            check_party(event.actor, deal.agreement.employer)
        check_remaining(milestone, event.remaining)
        milestone.status = _DISPUTED
        milestone.since = event.since
        milestone.reason = event.reason
        self._changed(event)

    def _ruled(self, event: Ruled) -> None:
        deal = self._open_deal(event.deal_id)
        milestone = milestone_in(deal, event.index, DISPUTED)
        if milestone.ruling is not None:
            refuse("the arbiter ruled before")
        check_party(event.arbiter, deal.agreement.arbiter)
        share = milestone.remaining * deal.agreement.arbiter_bps // BPS
        if event.share != share:
            refuse(f"the arbiter's share is {event.share}, the agreement gives {share}")
        check_remaining(milestone, event.remaining + share)
        if event.freelancer_amount > event.remaining:
            refuse("it splits more than remains")
        milestone.arbiter_share = share
        milestone.remaining = event.remaining
        milestone.ruling = (event.freelancer_amount, event.remaining - event.freelancer_amount)
        self._changed(event)
        self._ledger(deal).shares += share

    def _released(self, event: Released) -> None:
        deal = self._open_deal(event.deal_id)
        milestone = milestone_in(deal, event.index, RELEASED_FROM.get(event.reason, ()))
        gross, agreement = event.gross, deal.agreement
        check_party(event.receiver, agreement.receiver)
        check_remaining(milestone, event.remaining + gross)
        may_leave = event.reason in SPLITS or (
            event.reason in BY_WILL and milestone.status in UNDISPUTED
        )
        if event.remaining and not may_leave:
            refuse(f"{event.remaining} remain where all must go")
        check_ruling(milestone, event.reason, (gross, event.remaining))
        fee = (milestone.paid + gross) * agreement.fee_bps // BPS - milestone.fees
        if event.fee != fee:
            refuse(f"the fee is {event.fee}, the agreement gives {fee}")
        milestone.paid += gross
        milestone.fees += fee
        milestone.remaining = event.remaining
        if event.remaining == 0:
            self._settle(deal, event.index, OUTCOME_OF_REASON[event.reason])
        self._changed(event)
        ledger = self._ledger(deal)
        ledger.gross += gross
        ledger.fees += fee

    def _refunded(self, event: Refunded) -> None:
        deal = self._open_deal(event.deal_id)
        milestone = milestone_in(deal, event.index, REFUNDED_FROM.get(event.reason, ()))
        check_party(event.receiver, deal.agreement.employer)
        check_remaining(milestone, event.remaining + event.amount)
        if event.remaining:
            refuse(f"{event.remaining} remain where all must go")
        to_freelancer = milestone.ruling[0] if milestone.ruling else 0
        check_ruling(milestone, event.reason, (to_freelancer, event.amount))
        milestone.remaining = 0
        if event.reason is _WITHDRAW:
            milestone.status = _AGREED
            milestone.funded_block = None
            deal.funded &= ~(1 << event.index)
            self._changes.deals.add(event.deal_id)
        else:
            milestone.refunded += event.amount
            self._settle(deal, event.index, OUTCOME_OF_REASON[event.reason])
        self._changed(event)
        self._ledger(deal).refunded += event.amount

    def _moved(self, event: Moved) -> None:
        deal = self._deal(event.deal_id)
        milestone = milestone_in(deal, event.index, HOLDING)
        if deal.successor is not None and event.successor != deal.successor:
            refuse("the deal has another successor")
        check_remaining(milestone, event.amount)
        milestone.moved = event.amount
        milestone.remaining = 0
        self._settle(deal, event.index, _MOVED)
        self._changed(event)
        self._ledger(deal).moved += event.amount

    # --- Credits

    def _credited(self, event: Credited) -> None:
        deal = self._deal(event.deal_id)
        if event.token != deal.agreement.token:
            refuse("the agreement names another token")
        credit = self._credit(event.token, event.owner) + event.amount
        if event.amount == 0 or event.credit != credit:
            refuse(f"the credit is {event.credit}, the credits before add up to {credit}")
        self.state.credits[event.token, event.owner] = credit
        self._changes.credits.add((event.token, event.owner))
        self._ledger(deal).credited += event.amount

    def _credit_paid(self, event: CreditPaid) -> None:
        credit = self._credit(event.token, event.owner)
        if event.amount == 0 or event.amount != credit:
            refuse(f"{event.amount} were paid, the credit is {credit}")
        del self.state.credits[event.token, event.owner]
        self._changes.credits.add((event.token, event.owner))
        self._changes.tokens.add(event.token)
        self.state.ledgers[event.token].credit_paid += event.amount

    # --- Looking up. By subscript, never by `get`: the dicts may load what they lack.

    def _known(self, deal_id: bytes) -> Deal | None:
        try:
            return self.state.deals[deal_id]
        except KeyError:
            return None

    def _deal(self, deal_id: bytes) -> Deal:
        try:
            return self.state.deals[deal_id]
        except KeyError:
            refuse("the deal was never opened")

    def _open_deal(self, deal_id: bytes) -> Deal:
        try:
            deal = self.state.deals[deal_id]
        except KeyError:
            refuse("the deal was never opened")
        if deal.closed:
            refuse("the deal is closed")
        return deal

    def _credit(self, token: str, owner: str) -> int:
        try:
            return self.state.credits[token, owner]
        except KeyError:
            return 0

    def _ledger(self, deal: Deal) -> Ledger:
        token = deal.agreement.token
        self._changes.tokens.add(token)
        try:
            return self.state.ledgers[token]
        except KeyError:
            ledger = self.state.ledgers[token] = Ledger()
            return ledger

    def _changed(self, event: _MilestoneEvent) -> None:
        self._changes.milestones.add((event.deal_id, event.index))

    def _settle(self, deal: Deal, index: int, outcome: Outcome) -> None:
        milestone = deal.milestones[index]
        milestone.status = _SETTLED
        milestone.since = 0
        milestone.outcome = outcome
        deal.settled |= 1 << index
        self._changes.deals.add(deal.deal_id)
