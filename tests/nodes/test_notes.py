"""Notes: sent, read back, and refused, on real nodes."""

from __future__ import annotations

import pytest

from milestone_escrow import calls, notes
from milestone_escrow.chain import start_anvil
from milestone_escrow.client import EscrowClient
from milestone_escrow.demo.stage import Stage
from milestone_escrow.exceptions import ContractRevert, DeploymentError, UsageError

EVIDENCE = b"\xee" * 32


def test_notes_are_said_and_read_back() -> None:
    with start_anvil(0) as node:
        stage = Stage(node.rpc_url)
        w3, escrow = stage.client.w3, stage.client.address
        deployed = stage.deploy("deployer", "DealNotes", escrow)
        deal = stage.agreement(
            "Work", ["One", "Two"], [100, 200], [10, 20], arbiter=stage.address("arbiter")
        )
        with pytest.raises(UsageError) as nowhere:
            stage.call(notes.confirm_arbiter(deal))
        assert nowhere.value.code == "no-notes"
        with pytest.raises(DeploymentError) as other:
            EscrowClient(w3, escrow, escrow)
        assert other.value.code == "no-notes"

        stage.client = EscrowClient(w3, escrow, deployed.address)
        with pytest.raises(ContractRevert) as unopened:
            stage.call(notes.confirm_arbiter(deal))
        assert unopened.value.error == "NotOpened"
        stage.call(calls.fund(deal, [0], stage.sign("freelancer", deal)))
        said = [
            (notes.request_funding(deal, [1]), "FundingRequested", {"indexes": (1,)}),
            (
                notes.report(deal, 0, 50, EVIDENCE),
                "Reported",
                {"index": 0, "percent": 50, "evidence": EVIDENCE},
            ),
            (notes.request_changes(deal, 1), "ChangesRequested", {"index": 1, "note": bytes(32)}),
            (notes.request_cancel(deal, EVIDENCE), "CancelRequested", {"note": EVIDENCE}),
            (notes.confirm_arbiter(deal), "ArbiterConfirmed", {}),
            (
                notes.submit_evidence(deal, 1, EVIDENCE, deal.arbiter),
                "EvidenceSubmitted",
                {"index": 1, "evidence": EVIDENCE},
            ),
        ]
        for call, name, values in said:
            receipt = stage.call(call)
            (note,) = receipt.notes
            assert (note.name, note.actor, note.values) == (name, call.sender, values)
            assert note.deal_id == stage.client.deal_id(deal)
            assert note.block_number == receipt.block_number
            assert receipt.events == ()
        with pytest.raises(ContractRevert) as early:
            stage.call(notes.rate(deal, 5, deal.employer))
        assert early.value.error == "NothingSettled"
        stage.call(calls.release(deal, [0]))
        (rated,) = stage.call(notes.rate(deal, 5, deal.employer)).notes
        assert (rated.name, rated.values) == ("Rated", {"score": 5, "review": bytes(32)})
