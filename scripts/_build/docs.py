"""Write the generated parts of the docs: ``python -m scripts._build.docs [--check]``.

A page below ``docs`` marks what is made here: ``<!-- made: NAME -->`` before, ``<!-- /made -->``
after. What lies between is replaced; the rest of the page is written by hand. ``--check`` writes
nothing and fails if a page is stale. The names:

- ``call CONTRACT.FUNCTION``, ``events CONTRACT.FUNCTION``, ``errors CONTRACT.FUNCTION``: its
  arguments; what it can log; what it can raise
- ``events CONTRACT``: each event with its fields and its topic 0
- ``errors``: every custom error; ``reasons``: why money left a milestone
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from eth_utils.abi import event_abi_to_log_topic

from milestone_escrow import artifacts
from milestone_escrow.event_types import EVENTS
from milestone_escrow.revert_sentences import SENTENCES, selector
from scripts._build.artifacts import CONTRACTS, ROOT, BuildError
from scripts._build.reach import Function, functions

__all__ = ["Region", "Sources", "main", "rewrite"]

DOCS = ROOT / "docs"

# Where the events of a contract are written.
INTERFACES: Final[Mapping[str, tuple[str, ...]]] = {
    "MilestoneEscrow": ("IMilestoneEscrow",),
    "DealNotes": ("IDealNotes",),
    "ArbiterAdapter": ("IArbiterAdapter", "IArbitrable", "IEvidence"),
}

_REGION = re.compile(r"(<!-- made: (?P<name>[^>]*?) -->\n).*?(<!-- /made -->)", re.S)
_MARK = re.compile(r"<!-- /?made")
_EVENT = re.compile(r"^event (?P<name>\w+):\n(?P<fields>(?: {4}.*\n)+)", re.M)
_FIELD = re.compile(r" {4}(?P<name>\w+): (?P<type>[^#\n]*?)(?:  # (?P<meaning>.*))?$", re.M)
_REASON = re.compile(r"^(\w+): constant\(uint256\) = (\d+)  # (.*)$", re.M)
_GROUP = re.compile(r"^# (.*)$|^[A-Z_]+: constant\(uint256\) = \d+  # (\w+)\(\)$", re.M)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an event: its Vyper type, and what the interface says of it."""

    name: str
    type: str
    indexed: bool
    meaning: str


class Sources:
    """What the contracts say, each read when it is first asked for."""

    def __init__(self, root: Path = ROOT) -> None:
        self._folder = root / "contracts"

    @cached_property
    def functions(self) -> Mapping[str, Mapping[str, Function]]:
        """The constructor and the external functions of each documented contract."""
        return {
            contract.name: {function.name: function for function in functions(contract)}
            for contract in CONTRACTS
            if contract.name in INTERFACES
        }

    def function(self, path: str) -> Function:
        """Return a function by ``CONTRACT.FUNCTION``.

        Raises:
            BuildError: there is none.
        """
        contract, _, name = path.partition(".")
        try:
            return self.functions[contract][name]
        except KeyError:
            raise BuildError(f"The docs ask for {path}, which there is not.") from None

    def events(self, contract: str) -> Mapping[str, tuple[Field, ...]]:
        """Return the events of a contract with their fields, in the order of its interfaces.

        Raises:
            BuildError: the interfaces have others than the ABI.
        """
        found = {
            match["name"]: tuple(_field(field) for field in _FIELD.finditer(match["fields"]))
            for interface in INTERFACES.get(contract, ())
            for match in _EVENT.finditer(self._read(f"interfaces/{interface}.vyi"))
        }
        if found.keys() != topics(contract).keys():
            raise BuildError(f"The interfaces of {contract} have other events than its ABI.")
        return found

    def reasons(self) -> Iterator[tuple[str, str, str]]:
        """Yield number, name and meaning of each reason of a payment."""
        for match in _REASON.finditer(self._read("modules/reasons.vy")):
            yield match[2], match[1], match[3]

    def error_groups(self) -> Mapping[str, tuple[str, ...]]:
        """Return the custom errors under the headings of their table."""
        groups: dict[str, list[str]] = {}
        names: list[str] = []
        for match in _GROUP.finditer(self._read("modules/errors.vy")):
            if match[1]:
                names = groups.setdefault(match[1], [])
            else:
                names.append(match[2])
        return {title: tuple(names) for title, names in groups.items() if names}

    def _read(self, path: str) -> str:
        return (self._folder / path).read_text(encoding="utf-8")


def topics(contract: str) -> Mapping[str, str]:
    """Return the topic 0 of each event in a contract's ABI, by its name."""
    found: dict[str, str] = {}
    for entry in artifacts.load(contract).abi:
        if entry["type"] == "event":
            event: Any = entry
            found[entry["name"]] = "0x" + event_abi_to_log_topic(event).hex()
    return found


def _field(match: re.Match[str]) -> Field:
    indexed = re.fullmatch(r"indexed\((.*)\)", match["type"])
    return Field(
        match["name"],
        indexed[1] if indexed else match["type"],
        indexed is not None,
        match["meaning"] or "",
    )


# --- Regions


Region = Callable[[Sources, str], Iterable[str]]


def _call(sources: Sources, path: str) -> Iterator[str]:
    function = sources.function(path)
    names = ", ".join(argument.name for argument in function.arguments)
    kind = "" if function.mutability == "nonpayable" else f", {function.mutability}"
    yield f"`{function.name}({names})`{kind}; selector `0x{function.selector.hex()}`."
    if function.arguments:
        yield ""
        yield from _table(
            ("argument", "type", "meaning"),
            ((f"`{a.name}`", f"`{a.type}`", a.meaning) for a in function.arguments),
        )


def _events(sources: Sources, path: str) -> Iterator[str]:
    if "." in path:
        logged = sources.function(path).events
        names = [name for name in sources.events(path.partition(".")[0]) if name in logged]
        yield _sentence(names)
        return
    callers = sources.functions.get(path, {})
    for name, fields in sources.events(path).items():
        by = [function.name for function in callers.values() if name in function.events]
        yield from ("", f"### {name}", "")
        if path == "MilestoneEscrow":
            yield from (_meaning_of(name), "")
        yield f"- Logged by: {_sentence(by)}"
        yield f"- Topic 0: `{topics(path)[name]}`"
        yield ""
        yield from _table(
            ("field", "type", "meaning"),
            (
                (f"`{f.name}`", f"`{f.type}`{' indexed' if f.indexed else ''}", f.meaning)
                for f in fields
            ),
        )


def _errors(sources: Sources, path: str) -> Iterator[str]:
    if path:
        raised = {_constant(error): error for error in SENTENCES}
        names = {raised[constant] for constant in sources.function(path).errors}
        yield from _table(
            ("error", "meaning"),
            ((f"`{name}`", SENTENCES[name].sentence) for name in SENTENCES if name in names),
        )
        return
    for title, errors in sources.error_groups().items():
        yield from ("", f"### {title}", "")
        yield from _table(
            ("error", "selector", "what it means, and what to do", "raised by"),
            (
                (
                    f"`{error}`",
                    f"`0x{selector(error).hex()}`",
                    f"{SENTENCES[error].sentence}<br>{SENTENCES[error].remedy}",
                    _raised_by(sources, error),
                )
                for error in errors
            ),
        )


def _reasons(sources: Sources, path: str) -> Iterator[str]:
    yield from _table(
        ("number", "name", "meaning"),
        ((number, f"`{name}`", meaning) for number, name, meaning in sources.reasons()),
    )


REGIONS: Final[Mapping[str, Region]] = {
    "call": _call,
    "events": _events,
    "errors": _errors,
    "reasons": _reasons,
}


def _raised_by(sources: Sources, error: str) -> str:
    lines = []
    for contract, found in sources.functions.items():
        names = [f"`{f.name}`" for f in found.values() if _constant(error) in f.errors]
        if names:
            lines.append(f"{contract}: {', '.join(names)}")
    return "<br>".join(lines)


def _meaning_of(event: str) -> str:
    (found,) = (kind for kind in EVENTS if kind.__name__ == event)
    return " ".join(inspect.cleandoc(found.__doc__ or "").split()).replace("``", "`")


def _constant(error: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", error).upper()


def _sentence(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) + "." if names else "None."


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(head)
    yield _row(["---"] * len(head))
    for row in rows:
        yield _row(row)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


# --- Pages


def rewrite(page: str, sources: Sources) -> str:
    """Return the text of a page with all its regions made anew.

    Raises:
        BuildError: a region is not closed, has an unknown name, or asks for what there is not.
    """

    def made(match: re.Match[str]) -> str:
        kind, _, path = match["name"].partition(" ")
        if kind not in REGIONS:
            raise BuildError(f"The docs ask for {match['name']}, which nothing makes.")
        text = "\n".join(REGIONS[kind](sources, path)).strip("\n")
        return f"{match[1]}{text}\n{match[3]}"

    if len(_MARK.findall(page)) != 2 * len(_REGION.findall(page)):
        raise BuildError("A generated region is not opened or not closed.")
    return _REGION.sub(made, page)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the generated parts, or compare them; return the exit code."""
    parser = argparse.ArgumentParser(description="Write the generated parts of the docs.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if a page is stale"
    )
    check: bool = parser.parse_args(arguments).check
    sources = Sources()
    pages = sorted(DOCS.rglob("*.md"))
    stale = 0
    for page in pages:
        old, shown = page.read_text(encoding="utf-8"), page.relative_to(ROOT)
        try:
            new = rewrite(old, sources)
        except BuildError as error:
            print(f"{shown}: {error}", file=sys.stderr)
            return 1
        if new == old:
            continue
        stale += 1
        if check:
            print(f"{shown} is not what the contracts give: run make artifacts.", file=sys.stderr)
        else:
            page.write_text(new, encoding="utf-8")
            print(f"Wrote {shown}.")
    if not stale:
        print(f"The generated parts of {len(pages)} pages of docs are up to date.")
    return int(check and stale > 0)


if __name__ == "__main__":
    sys.exit(main())
