"""``escrow sign``: what parties sign off the chain, shown before it is signed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from milestone_escrow.cli.calling.arguments import OPTIONS
from milestone_escrow.cli.calling.files import read_document
from milestone_escrow.cli.calling.given import Given
from milestone_escrow.cli.calling.places import (
    Place,
    Subject,
    agreement_of,
    open_place,
    subject_options,
)
from milestone_escrow.cli.calling.senders import Sender, sender_options
from milestone_escrow.cli.calling.signing import Signing, sign
from milestone_escrow.cli.options import Target, examples, output_options, target_options
from milestone_escrow.cli.output import Screen
from milestone_escrow.cli.words import at
from milestone_escrow.exceptions import UsageError

if TYPE_CHECKING:
    from milestone_escrow.agreement import Agreement
    from milestone_escrow.document import AgreementDocument

__all__ = ["command"]

_Command = TypeVar("_Command", bound=Callable[..., Any])
_PATH: Final = click.Path(dir_okay=False, path_type=Path)


@click.group(
    "sign",
    short_help="Sign agreements, vouchers, settlements, amendments, permits.",
    epilog=examples(
        "escrow sign agreement --agreement agreement.json --document document.json "
        "--as freelancer --out signature.json",
        "escrow sign voucher --deal 0x1f3a9c2b --index 0 --paid-total 0.5 --expiry 30d "
        "--as employer --out voucher.json",
        "escrow sign settlement --deal 0x1f3a9c2b --indexes 0,1 --amount 0.5 --amount 0 "
        "--expiry 7d --typed-data",
    ),
)
def command() -> None:
    """Sign what binds off the chain; it is shown first, and you are asked.

    --typed-data writes the EIP-712 message for any wallet in place of signing it. The file that
    --out writes is what escrow call takes as --signature.
    """


@dataclass(frozen=True, slots=True)
class _Request:
    """What the user wants: see ``_options``."""

    place: Place
    agreement: Agreement
    given: Given
    document: AgreementDocument | None = None


def _signs(
    name: str, takes: tuple[str, ...], example: str, *, document: bool = False
) -> Callable[[Callable[[_Request], Signing]], click.Command]:
    """Make a command of a function that prepares a message."""

    def decorate(prepare: Callable[[_Request], Signing]) -> click.Command:
        @target_options("rpc", "chain_id", "escrow", "store")
        @sender_options
        @click.option("--typed-data", is_flag=True, help="Write the EIP-712 message, unsigned.")
        @click.option("--yes", "-y", is_flag=True, help="Sign it without being asked.")
        @click.option(
            "--out", type=_PATH, metavar="FILE", help="Write the signature to a new file, too."
        )
        @output_options
        def run(
            target: Target,
            screen: Screen,
            sender: Sender,
            subject: Subject,
            typed_data: bool,
            yes: bool,
            out: Path | None,
            document_file: Path | None = None,
            **values: Any,
        ) -> None:
            if out is not None and out.exists():
                raise UsageError(
                    f"The file {out} exists already.", "Choose another path.", code="file"
                )
            words = None if document_file is None else read_document(document_file)
            place = open_place(target)
            agreement = agreement_of(subject, target, screen)
            given = Given(place, agreement, None, values, {})
            signing = prepare(_Request(place, agreement, given, words))
            if typed_data:
                click.echo(json.dumps(signing.data, indent=2))
                return
            sign(signing, place, sender, screen, yes=yes, out=out)

        own = list({option.name: option for kind in takes for option in OPTIONS[kind]}.values())
        if document:
            own.append(
                click.Option(
                    ["--document", "document_file"],
                    type=_PATH,
                    required=True,
                    metavar="FILE",
                    help="The document that it binds: nobody signs without it.",
                )
            )
        made = click.command(
            name, help=prepare.__doc__, epilog=examples(f"escrow sign {name} {example}")
        )(subject_options(run))
        made.params[2:2] = own
        command.add_command(made)
        return made

    return decorate


@_signs(
    "agreement",
    (),
    "--agreement agreement.json --document document.json --as freelancer --out signature.json",
    document=True,
)
def agreement(asked: _Request) -> Signing:
    """Sign an agreement as its freelancer: with it the employer's funding binds the deal."""
    return _of_message(
        asked,
        asked.agreement,
        {"freelancer": asked.agreement.freelancer},
        [],
        "escrow call fund, with this as --signature",
        _checked(asked, asked.agreement),
    )


@_signs(
    "voucher",
    ("index", "paid_total", "expiry"),
    "--deal 0x1f3a9c2b --index 0 --paid-total 0.5 --expiry 30d --as employer --out voucher.json",
)
def voucher(asked: _Request) -> Signing:
    """Sign a voucher as the employer: pays a milestone up to a total, once; newer ones replace it.

    The freelancer redeems it when it likes, before it expires.
    """
    from milestone_escrow.messages import Voucher

    given, client = asked.given, asked.place.client
    message = Voucher(
        client.deal_id(asked.agreement), given.index, given.amount("paid_total"), given.expiry
    )
    show = asked.place.token(asked.agreement.token).show
    return _of_message(
        asked,
        message,
        {"employer": asked.agreement.employer},
        [
            ("milestone", str(message.index)),
            ("pays", f"{show(message.paid_total)} in all, less what was paid before"),
            ("expires", at(message.expiry, asked.place.now)),
        ],
        "escrow call redeem, with this as --signature",
    )


@_signs(
    "settlement",
    ("indexes", "amounts", "expiry"),
    "--deal 0x1f3a9c2b --index 0 --amount 0.5 --expiry 7d --as freelancer --out settlement.json",
)
def settlement(asked: _Request) -> Signing:
    """Sign a split of milestones as one party; the other sends it.

    What the milestones hold now is signed, too: if that changes, it is void.
    """
    from milestone_escrow.holdings import held
    from milestone_escrow.messages import Settlement

    given, client = asked.given, asked.place.client
    indexes = given.indexes
    message = Settlement(
        client.deal_id(asked.agreement),
        indexes,
        given.amounts(),
        held(client, asked.agreement, indexes),
        given.expiry,
    )
    show = asked.place.token(asked.agreement.token).show
    total = sum(message.freelancer_amounts)
    return _of_message(
        asked,
        message,
        {"employer": asked.agreement.employer, "freelancer": asked.agreement.freelancer},
        [
            ("milestones", ", ".join(map(str, indexes))),
            ("held", show(message.remaining)),
            ("freelancer", ", ".join(show(amount) for amount in message.freelancer_amounts)),
            ("employer", show(message.remaining - total)),
            ("expires", at(message.expiry, asked.place.now)),
        ],
        "escrow call settle by the other side, with this as --signature",
    )


@_signs(
    "amendment",
    ("new", "indexes", "expiry"),
    "--deal 0x1f3a9c2b --new next.json --document next-document.json --indexes all --expiry 7d "
    "--as freelancer --out amendment.json",
    document=True,
)
def amendment(asked: _Request) -> Signing:
    """Sign, as its freelancer, that another agreement takes the place of a bound deal.

    --document is the new agreement's. What moves is signed, too: if that changes, it is void.
    """
    from milestone_escrow.holdings import held
    from milestone_escrow.messages import Amendment

    given, client = asked.given, asked.place.client
    old = client.deal_id(asked.agreement)
    new = given.new
    moved = held(client, asked.agreement)
    message = Amendment(old, new, given.indexes, moved, given.expiry)
    return _of_message(
        asked,
        message,
        {"freelancer": asked.agreement.freelancer},
        [
            ("replaces", f"0x{old.hex()}"),
            ("funds", f"milestone {', '.join(map(str, message.indexes))}"),
            ("moves", asked.place.token(asked.agreement.token).show(moved)),
            ("expires", at(message.expiry, asked.place.now)),
        ],
        "escrow call amend by the employer, with this as --signature",
        _checked(asked, new, supersedes=old),
    )


@_signs(
    "permit",
    ("indexes", "expiry"),
    "--agreement agreement.json --indexes all --expiry 1h --as employer --out permit.json",
)
def permit(asked: _Request) -> Signing:
    """Sign the token's permit as the employer, in place of an approval: for fund-with-permit."""
    from milestone_escrow.calls import fund
    from milestone_escrow.permits import permit_data

    call = fund(asked.agreement, asked.given.indexes)
    if call.allowance is None:
        raise UsageError(
            "The native coin takes no permit.", "Use escrow call fund.", code="no-permit"
        )
    client, expiry = asked.place.client, asked.given.expiry
    token, amount = call.allowance.token, call.allowance.amount
    data = permit_data(
        client.w3, client.chain_id, token, call.sender, client.address, amount, expiry
    )
    facts = [
        ("allows", f"the escrow to take {asked.place.token(token).show(amount)}"),
        ("expires", at(expiry, asked.place.now)),
    ]
    return Signing(
        "Permit",
        data,
        {"employer": call.sender},
        facts,
        "escrow call fund-with-permit, with this as --permit",
    )


def _of_message(
    asked: _Request,
    message: Any,
    signers: dict[str, str],
    facts: list[tuple[str, str]],
    next_step: str,
    terms: tuple[Agreement, AgreementDocument] | None = None,
) -> Signing:
    from milestone_escrow.typed_data import typed_data

    client = asked.place.client
    deal = ("deal", "0x" + client.deal_id(asked.agreement).hex())
    kind = type(message).__name__
    data = typed_data(message, client.domain)
    return Signing(kind, data, signers, [deal, *facts], next_step, terms)


def _checked(
    asked: _Request, new: Agreement, *, supersedes: bytes | None = None
) -> tuple[Agreement, AgreementDocument]:
    """Return an agreement and its document, both checked.

    Raises:
        AgreementError: the contract would not open a deal on it.
        DocumentError: the document is another's.
    """
    assert asked.document is not None  # the option is required
    place = asked.place
    asked.document.check_against(new)
    wanted = new.supersedes if supersedes is None else supersedes
    new.require_valid(place.now, place.client.address, supersedes=wanted)
    return new, asked.document
