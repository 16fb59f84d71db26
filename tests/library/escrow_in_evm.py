"""The real contract in an in-process EVM: what the library's own rules and hashes are held to."""

from __future__ import annotations

import re
from typing import Any

import pyrevm
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from milestone_escrow import artifacts
from milestone_escrow.agreement import ZERO_ADDRESS, Agreement

CHAIN_ID = 31_337
DEPLOYER = "0x" + "d0" * 20
AGREEMENT = (
    "(address,address,address,address,address,address,uint256,uint256,uint256,uint256,uint256,"
    "uint256,uint256,bytes32,bytes32,(uint256,uint256)[])"
)


class EscrowInEvm:
    """One escrow, newly deployed; every call is undone, so that calls do not see each other."""

    def __init__(self) -> None:
        artifact = artifacts.load("MilestoneEscrow")
        self._errors = {keccak(text=f"{name}()")[:4]: name for name in artifact.errors()}
        self._evm = pyrevm.EVM(
            env=pyrevm.Env(cfg=pyrevm.CfgEnv(chain_id=CHAIN_ID)),
            spec_id="CANCUN",
        )
        self.address: str = self._evm.deploy(DEPLOYER, artifact.bytecode)

    def deal_id(self, agreement: Agreement) -> bytes:
        """Return what the contract calls the deal."""
        output = self._call(DEPLOYER, f"deal_id({AGREEMENT})", [agreement.as_tuple()])
        assert isinstance(output, bytes)
        return output

    def refusal(self, agreement: Agreement, now: int, signature: bytes = b"") -> str | None:
        """Return the custom error of the employer's first funding at ``now``, None if it goes."""
        native = agreement.token == ZERO_ADDRESS and agreement.milestones
        value = agreement.milestones[0].amount if native else 0
        output = self._call(
            agreement.employer,
            f"fund({AGREEMENT},uint256[],bytes)",
            [agreement.as_tuple(), [0], signature],
            value=value,
            now=now,
        )
        return output if isinstance(output, str) else None

    def _call(
        self, caller: str, signature: str, arguments: list[Any], value: int = 0, now: int = 1
    ) -> bytes | str:
        """Return the output of a call, or the name of the custom error that it ended with."""
        name = signature.index("(")
        types = _split(signature[name + 1 : -1])
        data = keccak(text=signature)[:4] + encode(types, arguments)
        before = self._evm.snapshot()
        self._evm.set_block_env(pyrevm.BlockEnv(timestamp=now))
        self._evm.set_balance(caller, value)
        try:
            return bytes(self._evm.message_call(caller, self.address, calldata=data, value=value))
        except RuntimeError as revert:
            return self._errors[_revert_data(revert)]
        finally:
            self._evm.revert(before)


def _revert_data(revert: RuntimeError) -> bytes:
    """Return what a call reverted with, which pyrevm gives in its message alone."""
    found = re.search(r"output: 0x([0-9a-f]*)", str(revert))
    if found is None:
        raise revert  # it did not revert: out of gas, or a fault of the test's
    return bytes.fromhex(found[1])


def _split(types: str) -> list[str]:
    """Split a list of ABI types at the commas outside of brackets."""
    depth, parts = 0, [""]
    for char in types:
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == "," and not depth:
            parts.append("")
        else:
            parts[-1] += char
    return parts
