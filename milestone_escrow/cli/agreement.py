"""``escrow agreement``: make, check and show agreements."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from milestone_escrow.cli.calling.files import (
    read_agreement,
    read_document,
    read_json,
    write_new,
)
from milestone_escrow.cli.options import Target, examples, output_options, target_options
from milestone_escrow.cli.output import Screen
from milestone_escrow.cli.terms import show_milestones, terms
from milestone_escrow.exceptions import UsageError

if TYPE_CHECKING:
    from milestone_escrow.agreement import Agreement
    from milestone_escrow.cli.calling.places import Place
    from milestone_escrow.document import AgreementDocument

__all__ = ["command"]

_PATH: Final = click.Path(dir_okay=False, path_type=Path)
_FILE: Final = click.argument("file", type=_PATH, metavar="FILE")
_DOCUMENT: Final = click.option(
    "--document", type=_PATH, metavar="FILE", help="The document that the agreement binds."
)


@click.group(
    "agreement",
    short_help="Make, check and show agreements.",
    epilog=examples(
        'escrow agreement new --title "A web shop" --employer employer --freelancer freelancer '
        '--milestone "Design, 1.2, 30d"',
        "escrow agreement check agreement.json --document document.json",
        "escrow agreement id agreement.json",
    ),
)
def command() -> None:
    """Make, check and show agreements.

    An agreement has all that the contract needs; its document has the words, bound by their hash.
    Both parties keep both files.
    """


@command.command(
    "new",
    epilog=examples(
        "escrow agreement new --template > terms.json",
        "escrow agreement new terms.json --out agreement.json --document document.json",
        'escrow agreement new --title "A web shop" --employer employer --freelancer freelancer '
        '--price 4 --milestone "Design, 30%, 30d" --milestone "The shop, 70%, 60d"',
    ),
)
@click.argument("file", type=_PATH, metavar="[TERMS]", required=False)
@click.option("--template", is_flag=True, help="Only write terms to begin with.")
@click.option("--title", metavar="TEXT", help="What the work is called.")
@click.option("--scope", metavar="TEXT", help="What the work is. Default: the title.")
@click.option("--employer", metavar="PARTY", help="A role of the devnet, or an address.")
@click.option("--freelancer", metavar="PARTY", help="Likewise. Default: not awarded yet.")
@click.option("--payee", metavar="PARTY", help="Who is paid. Default: the freelancer.")
@click.option("--arbiter", metavar="PARTY", help="Who rules disputes. Default: nobody.")
@click.option("--arbiter-bps", type=int, metavar="N", help="The arbiter's share: 500 are 5 %.")
@click.option("--platform", metavar="PARTY", help="Who earns the fee. Default: nobody.")
@click.option("--fee-bps", type=int, metavar="N", help="The platform's fee: 250 are 2.5 %.")
@click.option("--token", metavar="TOKEN", help="An address, a symbol of the devnet, or ETH.")
@click.option("--price", metavar="AMOUNT", help="Needed where milestones are parts of it.")
@click.option(
    "--milestone",
    "milestones",
    multiple=True,
    metavar="TEXT",
    help='"TITLE, AMOUNT, DEADLINE", or "TITLE, PERCENT%, DEADLINE"; one for each.',
)
@click.option("--accept-by", metavar="TIME", help="Until when it may be accepted. Default: 7d.")
@click.option("--review-period", metavar="TIME", help="Such as 30d, the default.")
@click.option("--ruling-period", metavar="TIME", help="Such as 30d, the default.")
@click.option("--supersedes", metavar="ID", help="The deal that this one shall replace.")
@click.option(
    "--out", type=_PATH, default=Path("agreement.json"), show_default=True, metavar="FILE"
)
@click.option(
    "--document", type=_PATH, default=Path("document.json"), show_default=True, metavar="FILE"
)
@click.option("--force", is_flag=True, help="Replace these files.")
@target_options("rpc", "chain_id", "escrow", "store")
@output_options
def new(
    target: Target,
    screen: Screen,
    file: Path | None,
    template: bool,
    out: Path,
    document: Path,
    force: bool,
    **options: Any,
) -> None:
    """Make an agreement and its document from terms in a file, from options, or from both.

    Percentages become exact amounts that add up to the price. It is checked by the contract's
    rules at the chain's time.
    """
    from milestone_escrow.cli.calling.drafting import TEMPLATE, draft, parse_milestone

    if template:
        click.echo(json.dumps(TEMPLATE, indent=2))
        return
    given = {} if file is None else read_json(file)
    if not isinstance(given, dict):
        raise UsageError(f"{file} is not an object of terms.", "--template shows one.")
    milestones = options.pop("milestones")
    given |= {name: value for name, value in options.items() if value is not None}
    if milestones:
        given["milestones"] = [parse_milestone(text) for text in milestones]
    if not force:
        for path in (out, document):
            if path.exists():
                raise UsageError(
                    f"The file {path} exists already.",
                    "Choose another path, or add --force to replace it.",
                    code="file",
                )
    place = _place(target)
    agreement, words = draft(given, place)
    write_new(document, words.to_json(), replace=force)
    write_new(out, agreement.to_json(), replace=force)
    if screen.json:
        screen.emit(
            {
                "deal_id": _id(place, agreement),
                "agreement": agreement.to_json(),
                "document": words.to_json(),
                "files": [str(out), str(document)],
            }
        )
        return
    _show(screen, agreement, words, place)
    screen.line()
    screen.facts([("agreement", str(out)), ("document", str(document))])
    if any(bytes.fromhex(agreement.freelancer[2:])):
        screen.next_step(f"escrow sign agreement --agreement {out} --document {document}")
    else:
        screen.next_step(f"escrow call fund --agreement {out} --indexes all")


@command.command("show", epilog=examples("escrow agreement show agreement.json"))
@_FILE
@_DOCUMENT
@target_options("rpc", "chain_id", "escrow", "store")
@output_options
def show(target: Target, screen: Screen, file: Path, document: Path | None) -> None:
    """Show an agreement as a person reads it, with its document's words if that is there."""
    agreement = read_agreement(file)
    words = _words(agreement, document)
    place = _place(target)
    if screen.json:
        screen.emit(
            {
                "deal_id": _id(place, agreement),
                "agreement": agreement.to_json(),
                "document": None if words is None else words.to_json(),
            }
        )
        return
    _show(screen, agreement, words, place)
    screen.next_step(f"escrow agreement check {file}")


@command.command(
    "check", epilog=examples("escrow agreement check agreement.json --document document.json")
)
@_FILE
@_DOCUMENT
@target_options("rpc", "chain_id", "escrow", "store")
@output_options
def check(target: Target, screen: Screen, file: Path, document: Path | None) -> None:
    """Check an agreement by the contract's rules at the chain's time, and its document's hash."""
    from milestone_escrow.agreement import problems

    agreement = read_agreement(file)
    words = _words(agreement, document)
    place = _place(target)
    found = problems(agreement, place.now, place.client.address, supersedes=agreement.supersedes)
    opened = place.client.deal(place.client.deal_id(agreement)).opened
    if screen.json:
        screen.emit(
            {
                "deal_id": _id(place, agreement),
                "opened": opened,
                "document": None if words is None else True,
                "problems": [problem.to_dict() for problem in found],
            }
        )
    else:
        rows = [("wrong", problem.sentence, problem.remedy) for problem in found]
        if opened:
            rows.append(("ok", "a deal on it is open", ""))
        elif not found:
            rows.append(("ok", "the contract would open a deal on it", ""))
        if words is not None:
            rows.append(("ok", "it binds this document", ""))
        screen.states([("", *row) for row in rows])
        screen.facts([("deal", _id(place, agreement))])
    if found and not opened:
        raise click.exceptions.Exit(1)


@command.command(
    "id",
    epilog=examples(
        "escrow agreement id agreement.json",
        "escrow agreement id agreement.json --chain-id 1 "
        "--escrow 0x5FbDB2315678afecb367f032d93F642f64180aa3",
    ),
)
@_FILE
@target_options("rpc", "chain_id", "escrow", "store")
@output_options
def id_(target: Target, screen: Screen, file: Path) -> None:
    """Write the id of the deal on an agreement; with --chain-id and --escrow no node is asked."""
    from milestone_escrow.messages import Domain
    from milestone_escrow.typed_data import deal_id

    agreement = read_agreement(file)
    if target.chain_id is not None and target.escrow is not None:
        domain = Domain(target.chain_id, target.escrow)
    else:
        domain = _place(target).client.domain
    found = "0x" + deal_id(agreement, domain).hex()
    if screen.json:
        screen.emit({"deal_id": found, "chain_id": domain.chain_id, "escrow": domain.escrow})
    else:
        screen.line(found)


def _place(target: Target) -> Place:
    from milestone_escrow.cli.calling.places import open_place

    return open_place(target)


def _id(place: Place, agreement: Agreement) -> str:
    return "0x" + place.client.deal_id(agreement).hex()


def _words(agreement: Agreement, document: Path | None) -> AgreementDocument | None:
    if document is None:
        return None
    words = read_document(document)
    words.check_against(agreement)
    return words


def _show(
    screen: Screen, agreement: Agreement, words: AgreementDocument | None, place: Place
) -> None:
    amount = place.token(agreement.token).show
    screen.facts([("deal", _id(place, agreement)), *terms(agreement, amount, place.now)])
    if words is not None:
        screen.heading(words.title)
        if words.scope != words.title:
            screen.line(words.scope)
        if words.terms:
            screen.line(words.terms)
    screen.heading("Milestones")
    show_milestones(screen, agreement, amount, words)
