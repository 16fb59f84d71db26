"""``escrow prove``: what a deal stores or a transaction logged, without trust in a node."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from milestone_escrow.cli.options import (
    AddressType,
    Moment,
    Target,
    at_option,
    deal_option,
    examples,
    output_options,
    target_options,
)
from milestone_escrow.cli.output import Screen
from milestone_escrow.exceptions import UsageError

if TYPE_CHECKING:
    from milestone_escrow.agreement import Agreement
    from milestone_escrow.cli.reading import Book
    from milestone_escrow.indexer import Reader

__all__ = ["command"]


class HashType(click.ParamType):
    """A hash of 32 bytes; becomes bytes."""

    name = "hash"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> bytes:
        """Check that it is 0x and 64 hexadecimal digits."""
        if isinstance(value, bytes):
            return value
        if re.fullmatch(r"0[xX][0-9a-fA-F]{64}", str(value)) is None:
            self.fail(
                f"{str(value)[:80]!r} is not a hash: give 0x and 64 hexadecimal digits.", param, ctx
            )
        return bytes.fromhex(value[2:])


@click.command(
    "prove",
    short_help="Prove a deal's state or a transaction's events, or check a proof.",
    epilog=examples(
        "escrow prove --deal 0x1f3a9c2b --out deal.json",
        "escrow prove --tx 0x5608...fe10 --out tx.json",
        "escrow prove --check deal.json --block-hash 0x274e...c39c",
    ),
)
@target_options("rpc", "chain_id", "escrow", "store")
@deal_option("What is stored of it.")
@click.option(
    "--index",
    "indexes",
    type=click.IntRange(0, 9),
    multiple=True,
    metavar="I",
    help="Only this milestone of the deal; may be repeated. Default: all.",
)
@click.option(
    "--credit",
    "owners",
    type=AddressType(),
    multiple=True,
    metavar="OWNER",
    help="With --deal: also the credit of this owner in the deal's token; may be repeated.",
)
@at_option("With --deal: at the end of a block or at a time. Default: the last block indexed.")
@click.option("--tx", "tx_hash", type=HashType(), metavar="HASH", help="What it logged.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the proof there. Default: standard output.",
)
@click.option(
    "--check",
    "checked",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Check the proof in a file; asks no node.",
)
@click.option(
    "--block-hash",
    type=HashType(),
    metavar="HASH",
    help="With --check: the block's hash, from a source that you trust.",
)
@output_options
def command(
    target: Target,
    screen: Screen,
    deal_id: str | None,
    indexes: tuple[int, ...],
    owners: tuple[str, ...],
    at: Moment | None,
    tx_hash: bytes | None,
    out: Path | None,
    checked: Path | None,
    block_hash: bytes | None,
) -> None:
    """Write a file that proves what the contract stores of a deal, or what it logged in a
    transaction; or check such a file, offline.

    A proof rests on one thing only: the hash of a block, which whoever checks it must have from a
    source that they trust. The node must have eth_getProof for that block (--deal), or give raw
    transactions (--tx).
    """  # noqa: D205 - help shows it as one paragraph
    if [deal_id, tx_hash, checked].count(None) != 2:
        raise UsageError("Give one of --deal, --tx and --check.", "See escrow prove --help.")
    if deal_id is None and (indexes or owners or at is not None):
        raise UsageError("--index, --credit and --at go with --deal.", "See escrow prove --help.")
    if (checked is None) != (block_hash is None):
        raise UsageError("--check and --block-hash go together.", "See escrow prove --help.")
    if checked is not None and block_hash is not None:
        _check(screen, checked, block_hash)
        return
    from milestone_escrow.cli.reading import reading

    with reading(target, screen, offline=False) as book:
        content = _made(target, book, deal_id, indexes, owners, at, tx_hash)
    _hand_out(screen, content, out)


def _made(
    target: Target,
    book: Book,
    deal_id: str | None,
    indexes: tuple[int, ...],
    owners: tuple[str, ...],
    at: Moment | None,
    tx_hash: bytes | None,
) -> bytes:
    from milestone_escrow.audit.prove import prove_deal, prove_transaction
    from milestone_escrow.cli.at_block import block_of_moment
    from milestone_escrow.cli.connection import node_url
    from milestone_escrow.exceptions import NodeError
    from milestone_escrow.indexer.rpc import Rpc
    from milestone_escrow.workspace import Workspace

    node = node_url(target, Workspace.here())
    if not book.online:
        raise NodeError(
            f"No node answers at {node.shown}.",
            "Start it, or give another one with --rpc.",
            code="node-not-answering",
        )
    identity = book.reader.identity
    with Rpc(node.url) as rpc:
        if deal_id is not None:
            deal = book.reader.deal(deal_id)
            return prove_deal(
                rpc,
                identity.escrow,
                identity.chain_id,
                deal.deal_id,
                deal.agreement,
                indexes=indexes or None,
                credit_owners=owners,
                block=block_of_moment(book, at),
            )
        assert tx_hash is not None  # one of the two is given
        return prove_transaction(
            rpc, identity.escrow, identity.chain_id, tx_hash, partial(_agreement_of, book.reader)
        )


def _agreement_of(reader: Reader, deal_id: bytes) -> Agreement | None:
    from milestone_escrow.exceptions import UnknownDeal

    try:
        return reader.deal(deal_id).agreement
    except UnknownDeal:
        return None


def _hand_out(screen: Screen, content: bytes, out: Path | None) -> None:
    import json

    from milestone_escrow.audit.whole_files import whole_file

    claims = json.loads(content)["claims"]
    if out is None:
        click.echo(content.decode("ascii"), nl=False)
        return
    with whole_file(out) as file:
        file.write_bytes(content)
    if screen.json:
        screen.emit({"file": str(out), "bytes": len(content), "claims": claims})
        return
    screen.line(f"Written: {out} ({len(content):,} bytes)")
    screen.line(f"Block {claims['block']['number']}: {claims['block']['hash']}")
    screen.next_step(f"escrow prove --check {out} --block-hash {claims['block']['hash']}")


def _check(screen: Screen, path: Path, block_hash: bytes) -> None:
    from milestone_escrow.audit.proof_check import check
    from milestone_escrow.audit.proof_words import words_of

    proven = check(path.read_bytes(), block_hash)
    words = words_of(proven)
    if screen.json:
        screen.emit(
            {
                "proven": True,
                "claims": proven.claims,
                "is_this_version": proven.is_this_version,
                "words": list(words),
            }
        )
        return
    screen.line("The proof holds.")
    for line in words:
        screen.line(line)
