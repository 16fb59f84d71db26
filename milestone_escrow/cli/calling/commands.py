"""A command for each row of the table."""

from __future__ import annotations

from typing import Any

import click

from milestone_escrow.cli.calling.arguments import OPTIONS
from milestone_escrow.cli.calling.given import Given, read_signature
from milestone_escrow.cli.calling.places import (
    NOTES_OPTION,
    Subject,
    agreement_of,
    open_place,
    subject_options,
)
from milestone_escrow.cli.calling.rows import Row
from milestone_escrow.cli.calling.senders import Sender, sender_options
from milestone_escrow.cli.calling.sending import Mode, Sending
from milestone_escrow.cli.options import (
    AddressType,
    Target,
    examples,
    output_options,
    target_options,
)
from milestone_escrow.cli.output import Screen
from milestone_escrow.exceptions import UsageError

__all__ = ["command_of"]


def command_of(row: Row) -> click.Command:
    """Return the command that sends a call of the table."""

    @target_options("rpc", "chain_id", "escrow", "store")
    @NOTES_OPTION
    @sender_options
    @click.option(
        "--from", "from_", type=AddressType(), metavar="ADDRESS", help="Who will sign --unsigned."
    )
    @click.option("--dry-run", is_flag=True, help="Only say what it would do; send nothing.")
    @click.option("--unsigned", is_flag=True, help="Only write the transaction, for a wallet.")
    @click.option("--yes", "-y", is_flag=True, help="Send it without being asked.")
    @output_options
    def run(
        target: Target,
        screen: Screen,
        sender: Sender,
        notes: str | None,
        from_: str | None,
        dry_run: bool,
        unsigned: bool,
        yes: bool,
        subject: Subject | None = None,
        approve: bool = False,
        **values: Any,
    ) -> None:
        mode = Mode(dry_run, unsigned, yes, approve)
        _check(mode, sender, from_)
        signed: Any = {}
        if values.get("signature"):
            _, signed = read_signature(values["signature"])
        place = open_place(target, notes=notes)
        agreement = None if subject is None else agreement_of(subject, target, screen)
        signer = None
        if sender.given:
            signer = sender.signer(place.client.w3, place.roles)
        given = Given(place, agreement, from_ if signer is None else signer.address, values, signed)
        call = row.build(given)
        if signer is None and not (dry_run or unsigned):
            signer = sender.signer(place.client.w3, place.roles)  # says that nobody was named
        Sending(row, call, place, agreement, signer, sender.name, mode, screen).run()

    function = subject_options(run) if row.on_deal else run
    made = click.command(
        row.name,
        help=f"{row.does}\n\nSent by: {row.who}.\n\nFinal: {row.final}",
        epilog=examples(f"escrow call {row.name} {row.example}"),
    )(function)
    own = list({option.name: option for name in row.takes for option in OPTIONS[name]}.values())
    if row.name in ("fund", "amend"):
        own.append(
            click.Option(
                ["--approve"],
                is_flag=True,
                help="First approve what the escrow must be allowed to take.",
            )
        )
    made.params[2 * row.on_deal : 2 * row.on_deal] = own
    return made


def _check(mode: Mode, sender: Sender, from_: str | None) -> None:
    if mode.dry_run and mode.unsigned:
        raise UsageError("--dry-run and --unsigned exclude each other.", "Give one of them.")
    if from_ is not None and sender.given:
        raise UsageError("Two senders are named.", "Give --from, or --as, or --keyfile.")
    if from_ is not None and not (mode.dry_run or mode.unsigned):
        raise UsageError(
            "--from only names an account, and signs nothing.",
            "Add --unsigned or --dry-run, or give --as or --keyfile in its place.",
        )
