from __future__ import annotations

import json
import logging
import os
import pickle
import stat
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from web3 import HTTPProvider, Web3
from web3.types import Nonce, TxData, TxParams, Wei

from milestone_escrow.agreement import DAY, Agreement
from milestone_escrow.chain import Node, start_anvil, start_hardhat
from milestone_escrow.exceptions import UsageError
from milestone_escrow.messages import Domain
from milestone_escrow.signers import (
    KeyfileSigner,
    NodeSigner,
    Signer,
    create_keyfile,
    load_keyfile,
)
from milestone_escrow.typed_data import agreement_typed_data, verify_agreement

PASSWORD = "canary-password"
GIVER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"  # the first account of both nodes
OTHER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
ESCROW = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
CHAIN_ID = 31_337


@pytest.fixture(scope="module", params=["anvil", "hardhat"])
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    start = start_anvil if request.param == "anvil" else start_hardhat
    with start(0, chain_id=CHAIN_ID) as running:
        yield running


@pytest.fixture(scope="module")
def w3(node: Node) -> Web3:
    return Web3(HTTPProvider(node.rpc_url))


@pytest.fixture(scope="module")
def keyfile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "freelancer.json"
    before = os.umask(0)
    try:
        create_keyfile(path, PASSWORD)
    finally:
        os.umask(before)
    return path


@pytest.fixture(scope="module")
def key_holder(keyfile: Path) -> KeyfileSigner:
    return load_keyfile(keyfile, PASSWORD)


@pytest.fixture
def key(key_holder: KeyfileSigner) -> str:
    """The secret itself, hexadecimal, to look for it where it must not be."""
    return bytes(key_holder._account.key).hex()


@pytest.fixture(params=["node", "keyfile"])
def signer(
    request: pytest.FixtureRequest, w3: Web3, node: Node, key_holder: KeyfileSigner
) -> Signer:
    if request.param == "node":
        return NodeSigner(w3, GIVER)
    node.chain.set_balance(key_holder.address, 10**18)
    return key_holder


def coins(taker: str = OTHER) -> TxParams:
    return {"to": Web3.to_checksum_address(taker), "value": Web3.to_wei(1, "gwei")}


def sent(signer: Signer, w3: Web3, tx: TxParams) -> TxData:
    """Send a transaction and return it as the chain has it, once it is in a block."""
    tx_hash = signer.send(w3, tx)
    assert w3.eth.wait_for_transaction_receipt(tx_hash)["status"] == 1
    return w3.eth.get_transaction(tx_hash)


def agreement(freelancer: str) -> Agreement:
    return Agreement.build(
        employer=OTHER,
        freelancer=freelancer,
        milestones=[(2**128 - 1, 2_000_000_000), (1, 2_000_000_000 + DAY)],
        accept_by=2_000_000_000,
        document=bytes.fromhex("ab" * 32),
    )


# --- Any signer


def test_coins_are_sent(signer: Signer, w3: Web3) -> None:
    before = w3.eth.get_balance(Web3.to_checksum_address(OTHER))
    assert sent(signer, w3, coins())["from"] == signer.address
    assert w3.eth.get_balance(Web3.to_checksum_address(OTHER)) == before + 10**9


def test_nonces_and_dynamic_fees_are_filled_in(signer: Signer, w3: Web3, node: Node) -> None:
    node.chain.request("evm_setAutomine", False)
    try:
        # The first one still waits for its block: the second comes after it all the same.
        first, second = [w3.eth.get_transaction(signer.send(w3, coins())) for _ in range(2)]
    finally:
        node.chain.mine()
        node.chain.request("evm_setAutomine", True)
    assert second["nonce"] == first["nonce"] + 1
    for tx in (first, second):
        assert tx["type"] == 2
        assert tx["maxFeePerGas"] >= tx["maxPriorityFeePerGas"] > 0
        assert tx["chainId"] == CHAIN_ID
        assert w3.eth.get_transaction_receipt(tx["hash"])["status"] == 1


def test_a_transaction_stays_payable_while_the_base_fee_doubles(
    key_holder: KeyfileSigner, w3: Web3, node: Node
) -> None:
    node.chain.set_balance(key_holder.address, 10**18)
    base_fee = w3.eth.get_block("latest")["baseFeePerGas"]
    found = sent(key_holder, w3, coins())
    assert found["maxFeePerGas"] == 2 * base_fee + found["maxPriorityFeePerGas"]


def test_what_the_transaction_says_is_kept(signer: Signer, w3: Web3) -> None:
    tx: TxParams = {
        **coins(),
        "from": signer.address,
        "gas": 54_321,
        "maxFeePerGas": Web3.to_wei(50, "gwei"),
        "maxPriorityFeePerGas": Web3.to_wei(3, "gwei"),
        "chainId": CHAIN_ID,
    }
    found = sent(signer, w3, tx)
    assert (found["gas"], found["value"]) == (54_321, 10**9)
    assert found["maxFeePerGas"] == 50 * 10**9
    assert found["maxPriorityFeePerGas"] == 3 * 10**9


def test_a_legacy_price_stays_legacy(signer: Signer, w3: Web3) -> None:
    tx: TxParams = {**coins(), "gasPrice": Web3.to_wei(50, "gwei")}
    found = sent(signer, w3, tx)
    assert (found["type"], found["gasPrice"]) == (0, Web3.to_wei(50, "gwei"))


def test_a_transaction_of_another_account_is_refused(signer: Signer, w3: Web3) -> None:
    with pytest.raises(UsageError, match=f"from {OTHER}.*{signer.address}") as refused:
        signer.send(w3, {**coins(), "from": Web3.to_checksum_address(OTHER)})
    assert refused.value.code == "wrong-sender"


def test_a_signed_agreement_is_the_freelancer_s(signer: Signer) -> None:
    domain = Domain(CHAIN_ID, ESCROW)
    signed = agreement(signer.address)
    message = agreement_typed_data(signed, domain)
    signature = signer.sign_typed_data(message)
    assert len(signature) == 65
    assert Account.recover_message(
        encode_typed_data(full_message=message), signature=signature
    ) == (signer.address)
    assert verify_agreement(signed, domain, signature)
    assert not verify_agreement(agreement(OTHER), domain, signature)


def test_the_node_s_account_is_checked() -> None:
    signer = NodeSigner(Web3(), GIVER.lower())
    assert signer.address == GIVER
    assert repr(signer) == f"NodeSigner({GIVER})"
    with pytest.raises(UsageError) as refused:
        NodeSigner(Web3(), "0x12")
    assert refused.value.code == "bad-address"


# --- Keyfiles


def test_a_keyfile_is_its_owner_s_alone(keyfile: Path) -> None:
    assert stat.S_IMODE(keyfile.stat().st_mode) == 0o600


def test_a_keyfile_is_encrypted_and_opens_to_its_account(
    keyfile: Path, key_holder: KeyfileSigner, key: str
) -> None:
    text = keyfile.read_text(encoding="utf-8")
    assert key not in text
    assert Web3.to_checksum_address(json.loads(text)["address"]) == key_holder.address
    assert Account.from_key(key).address == key_holder.address


def test_a_keyfile_is_never_overwritten(keyfile: Path, tmp_path: Path) -> None:
    before = keyfile.read_bytes()
    link = tmp_path / "link.json"
    link.symlink_to(keyfile)
    dangling = tmp_path / "dangling.json"
    dangling.symlink_to(tmp_path / "nowhere.json")
    for path in (keyfile, link, dangling):
        with pytest.raises(UsageError, match="never overwritten") as refused:
            create_keyfile(path, PASSWORD)
        assert refused.value.code == "keyfile-exists"
    assert keyfile.read_bytes() == before
    assert not (tmp_path / "nowhere.json").exists()


def test_a_keyfile_that_cannot_be_written_is_told_and_not_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError) as refused:
        create_keyfile(tmp_path / "no-such-folder" / "key.json", PASSWORD)
    assert refused.value.code == "keyfile-unwritable"

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="No space left") as refused:
        create_keyfile(tmp_path / "key.json", PASSWORD)
    assert refused.value.code == "keyfile-unwritable"
    assert not (tmp_path / "key.json").exists()


def test_a_keyfile_needs_a_password(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        create_keyfile(tmp_path / "key.json", "")
    assert refused.value.code == "empty-password"
    assert not (tmp_path / "key.json").exists()


def test_a_wrong_password_is_one_sentence(keyfile: Path) -> None:
    with pytest.raises(UsageError, match="password does not open") as refused:
        load_keyfile(keyfile, "another")
    assert refused.value.code == "wrong-password"
    assert "another" not in str(refused.value)
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", "null", '{"version": 9}', '{"version": 3, "crypto": {"kdf": "none"}}'],
)
def test_what_is_no_keyfile_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="is not a keyfile") as refused:
        load_keyfile(path, PASSWORD)
    assert refused.value.code == "keyfile-invalid"


def test_a_keyfile_that_is_not_there_or_not_a_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        load_keyfile(tmp_path / "nowhere.json", PASSWORD)
    assert refused.value.code == "keyfile-missing"
    with pytest.raises(UsageError, match="cannot be read") as refused:
        load_keyfile(tmp_path, PASSWORD)
    assert refused.value.code == "keyfile-invalid"


def failing(signer: KeyfileSigner, w3: Web3) -> Iterator[str]:
    """What the most talkative logger would print of everything that fails."""
    nowhere = Web3(HTTPProvider("http://127.0.0.1:1", exception_retry_configuration=None))
    full: TxParams = {**coins(), "gas": 21_000, "nonce": Nonce(0), "gasPrice": Wei(10**9)}
    malformed: Any = {**full, "data": 1.5}
    fails: tuple[Callable[[], object], ...] = (
        lambda: signer.send(nowhere, coins()),
        lambda: signer.send(w3, malformed),
        lambda: signer.sign_typed_data({"types": {}}),
    )
    for fail in fails:
        with pytest.raises(Exception) as failed:
            fail()
        told = traceback.TracebackException.from_exception(failed.value, capture_locals=True)
        yield "".join(told.format())


def test_the_key_shows_nowhere(
    key: str, key_holder: KeyfileSigner, w3: Web3, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(TypeError, match="not written down"):
        pickle.dumps(key_holder)
    assert not hasattr(key_holder, "__dict__")
    seen = [repr(key_holder), str(key_holder), *failing(key_holder, w3)]
    shown = "\n".join([*seen, *caplog.messages])
    assert "Connection refused" in shown
    assert "cannot be signed" in shown
    for secret in (key, repr(bytes.fromhex(key)), str(int(key, 16)), PASSWORD):
        assert secret not in shown
