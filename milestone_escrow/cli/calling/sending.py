"""A call from its preview to its receipt: shown, agreed to, sent, awaited, told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from milestone_escrow.cli.calling.telling import happened, receipt_json, show_events
from milestone_escrow.cli.words import counted, short_id
from milestone_escrow.exceptions import DeploymentError, EscrowError, NotEnoughFunds, UsageError
from milestone_escrow.preview import preview

if TYPE_CHECKING:
    from milestone_escrow.agreement import Agreement
    from milestone_escrow.calls import Call
    from milestone_escrow.cli.calling.places import Place
    from milestone_escrow.cli.calling.rows import Row
    from milestone_escrow.cli.output import Screen
    from milestone_escrow.client import Receipt
    from milestone_escrow.signers import Signer

__all__ = ["Mode", "Sending", "ask"]


@dataclass(frozen=True, slots=True)
class Mode:
    """How far a call shall go.

    Attributes:
        dry_run: Only say what it would do.
        unsigned: Only write the transaction, for a wallet.
        yes: Do not ask.
        approve: First approve what the escrow must be allowed to take.
    """

    dry_run: bool
    unsigned: bool
    yes: bool
    approve: bool


@dataclass(frozen=True, slots=True)
class Sending:
    """A call about to be sent.

    Attributes:
        row: Which call of the table.
        call: The call.
        place: Where it goes.
        agreement: What it is about, None where it is of no deal.
        signer: Who signs; None where nobody shall.
        sender_name: How the user named the signer, for the commands that are suggested.
        mode: How far it goes.
        screen: Where it is told.
    """

    row: Row
    call: Call
    place: Place
    agreement: Agreement | None
    signer: Signer | None
    sender_name: str | None
    mode: Mode
    screen: Screen

    def run(self) -> None:
        """Do it.

        Raises:
            UsageError: the signer is not who must send it, or nobody can be asked.
            DeploymentError: the arbiter is no adapter of this escrow.
            NotEnoughFunds, ContractRevert: it would be refused; nothing was sent.
            EscrowError: the answer was no (``declined``).
            NodeError: no node answers.
        """
        self._check_sender()
        self._check_adapter()
        client = self.place.client
        approval = self._approval()
        gas: int | None = None
        if approval is None:
            gas = client.simulate(self.call)
        chain = [self.call] if approval is None else [approval, self.call]
        if self.mode.unsigned:
            self._write_unsigned(chain[0], gas)
            return
        foreseen = preview(client, chain)
        if foreseen is not None and gas is None:
            gas = foreseen[-1].gas_used
        if self.mode.dry_run:
            self._tell_dry_run(approval, gas, foreseen)
            return
        assert self.signer is not None  # the command made sure
        if not self.mode.yes:
            self._show(approval, gas, foreseen)
            ask("Send it?")
        if approval is not None:
            client.execute(approval, self.signer)
            self.screen.note(f"Approved: {_allowed(approval, self.place)}.")
        tx_hash = client.send(self.call, self.signer)
        self.screen.note(f"Sent as 0x{tx_hash.hex()}; waiting until it is mined.")
        self._tell(client.wait(self.call, tx_hash))

    # --- Before

    def _check_sender(self) -> None:
        from milestone_escrow.abi_values import ZERO_ADDRESS

        if self.call.sender == ZERO_ADDRESS:
            raise UsageError(
                f"The agreement names no {self.row.who}, who alone may {self.row.name}.",
                "Use the agreement that names one.",
                code="wrong-sender",
            )
        if self.signer is not None and self.signer.address != self.call.sender:
            raise UsageError(
                f"Only the {self.row.who} may {self.row.name}: "
                f"{self.call.sender}, and this is {self.place.who(self.signer.address)}.",
                f"Sign as the {self.row.who}, or give --unsigned for the wallet that does.",
                code="wrong-sender",
            )

    def _check_adapter(self) -> None:
        """A call of an account without code goes through and does nothing: look before.

        Raises:
            DeploymentError: there is no adapter (``no-adapter``), or it is of another escrow
                (``other-escrow``).
        """
        from milestone_escrow.arbiter import read_adapter
        from milestone_escrow.arbiter_events import ADAPTER

        client = self.place.client
        if self.call.contract != ADAPTER:
            return
        adapter = read_adapter(client.w3, str(self.call.to))
        if adapter.escrow != client.address:
            raise DeploymentError(
                f"The adapter {adapter.address} is of another escrow, {adapter.escrow}.",
                "Name that one with --escrow, or the adapter of this one.",
                code="other-escrow",
            )

    def _approval(self) -> Call | None:
        """Return the approval that is to be sent first; None where none is needed.

        Raises:
            NotEnoughFunds: one is, and was not asked for (``allowance``).
        """
        from milestone_escrow.calls import approve
        from milestone_escrow.tokens import allowance_of, balance_of

        needed, client = self.call.allowance, self.place.client
        if needed is None:
            return None
        sender, token = self.call.sender, needed.token
        if allowance_of(client.w3, token, sender, client.address) >= needed.amount:
            return None
        if balance_of(client.w3, token, sender) < needed.amount:
            return None  # the simulation says so
        if self.mode.approve:
            return approve(token, sender, client.address, needed.amount)
        shown = self.place.token(token)
        by = f" --as {self.sender_name}" if self.sender_name else ""
        raise NotEnoughFunds(
            f"The sender, {self.place.who(sender)}, does not allow the escrow to take "
            f"{shown.show(needed.amount)}.",
            f"Add --approve, or first run: escrow call approve --token {token} "
            f"--amount {needed.amount} --raw{by}.",
            code="allowance",
        )

    # --- Telling

    @property
    def _deal(self) -> str | None:
        if self.agreement is None:
            return None
        return "0x" + self.place.client.deal_id(self.agreement).hex()

    def _facts(self, gas: int | None) -> list[tuple[str, str]]:
        facts = [("call", f"{self.row.name}: {self.row.does}")]
        if self.agreement is not None:
            facts.append(("deal", str(self._deal)))
        facts.append(("sender", self.place.who(self.call.sender)))
        if self.call.value:
            from milestone_escrow.tokens import NATIVE_COIN

            facts.append(("sends along", NATIVE_COIN.show(self.call.value)))
        facts.append(("gas", "unknown until the approval is there" if gas is None else f"{gas:,}"))
        facts.append(("final", self.row.final))
        return facts

    def _show(
        self, approval: Call | None, gas: int | None, foreseen: tuple[Receipt, ...] | None
    ) -> None:
        """Write what would happen; with JSON nothing, but for whom is asked."""
        if self.screen.json:
            click.echo(f"{self.row.name}: {self.row.does} {self.row.final}", err=True)
            return
        self.screen.facts(self._facts(gas))
        if approval is not None:
            self.screen.line(f"First an approval: {_allowed(approval, self.place)}.")
        if foreseen is not None:
            self.screen.heading("What will happen")
            rows = [
                event
                for receipt in foreseen
                for event in happened(receipt, self.place, self.agreement)
            ]
            show_events(self.screen, rows)
        self.screen.line()

    def _tell_dry_run(
        self, approval: Call | None, gas: int | None, foreseen: tuple[Receipt, ...] | None
    ) -> None:
        if not self.screen.json:
            self._show(approval, gas, foreseen)
            self.screen.line("Nothing was sent.")
            return
        self.screen.emit(
            self._head()
            | {
                "dry_run": True,
                "gas": gas,
                "approval": approval is not None,
                "foreseen": None if foreseen is None else receipt_json(foreseen[-1]),
            }
        )

    def _write_unsigned(self, call: Call, gas: int | None) -> None:
        client = self.place.client
        if gas is None:
            gas = client.simulate(call)
        self.screen.note(f"{call.name}, to be signed and sent by {call.sender}.")
        self.screen.emit(
            {
                "chainId": hex(client.chain_id),
                **client.transaction(call),
                "gas": hex(gas + gas // 4),
            }
        )

    def _tell(self, receipt: Receipt) -> None:
        events = happened(receipt, self.place, self.agreement)
        number = next((number for number, *_ in events if number), "0")
        deal = "" if self.agreement is None else short_id(bytes.fromhex(str(self._deal)[2:]))
        next_step = self.row.next.format(deal=deal, index=number)
        if self.sender_name is None:  # who signs by a keyfile, or elsewhere
            next_step = re.sub(r" --as \w+", "", next_step)
        if self.screen.json:
            self.screen.emit(
                self._head()
                | {
                    "tx_hash": "0x" + receipt.tx_hash.hex(),
                    "block_number": receipt.block_number,
                    **receipt_json(receipt),
                    "next": next_step,
                }
            )
            return
        show_events(self.screen, events)
        self.screen.line()
        self.screen.facts(
            [
                ("done", f"{self.row.name} by {self.place.who(self.call.sender)}"),
                *([("deal", str(self._deal))] if self.agreement is not None else []),
                ("block", f"{receipt.block_number:,}, with {counted(len(events), 'event')}"),
                ("gas", f"{receipt.gas_used:,}"),
                ("transaction", "0x" + receipt.tx_hash.hex()),
            ]
        )
        self.screen.next_step(next_step)

    def _head(self) -> dict[str, Any]:
        return {
            "call": self.row.name,
            "contract": self.row.contract,
            "chain_id": self.place.client.chain_id,
            "escrow": self.place.client.address,
            "deal_id": self._deal,
            "sender": self.call.sender,
            "value": str(self.call.value),
            "final": self.row.final,
        }


def ask(question: str) -> None:
    """Go on only if a person at the terminal says yes.

    Raises:
        UsageError: there is no terminal (``no-terminal``).
        EscrowError: the answer was no (``declined``).
    """
    if not click.get_text_stream("stdin").isatty():
        raise UsageError(
            "A yes is asked for on a terminal, and this is none.",
            "Give --yes to go on without being asked, or --dry-run only to look.",
            code="no-terminal",
        )
    if not click.confirm(question, err=True):
        raise EscrowError("Nothing was done.", "Say yes, or give --yes, to do it.", code="declined")


def _allowed(approval: Call, place: Place) -> str:
    amount = int.from_bytes(approval.data[-32:], "big")
    return f"the escrow may take {place.token(str(approval.to)).show(amount)}"
