"""The deal id: EIP-712 as every wallet computes it, and the one name of one agreement."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from milestone_escrow.agreement import AGREEMENT_FIELDS, MAX_AMOUNT, Agreement
from milestone_escrow.events import Accepted, Opened
from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.messages import Domain
from milestone_escrow.typed_data import deal_id, typed_data
from tests.contract.forks import NEW_ID, forked
from tests.contract.scene import LAPSE, Scene, signature_of
from tests.escrow import Escrow
from tests.evm import Chain, reverts
from tests.roles import ACCOUNTS, EMPLOYER, FREELANCER, STRANGER

TUPLE = (
    "(address,address,address,address,address,address,uint256,uint256,uint256,uint256,uint256,"
    "uint256,uint256,bytes32,bytes32,(uint256,uint256)[])"
)
DEAL_ID = keccak(text=f"deal_id({TUPLE})")[:4]


def any_agreement(random: Random) -> Agreement:
    """Return whatever fits the type."""

    def number() -> int:
        return random.choice([0, 1, 2**256 - 1, MAX_AMOUNT, random.getrandbits(256)])

    return Agreement.from_tuple(
        (
            *["0x" + random.randbytes(20).hex() for _ in range(6)],
            *[number() for _ in range(7)],
            random.randbytes(32),
            random.choice([bytes(32), random.randbytes(32)]),
            [(number(), number()) for _ in range(random.randrange(11))],
        )
    )


# --- What wallets compute


@pytest.mark.parametrize("seed", range(10))
def test_abuse_34_the_deal_id_is_the_digest_of_eth_account(native: Scene, seed: int) -> None:
    random, escrow = Random(seed), native.escrow
    for _ in range(30):
        agreement = any_agreement(random)
        message = json.loads(json.dumps(typed_data(agreement, escrow.domain)))
        signable = encode_typed_data(full_message=message)
        digest = keccak(b"\x19" + signable.version + signable.header + signable.body)
        assert escrow.contract.read("deal_id", agreement) == digest == escrow.id_of(agreement)


@pytest.mark.parametrize("seed", range(10))
def test_what_eth_account_signs_binds(native: Scene, seed: int) -> None:
    random = Random(seed)
    parts = [(random.randint(1, MAX_AMOUNT), 1_000_000 + i) for i in range(random.randint(1, 10))]
    agreement = native.agreement(milestones=parts, document=random.randbytes(32))
    message = typed_data(agreement, native.escrow.domain)
    signed = Account.sign_typed_data(ACCOUNTS[FREELANCER].key, full_message=message)
    native.escrow.fund(agreement, (0,), bytes(signed.signature))
    assert native.escrow.deal(agreement).bound


# --- One agreement, one deal

SWAPPED: dict[str, Any] = {
    **{name: STRANGER for name, abi_type in AGREEMENT_FIELDS if abi_type == "address"},
    **{name: 4_321 for name, abi_type in AGREEMENT_FIELDS if abi_type == "uint256"},
    **{name: b"\7" * 32 for name, abi_type in AGREEMENT_FIELDS if abi_type == "bytes32"},
}
assert SWAPPED.keys() == {name for name, _ in AGREEMENT_FIELDS} - {"milestones"}


def another_list(agreement: Agreement, how: str) -> Agreement:
    first, second, third = agreement.milestones
    lists = {
        "amount": (replace(first, amount=first.amount + 1), second, third),
        "deadline": (first, second, replace(third, deadline=third.deadline - 1)),
        "order": (second, first, third),
        "shorter": (first, second),
        "longer": (first, second, third, third),
        "empty": (),
    }
    return replace(agreement, milestones=lists[how])


@pytest.mark.parametrize(
    "how", [*SWAPPED, "amount", "deadline", "order", "shorter", "longer", "empty"]
)
def test_abuse_36_an_agreement_with_anything_swapped_is_another_deal(
    scene: Scene, how: str
) -> None:
    agreement = scene.requested((0, 1))
    if how in SWAPPED:
        other = replace(agreement, **{how: SWAPPED[how]})
    else:
        other = another_list(agreement, how)
    scene.chain.now += agreement.review_period
    words, before = scene.words(agreement), scene.balances()
    new, far, nothing = scene.agreement(), scene.chain.now + 1, bytes(32)
    for call, sender, *arguments in (
        ("release", other.employer, [0]),
        ("claim", STRANGER, [0]),
        ("cancel", other.freelancer, [0]),
        ("withdraw", other.employer, [0]),
        ("void_request", other.freelancer, [0]),
        ("request_release", other.freelancer, [1], nothing),
        ("accept", other.freelancer, [0]),
        ("release_part", other.employer, 0, 1),
        ("redeem", STRANGER, 0, 1, far, b""),
        ("dispute", other.employer, 0, nothing),
        ("rule", other.arbiter, 0, 1),
        ("apply_fallback", STRANGER, 0),
        ("settle", other.employer, [0], [1], far, b""),
        ("settle_dormant", STRANGER, [0]),
        ("keep_alive", other.employer),
        ("amend", other.employer, new, [0], far, b""),
    ):
        with reverts("NotOpened"):
            scene.escrow.send(str(call), other, *arguments, sender=str(sender))
    assert scene.words(agreement) == words
    assert scene.gains(before) == {}


@pytest.mark.parametrize("how", [*SWAPPED, "amount", "deadline", "order"])
def test_abuse_36_the_signature_over_an_agreement_is_none_over_another(
    native: Scene, how: str
) -> None:
    agreement = native.agreement()
    signature = signature_of(agreement, native.escrow.domain)
    if how in SWAPPED:
        other = replace(agreement, **{how: SWAPPED[how]})
    else:
        other = another_list(agreement, how)
    with pytest.raises(ContractRevert):
        native.escrow.fund(other, (0,), signature, sender=other.employer)
    # Even where the other agreement could be opened, it is opened by hand and bound by nobody.
    native.escrow.set_deal_word(other, 1)
    with pytest.raises(ContractRevert) as refused:
        native.escrow.fund(other, (0,), signature, sender=other.employer)
    assert refused.value.error in ("BadSignature", "AcceptByPassed")
    native.escrow.fund(agreement, (0,), signature)


# --- Calldata that is not as an encoder makes it


def id_of_calldata(native: Scene, arguments: bytes) -> bytes | None:
    """Return what ``deal_id`` answers, None where it reverts."""
    try:
        return native.chain.read(native.escrow.address, DEAL_ID + arguments)
    except ContractRevert:
        return None


def words_of(native: Scene, agreement: Agreement) -> list[bytes]:
    """Return the words of the canonical arguments: offset, 15 fields, offset, count, milestones."""
    data = native.escrow.contract.calldata("deal_id", agreement)[4:]
    return [data[at : at + 32] for at in range(0, len(data), 32)]


@pytest.mark.parametrize("bit", [160, 161, 200, 255])
@pytest.mark.parametrize("field", range(6))
def test_dirty_bits_of_an_address_are_refused(native: Scene, field: int, bit: int) -> None:
    words = words_of(native, native.agreement())
    words[1 + field] = (int.from_bytes(words[1 + field]) | 1 << bit).to_bytes(32)
    assert id_of_calldata(native, b"".join(words)) is None


def test_extra_bytes_and_shifted_offsets_name_the_same_deal(native: Scene) -> None:
    agreement = native.agreement()
    canonical = words_of(native, agreement)
    deal = native.escrow.id_of(agreement)
    extra = b"".join(canonical) + b"\xff" * 33
    behind_a_gap = b"".join([(64).to_bytes(32), b"\xff" * 32, *canonical[1:]])
    far_list = [*canonical[:16], (17 * 32).to_bytes(32), b"\xff" * 32, *canonical[17:]]
    for arguments in (extra, behind_a_gap, b"".join(far_list)):
        assert id_of_calldata(native, arguments) in (deal, None)
    assert id_of_calldata(native, extra) == deal


def read(arguments: bytes) -> Agreement | None:
    """Return the agreement that calldata means if zeros follow it without end, as in the EVM."""

    def word(at: int) -> int:
        return int.from_bytes(arguments[at : at + 32].ljust(32, b"\0"))

    start = word(0)
    fields = [word(start + 32 * i) for i in range(15)]
    at = start + word(start + 32 * 15)
    count = word(at)
    if start + 32 * 16 > 2**256 or at + 32 > 2**256 or count > 10:
        return None
    if any(field >= 2**160 for field in fields[:6]):
        return None
    places = [at + 32 + 64 * i for i in range(count)]
    return Agreement.from_tuple(
        (
            *["0x" + field.to_bytes(20).hex() for field in fields[:6]],
            *fields[6:13],
            *[field.to_bytes(32) for field in fields[13:]],
            [(word(place), word(place + 32)) for place in places],
        )
    )


@pytest.mark.parametrize("value", [0, 32, 33, 2**32, 2**64, 2**255, 2**256 - 32, 2**256 - 1])
@pytest.mark.parametrize("place", [0, 16, 17], ids=["offset", "offset of the list", "count"])
def test_calldata_out_of_bounds_is_read_as_zeros_or_refused(
    native: Scene, place: int, value: int
) -> None:
    words = words_of(native, native.agreement())
    words[place] = value.to_bytes(32)
    arguments = b"".join(words)
    meant = read(arguments)
    assert id_of_calldata(native, arguments) == (native.escrow.id_of(meant) if meant else None)


@pytest.mark.parametrize("seed", range(5))
def test_changed_calldata_names_exactly_what_it_says(native: Scene, seed: int) -> None:
    random = Random(seed)
    canonical = b"".join(words_of(native, native.agreement()))
    named = 0
    for _ in range(200):
        data = bytearray(canonical)
        for _ in range(random.randint(1, 3)):
            data[random.randrange(len(data))] = random.getrandbits(8)
        arguments = bytes(data[: random.choice([len(data), random.randrange(len(data))])])
        answer = id_of_calldata(native, arguments)
        if answer is not None:
            meant = read(arguments)
            assert meant is not None and answer == native.escrow.id_of(meant)
            named += 1
    assert named > 50


@pytest.mark.parametrize("seed", range(5))
def test_what_is_opened_is_what_was_hashed(native: Scene, seed: int) -> None:
    random = Random(seed)
    agreement = native.agreement()
    canonical = native.escrow.contract.calldata("fund", agreement, [0], b"")
    value = agreement.milestones[0].amount
    opened = 0
    for _ in range(200):
        data = bytearray(canonical)
        # Offsets, lengths, and the document, which may be anything.
        place = random.choice([0, 1, 2, 18, 3 + 13, 3 + 14, 3 + 15, 3 + 16])
        data[4 + 32 * place + random.choice([0, 30, 31])] = random.getrandbits(8)
        try:
            receipt = native.chain.send(
                native.escrow.address, bytes(data), sender=EMPLOYER, value=value
            )
        except ContractRevert:
            continue
        for event in native.escrow.outcome(receipt).of(Opened):
            assert event.deal_id == native.escrow.id_of(event.agreement)
            native.escrow.set_deal_word(event.agreement, 0)
            opened += 1
    assert opened > 10


def test_what_is_logged_is_canonical_whatever_the_calldata_was(native: Scene) -> None:
    agreement = native.agreement()
    data = native.escrow.contract.calldata("fund", agreement, [0], b"")
    # The indexes and the signature swap their places, and something lies behind them.
    head, body = data[: 4 + 32], data[4 + 96 :]
    indexes, signature = body[-96:-32], body[-32:]
    size = len(body) - 96
    offsets = (96 + size + 32).to_bytes(32) + (96 + size).to_bytes(32)
    shuffled = head + offsets + body[:size] + signature + indexes + b"\xff" * 7
    outcome = native.escrow.outcome(
        native.chain.send(
            native.escrow.address, shuffled, sender=EMPLOYER, value=agreement.milestones[0].amount
        )
    )
    (opened,) = outcome.of(Opened)
    assert opened.agreement == agreement
    assert native.escrow.deal(agreement).funded == 0b1


# --- A chain that changes its id


def test_abuse_65_every_deal_stays_usable(native: Scene) -> None:
    reserved, requested = native.opened((0, 1)), native.requested()
    disputed, quiet = native.disputed((0, 1)), native.bound((0, 1))
    escrow = forked(native, reserved, requested, disputed, quiet)
    assert escrow.contract.read("deal_id", reserved) == native.escrow.id_of(reserved)
    assert escrow.contract.read("eip712Domain")[3] == NEW_ID
    escrow.withdraw(reserved, (0,))
    escrow.accept(reserved, (1,))
    escrow.fund(reserved, (2,))
    escrow.cancel(reserved, (1,))
    escrow.release(reserved, (2,))
    escrow.release_part(quiet, 0, 1)
    escrow.rule(disputed, 0, 1)
    escrow.chain.now += requested.review_period
    escrow.claim(requested, (0,))
    escrow.apply_fallback(disputed, 1)
    escrow.keep_alive(quiet)
    escrow.dispute(quiet, 1)
    escrow.chain.now += LAPSE
    escrow.settle_dormant(quiet, (0,))


def test_abuse_25_65_signatures_count_under_the_living_id_alone(native: Scene) -> None:
    opened, new = native.opened((0,)), native.agreement()
    escrow = forked(native, opened)
    there = Domain(NEW_ID, escrow.address)
    for agreement in (opened, new):
        with reverts("BadSignature"):
            escrow.fund(agreement, (1,), signature_of(agreement, escrow.domain))
        outcome = escrow.fund(agreement, (1,), signature_of(agreement, there))
        assert outcome.of(Accepted) == [Accepted(native.escrow.id_of(agreement), FREELANCER)]
        # And on the side that kept its id the other way round.
        with reverts("BadSignature"):
            native.escrow.fund(agreement, (1,), signature_of(agreement, there))
        native.escrow.fund(agreement, (1,), signature_of(agreement, native.escrow.domain))


def test_abuse_25_a_deal_of_another_chain_is_another_deal(native: Scene) -> None:
    elsewhere = Escrow(Chain(NEW_ID), NEW_ID)
    assert elsewhere.address == native.escrow.address
    agreement = native.agreement()
    assert elsewhere.contract.read("deal_id", agreement) == deal_id(agreement, elsewhere.domain)
    assert elsewhere.id_of(agreement) != native.escrow.id_of(agreement)
