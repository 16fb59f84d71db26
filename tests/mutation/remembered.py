"""What the compiler need not do again for a mutant of one function: the other functions' code.

A process that has compiled the original is forked for each mutant. The intermediate code of a
function is taken as it was made there if the function has the same text, and the same place above
the functions that it calls; and what the optimiser has finished it need not look at again. A test
compares what comes out with what the compiler makes by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from vyper import ast as vy_ast
from vyper.codegen import core, module
from vyper.codegen.function_definitions.common import (
    EntryPointInfo,
    ExternalFuncIR,
    InternalFuncIR,
    init_ir_info,
)
from vyper.ir import optimizer
from vyper.semantics.analysis import imports

__all__ = ["Memory"]

# What a node is known by that was optimised to the end: the operations that it was an operand of.
_FINISHED: Final = "_finished_below"


_Names = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Effects:
    """What the compiler asks about a function's code where it is called."""

    referenced_variables: set[Any]
    variable_writes: set[Any]
    contains_risky_call: bool
    contains_writeable_call: bool


@dataclass(frozen=True, slots=True)
class _Function:
    """A function's code and what else the compiler notes about it, variables by their names."""

    frame: Any
    gas: int
    code: Any
    entries: tuple[tuple[str, int, Any], ...] = ()
    reads: _Names = frozenset()
    writes: _Names = frozenset()
    risky: bool = False
    writeable: bool = False


class Memory:
    """What was compiled before, for compilations with the same constants and declarations."""

    def __init__(self) -> None:
        self._functions: dict[tuple[Any, ...], _Function] = {}
        self._names_given = 0
        self._modules: dict[str, tuple[Any, frozenset[str]]] = {}
        self._context: Any = None
        self._variables: dict[tuple[str, str], Any] = {}

    def keep_modules(self, tree: Any) -> None:
        """Keep what a contract imports, which was analysed, for the next compilation.

        Args:
            tree: Of the contract, analysed but not compiled.
        """
        self._modules = {}
        self._keep_imports_of(tree)

    def _keep_imports_of(self, tree: Any) -> frozenset[str]:
        """Keep the imports of a tree and return the files of all of them."""
        below: set[str] = set()
        for statement in tree.get_children((vy_ast.Import, vy_ast.ImportFrom)):
            imported = statement._metadata["import_info"].parsed
            file = imported.resolved_path
            if file not in self._modules:
                self._modules[file] = imported, self._keep_imports_of(imported)
            below |= {file, *self._modules[file][1]}
        return frozenset(below)

    @contextmanager
    def used(self, changed: Iterable[str] = ()) -> Iterator[None]:
        """Let the compiler use what is remembered, and remember what it does.

        Args:
            changed: Files that are not what they were.
        """
        analyser = imports.ImportAnalyzer
        kept = (
            module.generate_ir_for_internal_function,
            module.generate_ir_for_external_function,
            optimizer._optimize,
            imports._parse_ast,
            analyser._resolve_imports_r,
        )
        core._label = self._names_given  # else new names might be those of what is remembered
        module.generate_ir_for_internal_function = self._internal(kept[0])
        module.generate_ir_for_external_function = self._external(kept[1])
        optimizer._optimize = _remembering(kept[2])
        imports._parse_ast = self._parse(kept[3], {*changed})
        analyser._resolve_imports_r = _resolve_unless_analysed(kept[4])
        try:
            yield
        finally:
            self._names_given = core._label
            (
                module.generate_ir_for_internal_function,
                module.generate_ir_for_external_function,
                optimizer._optimize,
                imports._parse_ast,
                analyser._resolve_imports_r,
            ) = kept

    def _parse(self, parse: Callable[[Any], Any], changed: set[str]) -> Callable[[Any], Any]:
        # A compilation writes the places of variables into them: they are good for one.
        ready, self._modules = self._modules, {}

        def remembered(file: Any) -> Any:
            place = str(file.resolved_path)
            tree, below = ready.get(place, (None, frozenset()))
            return parse(file) if tree is None or changed & {place, *below} else tree

        return remembered

    def _internal(self, generate: Callable[..., Any]) -> Callable[..., Any]:
        def remembered(code: Any, context: Any, is_ctor_context: bool) -> Any:
            key = _key(code, is_ctor_context)
            known = self._functions.get(key)
            if known is not None:
                variables = self._variables_of(context)
                effects = _Effects(
                    {variables.get(name, name) for name in known.reads},
                    {variables.get(name, name) for name in known.writes},
                    known.risky,
                    known.writeable,
                )
                _noted(code, known).func_ir = InternalFuncIR(effects)
                return InternalFuncIR(known.code)
            made = generate(code, context, is_ctor_context).func_ir
            info = _info(code)
            known = _Function(
                info.frame_info,
                info.gas_estimate,
                optimizer.optimize(made),
                reads=_names(made.referenced_variables),
                writes=_names(made.variable_writes),
                risky=made.contains_risky_call,
                writeable=made.contains_writeable_call,
            )
            self._functions[key] = known
            return InternalFuncIR(known.code)

        return remembered

    def _variables_of(self, context: Any) -> dict[tuple[str, str], Any]:
        """Return all variables of a compilation's modules by their names."""
        if self._context is not context:
            self._context = context
            self._variables = dict(_variables(context))
        return self._variables

    def _external(self, generate: Callable[..., Any]) -> Callable[..., Any]:
        def remembered(code: Any, context: Any) -> Any:
            key = _key(code, False)
            known = self._functions.get(key)
            if known is None:
                made = generate(code, context)
                info = _info(code)
                entries = tuple(
                    (signature, entry.min_calldatasize, _optimised(entry.ir_node))
                    for signature, entry in made.entry_points.items()
                )
                common = optimizer.optimize(made.common_ir)
                known = _Function(info.frame_info, info.gas_estimate, common, entries)
                self._functions[key] = known
            else:
                _noted(code, known)
            function = code._metadata["func_type"]
            points = {
                signature: EntryPointInfo(function, size, node)
                for signature, size, node in known.entries
            }
            return ExternalFuncIR(points, known.code)

        return remembered


def _optimised(node: Any) -> Any:
    """Optimise what is code already; entry points are lists still."""
    return node if isinstance(node, list) else optimizer.optimize(node)


def _resolve_unless_analysed(resolve: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """Return what resolves the imports of a tree, unless that was done."""

    def resolving(analyser: Any, tree: Any) -> None:
        if "type" not in tree._metadata:
            resolve(analyser, tree)

    return resolving


def _names(variables: Iterable[Any]) -> _Names:
    """Return the names of variables; those of what is remembered are names already."""
    return frozenset(
        variable if isinstance(variable, tuple) else _name(variable.decl_node)
        for variable in variables
    )


def _name(declaration: Any) -> tuple[str, str]:
    """Return a name that a variable has in every compilation; of a local one, its place."""
    place = declaration.module_node.resolved_path
    if isinstance(declaration, vy_ast.VariableDecl):
        return place, declaration.target.id
    return place, f"{declaration.lineno}:{declaration.col_offset}"


def _variables(context: Any) -> Iterator[tuple[tuple[str, str], Any]]:
    for declaration in context.variable_decls:
        yield _name(declaration), declaration.target._metadata["varinfo"]
    for imported in context.imported_modules.values():
        yield from _variables(imported.module_t)


def _info(code: Any) -> Any:
    return code._metadata["func_type"]._ir_info


def _noted(code: Any, known: _Function) -> Any:
    """Note about a function what generating its code would have noted."""
    function = code._metadata["func_type"]
    init_ir_info(function)
    info = function._ir_info
    info.set_frame_info(known.frame)
    info.gas_estimate = known.gas
    return info


def _key(code: Any, is_ctor_context: bool) -> tuple[Any, ...]:
    """Return all that a function's code depends on that may differ between mutants of functions."""
    function = code._metadata["func_type"]
    callees = tuple(
        (
            callee.name,
            callee._function_id,
            callee._ir_info.frame_info.frame_start,
            callee._ir_info.frame_info.frame_size,
        )
        for callee in function.called_functions
    )
    return (
        code.module_node.resolved_path,
        function.name,
        function._function_id,
        is_ctor_context,
        callees,
        code.node_source_code,
    )


def _remembering(optimise: Callable[[Any, Any], tuple[bool, Any]]) -> Callable[..., Any]:
    """Return an optimiser that leaves a node alone that it has optimised to the end.

    What becomes of a node depends on the node and on the operation whose operand it is.
    """

    def remembering(node: Any, parent: Any) -> tuple[bool, Any]:
        below = parent.value if parent is not None else None
        if below in node.__dict__.get(_FINISHED, ()):
            return False, node
        changed, result = optimise(node, parent)
        result.__dict__.setdefault(_FINISHED, set()).add(below)
        return changed, result

    return remembering
