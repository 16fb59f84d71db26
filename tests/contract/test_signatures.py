"""Whose signature binds: keys, contract wallets (ERC-1271), and keys with code (EIP-7702)."""

from __future__ import annotations

from random import Random

import pytest
from eth_abi.abi import encode
from eth_account import Account
from eth_account.messages import encode_defunct, encode_typed_data
from eth_utils.crypto import keccak

from milestone_escrow.agreement import ZERO_ADDRESS, Agreement
from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.messages import Domain
from milestone_escrow.typed_data import sign, typed_data, verify_agreement
from tests.contract.forgeries import FORGERIES, ORDER, Parts, parts_of
from tests.contract.raw_code import BURN, NOTHING, REFUSE, answer, refuse_with, return_bomb
from tests.contract.scene import Scene, signature_of
from tests.evm import Contract, deploy, reverts
from tests.roles import ACCOUNTS, EMPLOYER, FREELANCER, STRANGER

MAGIC = bytes.fromhex("1626ba7e")


def binds(scene: Scene, agreement: Agreement, signature: bytes) -> bool:
    """Return whether funding with a signature binds; if not, it reverts as a whole."""
    try:
        scene.escrow.fund(agreement, (0,), signature)
    except ContractRevert as refused:
        assert refused.error == "BadSignature"
        assert not scene.escrow.deal(agreement).opened
        return False
    return scene.escrow.deal(agreement).bound


# --- Keys


def test_the_freelancers_signature_binds(scene: Scene) -> None:
    agreement = scene.agreement()
    assert binds(scene, agreement, signature_of(agreement, scene.escrow.domain))


@pytest.mark.parametrize("how", FORGERIES)
def test_abuse_27_28_no_other_form_binds(native: Scene, how: str) -> None:
    agreement = native.agreement()
    signature = signature_of(agreement, native.escrow.domain)
    forged = FORGERIES[how](parts_of(signature))
    assert forged != signature
    assert not binds(native, agreement, forged)
    assert not verify_agreement(agreement, native.escrow.domain, forged)
    assert binds(native, agreement, signature)


@pytest.mark.parametrize("seed", range(3))
def test_the_escrow_takes_what_the_library_verifies(native: Scene, seed: int) -> None:
    random, domain = Random(seed), native.escrow.domain
    agreement = native.agreement()
    good = parts_of(signature_of(agreement, domain))
    for _ in range(100):
        tampered = bytes(
            Parts(
                random.choice([good.r, good.r, ORDER - good.r, random.getrandbits(256)]),
                random.choice([good.s, good.s, ORDER - good.s, ORDER // 2, ORDER // 2 + 1]),
                random.choice([27, 28, random.getrandbits(8)]),
            )
        )
        with native.escrow.undone():
            bound = binds(native, agreement, tampered)
        assert bound == verify_agreement(agreement, domain, tampered)
        assert bound == (tampered == bytes(good))


def test_both_values_of_v_occur_and_bind(native: Scene) -> None:
    seen: set[int] = set()
    while seen != {27, 28}:
        agreement = native.agreement()
        signature = signature_of(agreement, native.escrow.domain)
        assert binds(native, agreement, signature)
        seen.add(signature[64])


@pytest.mark.parametrize("who", [who for who in ACCOUNTS if who != FREELANCER])
def test_nobody_elses_signature_binds(native: Scene, who: str) -> None:
    agreement = native.agreement()
    assert not binds(native, agreement, sign(agreement, native.escrow.domain, ACCOUNTS[who]))


def test_abuse_25_26_a_signature_for_another_escrow_or_chain_is_none(native: Scene) -> None:
    agreement, domain = native.agreement(), native.escrow.domain
    elsewhere = Domain(domain.chain_id, STRANGER), Domain(domain.chain_id + 1, domain.escrow)
    for other in elsewhere:
        assert not binds(native, agreement, signature_of(agreement, other))


@pytest.mark.parametrize("field", ["name", "version"])
def test_abuse_26_a_signature_for_another_version_is_none(native: Scene, field: str) -> None:
    agreement = native.agreement()
    message = typed_data(agreement, native.escrow.domain)
    message["domain"][field] = "2"
    signable = encode_typed_data(full_message=message)
    signature = bytes(ACCOUNTS[FREELANCER].sign_message(signable).signature)
    assert not binds(native, agreement, signature)


def test_a_signed_text_of_the_deal_id_is_no_acceptance(native: Scene) -> None:
    agreement = native.agreement()
    text = encode_defunct(primitive=native.escrow.id_of(agreement))
    assert not binds(native, agreement, bytes(ACCOUNTS[FREELANCER].sign_message(text).signature))


def test_abuse_24_a_signature_binds_once(scene: Scene) -> None:
    agreement = scene.agreement()
    signature = signature_of(agreement, scene.escrow.domain)
    assert binds(scene, agreement, signature)
    scene.escrow.cancel(agreement, (0,))
    for indexes, error in (((0,), "AlreadyBound"), ((1,), "AlreadyBound")):
        with reverts(error):
            scene.escrow.fund(agreement, indexes, signature)


def test_abuse_28_nobody_signs_for_the_zero_address(native: Scene) -> None:
    agreement = native.agreement(freelancer=ZERO_ADDRESS)
    for signature in (bytes(65), b"\0" * 64 + b"\x1b", b"\1"):
        with reverts("NoFreelancer"):
            native.escrow.fund(agreement, (0,), signature)


# --- Contract wallets


@pytest.fixture
def wallet(native: Scene) -> Contract:
    return deploy(native.chain, "mocks/Wallet.vy")


def approved(native: Scene, wallet: Contract) -> Agreement:
    """Return an agreement whose freelancer is a wallet that approves it."""
    agreement = native.agreement(freelancer=wallet.address)
    wallet.send("approve", native.escrow.id_of(agreement), True, sender=STRANGER)
    return agreement


@pytest.mark.parametrize("size", [1, 64, 65, 66, 1_024])
def test_what_a_wallet_approves_binds(native: Scene, wallet: Contract, size: int) -> None:
    assert binds(native, approved(native, wallet), b"\xab" * size)


def test_an_empty_signature_is_none_even_if_the_wallet_would_approve(
    native: Scene, wallet: Contract
) -> None:
    agreement = approved(native, wallet)
    native.escrow.fund(agreement, (0,), b"")
    assert not native.escrow.deal(agreement).bound


def test_more_than_1024_bytes_are_refused(native: Scene, wallet: Contract) -> None:
    agreement = approved(native, wallet)
    with reverts("NoReason"):
        native.escrow.fund(agreement, (0,), b"\xab" * 1_025)


def test_a_wallet_is_asked_about_the_digest_and_the_signature(native: Scene) -> None:
    agreement, signature = native.agreement(), b"\xab" * 70
    asked = MAGIC + encode(["bytes32", "bytes"], [native.escrow.id_of(agreement), signature])
    native.chain.set_code(FREELANCER, approves_only(asked))
    assert binds(native, agreement, signature)
    assert not binds(native, native.agreement(), signature)


def approves_only(calldata: bytes) -> bytes:
    """Return code that answers with the magic value to this calldata and with zero to any other."""
    return (
        bytes.fromhex("365f5f37365f20")  # the hash of the calldata
        + b"\x7f"
        + keccak(calldata)
        + b"\x14\x7f"  # is it the one?
        + MAGIC.ljust(32, b"\0")
        + bytes.fromhex("025f5260205ff3")  # then the magic value
    )


@pytest.mark.parametrize(
    ("given", "good"),
    [
        (MAGIC.ljust(32, b"\0"), True),
        (MAGIC.ljust(64, b"\0"), True),  # a word, and more than was asked
        (MAGIC.ljust(32, b"\0") + b"\xff", True),
        (bytes.fromhex("1626ba7f").ljust(32, b"\0"), False),
        (b"\xff" * 32, False),
        (bytes(32), False),
        (b"\1".rjust(32, b"\0"), False),
        (MAGIC.rjust(32, b"\0"), False),
        (MAGIC + b"\1" * 28, False),
        (MAGIC, False),
        (MAGIC.ljust(31, b"\0"), False),
        (b"", False),
    ],
)
def test_abuse_29_only_the_magic_word_approves(
    native: Scene, wallet: Contract, given: bytes, good: bool
) -> None:
    agreement = approved(native, wallet)
    wallet.send("set_answer", given, sender=STRANGER)
    assert binds(native, agreement, b"\1") is good


@pytest.mark.parametrize(
    "code",
    [
        NOTHING,
        REFUSE,
        refuse_with(MAGIC.ljust(32, b"\0")),
        BURN,
        return_bomb(0),
        return_bomb(10**6),
        answer(MAGIC),
    ],
    ids=[
        "no code",
        "reverts",
        "reverts with the magic word",
        "burns",
        "returns nothing",
        "returns a megabyte",
        "short",
    ],
)
def test_abuse_29_code_that_does_not_answer_approves_nothing(native: Scene, code: bytes) -> None:
    agreement = native.agreement()
    native.chain.set_code(FREELANCER, code)
    assert not binds(native, agreement, b"\1" * 65)
    assert not binds(native, agreement, b"\1")


def test_abuse_31_a_revoked_approval_is_none(native: Scene, wallet: Contract) -> None:
    agreement = approved(native, wallet)
    wallet.send("approve", native.escrow.id_of(agreement), False, sender=STRANGER)
    assert not binds(native, agreement, b"\1")


def test_abuse_30_what_one_wallet_approves_binds_no_other(native: Scene, wallet: Contract) -> None:
    approved(native, wallet)
    other = deploy(native.chain, "mocks/Wallet.vy")
    agreement = native.agreement(freelancer=other.address)
    wallet.send("approve", native.escrow.id_of(agreement), True, sender=STRANGER)
    assert not binds(native, agreement, b"\1")


def test_abuse_04_a_wallet_can_do_nothing_while_it_is_asked(
    native: Scene, wallet: Contract
) -> None:
    agreement = approved(native, wallet)
    # Whatever it does about it changes something, be it but a log, and the question is static.
    wallet.send(
        "arm",
        native.escrow.address,
        native.escrow.contract.calldata("deal", bytes(32)),
        sender=STRANGER,
    )
    assert not binds(native, agreement, b"\1")
    wallet.send("arm", ZERO_ADDRESS, b"", sender=STRANGER)
    assert binds(native, agreement, b"\1")


# --- Keys with code (EIP-7702). The code is put there: pyrevm knows no delegations


def delegated(native: Scene, wallet: Contract) -> Contract:
    """Let the freelancer's account run the wallet's code."""
    native.chain.set_code(FREELANCER, native.chain.code(wallet.address))
    account = wallet.at(FREELANCER)
    account.send("set_answer", MAGIC.ljust(32, b"\0"), sender=EMPLOYER)
    return account


def test_abuse_32_the_key_of_an_account_with_code_still_signs(
    native: Scene, wallet: Contract
) -> None:
    delegated(native, wallet)
    agreement = native.agreement()
    assert binds(native, agreement, signature_of(agreement, native.escrow.domain))


@pytest.mark.parametrize("code", [REFUSE, BURN], ids=["reverts", "burns"])
def test_abuse_32_no_code_locks_the_key_out(native: Scene, code: bytes) -> None:
    native.chain.set_code(FREELANCER, code)
    agreement = native.agreement()
    assert binds(native, agreement, signature_of(agreement, native.escrow.domain))


def test_abuse_32_the_code_of_an_account_with_a_key_approves_too(
    native: Scene, wallet: Contract
) -> None:
    account, agreement = delegated(native, wallet), native.agreement()
    assert not binds(native, agreement, b"\1")
    account.send("approve", native.escrow.id_of(agreement), True, sender=EMPLOYER)
    assert binds(native, agreement, b"\1")


def test_abuse_32_without_its_code_the_account_has_its_key(native: Scene, wallet: Contract) -> None:
    account, agreement = delegated(native, wallet), native.agreement()
    account.send("approve", native.escrow.id_of(agreement), True, sender=EMPLOYER)
    native.chain.set_code(FREELANCER, NOTHING)
    assert not binds(native, agreement, b"\1")
    assert binds(native, agreement, signature_of(agreement, native.escrow.domain))


def test_a_key_without_money_or_history_signs(native: Scene) -> None:
    new = Account.from_key(keccak(text="somebody new"))
    agreement = native.agreement(freelancer=new.address)
    assert binds(native, agreement, sign(agreement, native.escrow.domain, new))
