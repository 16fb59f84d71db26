"""The library, eth-account, viem and the contract on the same messages: one digest, one signature.

Both wallets' libraries choose the nonce of a signature by RFC 6979, so that they must sign alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from milestone_escrow.agreement import Agreement
from milestone_escrow.messages import Domain, Message
from milestone_escrow.typed_data import digest, recover, typed_data
from tests.contract.hashes import Encoded, word
from tests.escrow import Escrow
from tests.evm import Chain
from tests.roles import account
from tests.viem.random_messages import domain, messages
from tests.viem.wallet import Viem, viem

__all__ = ["Compared", "compare"]

_SIGNER: Final = account("signer of random messages")


@dataclass(frozen=True, slots=True)
class Compared:
    """How much was compared.

    Attributes:
        digests: Messages whose digests were equal everywhere.
        signatures: Of these, how many were signed, with equal signatures, and recovered.
        at_contract: Deal ids that the contract computed too.
    """

    digests: int
    signatures: int
    at_contract: int


def compare(kind: str, seed: int, count: int, sign_every: int) -> Compared:
    """Compare random messages.

    Args:
        kind: Which: agreements, vouchers, settlements, amendments.
        seed: Of all chance.
        count: How many.
        sign_every: Every so many are signed as well.

    Raises:
        AssertionError: Something differed, with the message's number.
    """
    with viem() as process:
        return _Comparison(kind, seed, sign_every).run(process, count)


class _Comparison:
    def __init__(self, kind: str, seed: int, sign_every: int) -> None:
        self._kind = kind
        self._seed = seed
        self._sign_every = sign_every
        self._random = Random(f"domains {seed}")
        self._escrow = Escrow(Chain())
        self._under_way: list[tuple[int, Message, Domain, dict[str, Any]]] = []

    def run(self, process: Viem, count: int) -> Compared:
        signatures = at_contract = digests = 0
        for answer in process.ask(self._asked(count)):
            number, message, where, data = self._under_way.pop(0)
            mark = f"message {number} of messages({self._kind!r}, {self._seed}, ...): {message}"
            ours = digest(message, where)
            signable = encode_typed_data(full_message=data)
            theirs = keccak(b"\x19" + signable.version + signable.header + signable.body)
            assert ours == theirs, f"the digest of eth-account: {mark}"
            assert ours == answer.digest, f"the digest of viem: {mark}"
            digests += 1
            if answer.signature:
                signature = bytes(_SIGNER.sign_message(signable).signature)
                assert signature == answer.signature, f"the signature of viem: {mark}"
                assert recover(ours, signature) == answer.signer == _SIGNER.address, mark
                signatures += 1
            if isinstance(message, Agreement) and where == self._escrow.domain:
                assert self._deal_id(message) == ours, f"the deal id of the contract: {mark}"
                at_contract += 1
        assert digests == count
        return Compared(digests, signatures, at_contract)

    def _asked(self, count: int) -> Iterator[tuple[dict[str, Any], bytes | None]]:
        for number, message in enumerate(messages(self._kind, self._seed, count)):
            # Half of them at the escrow that is here, half at any.
            where = self._escrow.domain if number % 20 < 10 else domain(self._random)
            data = typed_data(message, where)
            self._under_way.append((number, message, where, data))
            signed = number % self._sign_every == 0
            yield data, bytes(_SIGNER.key) if signed else None

    def _deal_id(self, agreement: Agreement) -> bytes:
        data = self._escrow.contract.selectors["deal_id"] + word(32) + Encoded(agreement).abi
        return self._escrow.chain.read(self._escrow.address, data)
