"""The one table of ``escrow call``: what each call takes, and how it is made.

What each does, who sends it and what is final about it is in ``milestone_escrow.call_facts``. A
row's ``build`` makes the call with the library's builder of the same name. Here are the escrow's,
in the order of a deal's life; those of the contracts beside it have a file of their own.
"""

from __future__ import annotations

from typing import Final

from milestone_escrow import calls
from milestone_escrow.cli.calling.holdings import amend
from milestone_escrow.cli.calling.rows import Row
from milestone_escrow.cli.calling.table_beside import BESIDE

__all__ = ["CALLS", "Row"]


CALLS: Final = (
    Row(
        "fund",
        ("indexes", "signature"),
        "--agreement agreement.json --indexes all --signature signature.json --as employer",
        lambda g: calls.fund(g.agreement, g.indexes, g.signature()),
    ),
    Row(
        "fund-with-permit",
        ("indexes", "signature", "permit"),
        "--agreement agreement.json --index 0 --permit permit.json --as employer",
        lambda g: calls.fund_with_permit(g.agreement, g.indexes, g.signature(), g.permit),
    ),
    Row(
        "accept",
        ("indexes",),
        "--deal 0x1f3a9c2b --indexes 0,1 --as freelancer",
        lambda g: calls.accept(g.agreement, g.indexes),
        next="escrow call request-release --deal {deal} --index {index} --as freelancer",
    ),
    Row(
        "withdraw",
        ("indexes",),
        "--deal 0x1f3a9c2b --index 0 --as employer",
        lambda g: calls.withdraw(g.agreement, g.indexes),
    ),
    Row(
        "amend",
        ("new", "indexes", "expiry", "signature"),
        "--deal 0x1f3a9c2b --new next.json --indexes all --signature signature.json --as employer",
        amend,
        next="escrow deals",
    ),
    Row(
        "request-release",
        ("indexes", "evidence"),
        "--deal 0x1f3a9c2b --index 0 --evidence-file report.pdf --as freelancer",
        lambda g: calls.request_release(g.agreement, g.indexes, g.hash("evidence")),
        next="escrow call release --deal {deal} --index {index} --as employer",
    ),
    Row(
        "void-request",
        ("indexes",),
        "--deal 0x1f3a9c2b --index 0 --as freelancer",
        lambda g: calls.void_request(g.agreement, g.indexes),
    ),
    Row(
        "release",
        ("indexes",),
        "--deal 0x1f3a9c2b --index 0 --as employer",
        lambda g: calls.release(g.agreement, g.indexes),
    ),
    Row(
        "release-part",
        ("index", "amount"),
        "--deal 0x1f3a9c2b --index 0 --amount 0.5 --as employer",
        lambda g: calls.release_part(g.agreement, g.index, g.amount("amount")),
    ),
    Row(
        "redeem",
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
        ("indexes",),
        "--deal 0x1f3a9c2b --index 0 --as freelancer",
        lambda g: calls.cancel(g.agreement, g.indexes),
    ),
    Row(
        "claim",
        ("indexes",),
        "--deal 0x1f3a9c2b --index 0 --as freelancer",
        lambda g: calls.claim(g.agreement, g.indexes, g.sender),
    ),
    Row(
        "dispute",
        ("index", "reason"),
        "--deal 0x1f3a9c2b --index 0 --reason-file complaint.md --as employer",
        lambda g: calls.dispute(g.agreement, g.index, g.sender, g.hash("reason")),
    ),
    Row(
        "rule",
        ("index", "freelancer_amount"),
        "--deal 0x1f3a9c2b --index 0 --freelancer-amount 0.6 --as arbiter",
        lambda g: calls.rule(g.agreement, g.index, g.amount("freelancer_amount")),
    ),
    Row(
        "apply-fallback",
        ("index",),
        "--deal 0x1f3a9c2b --index 0 --as freelancer",
        lambda g: calls.apply_fallback(g.agreement, g.index, g.sender),
    ),
    Row(
        "settle",
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
        ("indexes",),
        "--deal 0x1f3a9c2b --index 0 --as employer",
        lambda g: calls.settle_dormant(g.agreement, g.indexes, g.sender),
    ),
    Row(
        "keep-alive",
        (),
        "--deal 0x1f3a9c2b --as employer",
        lambda g: calls.keep_alive(g.agreement),
    ),
    Row(
        "withdraw-credit",
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
