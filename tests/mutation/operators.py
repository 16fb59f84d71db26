"""The mutation operators: for a piece of a Vyper source, all the ways in which we make it wrong.

Each takes the nodes of one statement, or of the head of one that has a body, and gives edits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

from vyper import ast as vy_ast

from tests.mutation.source import Edit, Source

__all__ = ["OPERATORS", "head_edits", "statement_edits"]

OPERATORS: Final = {
    "boundary": "< for <=, >= for >, and so on",
    "relation": "the opposite comparison",
    "condition": "a condition that is always true, or never",
    "logic": "and for or; an operand that does not matter",
    "arithmetic": "minus for plus, checked or not; times for divided by",
    "bits": "and for or, left for right, no inversion",
    "constant": "a number one more or one less; true for false; other bytes",
    "deletion": "a statement left out: an assignment, a check, a call, a log, an early return",
    "value": "a variable's first value, or what is returned, empty",
    "order": "two arguments of one type in each other's place",
    "name": "another field or constant of the same kind",
    "keyword": "an optional argument of a call left out",
    "decorator": "a property of a function, or of the file, left out",
}
"""Their names, with what each does."""

_SIGNS: Final = {
    "Lt": "<",
    "LtE": "<=",
    "Gt": ">",
    "GtE": ">=",
    "Eq": "==",
    "NotEq": "!=",
    "Add": "+",
    "Sub": "-",
    "Mult": "*",
    "FloorDiv": "//",
    "BitAnd": "&",
    "BitOr": "|",
    "BitXor": "^",
    "LShift": "<<",
    "RShift": ">>",
}
_BOUNDARY: Final = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_OPPOSITE: Final = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_ARITHMETIC: Final = {"+": "-", "-": "+", "*": "//", "//": "*"}
_BITS: Final = {"&": "|", "|": "&", "^": "|", "<<": ">>", ">>": "<<"}
_FUNCTIONS: Final = {
    "unsafe_add": ("arithmetic", "unsafe_sub"),
    "unsafe_sub": ("arithmetic", "unsafe_add"),
    "unsafe_mul": ("arithmetic", "unsafe_div"),
    "max": ("arithmetic", "min"),
    "min": ("arithmetic", "max"),
}
_COMMUTATIVE: Final = frozenset({"unsafe_add", "unsafe_mul", "max", "min"})
# Their arguments are types, or give a type its length.
_TYPED: Final = frozenset({"empty", "method_id"})
_UNTOUCHED_KEYWORDS: Final = frozenset({"bound", "output_type", "method_id"})
# Names of one kind: where one stands, the next one is put.
_KINDS: Final = (
    ("employer", "freelancer"),
    ("arbiter", "platform"),
    ("review_period", "ruling_period"),
    ("fee_bps", "arbiter_bps"),
    ("paid", "remaining"),
    ("OPENED", "CLOSED", "BOUND"),
    ("FUNDED", "SETTLED", "TRACKED"),
    ("REQUESTED", "DISPUTED"),
    ("FUNDED_AT", "SETTLED_AT", "ACTIVITY_AT"),
    ("LIFE_MASK", "HELD_MASK"),
    ("PAID_MASK", "PHASE_MASK"),
    ("PHASE_AT", "SINCE_AT"),
    ("COIN_PUSH_GAS", "TOKEN_PUSH_GAS"),
    ("COIN_PUSH_NEEDS", "TOKEN_PUSH_NEEDS"),
)
_NEXT_NAME: Final = {
    name: kind[(place + 1) % len(kind)] for kind in _KINDS for place, name in enumerate(kind)
} | {"payee": "freelancer", "fallback_freelancer_bps": "arbiter_bps"}


# --- Statements as a whole


def statement_edits(source: Source, node: Any, returns: Any) -> Iterator[Edit]:
    """Give the edits that leave a statement out, or what it gives.

    Args:
        source: Where it stands.
        node: A statement of a function.
        returns: The type that the function returns, a node, or none.
    """
    kind = type(node).__name__
    if kind in ("Expr", "Assign", "AugAssign", "Log") or (kind == "Return" and not node.value):
        yield source.replaced("deletion", node, "pass")
    elif kind == "AnnAssign":
        if not _is_empty(node.value):
            empty = f"empty({source.of(node.annotation)})"
            yield source.replaced("value", node.value, empty)
    elif kind == "Return" and not _is_empty(node.value):
        yield source.replaced("value", node.value, f"empty({source.of(returns)})")
    if kind == "AugAssign":
        sign = _SIGNS[type(node.op).__name__]
        for operator, others in (("arithmetic", _ARITHMETIC), ("bits", _BITS)):
            if sign in others:
                other = others[sign] + "="
                yield source.between(operator, node.target, node.value, sign + "=", other)
    if kind == "If" and not _is_check(node):
        yield source.replaced("condition", node.test, "True")
        yield source.replaced("condition", node.test, "False")


def _is_check(node: Any) -> bool:
    """Return whether all that an ``if`` does is to fail: leaving that out says "never"."""
    return len(node.body) == 1 and not node.orelse and type(node.body[0]).__name__ == "Expr"


def _is_empty(node: Any) -> bool:
    if isinstance(node, vy_ast.Call):
        return getattr(node.func, "id", "") == "empty"
    if isinstance(node, vy_ast.Tuple):
        return True  # a tuple type has no text of its own to be empty of
    return isinstance(node, vy_ast.Int | vy_ast.NameConstant | vy_ast.Bytes) and not node.value


# --- Expressions


def head_edits(source: Source, expression: Any, checks: bool) -> Iterator[Edit]:
    """Give the edits of an expression and of all its parts.

    Args:
        source: Where it stands.
        expression: Of a statement, or of the head of one with a body.
        checks: It is the condition of a check, whose opposite needs no trial: each good call fails.
    """
    kind = type(expression).__name__
    if kind == "Compare":
        yield from _comparison(source, expression, checks)
    elif kind == "BoolOp":
        yield from _junction(source, expression)
        checks = False
    elif kind == "BinOp":
        yield from _binary(source, expression)
    elif kind == "UnaryOp":
        operator = "logic" if type(expression.op).__name__ == "Not" else "bits"
        yield source.replaced(operator, expression, f"({source.of(expression.operand)})")
    elif kind in ("Int", "Hex", "NameConstant"):
        yield from _literal(source, expression)
    elif kind == "Attribute":
        yield from _attribute(source, expression)
    elif kind == "Name":
        if expression.id in _NEXT_NAME and expression.id.isupper():
            yield source.replaced("name", expression, _NEXT_NAME[expression.id])
    elif kind == "Call":
        if getattr(expression.func, "id", "") in _TYPED:
            return
        yield from _call(source, expression)
    for part in _parts(expression):
        yield from head_edits(source, part, checks and kind == "UnaryOp")


def _parts(expression: Any) -> Iterator[Any]:
    """Give the expressions that an expression is made of, without types and names of functions."""
    if isinstance(expression, vy_ast.Call):
        converts = getattr(expression.func, "id", "") == "convert"
        yield from expression.args[:1] if converts else expression.args
        for keyword in expression.keywords:
            if keyword.arg not in _UNTOUCHED_KEYWORDS:
                yield keyword.value
        if isinstance(expression.func, vy_ast.Attribute):
            yield from _parts(expression.func)
        return
    for child in expression.get_children():
        if isinstance(child, vy_ast.ExprNode):
            yield child


def _comparison(source: Source, node: Any, checks: bool) -> Iterator[Edit]:
    sign = _SIGNS[type(node.op).__name__]
    if sign in _BOUNDARY:
        yield source.between("boundary", node.left, node.right, sign, _BOUNDARY[sign])
    if not checks:
        yield source.between("relation", node.left, node.right, sign, _OPPOSITE[sign])


def _junction(source: Source, node: Any) -> Iterator[Edit]:
    joins = type(node.op).__name__ == "And"
    sign, other, neutral = ("and", "or", "True") if joins else ("or", "and", "False")
    for left, right in pairwise(node.values):
        yield source.between("logic", left, right, sign, other)
    for value in node.values:
        yield source.replaced("logic", value, neutral)


def _binary(source: Source, node: Any) -> Iterator[Edit]:
    sign = _SIGNS.get(type(node.op).__name__, "")
    for operator, others in (("arithmetic", _ARITHMETIC), ("bits", _BITS)):
        if sign in others:
            yield source.between(operator, node.left, node.right, sign, others[sign])


def _literal(source: Source, node: Any) -> Iterator[Edit]:
    if isinstance(node, vy_ast.NameConstant):
        yield source.replaced("constant", node, str(not node.value))
    elif isinstance(node, vy_ast.Hex):
        last = f"{int(node.value[-1], 16) ^ 1:x}"
        yield source.replaced("constant", node, node.value[:-1] + last)
    else:
        yield source.replaced("constant", node, str(node.value + 1))
        if node.value > 0:
            yield source.replaced("constant", node, str(node.value - 1))


def _attribute(source: Source, node: Any) -> Iterator[Edit]:
    end = source.end(node)
    if node.attr in _NEXT_NAME:
        yield Edit("name", end - len(node.attr), end, _NEXT_NAME[node.attr])
    if getattr(node.value, "id", "") in ("old", "new"):
        other = "new" if node.value.id == "old" else "old"
        yield source.replaced("name", node.value, other)


def _call(source: Source, node: Any) -> Iterator[Edit]:
    name = getattr(node.func, "id", "")
    if name in _FUNCTIONS:
        operator, other = _FUNCTIONS[name]
        yield source.replaced(operator, node.func, other)
    if name not in _COMMUTATIVE:
        yield from _swaps(source, node.args)
    yield from _swaps(source, [keyword.value for keyword in node.keywords])
    if name == "raw_call" or type(node._parent).__name__ == "StaticCall":
        for keyword in node.keywords:
            start = source.text.rindex(",", 0, source.start(keyword))
            yield Edit("keyword", start, source.end(keyword.value), "")


def _swaps(source: Source, arguments: list[Any]) -> Iterator[Edit]:
    """Give the edits that exchange each argument for the next one of its type."""
    by_type: defaultdict[str, list[Any]] = defaultdict(list)
    for argument in arguments:
        known = argument._metadata.get("type")
        if known is not None:
            by_type[str(known)].append(argument)
    for same in by_type.values():
        for one, other in pairwise(same):
            if source.of(one) != source.of(other):
                start, end = source.start(one), source.end(other)
                middle = source.text[source.end(one) : source.start(other)]
                yield Edit("order", start, end, source.of(other) + middle + source.of(one))
