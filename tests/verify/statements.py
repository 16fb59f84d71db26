"""The statements of a contract's functions, and which of them were executed.

The compiler tells of most instructions where they come from. It does not for declarations of zeros,
for assignments to immutables and for bare returns: of these it follows from what is beside them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from tests.compiled import compiler_data
from tests.verify.traps import Place, Trapped

__all__ = ["Statement", "coverage"]

_KINDS: Final = {
    *("AnnAssign", "Assign", "AugAssign", "Assert", "Break", "Continue", "Expr", "For", "If"),
    *("Log", "Pass", "Raise", "Return"),
}


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement.

    Attributes:
        file: Below the folder of contracts.
        function: The function that it is in.
        kind: The compiler's name for what it is.
        start: Line, from 1, and column.
        end: Line and column behind it.
    """

    file: str
    function: str
    kind: str
    start: tuple[int, int]
    end: tuple[int, int]

    @property
    def line(self) -> str:
        """File, line and function, for people."""
        return f"{self.file}:{self.start[0]} in {self.function}"


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is known of a statement's place in its function.

    Attributes:
        following: The statement after it in the same body, if one is.
        around: The statement whose body it is in, if one is.
    """

    following: Statement | None
    around: Statement | None


def coverage(trapped: Trapped) -> dict[Statement, bool]:
    """Return whether each statement that is compiled into a contract was executed."""
    known = dict(_statements(trapped.source))
    of_block: dict[int, set[Statement]] = {}  # by the number of its trap
    for block, places in trapped.places.items():
        found = {_innermost(place, known) for place in places}
        of_block[block] = {statement for statement in found if statement}
    compiled = set[Statement]().union(*of_block.values())
    functions = {(it.file, it.function) for it in compiled}
    covered = {
        statement: any(statement in of_block[block] for block in trapped.entered)
        for statement in compiled
    }
    # From the last to the first: what follows is known before.
    for statement in sorted(known, key=lambda it: it.start, reverse=True):
        if statement in compiled or (statement.file, statement.function) not in functions:
            continue  # what no function of the contract calls is another contract's
        covered[statement] = _inferred(statement, known, covered, trapped)
    return covered


def _inferred(
    statement: Statement,
    known: dict[Statement, _Beside],
    covered: dict[Statement, bool],
    trapped: Trapped,
) -> bool:
    beside = known[statement]
    if statement.function == "__init__":
        return bool(trapped.entered)  # it has no branches, and the contract was deployed
    if statement.kind in ("AnnAssign", "Assign"):
        return beside.following is not None and covered.get(beside.following, False)
    assert statement.kind == "Return", f"nothing tells whether this was executed: {statement}"
    # It has no code of its own: the condition before it jumps where it would, or else jumps over
    # the jump that it is.
    ways = [
        fork.taken if fork.returns else fork.passed
        for fork in trapped.forks
        if fork.place and _innermost(fork.place, known) == beside.around
    ]
    return bool(ways) and ways[-1] in trapped.entered


def _statements(source: str) -> Iterator[tuple[Statement, _Beside]]:
    for module in _modules(compiler_data(source).annotated_vyper_module, set()):
        for function in module.get_children():
            if type(function).__name__ == "FunctionDef":
                yield from _of_body(function.body, function.name, None)


def _of_body(
    body: list[Any], function: str, around: Statement | None
) -> Iterator[tuple[Statement, _Beside]]:
    if not body:
        return
    made = [_statement(node, function) for node in body]
    for node, statement, following in zip(body, made, [*made, None][1:], strict=True):
        if statement is None:
            continue  # a docstring
        yield statement, _Beside(following, around)
        for nested in ("body", "orelse"):
            yield from _of_body(getattr(node, nested, []), function, statement)


def _statement(node: Any, function: str) -> Statement | None:
    kind = type(node).__name__
    if kind not in _KINDS:
        return None
    start, end = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
    return Statement(_file(node.module_node.path), function, kind, start, end)


def _innermost(place: Place, among: dict[Statement, _Beside]) -> Statement | None:
    """Return the smallest statement that holds a place, None outside of all functions' bodies."""
    at = place.line, place.column
    file = _file(place.file)
    holding = [it for it in among if it.file == file and it.start <= at < it.end]
    return max(holding, key=lambda it: it.start, default=None)


def _modules(module: Any, seen: set[str]) -> Iterator[Any]:
    if module.path in seen:
        return
    seen.add(module.path)
    yield module
    for imported in module.get_children():
        if type(imported).__name__ in ("Import", "ImportFrom"):
            info = imported._metadata["import_info"]
            if str(info.compiler_input.path).endswith(".vy"):
                yield from _modules(info.parsed, seen)


def _file(path: str) -> str:
    return path.rsplit("contracts/", 1)[-1]
