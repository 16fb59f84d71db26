"""``escrow sign``: shown, signed, and worth what the contract makes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from milestone_escrow import calls
from milestone_escrow.agreement import Agreement
from milestone_escrow.document import AgreementDocument
from milestone_escrow.messages import Voucher
from milestone_escrow.typed_data import digest, recover, typed_data
from tests.cli.conftest import ETHER
from tests.cli.play import Play, events_of

Files = tuple[str, str]


def drafted(play: Play, name: str, *options: str) -> Files:
    """Have the command make an agreement and its document."""
    files = str(play.files / f"{name}.json"), str(play.files / f"{name}-document.json")
    made = play.cli(
        *("agreement", "new", "--title", name, "--employer", "employer"),
        *("--freelancer", "freelancer", "--milestone", "One, 1, 30d", "--milestone", "Two, 2, 60d"),
        *("--out", files[0], "--document", files[1], *options),
    )
    play.ran(made)
    return files


def read(path: str) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def test_an_agreement_is_shown_signed_and_binds(play: Play) -> None:
    agreement, document = drafted(play, "binds")
    args = ("sign", "agreement", "--agreement", agreement, "--document", document)
    shown = play.ran(play.cli(*args, "--as", "freelancer", "--yes")).out
    for words in ("signs  Agreement", "price       3 ETH", "1  Two     2 ETH"):
        assert words in shown
    told = play.ran(play.cli(*args, "--as", "freelancer", "--yes", "--json")).json
    deal_id = play.ran(play.cli("agreement", "id", agreement)).out.strip()
    assert told["digest"] == deal_id
    signature = bytes.fromhex(told["signature"][2:])
    assert recover(bytes.fromhex(deal_id[2:]), signature) == play.address("freelancer")
    # As a file, too, and as plain hexadecimal in one.
    path = play.file("plain.hex", told["signature"] + "\n")
    fund = ("--agreement", agreement, "--indexes", "all", "--signature", path)
    assert "Accepted" in events_of(play.call("fund", *fund, role="employer"))


def test_typed_data_is_what_any_wallet_signs(play: Play) -> None:
    agreement = play.bound()
    args = ("--index", "0", "--paid-total", "0.5", "--expiry", "1893456000", "--typed-data")
    data = play.ran(play.cli("sign", "voucher", *play.named(agreement), *args)).json
    client = play.scene.client
    message = Voucher(client.deal_id(agreement), 0, ETHER // 2, 1_893_456_000)
    assert data == typed_data(message, client.domain)
    signed = Account.create().sign_message(encode_typed_data(full_message=data))
    assert bytes(signed.message_hash) == digest(message, client.domain)


def test_a_keyfile_signs_as_the_node_does(play: Play, tmp_path: Path) -> None:
    account = Account.create()
    stored = Account.encrypt(account.key, "canary", kdf="pbkdf2", iterations=2)
    (tmp_path / "key.json").write_text(json.dumps(stored), encoding="utf-8")
    (tmp_path / "word").write_text("canary", encoding="utf-8")
    files = drafted(play, "keyfile", "--freelancer", account.address)
    told = play.ran(
        play.cli(
            *("sign", "agreement", "--agreement", files[0], "--document", files[1]),
            *("--keyfile", str(tmp_path / "key.json")),
            *("--passphrase-file", str(tmp_path / "word"), "--yes", "--json"),
        )
    ).json
    assert told["signer"] == account.address


def test_an_amendment_is_signed_with_what_moves(play: Play) -> None:
    old = play.bound()
    new, document = drafted(
        play, "amends", "--supersedes", play.scene.id_of(old), "--milestone", "More, 0.5, 60d"
    )
    options = ("--new", new, "--indexes", "all", "--expiry", "1d", "--document", document)
    path = play.signed("amendment", *play.named(old), *options, role="freelancer")
    assert read(path)["typed_data"]["message"]["moved"] == str(old.price)
    told = play.call(
        *("amend", *play.named(old), "--new", new, "--signature", path), role="employer"
    )
    assert told["value"] == str(ETHER // 2)
    assert "Superseded" in events_of(told)


def test_a_settlement_is_void_once_what_is_held_has_changed(play: Play) -> None:
    agreement = play.bound()
    named = play.named(agreement)
    args = ("--index", "0", "--amount", "0.5", "--expiry", "1d")
    path = play.signed("settlement", *named, *args, role="employer")
    play.scene.do("employer", calls.release_part(agreement, 0, 1))
    settle = ("call", "settle", *named, "--signature", path, "--as", "freelancer", "--yes")
    assert "not the right party's over exactly this" in play.cli.refuses(1, *settle)
    anew = play.signed("settlement", *named, *args, role="employer")
    assert read(anew)["typed_data"]["message"]["remaining"] == str(ETHER - 1)
    told = play.call("settle", *named, "--signature", anew, role="freelancer")
    assert events_of(told) == ["Released", "Refunded"]


def test_who_cannot_sign_is_refused(play: Play) -> None:
    agreement = play.bound()
    files = drafted(play, "refused")
    named = play.named(agreement)
    voucher = ("voucher", *named, "--index", "0", "--paid-total", "1", "--expiry", "1d")
    split = ("settlement", *named, "--index", "0", "--amount", "1", "--expiry", "1d")
    accept = ("agreement", "--agreement", files[0], "--document", files[1])
    for words, role, right in (
        (voucher, "freelancer", "the employer"),
        (split, "stranger", "the employer, 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 or the f"),
        (accept, "employer", "the freelancer"),
    ):
        told = play.cli.refuses(1, "sign", *words, "--as", role, "--yes")
        assert f"It is signed by {right}" in told
    assert "Nobody was named to sign." in play.cli.refuses(2, "sign", *voucher, "--yes")
    assert "on a terminal" in play.cli(*("sign", *voucher, "--as", "employer")).err


def test_an_agreement_is_not_signed_without_its_document(play: Play, tmp_path: Path) -> None:
    agreement, _ = drafted(play, "alone")
    other = drafted(play, "another")[1]
    args = ("sign", "agreement", "--agreement", agreement, "--as", "freelancer", "--yes")
    assert "--document" in play.cli.refuses(2, *args)
    assert "This document's hash is" in play.cli.refuses(1, *args, "--document", other)
    stale = read(agreement) | {"accept_by": "1"}
    path = tmp_path / "stale.json"
    path.write_text(json.dumps(stale), encoding="utf-8")
    words = AgreementDocument.from_json(read(str(play.files / "alone-document.json")))
    assert Agreement.from_json(stale).document == words.hash()
    args = ("sign", "agreement", "--agreement", str(path), "--as", "freelancer", "--yes")
    told = play.cli.refuses(1, *args, "--document", str(play.files / "alone-document.json"))
    assert "time to accept" in told


def test_a_signature_is_never_written_over_a_file(play: Play) -> None:
    named = play.named(play.bound())
    voucher = ("voucher", *named, "--index", "0", "--paid-total", "1", "--expiry", "1d")
    path = play.signed(*voucher, role="employer")
    before = read(path)
    options = ("--as", "employer", "--yes", "--out", path)
    assert "exists already" in play.cli.refuses(2, "sign", *voucher, *options)
    assert read(path) == before


@pytest.mark.parametrize("symbol", ["ETH", "TEST6"])
def test_what_takes_no_permit_is_told(play: Play, symbol: str) -> None:
    agreement, _ = drafted(play, f"permit-{symbol}", "--token", symbol)
    args = ("sign", "permit", "--agreement", agreement, "--indexes", "all", "--expiry", "1h")
    told = play.cli.refuses(2, *args, "--as", "employer", "--yes")
    assert "takes no permit" in told
