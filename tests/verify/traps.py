"""Which blocks and branches of a contract are executed, at nearly the full speed of the EVM.

The contract is assembled once more with a trap at the beginning of each basic block, and on each
conditional jump that is taken: a revert with the trap's number. When a call ends in a trap, its
place counts as executed, the trap is replaced by as many no-ops, and the same call is made again:
it was reverted, so nothing has happened. A contract so changed does what it did, for a few more
units of gas.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final

import pyrevm

from tests.compiled import compiler_data

__all__ = ["Trapped", "trapping", "with_traps"]

_MAGIC: Final = (0xC0, 0xDE)
_MARK: Final = (0x63, *_MAGIC)
_HIT: Final = re.compile(r"Revert \{ gas_used: \d+, output: 0x0{56}c0de([0-9a-f]{4}) \}")
_UNLIMITED: Final = 2**20  # bytes of code: the traps make it larger than a chain takes


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the sources an instruction comes from."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Fork:
    """A conditional jump.

    Attributes:
        place: Where the last instruction with a place comes from, up to the jump.
        taken: The trap on the jump.
        passed: The trap behind it.
        returns: It leads out of the function.
    """

    place: Place | None
    taken: int
    passed: int
    returns: bool


@dataclass(slots=True)
class Trapped:
    """A contract with traps.

    Attributes:
        source: Its file below the folder of contracts.
        original: The creation code as it is deployed without traps.
        creation: The creation code with those traps that are left.
        places: Where the instructions behind each trap come from; of a jump there are none.
        forks: Each conditional jump: where the last instruction with a place before it comes from,
            the trap on the jump, and the trap behind it.
        entered: The numbers of the traps that were met.
    """

    source: str
    original: bytes
    creation: bytes
    places: dict[int, tuple[Place, ...]]
    forks: list[Fork]
    entered: set[int] = field(default_factory=set)

    def enter(self, block: int) -> None:
        """Count a block as executed and take its trap away."""
        self.entered.add(block)
        self.creation = self.without(block, self.creation)

    @staticmethod
    def without(block: int, code: bytes) -> bytes:
        """Return code without the trap of a block."""
        trap = _trap_bytes(block)
        return code.replace(trap, b"\x5b" * len(trap))


def with_traps(sources: Sequence[str]) -> list[Trapped]:
    """Return contracts with a trap in each block; numbers of blocks are used once among them."""
    made, first = [], 1
    for source in sources:
        trapped = _with_traps(source, first)
        first += len(trapped.places)
        made.append(trapped)
    assert first < 2**16
    return made


def _with_traps(source: str, first: int) -> Trapped:
    from vyper.ir.compile_ir import RuntimeHeader, assembly_to_evm

    data = compiler_data(source)
    original: bytes = data.bytecode
    places: dict[int, tuple[Place, ...]] = {}
    forks: list[Fork] = []

    def trap() -> int:
        number = first + len(places)
        places[number] = ()
        return number

    def insert(assembly: Sequence[Any]) -> list[Any]:
        """Return an assembly with traps, its run-time part too."""
        code: list[Any] = []
        jumps: list[Any] = []  # behind the code: what a conditional jump passes when it is taken
        rest: list[Any] = []
        block, last = trap(), None
        code += _trap_items(block)
        for item in assembly:
            if isinstance(item, list):
                is_code = isinstance(item[0], RuntimeHeader)
                rest.append([item[0], *insert(item[1:])] if is_code else item)
                continue
            place = _place_of(item)
            if place:
                last = place
                places[block] = (*places[block], place)
            if item == "JUMPI":
                target, on_jump = code.pop(), trap()
                label = f"_sym_taken_{on_jump}"
                jumps += [label, "JUMPDEST", *_trap_items(on_jump), target, "JUMP"]
                code += [label, item]
                block = trap()
                forks.append(Fork(last, on_jump, block, "cleanup" in target))
                code += _trap_items(block)
            else:
                code.append(item)
                if item == "JUMPDEST":
                    block = trap()
                    code += _trap_items(block)
        return [*code, *jumps, *rest]

    creation, _ = assembly_to_evm(insert(data.assembly))
    return Trapped(source, original, creation, places, forks)


def _place_of(item: Any) -> Place | None:
    """Return where an instruction comes from; what the compiler made up has no place."""
    node = getattr(item, "ast_source", None)
    if node is None or node.module_node is None or node.col_offset is None:
        return None
    return Place(node.module_node.path, node.lineno, node.col_offset)


def _trap_items(block: int) -> list[Any]:
    return [
        "PUSH4",
        *_MAGIC,
        *divmod(block, 256),
        "PUSH0",
        "MSTORE",
        "PUSH1",
        32,
        "PUSH0",
        "REVERT",
    ]


def _trap_bytes(block: int) -> bytes:
    return bytes([*_MARK, *divmod(block, 256), 0x5F, 0x52, 0x60, 32, 0x5F, 0xFD])


def trapping(contracts: Sequence[Trapped]) -> Any:
    """Return what stands in for the module ``pyrevm``: its EVM deploys contracts with traps."""
    by_block = {block: contract for contract in contracts for block in contract.places}

    class Evm:
        """A pyrevm EVM in which the traps are dealt with."""

        def __init__(self, env: Any, spec_id: str) -> None:
            config = pyrevm.CfgEnv(chain_id=env.cfg.chain_id, limit_contract_code_size=_UNLIMITED)
            self._evm = pyrevm.EVM(env=pyrevm.Env(cfg=config), spec_id=spec_id)
            self._where: set[str] = set()  # addresses whose code has, or had, traps

        def __getattr__(self, name: str) -> Any:
            return getattr(self._evm, name)

        def message_call(self, *arguments: Any, **options: Any) -> Any:
            """Make a call until it meets no trap."""
            while True:
                try:
                    return self._evm.message_call(*arguments, **options)
                except RuntimeError as failure:
                    if not self._disarm(failure):
                        raise
                self._evm.reset_transient_storage()

        def deploy(self, deployer: str, code: bytes, value: int = 0) -> Any:
            """Deploy with traps what is one of the contracts, anything else as it is."""
            for contract in contracts:
                if code.startswith(contract.original):
                    return self._deploy(contract, deployer, code, value)
            return self._evm.deploy(deployer, code, value)

        def _deploy(self, contract: Trapped, deployer: str, code: bytes, value: int) -> Any:
            arguments = code[len(contract.original) :]
            while True:
                try:
                    made = self._evm.deploy(deployer, contract.creation + arguments, value)
                except RuntimeError as failure:
                    self._disarm(failure)
                    continue
                self._where.add(made)
                return made

        def insert_account_info(self, address: str, info: Any) -> None:
            """Set an account, perhaps with the code of one of the contracts."""
            if bytes(_MARK) in bytes(info.code or b""):
                self._where.add(address)
            self._evm.insert_account_info(address, info)

        def _disarm(self, failure: RuntimeError) -> bool:
            """Count the trap that a call ended in and return whether code here has lost it."""
            hit = _HIT.match(str(failure))
            if not hit:
                raise failure
            block = int(hit[1], 16)
            contract = by_block[block]
            contract.enter(block)
            found = False
            for address in self._where:
                code = bytes(self._evm.get_code(address) or b"")
                without = contract.without(block, code)
                if without != code:
                    found = True
                    wei = self._evm.get_balance(address)
                    info = pyrevm.AccountInfo(nonce=1, code=without)
                    self._evm.insert_account_info(address, info)
                    self._evm.set_balance(address, wei)
            return found

    return SimpleNamespace(
        EVM=Evm,
        Env=pyrevm.Env,
        CfgEnv=pyrevm.CfgEnv,
        BlockEnv=pyrevm.BlockEnv,
        AccountInfo=pyrevm.AccountInfo,
    )
