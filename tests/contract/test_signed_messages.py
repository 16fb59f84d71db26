"""Whose word counts, where one party sends what another signed, and for what it counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import pytest
from eth_account.messages import encode_typed_data

from milestone_escrow.agreement import ZERO_ADDRESS, Agreement, Milestone
from milestone_escrow.messages import Domain, Message
from milestone_escrow.typed_data import typed_data
from tests.contract import consent
from tests.contract.consent import signed
from tests.contract.forgeries import FORGERIES, parts_of
from tests.contract.forks import NEW_ID, forked
from tests.contract.raw_code import BURN, NOTHING, REFUSE
from tests.contract.scene import Scene
from tests.escrow import Outcome
from tests.evm import WEALTH, Contract, deploy, reverts
from tests.roles import ACCOUNTS, EMPLOYER, STRANGER

MAGIC = bytes.fromhex("1626ba7e").ljust(32, b"\0")


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that lacks nothing but a signature.

    Attributes:
        deal: What it is about.
        message: What is to be signed.
        signer: By whom.
        send: Makes the call with a signature.
    """

    deal: Agreement
    message: Message
    signer: str
    send: Callable[[bytes], Outcome]

    def sign(self, scene: Scene) -> bytes:
        """Return the good signature."""
        return signed(self.message, scene.escrow.domain, self.signer)


def for_voucher(scene: Scene, deal: Agreement, index: int = 0) -> Asked:
    message = consent.voucher(scene, deal, index, 400)
    return Asked(
        deal,
        message,
        deal.employer,
        lambda signature: scene.escrow.redeem(deal, index, 400, message.expiry, signature),
    )


def for_settlement(scene: Scene, deal: Agreement, index: int, sender: str) -> Asked:
    message = consent.settlement(scene, deal, (index,), (400,))
    return Asked(
        deal,
        message,
        consent.other_party(deal, sender),
        lambda signature: scene.escrow.settle(
            deal, (index,), (400,), message.expiry, signature, sender=sender
        ),
    )


def for_amendment(scene: Scene, deal: Agreement, index: int = 0) -> Asked:
    parts = tuple(Milestone(2_000_000, deal.final_deadline) for _ in range(2))
    new = replace(consent.successor(scene, deal), milestones=parts, price=4_000_000)
    message = consent.amendment(scene, deal, new, (index,))
    return Asked(
        deal,
        message,
        deal.freelancer,
        lambda signature: scene.escrow.amend(deal, new, (index,), message.expiry, signature),
    )


ASKED: dict[str, Callable[[Scene, Agreement, int], Asked]] = {
    "voucher": for_voucher,
    "settlement sent by the employer": lambda scene, deal, index: for_settlement(
        scene, deal, index, deal.employer
    ),
    "settlement sent by the freelancer": lambda scene, deal, index: for_settlement(
        scene, deal, index, deal.freelancer
    ),
    "amendment": for_amendment,
}
every = pytest.mark.parametrize("kind", ASKED)


def ask(scene: Scene, kind: str, index: int = 0, **terms: Any) -> Asked:
    """Prepare a call of a kind on a milestone of a new deal."""
    # Both milestones hold the same, so that only their numbers tell them apart.
    milestones = [(1_000, 10**6), (1_000, 10**6)]
    return ASKED[kind](scene, scene.bound((0, 1), milestones=milestones, **terms), index)


def refused(scene: Scene, asked: Asked, signature: bytes) -> None:
    """See that a signature is none, and that nothing came of it."""
    words, before = scene.words(asked.deal), scene.balances()
    with reverts("BadSignature"):
        asked.send(signature)
    assert (scene.words(asked.deal), scene.gains(before)) == (words, {})


# --- Keys


@every
def test_the_right_signature_counts_once(scene: Scene, kind: str) -> None:
    asked = ask(scene, kind)
    signature = asked.sign(scene)
    asked.send(signature)
    with reverts(
        {"voucher": "NothingToPay", "amendment": "DealClosed"}.get(kind, "AlreadySettled")
    ):
        asked.send(signature)


@every
def test_abuse_27_28_no_other_form_of_it_counts(native: Scene, kind: str) -> None:
    asked = ask(native, kind)
    signature = asked.sign(native)
    for how, forge in FORGERIES.items():
        forged = forge(parts_of(signature))
        assert forged != signature, how
        refused(native, asked, forged)
    asked.send(signature)


@every
def test_nobody_elses_signature_counts(native: Scene, kind: str) -> None:
    asked = ask(native, kind)
    for who in ACCOUNTS:
        if who != asked.signer:
            refused(native, asked, signed(asked.message, native.escrow.domain, who))
    for nothing in (b"", b"\0", bytes(65), bytes(1_024)):
        refused(native, asked, nothing)


@every
def test_abuse_25_26_it_counts_on_one_chain_for_one_escrow_alone(native: Scene, kind: str) -> None:
    asked, domain = ask(native, kind), native.escrow.domain
    for other in (
        Domain(domain.chain_id + 1, domain.escrow),
        Domain(domain.chain_id, STRANGER),
    ):
        refused(native, asked, signed(asked.message, other, asked.signer))
    for field in ("name", "version"):
        data = typed_data(asked.message, domain)
        data["domain"][field] = "2"
        signable = encode_typed_data(full_message=data)
        refused(native, asked, bytes(ACCOUNTS[asked.signer].sign_message(signable).signature))


def changed(value: Any) -> Any:
    """Return another value of the same type."""
    if isinstance(value, int):
        return value + 1
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    if isinstance(value, tuple):
        return (value[0] + 1,)
    return replace(value, document=changed(value.document))


@every
def test_promise_08_it_counts_for_what_it_says_to_the_last_word(native: Scene, kind: str) -> None:
    asked = ask(native, kind)
    for field in fields(asked.message):
        other = replace(asked.message, **{field.name: changed(getattr(asked.message, field.name))})
        refused(native, asked, signed(other, native.escrow.domain, asked.signer))
    asked.send(asked.sign(native))


@every
def test_abuse_24_it_counts_for_one_deal_alone(scene: Scene, kind: str) -> None:
    asked, twin = ask(scene, kind), ask(scene, kind)
    refused(scene, twin, asked.sign(scene))
    refused(scene, asked, twin.sign(scene))


@every
def test_abuse_24_it_counts_for_one_milestone_alone(scene: Scene, kind: str) -> None:
    asked = ask(scene, kind)
    other = ASKED[kind](scene, asked.deal, 1)
    refused(scene, other, asked.sign(scene))
    refused(scene, asked, other.sign(scene))


def test_no_message_is_taken_for_another(scene: Scene) -> None:
    asked = [ask(scene, kind) for kind in ASKED]
    for one in asked:
        for other in asked:
            if type(one.message) is not type(other.message):
                signature = signed(other.message, scene.escrow.domain, one.signer)
                refused(scene, one, signature)


@every
@pytest.mark.parametrize("after", [-1, 0, 1])
def test_abuse_35_it_counts_before_its_expiry_alone(scene: Scene, kind: str, after: int) -> None:
    asked = ask(scene, kind)
    signature = asked.sign(scene)
    scene.chain.now += consent.TERM + after
    if after < 0:
        asked.send(signature)
        return
    with reverts("SignatureExpired"):
        asked.send(signature)


@every
def test_abuse_65_after_a_change_of_the_chains_id_it_counts_under_the_new_one(
    native: Scene, kind: str
) -> None:
    before = ask(native, kind)
    escrow = forked(native, before.deal)
    there = replace(native, chain=escrow.chain, escrow=escrow)
    asked = ASKED[kind](there, before.deal, 0)
    assert escrow.id_of(asked.deal) == native.escrow.id_of(before.deal)
    refused(there, asked, asked.sign(there))
    signature = signed(asked.message, Domain(NEW_ID, escrow.address), asked.signer)
    asked.send(signature)
    refused(native, before, signature)


# --- Contract wallets (ERC-1271) and keys with code (EIP-7702)


@pytest.fixture
def wallet(native: Scene) -> Contract:
    return deploy(native.chain, "mocks/Wallet.vy")


def ask_wallet(native: Scene, kind: str, wallet: Contract) -> Asked:
    """Prepare a call for which a wallet must sign."""
    seat = "employer" if ask(native, kind).signer == EMPLOYER else "freelancer"
    terms: dict[str, Any] = {seat: wallet.address}
    native.chain.set_balance(wallet.address, WEALTH)
    with native.chain.impersonated(wallet.address):
        return ask(native, kind, **terms)


def approve(native: Scene, wallet: Contract, asked: Asked, approved: bool = True) -> None:
    digest = consent.digest_of(native, asked.message)
    wallet.send("approve", digest, approved, sender=STRANGER)


@every
@pytest.mark.parametrize("size", [0, 1, 65, 1_024])
def test_abuse_54_what_a_wallet_approves_counts_with_any_bytes_and_with_none(
    native: Scene, wallet: Contract, kind: str, size: int
) -> None:
    asked = ask_wallet(native, kind, wallet)
    refused(native, asked, b"\xab" * size)
    approve(native, wallet, asked)
    asked.send(b"\xab" * size)


@every
def test_more_than_1024_bytes_are_refused(native: Scene, wallet: Contract, kind: str) -> None:
    asked = ask_wallet(native, kind, wallet)
    approve(native, wallet, asked)
    with reverts("NoReason"):
        asked.send(b"\xab" * 1_025)


@every
def test_abuse_29_30_31_a_wallet_answers_for_itself_rightly_and_at_the_time(
    native: Scene, wallet: Contract, kind: str
) -> None:
    asked = ask_wallet(native, kind, wallet)
    another = deploy(native.chain, "mocks/Wallet.vy")
    approve(native, another, asked)
    refused(native, asked, b"\1")
    approve(native, wallet, asked)
    for answer in (MAGIC[:31], b"", bytes(32), (1).to_bytes(32), MAGIC[:4]):
        wallet.send("set_answer", answer, sender=STRANGER)
        refused(native, asked, b"\1")
    wallet.send("set_answer", MAGIC, sender=STRANGER)
    approve(native, wallet, asked, False)
    refused(native, asked, b"\1")
    approve(native, wallet, asked)
    asked.send(b"\1")


@every
def test_abuse_04_a_wallet_can_do_nothing_while_it_is_asked(
    native: Scene, wallet: Contract, kind: str
) -> None:
    asked = ask_wallet(native, kind, wallet)
    approve(native, wallet, asked)
    data = native.escrow.contract.calldata("pay_credit", ZERO_ADDRESS, STRANGER)
    wallet.send("arm", native.escrow.address, data, sender=STRANGER)
    refused(native, asked, b"\1")
    wallet.send("arm", ZERO_ADDRESS, b"", sender=STRANGER)
    asked.send(b"\1")


# The code is put at the key's address: pyrevm knows no delegations.


@every
@pytest.mark.parametrize("code", [REFUSE, BURN], ids=["reverts", "burns"])
def test_abuse_32_no_code_locks_the_key_out(native: Scene, kind: str, code: bytes) -> None:
    asked = ask(native, kind)
    native.chain.set_code(asked.signer, code)
    asked.send(asked.sign(native))


@every
def test_abuse_32_an_account_with_code_signs_by_its_key_or_by_its_code(
    native: Scene, wallet: Contract, kind: str
) -> None:
    by_key, by_code = ask(native, kind), ask(native, kind)
    native.chain.set_code(by_key.signer, native.chain.code(wallet.address))
    account = wallet.at(by_key.signer)
    account.send("set_answer", MAGIC, sender=STRANGER)
    by_key.send(by_key.sign(native))
    refused(native, by_code, b"\1")
    approve(native, account, by_code)
    by_code.send(b"\1")


@every
def test_abuse_32_without_its_code_the_account_has_its_key(
    native: Scene, wallet: Contract, kind: str
) -> None:
    asked = ask(native, kind)
    native.chain.set_code(asked.signer, native.chain.code(wallet.address))
    approve(native, wallet.at(asked.signer), asked)
    native.chain.set_code(asked.signer, NOTHING)
    refused(native, asked, b"\1")
    asked.send(asked.sign(native))
