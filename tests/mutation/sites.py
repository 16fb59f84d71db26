"""All mutants of a target, each with a name that stays as long as its statement does."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vyper import ast as vy_ast

from tests.mutation.compiler import analysed
from tests.mutation.operators import head_edits, statement_edits
from tests.mutation.source import Edit, Source, one_line
from tests.mutation.targets import Target

__all__ = ["Key", "Mutant", "mutants_of"]

Key = tuple[str, str, str, str, int]
"""File, function, the statement before and after, and which of those that are alike."""

_LEFT_OUT: Final = frozenset({"payable", "reentrant", "nonreentrant"})
_PRAGMA: Final = re.compile(r"^# (pragma nonreentrancy on)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one file.

    Attributes:
        file: Below the folder of contracts.
        function: Its function; or the constant, or the pragma.
        line: Of the file, from one, where the change is.
        operator: One of ``OPERATORS``.
        before: The statement, or the head of one with a body, on one line.
        after: What it is changed to, on one line.
        nth: From one: which, if the function has some that are alike.
        edit: The change.
        in_body: It is in the body of a function.
    """

    file: str
    function: str
    line: int
    operator: str
    before: str
    after: str
    nth: int
    edit: Edit
    in_body: bool

    @property
    def key(self) -> Key:
        """What it is known by: it does not depend on where it stands."""
        return self.file, self.function, self.before, self.after, self.nth

    @property
    def name(self) -> str:
        """A short name, made of the key."""
        mark = hashlib.sha256("\0".join(map(str, self.key)).encode()).hexdigest()[:8]
        return f"{Path(self.file).stem}.{self.function}.{self.operator}.{mark}"

    def text(self, original: str) -> str:
        """Return its file's text, made of the original one."""
        return original[: self.edit.start] + self.edit.text + original[self.edit.end :]


def mutants_of(target: Target, folder: Path) -> list[Mutant]:
    """Return all mutants of a target, file by file.

    Args:
        target: What is mutated.
        folder: Of the contracts.
    """
    trees = analysed(folder, target.entry)
    mutants: list[Mutant] = []
    for file in filter(target.mutates, trees):
        source = Source(file, (folder / file).read_text(encoding="utf-8"))
        seen: Counter[tuple[str, str, str, str]] = Counter()
        places: set[tuple[int, int, str]] = set()
        functions = {node.name for node in trees[file].get_children(vy_ast.FunctionDef)}
        for function, start, end, edit in _edits(source, trees[file]):
            if (edit.start, edit.end, edit.text) in places:
                continue
            places.add((edit.start, edit.end, edit.text))
            before = one_line(source.text[start:end])
            after = source.text[start : edit.start] + edit.text + source.text[edit.end : end]
            alike = file, function, before, one_line(after)
            seen[alike] += 1
            line = source.line(edit.start)
            in_body = function in functions and edit.operator != "decorator"
            what = edit.operator, *alike[2:], seen[alike], edit, in_body
            mutants.append(Mutant(file, function, line, *what))
    return mutants


_Placed = tuple[str, int, int, Edit]


def _edits(source: Source, tree: Any) -> Iterator[_Placed]:
    """Give each edit with its function and the place of its statement."""
    for pragma in _PRAGMA.finditer(source.text):
        start, end = pragma.span(1)
        yield "pragma", start, end, Edit("decorator", start, end, "pragma nonreentrancy off")
    for node in tree.body:
        if isinstance(node, vy_ast.VariableDecl) and node.value is not None:
            for edit in head_edits(source, node.value, False):
                yield node.target.id, source.start(node), source.end(node), edit
        elif isinstance(node, vy_ast.FunctionDef):
            for decorator in node.decorator_list:
                if getattr(decorator, "id", "") in _LEFT_OUT:
                    start, end = source.start(decorator) - 1, source.end(decorator)
                    yield node.name, start, end, Edit("decorator", start, end, "")
            for statement in node.body:
                for placed in _in_statement(source, statement, node.returns):
                    yield node.name, *placed


def _in_statement(source: Source, node: Any, returns: Any) -> Iterator[tuple[int, int, Edit]]:
    start, end = source.start(node), source.end(node)
    bodies: list[Any] = []
    expressions: list[Any] = []
    checks = False
    if isinstance(node, vy_ast.If):
        end = source.text.index(":", source.end(node.test))
        bodies, expressions = [*node.body, *node.orelse], [node.test]
        checks = len(node.body) == 1 and isinstance(node.body[0], vy_ast.Expr) and not node.orelse
    elif isinstance(node, vy_ast.For):
        end = source.text.index(":", source.end(node.iter))
        bodies, expressions = node.body, [node.iter]
    elif isinstance(node, vy_ast.Assign | vy_ast.AugAssign):
        expressions = [node.target, node.value]
    elif not isinstance(node, vy_ast.Pass | vy_ast.Break | vy_ast.Continue):
        expressions = [node.value] if node.value is not None else []
    for edit in statement_edits(source, node, returns):
        yield start, end, edit
    for expression in expressions:
        for edit in head_edits(source, expression, checks):
            yield start, end, edit
    for statement in bodies:
        yield from _in_statement(source, statement, returns)
