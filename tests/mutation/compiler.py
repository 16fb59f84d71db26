"""Compiling a contract one file of which is not what lies in its folder, in this process.

What comes out is what the compiler's own way gives, but for the trailer with the hash of the
sources; in a fraction of the time: the run-time code is optimised once instead of twice, and what
was compiled before is remembered.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from vyper.codegen import module
from vyper.compiler import phases
from vyper.compiler.input_bundle import FileInput, FilesystemInputBundle
from vyper.compiler.settings import anchor_settings
from vyper.exceptions import VyperException, VyperInternalException
from vyper.ir import optimizer

from tests.mutation.remembered import Memory

__all__ = ["NotCompiledError", "analysed", "compile_changed", "memory_of"]


# What the compiler stumbles over, such as a power of one, in the place of refusing it.
_CRASHES: Final = (
    ArithmeticError,
    AssertionError,
    KeyError,
    RecursionError,
    TypeError,
    ValueError,
    VyperInternalException,
)


class NotCompiledError(Exception):
    """The compiler refuses the source."""


class _ChangedFiles(FilesystemInputBundle):  # type: ignore[misc]  # vyper has no types
    """A folder some files of which are replaced by texts."""

    def __init__(self, folder: Path, texts: Mapping[str, str]) -> None:
        super().__init__([folder])
        self._texts = {(folder / file).resolve(): text for file, text in texts.items()}

    def _load_from_path(self, resolved_path: Path, original_path: Path) -> Any:
        text = self._texts.get(resolved_path)
        if text is None:
            return super()._load_from_path(resolved_path, original_path)
        source_id = self._generate_source_id(resolved_path)
        return FileInput(source_id, original_path, resolved_path, text)


def compile_changed(
    folder: Path, entry: str, texts: Mapping[str, str], memory: Memory | None = None
) -> bytes:
    """Return creation code, without the compiler's trailer.

    Args:
        folder: Of the contracts.
        entry: The file to compile, below the folder.
        texts: What some files below the folder shall be instead.
        memory: What was compiled before, if all that differs lies in bodies of functions.

    Raises:
        NotCompiledError: The compiler refuses it.
    """
    remembered = memory or Memory()
    try:
        data = _data(folder, entry, texts)
        with remembered.used([str((folder / file).resolve()) for file in texts]):
            return _code(data)
    except (VyperException, *_CRASHES) as no:
        lines = str(no).strip().splitlines() or [""]
        raise NotCompiledError(f"{type(no).__name__}: {lines[0]}") from None


def memory_of(folder: Path, entry: str) -> tuple[Memory, bytes]:
    """Compile a contract as it is; return what can be remembered, and the creation code."""
    memory = Memory()
    code = compile_changed(folder, entry, {}, memory)
    memory.keep_modules(_data(folder, entry, {}).annotated_vyper_module)
    return memory, code


def analysed(folder: Path, entry: str) -> dict[str, Any]:
    """Return the syntax trees of a contract and of what it imports, by their files.

    Expressions in them have their types.
    """
    trees: dict[str, Any] = {}

    def visit(tree: Any) -> None:
        file = Path(tree.resolved_path).relative_to(folder.resolve()).as_posix()
        if file not in trees:
            trees[file] = tree
            for info in tree._metadata["type"].imported_modules.values():
                visit(info.module_t._module)

    visit(_data(folder, entry, {}).annotated_vyper_module)
    return trees


def _data(folder: Path, entry: str, texts: Mapping[str, str]) -> Any:
    bundle = _ChangedFiles(folder, texts)
    file = bundle.load_file(Path(entry))
    assert isinstance(file, FileInput)
    return phases.CompilerData(file, bundle)


def _code(data: Any) -> bytes:
    """Do what ``CompilerData.bytecode`` does, without the run-time code on its own."""
    context = data.global_ctx
    phases.reset_symbols()
    with anchor_settings(data.settings):
        ir, _ = module.generate_ir_for_module(context)
        assert phases.should_run_legacy_optimizer(data.settings)
        ir = optimizer.optimize(ir)
        assembly = phases.generate_assembly(ir, data.settings.optimize)
        return bytes(phases.generate_bytecode(assembly, None))
