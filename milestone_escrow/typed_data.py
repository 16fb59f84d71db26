"""EIP-712: what the parties sign, how it hashes, and who signed it.

Two ways lead to each digest. ``typed_data`` gives the readable message that a wallet shows and
signs; ``digest`` hashes the same message directly from its fields, which is what a client that
meets thousands of deals needs. Tests hold both to eth-account's own encoding and to the contract's.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, Final, cast

from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature
from eth_utils.crypto import keccak
from eth_utils.exceptions import ValidationError

from milestone_escrow.abi_values import ZERO_ADDRESS, to_bytes32
from milestone_escrow.agreement import Agreement
from milestone_escrow.exceptions import SignatureError
from milestone_escrow.messages import (
    DOMAIN_NAME,
    DOMAIN_VERSION,
    TYPES,
    Amendment,
    Domain,
    Message,
    Settlement,
    Voucher,
)

__all__ = [
    "DOMAIN_NAME",
    "DOMAIN_VERSION",
    "TYPES",
    "Amendment",
    "Domain",
    "Message",
    "Settlement",
    "Voucher",
    "agreement_typed_data",
    "deal_id",
    "digest",
    "domain_separator",
    "encode_type",
    "recover",
    "sign",
    "sign_agreement",
    "struct_hash",
    "type_hash",
    "typed_data",
    "verify_agreement",
]

_CURVE_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


# --- Hashes


def encode_type(name: str) -> str:
    """Return EIP-712's ``encodeType``: the struct, then those it refers to by name."""
    others = sorted(_references(name))
    return "".join(
        f"{struct}({','.join(f'{abi_type} {field}' for field, abi_type in TYPES[struct])})"
        for struct in (name, *others)
    )


def _references(name: str) -> set[str]:
    direct = {abi_type.removesuffix("[]") for _, abi_type in TYPES[name]} & TYPES.keys()
    return direct.union(*(_references(struct) for struct in direct))


@cache
def type_hash(name: str) -> bytes:
    """Return the keccak256 of ``encode_type(name)``, 32 bytes."""
    return keccak(text=encode_type(name))


def struct_hash(message: Message) -> bytes:
    """Return EIP-712's ``hashStruct`` of a message, 32 bytes: the same on every chain."""
    name = type(message).__name__
    words = [type_hash(name)]
    for field, abi_type in TYPES[name]:
        words.append(_word(abi_type, getattr(message, field)))
    return keccak(b"".join(words))


def _word(abi_type: str, value: Any) -> bytes:
    """Return the 32 bytes that stand for one field's value."""
    if abi_type == "uint256":
        return cast(int, value).to_bytes(32, "big")
    if abi_type == "address":
        return bytes(12) + bytes.fromhex(value[2:])
    if abi_type == "bytes32":
        return cast(bytes, value)
    if abi_type == "uint256[]":
        return keccak(b"".join(item.to_bytes(32, "big") for item in value))
    if abi_type == "Milestone[]":
        head = type_hash("Milestone")
        return keccak(
            b"".join(
                keccak(head + part.amount.to_bytes(32, "big") + part.deadline.to_bytes(32, "big"))
                for part in value
            )
        )
    return struct_hash(value)


@lru_cache(maxsize=64)
def domain_separator(domain: Domain) -> bytes:
    """Return the hash of the domain, 32 bytes."""
    return keccak(
        type_hash("EIP712Domain")
        + keccak(text=DOMAIN_NAME)
        + keccak(text=DOMAIN_VERSION)
        + _word("uint256", domain.chain_id)
        + _word("address", domain.escrow)
    )


def digest(message: Message, domain: Domain) -> bytes:
    """Return what is signed: the EIP-712 digest of a message in a domain, 32 bytes."""
    return keccak(b"\x19\x01" + domain_separator(domain) + struct_hash(message))


def deal_id(agreement: Agreement, domain: Domain) -> bytes:
    """Return the deal's id, 32 bytes: the agreement's digest under the deployment's chain id."""
    return digest(agreement, domain)


# --- Messages as wallets take them


def typed_data(message: Message, domain: Domain) -> dict[str, Any]:
    """Return a message as ``eth_signTypedData_v4`` takes it: JSON-able, with its own types only.

    Integers are decimal strings, which every wallet reads exactly whatever their size; the chain
    id alone is a number, because wallets compare it with theirs.
    """
    name = type(message).__name__
    structs = ("EIP712Domain", name, *sorted(_references(name)))
    return {
        "types": {
            struct: [{"name": field, "type": abi_type} for field, abi_type in TYPES[struct]]
            for struct in structs
        },
        "primaryType": name,
        "domain": {
            "name": DOMAIN_NAME,
            "version": DOMAIN_VERSION,
            "chainId": domain.chain_id,
            "verifyingContract": domain.escrow,
        },
        "message": _plain(message),
    }


def _plain(message: Message) -> dict[str, Any]:
    if isinstance(message, Agreement):
        return message.to_json()
    return {
        field: _plain_value(getattr(message, field)) for field, _ in TYPES[type(message).__name__]
    }


def _plain_value(value: Any) -> Any:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, tuple):
        return [str(item) for item in value]
    return str(value) if isinstance(value, int) else _plain(value)


def agreement_typed_data(agreement: Agreement, domain: Domain) -> dict[str, Any]:
    """Return the agreement as the freelancer's wallet takes it; see ``typed_data``."""
    return typed_data(agreement, domain)


# --- Signatures


def sign(message: Message, domain: Domain, account: LocalAccount) -> bytes:
    """Return the account's signature: 65 bytes r, s, v with a low s and v 27 or 28."""
    signable = encode_typed_data(full_message=typed_data(message, domain))
    return bytes(account.sign_message(signable).signature)


def sign_agreement(agreement: Agreement, domain: Domain, account: LocalAccount) -> bytes:
    """Return the freelancer's acceptance of an agreement; see ``sign``.

    Raises:
        SignatureError: The account is not the freelancer, so its signature would bind nobody.
    """
    if account.address != agreement.freelancer:
        raise SignatureError(
            f"{account.address} is not the freelancer of this agreement.",
            f"Sign with {agreement.freelancer}."
            if agreement.freelancer != ZERO_ADDRESS
            else "Name the freelancer in the agreement first.",
            code="signer-not-freelancer",
        )
    return sign(agreement, domain, account)


def recover(digest: bytes, signature: bytes) -> str:
    """Return the checksummed address whose key signed a digest.

    Any well-formed signature recovers some address; compare it with the one that you expect.

    Args:
        digest: 32 bytes.
        signature: 65 bytes r, s, v.

    Raises:
        SignatureError: The contract would refuse the signature's form: not 65 bytes (so also
            EIP-2098's compact form), v not 27 or 28, s in the upper half, r or s zero or beyond
            the curve's order, or no key that fits.
    """
    to_bytes32(digest, "digest", SignatureError)
    if not isinstance(signature, bytes) or len(signature) != 65:
        size = f"{len(signature)} bytes" if isinstance(signature, bytes) else "not bytes"
        raise _malformed(f"The signature is {size}, not 65 bytes.")
    r, s, v = int.from_bytes(signature[:32]), int.from_bytes(signature[32:64]), signature[64]
    if v not in (27, 28):
        raise _malformed(f"The signature's v is {v}, not 27 or 28.")
    if s > _CURVE_ORDER // 2:
        raise _malformed("The signature's s is in the upper half, which makes it malleable.")
    try:
        key = Signature(vrs=(v - 27, r, s)).recover_public_key_from_msg_hash(digest)
    except (BadSignature, ValidationError) as cause:
        raise _malformed("No key can have made this signature.") from cause
    return str(key.to_checksum_address())


def verify_agreement(agreement: Agreement, domain: Domain, signature: bytes) -> bool:
    """Return whether the freelancer's own key signed the agreement in this domain.

    This is ECDSA only: a freelancer whose account is a contract signs by ERC-1271, which only the
    chain can answer. Malformed signatures and agreements without a freelancer give False.
    """
    try:
        return recover(digest(agreement, domain), signature) == agreement.freelancer
    except SignatureError:
        return False


def _malformed(sentence: str) -> SignatureError:
    return SignatureError(
        sentence,
        "Ask the signer's wallet for a plain EIP-712 signature again.",
        code="signature-malformed",
    )
