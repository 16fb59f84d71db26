from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from hexbytes import HexBytes

from milestone_escrow import calls
from milestone_escrow.agreement import DAY, Agreement
from milestone_escrow.arbiter_events import ADAPTER
from milestone_escrow.deployments import deploy
from milestone_escrow.messages import Message
from milestone_escrow.typed_data import typed_data
from milestone_escrow.workspace import Workspace
from tests.cli.conftest import ETHER, Cli, Ran, Scene

COST: Final = 5_000  # wei that the arbitrator takes


class Play:
    """A devnet, the command in its folder, and what tests need on it."""

    def __init__(self, workspace: Workspace, files: Path) -> None:
        self.scene = Scene(workspace)
        self.cli = Cli(workspace.folder)
        self.files = files
        deployer = self.scene.roles["stranger"]
        w3 = self.scene.w3
        self.arbitrator = deploy(w3, deployer, "CentralizedArbitrator", COST)
        periods = (3 * DAY, 20 * DAY)
        notes = self.scene.devnet.notes
        self.adapter = deploy(
            w3, deployer, ADAPTER, notes, self.arbitrator.address, b"", *periods, "/ipfs/meta"
        )

    def address(self, role: str) -> str:
        return self.scene.devnet.roles[role]

    def file(self, name: str, value: Any) -> str:
        path = self.files / name
        path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
        return str(path)

    def named(self, agreement: Agreement) -> tuple[str, str]:
        """Return the options that name an agreement by its file."""
        shape = agreement.to_json()
        return "--agreement", self.file(f"{agreement.document.hex()}.json", shape)

    def funded(self, *amounts: int, **terms: Any) -> Agreement:
        """Return an open deal that nobody is bound to."""
        agreement = self.scene.agreement(*(amounts or (ETHER, 2 * ETHER)), **terms)
        self.scene.do("employer", calls.fund(agreement, range(len(agreement.milestones))))
        return agreement

    def bound(self, *amounts: int, **terms: Any) -> Agreement:
        agreement = self.funded(*amounts, **terms)
        self.scene.do("freelancer", calls.accept(agreement, [0]))
        return agreement

    def requested(self, **terms: Any) -> Agreement:
        agreement = self.bound(**terms)
        self.scene.do("freelancer", calls.request_release(agreement, [0]))
        return agreement

    def disputed(self, **terms: Any) -> Agreement:
        agreement = self.requested(**terms)
        self.scene.do("employer", calls.dispute(agreement, 0, agreement.employer))
        return agreement

    def case(self) -> Agreement:
        """Return a disputed deal whose arbiter is the adapter."""
        return self.disputed(arbiter=self.adapter.address)

    def submitted(self) -> Agreement:
        agreement = self.case()
        named = self.named(agreement)
        for role in ("employer", "freelancer"):
            self.call("case-pay-fee", *named, "--index", "0", role=role)
        self.call("case-submit", *named, "--index", "0", role="stranger")
        return agreement

    def sign(self, role: str, message: Message) -> str:
        data = typed_data(message, self.scene.client.domain)
        return "0x" + self.scene.roles[role].sign_typed_data(data).hex()

    def signed(self, kind: str, *args: str, role: str) -> str:
        """Have ``escrow sign`` write a file, and return its path."""
        path = self.files / f"{kind}-{len(list(self.files.iterdir()))}.json"
        self.ran(self.cli("sign", kind, *args, "--as", role, "--yes", "--out", str(path)))
        return str(path)

    def call(self, name: str, *args: str, role: str) -> Any:
        """Send a call, and return what the command tells as JSON."""
        ran = self.ran(self.cli("call", name, *args, "--as", role, "--yes", "--json"))
        return ran.json

    def ran(self, ran: Ran) -> Ran:
        assert ran.code == 0, (ran.out, ran.err)
        return ran

    def pass_time(self, seconds: int) -> None:
        self.scene.chain.advance(seconds)

    def token(self) -> str:
        return self.scene.devnet.tokens["TEST6"].address

    def send_unsigned(self, tx: dict[str, str]) -> Any:
        """Send a transaction as a wallet would, the node being the wallet."""
        chain = self.scene.chain
        sent = {name: value for name, value in tx.items() if name != "chainId"}
        tx_hash = HexBytes(chain.request("eth_sendTransaction", sent))
        return self.scene.w3.eth.wait_for_transaction_receipt(tx_hash, poll_latency=0.01)


def events_of(told: Any) -> list[str]:
    return [each["event"] for kind in ("events", "notes", "cases") for each in told[kind]]
