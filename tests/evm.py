"""An EVM in this process, and contracts in it: what all tests of the contract run on.

``Chain`` has time, balances and code; ``Contract`` calls by the names of an ABI. What reverts
raises the library's ``ContractRevert``, so that every test exercises its table of errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import pyrevm
import pytest
from eth_abi.abi import decode, encode
from eth_abi.grammar import parse
from eth_utils.abi import collapse_if_tuple
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from milestone_escrow.agreement import Agreement
from milestone_escrow.events import RawLog
from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.revert_sentences import decode_revert
from tests.compiled import compiled, lifted
from tests.roles import ACCOUNTS

__all__ = [
    "CHAIN_ID",
    "DEPLOYER",
    "GAS",
    "START",
    "Chain",
    "Contract",
    "Halted",
    "Receipt",
    "deploy",
    "reverts",
]

CHAIN_ID: Final = 31_337
START: Final = 1_800_000_000  # unix seconds
GAS: Final = 30_000_000  # of a call, unless it says otherwise: a whole block's
WEALTH: Final = 2**150  # wei of every role at the start; ten milestones of 2**128 and more
DEPLOYER: Final = to_checksum_address("0x" + "d0" * 20)


class Halted(Exception):  # noqa: N818 - what the EVM calls it
    """A call stopped without reverting, such as for want of gas; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a call that went through did.

    Attributes:
        output: What it returned.
        gas: Gas used. Accounts and slots stay warm from call to call: less than on a chain.
        logs: All logs, of all contracts.
    """

    output: bytes
    gas: int
    logs: tuple[RawLog, ...]


class Chain:
    """A chain whose blocks have one call each.

    Attributes:
        now: Unix seconds of the next block; to be set.
        block_number: Of the latest block.
        balance: Returns an account's wei.
        storage: Returns a storage word, by its address and slot.
    """

    def __init__(self, chain_id: int = CHAIN_ID, now: int = START) -> None:
        self._evm = pyrevm.EVM(
            env=pyrevm.Env(cfg=_config(chain_id)),
            spec_id="CANCUN",
        )
        self.now = now
        self.block_number = 0
        self.balance: Callable[[str], int] = self._evm.get_balance
        self.storage: Callable[[str, int], int] = self._evm.storage
        for address in ACCOUNTS:
            self.set_balance(address, WEALTH)

    def send(
        self, to: str, data: bytes = b"", *, sender: str, value: int = 0, gas: int = GAS
    ) -> Receipt:
        """Send a call in a block of its own.

        Raises:
            ContractRevert: It reverted.
            Halted: It stopped otherwise.
        """
        self._next_block()
        try:
            output = self._evm.message_call(sender, to, data, value, gas)
        except RuntimeError as failure:
            raise _meaning(failure) from None
        finally:
            # What the EVM does at the end of a transaction, and pyrevm leaves to its user.
            self._evm.reset_transient_storage()
        return self._receipt(bytes(output))

    def attempt(
        self, to: str, data: bytes, *, sender: str, value: int = 0, of: str
    ) -> list[RawLog] | str:
        """Send a call as ``send`` does, but quickly.

        Returns:
            The logs of the contract ``of`` or, if the call reverted, the error's name.

        Raises:
            Halted: It stopped otherwise.
        """
        self._next_block()
        evm = self._evm
        try:
            evm.message_call(sender, to, data, value, GAS)
        except RuntimeError as failure:
            return _error_in(failure)
        finally:
            evm.reset_transient_storage()
        return self._logs(evm.result, of)

    def read(self, to: str, data: bytes, *, sender: str = DEPLOYER) -> bytes:
        """Return what a call returns that changes nothing, in the time of ``now``."""
        self._set_block()
        try:
            return bytes(self._evm.message_call(sender, to, data, gas=GAS, is_static=True))
        except RuntimeError as failure:
            raise _meaning(failure) from None
        finally:
            self._evm.reset_transient_storage()

    def create(self, code: bytes, value: int = 0) -> str:
        """Run creation code and return the address of what it made."""
        self._next_block()
        self.set_balance(DEPLOYER, self.balance(DEPLOYER) + value)
        return to_checksum_address(self._evm.deploy(DEPLOYER, code, value))

    def latest(self) -> Receipt:
        """Return what the latest call or creation did, which went through."""
        return self._receipt(b"")

    def set_balance(self, address: str, wei: int) -> None:
        """Give an account so many wei, from nowhere."""
        self._evm.set_balance(address, wei)

    def set_code(self, address: str, code: bytes) -> None:
        """Put run-time code at an address; none takes away what is there."""
        wei = self.balance(address)
        self._evm.insert_account_info(address, pyrevm.AccountInfo(nonce=1, code=code))
        self.set_balance(address, wei)

    def place(self, address: str, code: bytes, wei: int = 0) -> None:
        """Put an account where no call has been yet: the first one finds it cold, as on a chain."""
        info = pyrevm.AccountInfo(balance=wei, nonce=1, code=code)  # type: ignore[call-arg]  # it has
        self._evm.insert_account_info(address, info)

    def code(self, address: str) -> bytes:
        """Return the run-time code at an address, with the zeros that pyrevm puts after it."""
        return bytes(self._evm.get_code(address) or b"")

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Undo at the end what calls do meanwhile; what the methods that set things did stays."""
        mark = self._evm.snapshot()
        try:
            yield
        finally:
            self._evm.revert(mark)

    @contextmanager
    def impersonated(self, contract: str) -> Iterator[str]:
        """Take a contract's code away meanwhile: what has code cannot send."""
        code = self.code(contract)
        self.set_code(contract, b"")
        yield contract
        self.set_code(contract, code)

    def set_storage(self, address: str, slot: int, word: int) -> None:
        """Overwrite a storage word."""
        self._evm.insert_account_storage(address, slot, word)

    def _next_block(self) -> None:
        self.block_number += 1
        self._set_block()

    def _set_block(self) -> None:
        self._evm.set_block_env(pyrevm.BlockEnv(number=self.block_number, timestamp=self.now))

    def _receipt(self, output: bytes) -> Receipt:
        result = self._evm.result
        assert result is not None
        return Receipt(output, result.gas_used, tuple(self._logs(result)))

    def _logs(self, result: Any, of: str | None = None) -> list[RawLog]:
        """Return all logs, or those of a contract."""
        mark = self.block_number.to_bytes(32)
        logs = []
        for log_index, log in enumerate(result.logs):
            address = _checksummed(log.address)
            if of is None or address == of:
                topics, data = log.data
                place = self.block_number, mark, mark, log_index, self.now
                logs.append(RawLog(*place, address, b"".join(topics), data))
        return logs


def _config(chain_id: int) -> Any:
    if not lifted():
        return pyrevm.CfgEnv(chain_id=chain_id)
    return pyrevm.CfgEnv(chain_id=chain_id, limit_contract_code_size=2**20)


_REVERTED: Final = re.compile(r"Revert \{ gas_used: \d+, output: 0x([0-9a-f]*) \}")


def _error_in(failure: RuntimeError) -> str:
    """Return the name of the error of a revert; raise what is none."""
    reverted = _REVERTED.match(str(failure))
    if not reverted:
        raise _meaning(failure) from None
    return _error_name(reverted[1])


@lru_cache(maxsize=256)
def _error_name(data: str) -> str:
    return decode_revert(bytes.fromhex(data)).error


def _meaning(failure: RuntimeError) -> Exception:
    """Return the exception for pyrevm's, which has all it knows in its message."""
    message = str(failure)
    reverted = _REVERTED.match(message)
    if reverted:
        return decode_revert(bytes.fromhex(reverted[1]))
    halted = re.match(r"Halt \{ reason: (.+), gas_used: \d+ \}", message)
    return Halted(halted[1]) if halted else failure  # else a mistake of the test's own


class Contract:
    """A contract on a chain, called by the names of its ABI.

    Attributes:
        chain: Where it is.
        address: Checksummed.
        selectors: The first four bytes of each call, by its name.
    """

    def __init__(self, chain: Chain, address: str, abi: Sequence[dict[str, Any]]) -> None:
        self.chain = chain
        self.address = to_checksum_address(address)
        self._abi = abi
        functions = [entry for entry in abi if entry["type"] == "function"]
        self._inputs = {entry["name"]: _types(entry["inputs"]) for entry in functions}
        self._outputs = {entry["name"]: _types(entry["outputs"]) for entry in functions}
        self.selectors = {
            name: _selector(f"{name}({','.join(types)})") for name, types in self._inputs.items()
        }

    def at(self, address: str) -> Contract:
        """Return what has the same ABI at another address."""
        return Contract(self.chain, address, self._abi)

    def send(
        self, name: str, *arguments: Any, sender: str, value: int = 0, gas: int = GAS
    ) -> Receipt:
        """Call a function; see ``Chain.send``."""
        data = self.calldata(name, *arguments)
        return self.chain.send(self.address, data, sender=sender, value=value, gas=gas)

    def read(self, name: str, *arguments: Any, sender: str = DEPLOYER) -> Any:
        """Return what a view answers; a tuple where it answers several values."""
        output = self.chain.read(self.address, self.calldata(name, *arguments), sender=sender)
        values = decode(self._outputs[name], output)
        return values[0] if len(values) == 1 else values

    def calldata(self, name: str, *arguments: Any) -> bytes:
        """Return the selector and the arguments; an ``Agreement`` stands for its tuple."""
        return self.selectors[name] + _encoded(self._inputs[name], arguments)


@contextmanager
def reverts(error: str) -> Iterator[None]:
    """Expect a revert with a custom error; ``NoReason`` is one without any data."""
    with pytest.raises(ContractRevert) as reverted:
        yield
    assert reverted.value.error == error


def deploy(chain: Chain, source: str, *arguments: Any) -> Contract:
    """Deploy a contract of the folder of contracts, such as ``mocks/TestToken.vy``."""
    made = compiled(source)
    constructors = [entry for entry in made.abi if entry["type"] == "constructor"]
    types = [abi_type for entry in constructors for abi_type in _types(entry["inputs"])]
    return Contract(chain, chain.create(made.bytecode + encode(types, arguments)), made.abi)


# --- ABI encoding, of each argument by itself: an agreement is encoded once for all its calls

_checksummed = lru_cache(maxsize=4096)(to_checksum_address)


def _types(arguments: Sequence[Any]) -> tuple[str, ...]:
    return tuple(collapse_if_tuple(argument) for argument in arguments)


@lru_cache(maxsize=4096)
def _selector(signature: str) -> bytes:
    return keccak(text=signature)[:4]


def _encoded(types: tuple[str, ...], values: Sequence[Any]) -> bytes:
    heads, tails, offset = [], [], 32 * len(types)
    for abi_type, value in zip(types, values, strict=True):
        part = _argument(abi_type, value)
        if _is_dynamic(abi_type):
            heads.append(offset.to_bytes(32))
            tails.append(part)
            offset += len(part)
        else:
            heads.append(part)
    return b"".join(heads + tails)


def _argument(abi_type: str, value: Any) -> bytes:
    if isinstance(value, Agreement):
        return _agreement(abi_type, value)
    if abi_type in _QUICK:
        return _QUICK[abi_type](value)
    encoded = encode([abi_type], [value])
    return encoded[32:] if _is_dynamic(abi_type) else encoded


@lru_cache(maxsize=1 << 10)
def _agreement(abi_type: str, agreement: Agreement) -> bytes:
    return encode([abi_type], [agreement.as_tuple()])[32:]


# What the calls of the escrow take beside the agreement; eth-abi needs ten times as long.
_QUICK: Final[dict[str, Callable[[Any], bytes]]] = {
    "uint256": lambda value: value.to_bytes(32),
    "bytes32": bytes,
    "address": lambda value: bytes(12) + bytes.fromhex(value[2:]),
    "uint256[]": lambda value: len(value).to_bytes(32) + b"".join(i.to_bytes(32) for i in value),
}


@lru_cache(maxsize=256)
def _is_dynamic(abi_type: str) -> bool:
    return bool(parse(abi_type).is_dynamic)
