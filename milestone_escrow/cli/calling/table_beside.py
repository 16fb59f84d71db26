"""The table's rows for the notes, the arbiter adapter and the token: see ``table``."""

from __future__ import annotations

from typing import Final

from milestone_escrow import arbiter, notes
from milestone_escrow.arbiter import ADAPTER
from milestone_escrow.calls import ERC20, NOTES
from milestone_escrow.cli.calling.rows import CREDIT, SPLIT, Row

__all__ = ["BESIDE"]

_NOTE: Final = "It stays on record for ever, moves no money and stops no clock."


BESIDE: Final = (
    # --- The notes
    Row(
        "request-funding",
        NOTES,
        "freelancer",
        "Ask the employer to fund milestones.",
        _NOTE,
        ("indexes",),
        "--deal 0x1f3a9c2b --index 1 --as freelancer",
        lambda g: notes.request_funding(g.agreement, g.indexes),
        next="escrow call fund --deal {deal} --index {index} --as employer",
    ),
    Row(
        "report",
        NOTES,
        "freelancer",
        "Report how much of a milestone's work is done.",
        _NOTE,
        ("index", "percent", "evidence"),
        "--deal 0x1f3a9c2b --index 0 --percent 50 --evidence-file report.pdf --as freelancer",
        lambda g: notes.report(g.agreement, g.index, g.number("percent"), g.hash("evidence")),
    ),
    Row(
        "request-changes",
        NOTES,
        "employer",
        "Ask for changes to a milestone's work.",
        _NOTE,
        ("index", "note"),
        "--deal 0x1f3a9c2b --index 0 --note-file changes.md --as employer",
        lambda g: notes.request_changes(g.agreement, g.index, g.hash("note")),
    ),
    Row(
        "request-cancel",
        NOTES,
        "employer",
        "Ask the freelancer to cancel.",
        _NOTE,
        ("note",),
        "--deal 0x1f3a9c2b --as employer",
        lambda g: notes.request_cancel(g.agreement, g.hash("note")),
    ),
    Row(
        "submit-evidence",
        NOTES,
        "employer, freelancer or arbiter",
        "Put the hash of evidence on record.",
        _NOTE,
        ("index", "evidence"),
        "--deal 0x1f3a9c2b --index 0 --evidence-file mails.json --as employer",
        lambda g: notes.submit_evidence(
            g.agreement, g.index, g.hash("evidence", needed=True), g.sender
        ),
    ),
    Row(
        "confirm-arbiter",
        NOTES,
        "arbiter",
        "Say that the arbiter knows the deal and will rule.",
        _NOTE,
        (),
        "--deal 0x1f3a9c2b --as arbiter",
        lambda g: notes.confirm_arbiter(g.agreement),
    ),
    Row(
        "rate",
        NOTES,
        "employer or freelancer",
        "Rate the other side once a milestone is settled.",
        _NOTE,
        ("score", "review"),
        "--deal 0x1f3a9c2b --score 5 --as employer",
        lambda g: notes.rate(g.agreement, g.number("score"), g.sender, g.hash("review")),
    ),
    # --- The arbiter adapter
    Row(
        "case-confirm",
        ADAPTER,
        "anyone",
        "Have it say on record that it will arbitrate the deal.",
        _NOTE,
        (),
        "--deal 0x1f3a9c2b --as freelancer",
        lambda g: arbiter.confirm(g.agreement, g.sender),
        "confirm",
    ),
    Row(
        "case-pay-fee",
        ADAPTER,
        "employer or freelancer",
        "Pay the arbitrator's fee for one side of a dispute.",
        "Who does not pay in the fee period loses the milestone; who loses has paid the fee.",
        ("index", "fee"),
        "--deal 0x1f3a9c2b --index 0 --as freelancer",
        lambda g: arbiter.pay_fee(g.agreement, g.index, g.sender, g.case_fee()),
        "pay_fee",
    ),
    Row(
        "case-submit",
        ADAPTER,
        "anyone",
        "Hand a case to the arbitrator, both sides having paid.",
        "The arbitrator is paid.",
        ("index", "fee"),
        "--deal 0x1f3a9c2b --index 0 --as employer",
        lambda g: arbiter.submit(g.agreement, g.index, g.sender, g.case_lack()),
        "submit",
    ),
    Row(
        "case-submit-evidence",
        ADAPTER,
        "employer or freelancer",
        "Show the arbitrator the evidence at a URI.",
        "It stays on record for ever.",
        ("index", "uri"),
        "--deal 0x1f3a9c2b --index 0 --uri /ipfs/evidence.json --as employer",
        lambda g: arbiter.submit_evidence(g.agreement, g.index, g.text("uri"), g.sender),
        "submit_evidence",
    ),
    Row(
        "case-rule",
        ADAPTER,
        "arbitrator",
        "Rule a case, as its arbitrator.",
        "A dispute is ruled once.",
        ("adapter", "dispute_id", "ruling"),
        "--adapter 0x5FbDB2315678afecb367f032d93F642f64180aa3 --dispute-id 0 "
        "--ruling freelancer --unsigned",
        lambda g: arbiter.rule(
            g.text("adapter"),
            g.arbitrator(),
            g.number("dispute_id"),
            arbiter.RULINGS.index(g.text("ruling")),
        ),
        "rule",
        on_deal=False,
        next="escrow deals",
    ),
    Row(
        "case-execute",
        ADAPTER,
        "anyone",
        "End a case, the milestone being split as ruled.",
        SPLIT,
        ("index",),
        "--deal 0x1f3a9c2b --index 0 --as freelancer",
        lambda g: arbiter.execute(g.agreement, g.index, g.sender),
        "execute",
    ),
    Row(
        "case-withdraw-credit",
        ADAPTER,
        "owner of the credit",
        "Take the fees that came back.",
        CREDIT,
        ("adapter", "to"),
        "--adapter 0x5FbDB2315678afecb367f032d93F642f64180aa3 --as freelancer",
        lambda g: arbiter.withdraw_credit(g.text("adapter"), g.sender, g.party("to")),
        "withdraw_credit",
        on_deal=False,
        next="escrow deals",
    ),
    # --- The token
    Row(
        "approve",
        ERC20,
        "owner of the tokens",
        "Allow the escrow to take tokens, as funding a deal in a token needs.",
        "It stays until it is used up or another amount is approved; 0 takes it back.",
        ("token", "allowance"),
        "--token TEST6 --amount 1500 --as employer",
        lambda g: g.approval(),
        on_deal=False,
        next="escrow call fund --agreement agreement.json --indexes all --as employer",
    ),
)
"""In the order of the help."""
