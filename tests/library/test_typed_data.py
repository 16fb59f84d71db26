from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from milestone_escrow.agreement import AGREEMENT_FIELDS, ZERO_ADDRESS, Agreement
from milestone_escrow.chain import Node, start_anvil, start_hardhat
from milestone_escrow.exceptions import SignatureError, UsageError
from milestone_escrow.typed_data import (
    TYPES,
    Amendment,
    Domain,
    Message,
    Settlement,
    Voucher,
    agreement_typed_data,
    deal_id,
    digest,
    domain_separator,
    encode_type,
    recover,
    sign,
    sign_agreement,
    struct_hash,
    type_hash,
    typed_data,
    verify_agreement,
)
from tests.library.agreements import (
    NOW,
    addresses,
    any_agreements,
    hashes,
    sound,
    uint256s,
)
from tests.library.escrow_in_evm import CHAIN_ID, EscrowInEvm

HOME = Domain(CHAIN_ID, "0x" + "ee" * 20)
KEY = "0x" + "0b" * 32
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

AGREEMENT_TYPE = (
    "Agreement(address employer,address freelancer,address payee,address arbiter,address token,"
    "address platform,uint256 fee_bps,uint256 arbiter_bps,uint256 price,uint256 accept_by,"
    "uint256 review_period,uint256 ruling_period,uint256 fallback_freelancer_bps,bytes32 document,"
    "bytes32 supersedes,Milestone[] milestones)"
)
MILESTONE_TYPE = "Milestone(uint256 amount,uint256 deadline)"

index_lists = st.lists(uint256s, max_size=10).map(tuple)
domains = st.builds(Domain, st.integers(1, 2**53 - 1), addresses)
vouchers = st.builds(Voucher, hashes, uint256s, uint256s, uint256s)
settlements = st.builds(
    lambda deal, pairs, remaining, expiry: Settlement(
        deal, tuple(i for i, _ in pairs), tuple(amount for _, amount in pairs), remaining, expiry
    ),
    hashes,
    st.lists(st.tuples(uint256s, uint256s), max_size=10),
    uint256s,
    uint256s,
)
amendments = st.builds(Amendment, hashes, any_agreements, index_lists, uint256s, uint256s)


@pytest.fixture(scope="module")
def freelancer() -> LocalAccount:
    account: LocalAccount = Account.from_key(KEY)
    return account


@pytest.fixture(scope="module")
def escrow() -> EscrowInEvm:
    return EscrowInEvm()


@pytest.fixture(scope="module", params=[start_anvil, start_hardhat], ids=["anvil", "hardhat"])
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    start: Callable[..., Node] = request.param
    with start(port=0, chain_id=CHAIN_ID) as running:
        yield running


def by_eth_account(message: Message, domain: Domain) -> bytes:
    """Return the digest that eth-account finds for the message that a wallet would be given."""
    given = json.loads(json.dumps(typed_data(message, domain)))
    signable = encode_typed_data(full_message=given)
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


# --- Types and hashes


@pytest.mark.parametrize(
    ("name", "encoded"),
    [
        ("Agreement", AGREEMENT_TYPE + MILESTONE_TYPE),
        ("Milestone", MILESTONE_TYPE),
        ("Voucher", "Voucher(bytes32 deal,uint256 index,uint256 paid_total,uint256 expiry)"),
        (
            "Settlement",
            "Settlement(bytes32 deal,uint256[] indexes,uint256[] freelancer_amounts,"
            "uint256 remaining,uint256 expiry)",
        ),
        (
            "Amendment",
            "Amendment(bytes32 old,Agreement new,uint256[] indexes,uint256 moved,uint256 expiry)"
            + AGREEMENT_TYPE
            + MILESTONE_TYPE,
        ),
        (
            "EIP712Domain",
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)",
        ),
    ],
)
def test_types_are_the_contracts(name: str, encoded: str) -> None:
    assert encode_type(name) == encoded
    assert type_hash(name) == keccak(text=encoded)


@settings(max_examples=1000)
@given(agreement=any_agreements, domain=domains)
def test_the_deal_id_is_eth_accounts_digest(agreement: Agreement, domain: Domain) -> None:
    assert deal_id(agreement, domain) == by_eth_account(agreement, domain)


@settings(max_examples=100)
@given(message=vouchers | settlements | amendments, domain=domains)
def test_every_digest_is_eth_accounts(message: Message, domain: Domain) -> None:
    assert digest(message, domain) == by_eth_account(message, domain)


@settings(max_examples=200)
@given(agreement=any_agreements)
def test_the_deal_id_is_the_contracts(escrow: EscrowInEvm, agreement: Agreement) -> None:
    assert deal_id(agreement, Domain(CHAIN_ID, escrow.address)) == escrow.deal_id(agreement)


def test_a_digest_is_made_of_separator_and_struct() -> None:
    signable = encode_typed_data(full_message=typed_data(sound(), HOME))
    assert domain_separator(HOME) == signable.header
    assert struct_hash(sound()) == signable.body


CHANGES: dict[str, Any] = {
    **{name: "0x" + "99" * 20 for name, abi_type in AGREEMENT_FIELDS if abi_type == "address"},
    **{name: 12_345 for name, abi_type in AGREEMENT_FIELDS if abi_type == "uint256"},
    **{name: b"\x99" * 32 for name, abi_type in AGREEMENT_FIELDS if abi_type == "bytes32"},
    "milestones": ((600, NOW), (400, NOW + 1)),
}


@pytest.mark.parametrize("name", [name for name, _ in AGREEMENT_FIELDS])
def test_every_field_makes_another_deal(name: str) -> None:
    assert deal_id(replace(sound(), **{name: CHANGES[name]}), HOME) != deal_id(sound(), HOME)


def test_another_chain_or_contract_makes_another_deal() -> None:
    ids = {
        deal_id(sound(), domain)
        for domain in (HOME, Domain(1, HOME.escrow), Domain(CHAIN_ID, "0x" + "ef" * 20))
    }
    assert len(ids) == 3


@pytest.mark.parametrize(
    ("chain_id", "escrow", "field"),
    [
        (0, HOME.escrow, "chain_id"),
        (-1, HOME.escrow, "chain_id"),
        (2**53, HOME.escrow, "chain_id"),
        (True, HOME.escrow, "chain_id"),
        ("1", HOME.escrow, "chain_id"),
        (1, "0x12", "escrow"),
        (1, None, "escrow"),
    ],
)
def test_a_domain_is_one_contract_on_one_chain(chain_id: Any, escrow: Any, field: str) -> None:
    with pytest.raises(UsageError) as caught:
        Domain(chain_id, escrow)
    assert caught.value.field == field


# --- Messages


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Voucher(b"", 0, 0, 0), "deal"),
        (lambda: Voucher(bytes(32), True, 0, 0), "index"),
        (lambda: Voucher(bytes(32), 0, 1.5, 0), "paid_total"),  # type: ignore[arg-type]
        (lambda: Voucher(bytes(32), 0, 0, 2**256), "expiry"),
        (lambda: Settlement(bytes(32), (0, -1), (1, 1), 2, 3), "indexes[1]"),
        (lambda: Settlement(bytes(32), (0, 1), (1,), 2, 3), "freelancer_amounts"),
        (lambda: Settlement(bytes(32), 5, (1,), 2, 3), "indexes"),  # type: ignore[arg-type]
        (lambda: Settlement(bytes(32), (0,) * 11, (0,) * 11, 2, 3), "indexes"),
        (lambda: Amendment(bytes(32), None, (), 0, 0), "new"),  # type: ignore[arg-type]
        (lambda: Amendment(bytes(31), sound(), (), 0, 0), "old"),
    ],
)
def test_messages_refuse_what_is_not_of_their_type(make: Callable[[], Message], field: str) -> None:
    with pytest.raises(UsageError) as caught:
        make()
    assert caught.value.field == field


def test_the_wallets_message_is_exact_and_holds_its_own_types_only() -> None:
    shown = agreement_typed_data(sound(price=2**256 - 1), HOME)
    assert json.loads(json.dumps(shown)) == shown
    assert list(shown["types"]) == ["EIP712Domain", "Agreement", "Milestone"]
    assert shown["types"]["Milestone"] == [
        {"name": "amount", "type": "uint256"},
        {"name": "deadline", "type": "uint256"},
    ]
    assert shown["primaryType"] == "Agreement"
    assert shown["domain"] == {
        "name": "MilestoneEscrow",
        "version": "1",
        "chainId": CHAIN_ID,
        "verifyingContract": HOME.escrow,
    }
    assert shown["message"] == sound(price=2**256 - 1).to_json()
    assert shown["message"]["price"] == str(2**256 - 1)


def test_an_amendment_shows_the_whole_new_agreement() -> None:
    shown = typed_data(Amendment(b"\x01" * 32, sound(), (0, 1), 7, NOW), HOME)
    assert set(shown["types"]) == {"EIP712Domain", "Amendment", "Agreement", "Milestone"}
    assert shown["message"] == {
        "old": "0x" + "01" * 32,
        "new": sound().to_json(),
        "indexes": ["0", "1"],
        "moved": "7",
        "expiry": str(NOW),
    }


MESSAGES: list[Message] = [
    sound(price=2**256 - 1),
    Voucher(b"\x01" * 32, 9, 2**128 - 1, 2**256 - 1),
    Settlement(b"\x02" * 32, (0, 3), (2**200, 0), 2**201, NOW),
    Amendment(b"\x03" * 32, sound(milestones=[]), (), 2**256 - 1, NOW),
]


def test_every_type_is_among_the_messages() -> None:
    names = {type(message).__name__ for message in MESSAGES}
    assert names == TYPES.keys() - {"EIP712Domain", "Milestone"}


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_nodes_sign_what_the_library_hashes(node: Node, message: Message) -> None:
    signer = node.chain.accounts()[0]
    signature = node.chain.request("eth_signTypedData_v4", signer, typed_data(message, HOME))
    assert recover(digest(message, HOME), bytes.fromhex(signature[2:])) == signer


# --- Signatures


def twin(signature: bytes) -> bytes:
    """Return the same signature with its s in the other half."""
    s = int.from_bytes(signature[32:64])
    return signature[:32] + (ORDER - s).to_bytes(32) + bytes([55 - signature[64]])


def compact(signature: bytes) -> bytes:
    """Return EIP-2098's 64 bytes of a signature."""
    s = int.from_bytes(signature[32:64]) | (signature[64] - 27) << 255
    return signature[:32] + s.to_bytes(32)


@settings(max_examples=20)
@given(agreement=any_agreements, secret=st.integers(1, ORDER - 1))
def test_the_freelancers_signature_verifies(agreement: Agreement, secret: int) -> None:
    account: LocalAccount = Account.from_key(secret.to_bytes(32))
    agreement = replace(agreement, freelancer=account.address)
    signature = sign_agreement(agreement, HOME, account)
    assert len(signature) == 65
    assert signature[64] in (27, 28)
    assert 0 < int.from_bytes(signature[32:64]) <= ORDER // 2
    assert recover(deal_id(agreement, HOME), signature) == account.address
    assert verify_agreement(agreement, HOME, signature)


def test_the_contract_takes_the_signature(escrow: EscrowInEvm, freelancer: LocalAccount) -> None:
    domain = Domain(CHAIN_ID, escrow.address)
    agreement = sound(freelancer=freelancer.address)
    signature = sign_agreement(agreement, domain, freelancer)
    assert escrow.refusal(agreement, NOW, signature) is None
    elsewhere = sign_agreement(agreement, HOME, freelancer)
    assert escrow.refusal(agreement, NOW, elsewhere) == "BadSignature"


def malformed(signature: bytes) -> dict[str, tuple[bytes, str]]:
    """Return what is no signature though made of one, and what the error says of it."""
    r, s, v = signature[:32], signature[32:64], signature[64:]
    return {
        "empty": (b"", "0 bytes"),
        "compact": (compact(signature), "64 bytes"),
        "long": (signature + b"\x00", "66 bytes"),
        "high s": (twin(signature), "upper half"),
        "v 0 or 1": (r + s + bytes([signature[64] - 27]), "v is [01],"),
        "v 29": (r + s + b"\x1d", "v is 29"),
        "r zero": (bytes(32) + s + v, "No key"),
        "s zero": (r + bytes(32) + v, "No key"),
        "r is the order": (ORDER.to_bytes(32) + s + v, "No key"),
        "s is the order": (r + ORDER.to_bytes(32) + v, "upper half"),
        "all ones": (b"\xff" * 64 + v, "upper half"),
        "all zero": (bytes(65), "v is 0"),
        # 5 is the x of no point on the curve
        "r off the curve": ((5).to_bytes(32) + s + v, "No key"),
    }


@pytest.mark.parametrize("form", list(malformed(bytes(64) + b"\x1b")))
def test_malformed_signatures_are_refused_here_and_by_the_contract(
    escrow: EscrowInEvm, freelancer: LocalAccount, form: str
) -> None:
    domain = Domain(CHAIN_ID, escrow.address)
    agreement = sound(freelancer=freelancer.address)
    signature, reason = malformed(sign_agreement(agreement, domain, freelancer))[form]
    with pytest.raises(SignatureError, match=reason) as caught:
        recover(deal_id(agreement, domain), signature)
    assert caught.value.code == "signature-malformed"
    assert not verify_agreement(agreement, domain, signature)
    if signature:  # to the contract an empty one means that none is given
        assert escrow.refusal(agreement, NOW, signature) == "BadSignature"


@pytest.mark.parametrize("name", [name for name, _ in AGREEMENT_FIELDS])
def test_a_signature_is_worth_nothing_on_a_changed_agreement(
    freelancer: LocalAccount, name: str
) -> None:
    agreement = sound(freelancer=freelancer.address)
    signature = sign_agreement(agreement, HOME, freelancer)
    assert verify_agreement(agreement, HOME, signature)
    assert not verify_agreement(replace(agreement, **{name: CHANGES[name]}), HOME, signature)


@pytest.mark.parametrize("domain", [Domain(1, HOME.escrow), Domain(CHAIN_ID, "0x" + "ef" * 20)])
def test_a_signature_is_worth_nothing_elsewhere(freelancer: LocalAccount, domain: Domain) -> None:
    agreement = sound(freelancer=freelancer.address)
    assert not verify_agreement(agreement, domain, sign_agreement(agreement, HOME, freelancer))


def test_nobody_accepts_for_the_freelancer(freelancer: LocalAccount) -> None:
    agreement = sound()
    with pytest.raises(SignatureError, match="is not the freelancer") as caught:
        sign_agreement(agreement, HOME, freelancer)
    assert agreement.freelancer in caught.value.remedy
    assert not verify_agreement(agreement, HOME, sign(agreement, HOME, freelancer))


def test_a_job_without_a_freelancer_cannot_be_accepted(freelancer: LocalAccount) -> None:
    agreement = sound(freelancer=ZERO_ADDRESS)
    with pytest.raises(SignatureError) as caught:
        sign_agreement(agreement, HOME, freelancer)
    assert "Name the freelancer" in caught.value.remedy
    assert not verify_agreement(agreement, HOME, bytes(64) + b"\x1b")


def test_any_message_can_be_signed(freelancer: LocalAccount) -> None:
    for message in MESSAGES:
        assert recover(digest(message, HOME), sign(message, HOME, freelancer)) == freelancer.address


@pytest.mark.parametrize("short", [b"", bytes(31), bytes(33), "0x" + "00" * 32])
def test_recover_takes_a_digest_of_32_bytes(freelancer: LocalAccount, short: Any) -> None:
    signature = sign(sound(), HOME, freelancer)
    with pytest.raises(SignatureError) as caught:
        recover(short, signature)
    assert caught.value.field == "digest"


@pytest.mark.parametrize("signature", [None, "0x" + "00" * 65, bytearray(65)])
def test_recover_takes_bytes(signature: Any) -> None:
    with pytest.raises(SignatureError, match="not bytes"):
        recover(bytes(32), signature)
