"""The one table of ``escrow call``: what each call takes, who sends it, and what is final.

A row's ``build`` makes the call with the library's builder of the same name. Here are the escrow's,
in the order of a deal's life; those of the contracts beside it have a file of their own.
"""

from __future__ import annotations

from typing import Final

from milestone_escrow import calls
from milestone_escrow.calls import ESCROW
from milestone_escrow.cli.calling.holdings import amend
from milestone_escrow.cli.calling.rows import CREDIT, SPLIT, Row
from milestone_escrow.cli.calling.table_beside import BESIDE

__all__ = ["CALLS", "Row"]

_PAID: Final = "A payment is never taken back."
_BOUND: Final = (
    "With the freelancer's signature the deal is bound: money then comes back only by the "
    "freelancer, a settlement, a ruling, the fallback or a lapse."
)


CALLS: Final = (
    Row(
        "fund",
        ESCROW,
        "employer",
        "Pay milestones in; with the freelancer's signature the deal is bound.",
        _BOUND,
        ("indexes", "signature"),
        "--agreement agreement.json --indexes all --signature signature.json --as employer",
        lambda g: calls.fund(g.agreement, g.indexes, g.signature()),
    ),
    Row(
        "fund-with-permit",
        ESCROW,
        "employer",
        "Pay milestones in, the token's permit standing for an approval.",
        _BOUND,
        ("indexes", "signature", "permit"),
        "--agreement agreement.json --index 0 --permit permit.json --as employer",
        lambda g: calls.fund_with_permit(g.agreement, g.indexes, g.signature(), g.permit),
    ),
    Row(
        "accept",
        ESCROW,
        "freelancer",
        "Accept a deal, provided that these milestones are funded.",
        "The deal is bound from then on, as by a signature.",
        ("indexes",),
        "--deal 0x1f3a9c2b --indexes 0,1 --as freelancer",
        lambda g: calls.accept(g.agreement, g.indexes),
        next="escrow call request-release --deal {deal} --index {index} --as freelancer",
    ),
    Row(
        "withdraw",
        ESCROW,
        "employer",
        "Take money back while nobody is bound.",
        "Nothing: the milestone can be funded anew.",
        ("indexes",),
        "--deal 0x1f3a9c2b --index 0 --as employer",
        lambda g: calls.withdraw(g.agreement, g.indexes),
    ),
    Row(
        "amend",
        ESCROW,
        "employer",
        "Replace the deal by another: an award, a change of terms or of scope.",
        "The old deal is closed for ever, and all that it holds moves to the new one.",
        ("new", "indexes", "expiry", "signature"),
        "--deal 0x1f3a9c2b --new next.json --indexes all --signature signature.json --as employer",
        amend,
        next="escrow deals",
    ),
    Row(
        "request-release",
        ESCROW,
        "freelancer",
        "Ask for release; the employer's review period begins.",
        "Unless the employer disputes in time, it can be claimed when the period ends.",
        ("indexes", "evidence"),
        "--deal 0x1f3a9c2b --index 0 --evidence-file report.pdf --as freelancer",
        lambda g: calls.request_release(g.agreement, g.indexes, g.hash("evidence")),
        next="escrow call release --deal {deal} --index {index} --as employer",
    ),
    Row(
        "void-request",
        ESCROW,
        "freelancer",
        "Take requests back.",
        "Nothing: release can be asked for anew.",
        ("indexes",),
        "--deal 0x1f3a9c2b --index 0 --as freelancer",
        lambda g: calls.void_request(g.agreement, g.indexes),
    ),
    Row(
        "release",
        ESCROW,
        "employer",
        "Pay all that remains of milestones.",
        _PAID,
        ("indexes",),
        "--deal 0x1f3a9c2b --index 0 --as employer",
        lambda g: calls.release(g.agreement, g.indexes),
    ),
    Row(
        "release-part",
        ESCROW,
        "employer",
        "Pay a part of a milestone.",
        _PAID,
        ("index", "amount"),
        "--deal 0x1f3a9c2b --index 0 --amount 0.5 --as employer",
        lambda g: calls.release_part(g.agreement, g.index, g.amount("amount")),
    ),
    Row(
        "redeem",
        ESCROW,
        "anyone",
        "Have the employer's voucher paid, less what was paid before.",
        _PAID,
        ("index", "paid_total", "expiry", "signature"),
        "--deal 0x1f3a9c2b --signature voucher.json --as freelancer",
        lambda g: calls.redeem(
            g.agreement,
            g.index,
            g.amount("paid_total"),
            g.expiry,
            g.signature(needed=True),
            g.sender,
        ),
    ),
    Row(
        "cancel",
        ESCROW,
        "freelancer",
        "Give what remains of milestones back to the employer.",
        "The milestones are settled for ever.",
        ("indexes",),
        "--deal 0x1f3a9c2b --index 0 --as freelancer",
        lambda g: calls.cancel(g.agreement, g.indexes),
    ),
    Row(
        "claim",
        ESCROW,
        "anyone",
        "Pay the freelancer what was requested, the review period being over.",
        _PAID,
        ("indexes",),
        "--deal 0x1f3a9c2b --index 0 --as freelancer",
        lambda g: calls.claim(g.agreement, g.indexes, g.sender),
    ),
    Row(
        "dispute",
        ESCROW,
        "employer or freelancer",
        "Freeze a milestone for the arbiter; the ruling period begins.",
        "It stays frozen until a ruling, a settlement, a full release, a cancel or the fallback.",
        ("index", "reason"),
        "--deal 0x1f3a9c2b --index 0 --reason-file complaint.md --as employer",
        lambda g: calls.dispute(g.agreement, g.index, g.sender, g.hash("reason")),
    ),
    Row(
        "rule",
        ESCROW,
        "arbiter",
        "Split a disputed milestone, the arbiter's share being taken first.",
        SPLIT,
        ("index", "freelancer_amount"),
        "--deal 0x1f3a9c2b --index 0 --freelancer-amount 0.6 --as arbiter",
        lambda g: calls.rule(g.agreement, g.index, g.amount("freelancer_amount")),
    ),
    Row(
        "apply-fallback",
        ESCROW,
        "anyone",
        "End a dispute that nobody ruled in time, by the agreed split.",
        SPLIT,
        ("index",),
        "--deal 0x1f3a9c2b --index 0 --as freelancer",
        lambda g: calls.apply_fallback(g.agreement, g.index, g.sender),
    ),
    Row(
        "settle",
        ESCROW,
        "employer or freelancer",
        "Split milestones as the other side signed.",
        SPLIT,
        ("indexes", "amounts", "expiry", "signature"),
        "--deal 0x1f3a9c2b --signature settlement.json --as employer",
        lambda g: calls.settle(
            g.agreement,
            g.indexes,
            g.amounts(),
            g.expiry,
            g.signature(needed=True),
            g.sender,
        ),
    ),
    Row(
        "settle-dormant",
        ESCROW,
        "anyone",
        "Give what a lapsed deal holds, and nobody asked for, back to the employer.",
        "The milestones are settled for ever.",
        ("indexes",),
        "--deal 0x1f3a9c2b --index 0 --as employer",
        lambda g: calls.settle_dormant(g.agreement, g.indexes, g.sender),
    ),
    Row(
        "keep-alive",
        ESCROW,
        "employer",
        "Record activity after the final deadline, so that the deal does not lapse.",
        "Nothing moves; the time until it lapses begins anew.",
        (),
        "--deal 0x1f3a9c2b --as employer",
        lambda g: calls.keep_alive(g.agreement),
    ),
    Row(
        "withdraw-credit",
        ESCROW,
        "owner of the credit",
        "Take a credit: a fee, an arbiter's share, or a payment that was refused.",
        CREDIT,
        ("token", "to"),
        "--token ETH --as arbiter",
        lambda g: calls.withdraw_credit(
            g.place.token(g.text("token")).address, g.sender, g.party("to")
        ),
        on_deal=False,
        next="escrow deals",
    ),
    Row(
        "pay-credit",
        ESCROW,
        "anyone",
        "Try again to pay an owner its credit.",
        CREDIT,
        ("token", "owner"),
        "--token ETH --owner 0x90F79bf6EB2c4f870365E785982E1f101E93b906 --as stranger",
        lambda g: calls.pay_credit(
            g.place.token(g.text("token")).address, g.party("owner"), g.sender
        ),
        on_deal=False,
        next="escrow deals",
    ),
    *BESIDE,
)
"""In the order of the help."""
