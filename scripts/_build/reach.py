"""What a contract's calls can raise and log, read from the compiler's annotated syntax tree.

A call reaches its own body, every internal function that the compiler says it can reach, and what
it makes of the contract itself by ``raw_call(self, ...)``. That is a sound bound from above: an
error that is not listed cannot be raised, one that is listed may need a state that never comes.
What other contracts raise (a token, a wallet) is not in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_utils.crypto import keccak
from vyper import ast as vy_ast
from vyper.compiler import output
from vyper.compiler.input_bundle import FileInput, FilesystemInputBundle
from vyper.compiler.phases import CompilerData

from scripts._build.artifacts import ROOT, BuildError, Contract

__all__ = ["Argument", "Function", "functions"]


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a call: its name, its Vyper type, and what the source says of it."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Function:
    """An external function, or the constructor.

    Attributes:
        name: Its name, unique in its contract; the constructor's is ``__init__``.
        selector: Four bytes; nobody calls a constructor by them.
        mutability: ``payable``, ``nonpayable``, ``view`` or ``pure``.
        notice: Its ``@notice``, empty for none.
        arguments: In order.
        errors: Names of the constants of the errors module, such as ``NOT_EMPLOYER``.
        events: Names.
    """

    name: str
    selector: bytes
    mutability: str
    notice: str
    arguments: tuple[Argument, ...]
    errors: frozenset[str]
    events: frozenset[str]


def functions(contract: Contract, root: Path = ROOT) -> tuple[Function, ...]:
    """Return the constructor and the external functions of a contract, in their source's order.

    Raises:
        BuildError: a way of failing or of calling itself is not one that can be followed.
    """
    bundle = FilesystemInputBundle([root / "contracts"])
    source = bundle.load_file(Path(contract.source))
    assert isinstance(source, FileInput)
    data = CompilerData(source, bundle)
    module = data.annotated_vyper_module._metadata["type"]
    constructor = (module.init_function,) if module.init_function else ()
    by_name = {function.name: function for function in (*constructor, *module.exposed_functions)}
    notices, meanings = output.build_userdoc(data)["methods"], output.build_devdoc(data)["methods"]
    return tuple(_function(function, by_name, notices, meanings) for function in by_name.values())


def _function(
    function: Any,
    by_name: Mapping[str, Any],
    notices: Mapping[str, Any],
    meanings: Mapping[str, Any],
) -> Function:
    (signature, number), *more = function.method_ids.items()
    if more:
        raise BuildError(f"{function.name} has arguments with defaults, hence several selectors.")
    assert int.from_bytes(keccak(text=signature)[:4], "big") == number
    said = meanings.get(signature, {}).get("params", {})
    bodies = list(_bodies(function, by_name))
    return Function(
        name=function.name,
        selector=number.to_bytes(4, "big"),
        mutability=str(function.mutability),
        notice=notices.get(signature, {}).get("notice", ""),
        arguments=tuple(
            Argument(argument.name, str(argument.typ), said.get(argument.name, ""))
            for argument in function.arguments
        ),
        errors=frozenset(error for body in bodies for error in _errors(body)),
        events=frozenset(
            log.value.func._metadata["type"].typedef.name
            for body in bodies
            for log in body.get_descendants(vy_ast.Log)
        ),
    )


def _bodies(function: Any, by_name: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the definition of a function and of all that it reaches in its own contract."""
    for reached in (function, *function.reachable_internal_functions):
        yield reached.decl_node
        for call in _calls(reached.decl_node, "raw_call"):
            if getattr(call.args[0], "id", None) == "self":
                yield from _bodies(by_name[_called(call)], by_name)


def _called(call: Any) -> str:
    """Return the name of the function that a call of the contract itself names."""
    named = [method.args[0].value for method in _calls(call, "method_id")]
    if len(named) != 1:
        raise BuildError(f"A raw_call of self names no function: {call.node_source_code}")
    return str(named[0]).partition("(")[0]


def _errors(body: Any) -> Iterator[str]:
    """Yield the constants of the errors that a body raises itself."""
    if body.name == "fail":
        return
    if body.get_descendants((vy_ast.Assert, vy_ast.Raise)) or list(_calls(body, "raw_revert")):
        raise BuildError(f"{body.name} fails by another way than errors.fail.")
    for call in body.get_descendants(vy_ast.Call):
        if getattr(call.func, "attr", None) == "fail":
            (error,) = call.args
            if getattr(getattr(error, "value", None), "id", None) != "errors":
                raise BuildError(f"{body.name} raises an error that is not named at the place.")
            yield error.attr


def _calls(body: Any, name: str) -> Iterator[Any]:
    for call in body.get_descendants(vy_ast.Call):
        if getattr(call.func, "id", None) == name:
            yield call
