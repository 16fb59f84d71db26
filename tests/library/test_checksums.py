"""Addresses as EIP-55 writes them: the examples of its text, and what eth-utils makes of others."""

from __future__ import annotations

import pytest
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak as their_keccak
from hypothesis import given
from hypothesis import strategies as st

from milestone_escrow.checksums import checksummed, checksummed_text, keccak

EXAMPLES = (
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
)


@pytest.mark.parametrize("address", EXAMPLES)
def test_the_examples_of_the_standard(address: str) -> None:
    assert checksummed(bytes.fromhex(address[2:])) == address
    assert checksummed_text(address.lower()) == address
    assert checksummed_text("0x" + address[2:].upper()) == address


@given(st.binary(min_size=20, max_size=20))
def test_all_others_are_as_eth_utils_writes_them(address: bytes) -> None:
    assert checksummed(address) == to_checksum_address(address)


@given(st.binary(max_size=300))
def test_the_hash_is_that_of_eth_utils(data: bytes) -> None:
    assert keccak(data) == their_keccak(data)


@pytest.mark.parametrize("size", [0, 19, 21])
def test_an_address_has_twenty_bytes(size: int) -> None:
    with pytest.raises(ValueError, match="bytes"):
        checksummed(bytes(size))


@pytest.mark.parametrize("text", ["", "0x12", "5a" * 20, "0x" + "zz" * 20, "0x" + "5a" * 21])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        checksummed_text(text)
