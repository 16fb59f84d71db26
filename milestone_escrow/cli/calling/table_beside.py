"""The table's rows for the notes, the arbiter adapter and the token: see ``table``."""

from __future__ import annotations

from typing import Final

from milestone_escrow import arbiter, notes
from milestone_escrow.cli.calling.rows import Row

__all__ = ["BESIDE"]


BESIDE: Final = (
    # --- The notes
    Row(
        "request-funding",
        ("indexes",),
        "--deal 0x1f3a9c2b --index 1 --as freelancer",
        lambda g: notes.request_funding(g.agreement, g.indexes),
        next="escrow call fund --deal {deal} --index {index} --as employer",
    ),
    Row(
        "report",
        ("index", "percent", "evidence"),
        "--deal 0x1f3a9c2b --index 0 --percent 50 --evidence-file report.pdf --as freelancer",
        lambda g: notes.report(g.agreement, g.index, g.number("percent"), g.hash("evidence")),
    ),
    Row(
        "request-changes",
        ("index", "note"),
        "--deal 0x1f3a9c2b --index 0 --note-file changes.md --as employer",
        lambda g: notes.request_changes(g.agreement, g.index, g.hash("note")),
    ),
    Row(
        "request-cancel",
        ("note",),
        "--deal 0x1f3a9c2b --as employer",
        lambda g: notes.request_cancel(g.agreement, g.hash("note")),
    ),
    Row(
        "submit-evidence",
        ("index", "evidence"),
        "--deal 0x1f3a9c2b --index 0 --evidence-file mails.json --as employer",
        lambda g: notes.submit_evidence(
            g.agreement, g.index, g.hash("evidence", needed=True), g.sender
        ),
    ),
    Row(
        "confirm-arbiter",
        (),
        "--deal 0x1f3a9c2b --as arbiter",
        lambda g: notes.confirm_arbiter(g.agreement),
    ),
    Row(
        "rate",
        ("score", "review"),
        "--deal 0x1f3a9c2b --score 5 --as employer",
        lambda g: notes.rate(g.agreement, g.number("score"), g.sender, g.hash("review")),
    ),
    # --- The arbiter adapter
    Row(
        "case-confirm",
        (),
        "--deal 0x1f3a9c2b --as freelancer",
        lambda g: arbiter.confirm(g.agreement, g.sender),
    ),
    Row(
        "case-pay-fee",
        ("index", "fee"),
        "--deal 0x1f3a9c2b --index 0 --as freelancer",
        lambda g: arbiter.pay_fee(g.agreement, g.index, g.sender, g.case_fee()),
    ),
    Row(
        "case-submit",
        ("index", "fee"),
        "--deal 0x1f3a9c2b --index 0 --as employer",
        lambda g: arbiter.submit(g.agreement, g.index, g.sender, g.case_lack()),
    ),
    Row(
        "case-submit-evidence",
        ("index", "uri"),
        "--deal 0x1f3a9c2b --index 0 --uri /ipfs/evidence.json --as employer",
        lambda g: arbiter.submit_evidence(g.agreement, g.index, g.text("uri"), g.sender),
    ),
    Row(
        "case-rule",
        ("adapter", "dispute_id", "ruling"),
        "--adapter 0x5FbDB2315678afecb367f032d93F642f64180aa3 --dispute-id 0 "
        "--ruling freelancer --unsigned",
        lambda g: arbiter.rule(
            g.text("adapter"),
            g.arbitrator(),
            g.number("dispute_id"),
            arbiter.RULINGS.index(g.text("ruling")),
        ),
        on_deal=False,
        next="escrow deals",
    ),
    Row(
        "case-execute",
        ("index",),
        "--deal 0x1f3a9c2b --index 0 --as freelancer",
        lambda g: arbiter.execute(g.agreement, g.index, g.sender),
    ),
    Row(
        "case-withdraw-credit",
        ("adapter", "to"),
        "--adapter 0x5FbDB2315678afecb367f032d93F642f64180aa3 --as freelancer",
        lambda g: arbiter.withdraw_credit(g.text("adapter"), g.sender, g.party("to")),
        on_deal=False,
        next="escrow deals",
    ),
    # --- The token
    Row(
        "approve",
        ("token", "allowance"),
        "--token TEST6 --amount 1500 --as employer",
        lambda g: g.approval(),
        on_deal=False,
        next="escrow call fund --agreement agreement.json --indexes all --as employer",
    ),
)
"""In the order of the help."""
