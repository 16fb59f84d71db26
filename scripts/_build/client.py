"""Write what the TypeScript client is made of: ``python -m scripts._build.client [--check]``.

Everything in ``frontend_bridge/client/src/generated`` comes from the one home of each fact: the ABI
and the code from the artifacts, the typed data, the words of errors, calls and messages from the
library, the types of requests and answers from ``frontend_bridge/openapi.json``, the addresses from
``frontend_bridge/client/deployments.json``, which is a list as ``escrow deploy`` writes it and is
filled by whoever deploys. The README of the package gets its example. ``--check`` writes nothing
and fails if a file is stale.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from milestone_escrow import artifacts
from milestone_escrow.agreement import AGREEMENT_FIELDS, MILESTONE_FIELDS
from milestone_escrow.call_facts import CALL_FACTS, MESSAGE_FACTS
from milestone_escrow.calls import ERC20, ESCROW, NOTES
from milestone_escrow.deployments import Deployment, Registry
from milestone_escrow.exceptions import EscrowError
from milestone_escrow.messages import DOMAIN_NAME, DOMAIN_VERSION, TYPES
from milestone_escrow.offchain.sign_in import STATEMENT
from milestone_escrow.revert_sentences import SENTENCES, decode_revert
from scripts._build.artifacts import ROOT, BuildError

__all__ = ["CLIENT", "known_deployments", "made", "main", "readme"]

CLIENT: Final = ROOT / "frontend_bridge" / "client"

_HEAD: Final = "// Made by `make artifacts`: a change here is lost.\n"
_STRUCTS: Final = {
    tuple(name for name, _ in MILESTONE_FIELDS): "milestone",
    tuple(name for name, _ in AGREEMENT_FIELDS): "agreement",
}
"""Structs that the ABI repeats at each call, by the names of their fields."""

_EXAMPLE: Final = re.compile(
    r"(<!-- made: example (?P<path>\S+) -->\n).*?(<!-- /made -->)", re.DOTALL
)
_SAID: Final = "SAID"  # in the place of what another contract says
_NO_PANIC: Final = 0xFF  # a number without a meaning
_UNKNOWN: Final = bytes.fromhex("01020304")  # an error of nobody's


# --- The contracts


def _abi() -> Iterator[str]:
    yield _HEAD
    for names, constant in _STRUCTS.items():
        found = _written(_components(artifacts.load(ESCROW).abi, names), besides=constant)
        yield f"const {constant} = {found} as const;\n"
    for contract in (ESCROW, NOTES):
        yield f"\n/** ABI of {contract}, its custom errors among it. */"
        yield f"export const {_camel(contract)}Abi = ["
        for entry in artifacts.load(contract).abi:
            yield f"  {_written(entry)},"
        yield "] as const;"


def _components(entry: Any, names: tuple[str, ...]) -> Any:
    """Return the components of the first struct in an ABI that has these fields."""
    if isinstance(entry, dict):
        components = entry.get("components")
        if components is not None and tuple(each["name"] for each in components) == names:
            return components
        entry = list(entry.values())
    if isinstance(entry, list | tuple):
        for each in entry:
            if (found := _components(each, names)) is not None:
                return found
    return None


def _written(value: Any, besides: str = "") -> str:
    """Return a value of an ABI as TypeScript, its known structs by name but one."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k}: {_written(v, besides)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        names = tuple(str(each.get("name")) for each in value if isinstance(each, dict))
        constant = _STRUCTS.get(names)
        if constant is not None and constant != besides:
            return constant
        return "[" + ", ".join(_written(each) for each in value) + "]"
    return json.dumps(value)


def _code() -> Iterator[str]:
    yield _HEAD
    yield "/** Run-time code of the contracts without immutables: bytes, and their keccak256. */"
    yield "export const CODE = {"
    for contract in (ESCROW, NOTES):
        code = artifacts.load(contract).deployed_bytecode
        yield f'  {contract}: {{ size: {len(code)}, hash: "0x{keccak(code).hex()}" }},'
    yield "} as const;"


def _typed_data() -> Iterator[str]:
    yield _HEAD
    yield "/** Name and version of the escrow's EIP-712 domain. */"
    domain = json.dumps({"name": DOMAIN_NAME, "version": DOMAIN_VERSION})
    yield f"export const DOMAIN = {domain} as const;\n"
    yield "/** EIP-712 types of all that is signed in that domain. */"
    yield "export const TYPES = {"
    for struct, fields in TYPES.items():
        if struct != "EIP712Domain":
            yield f"  {struct}: ["
            for name, kind in fields:
                yield f'    {{ name: "{name}", type: "{kind}" }},'
            yield "  ],"
    yield "} as const;"


# --- Words


def _words() -> Iterator[str]:
    yield _HEAD
    yield "/** Every call: whose it is, who may send it, what it does, what is final about it. */"
    yield "export const CALLS = {"
    for name, facts in CALL_FACTS.items():
        if facts.contract in (ESCROW, NOTES, ERC20):
            told = {
                "contract": facts.contract,
                "function": facts.function,
                "who": facts.who,
                "does": facts.does,
                "final": facts.final,
            }
            yield f"  {name}: {_object(told)},"
    yield "} as const;\n"
    yield "/** Every message: who signs it, what that does, what is final, which call takes it. */"
    yield "export const MESSAGES = {"
    for kind, message in MESSAGE_FACTS.items():
        told_of = {
            "signers": list(message.signers),
            "does": message.does,
            "final": message.final,
            "call": message.call,
        }
        yield f"  {kind}: {_object(told_of)},"
    yield "} as const;\n"
    yield "/** What a wallet's owner reads who signs in at a bridge. */"
    yield f"export const SIGN_IN = {json.dumps(STATEMENT)};\n"
    yield "/** What each custom error of the contracts means, and what to do about it. */"
    yield "export const REVERTS = {"
    raised = {name for each in (ESCROW, NOTES) for name in artifacts.load(each).errors()}
    for error, meaning in SENTENCES.items():
        if error in raised:
            told = {"sentence": meaning.sentence, "remedy": meaning.remedy}
            yield f"  {error}: {_object(told)},"
    yield "} as const;\n"
    yield "/** Reverts that are no custom error of the contracts; {} stands for what was said. */"
    yield "export const OTHER_REVERTS = {"
    for error, data in _other_reverts():
        refused = decode_revert(data)
        if refused.error != error:
            raise BuildError(f"{error} is told as {refused.error}.")
        said = refused.sentence
        for known in (_SAID, f"0x{_UNKNOWN.hex()}", f"{_NO_PANIC:#04x}"):
            said = said.replace(known, "{}")
        told = {"sentence": said, "remedy": refused.remedy}
        yield f"  {error}: {_object(told)},"
    yield "} as const;\n"
    yield "/** A contract that stopped on a fault of its own, by the number of the panic. */"
    yield "export const PANICS: Readonly<Record<number, string>> = {"
    unknown = _panic_sentence(_NO_PANIC)
    for number in range(_NO_PANIC):
        sentence = decode_revert(_panic(number)).sentence
        if _panic_sentence(number) != unknown:
            yield f"  {number}: {json.dumps(sentence)},"
    yield "};"


def _other_reverts() -> Iterator[tuple[str, bytes]]:
    """Yield the kinds of reverts that are not the contracts' own, each with data of its kind."""
    yield "NoReason", b""
    yield "Error", bytes.fromhex("08c379a0") + encode(["string"], [_SAID])
    yield "UnknownError", _UNKNOWN
    yield "Panic", _panic(_NO_PANIC)


def _panic(number: int) -> bytes:
    return bytes.fromhex("4e487b71") + encode(["uint256"], [number])


def _panic_sentence(number: int) -> str:
    return decode_revert(_panic(number)).sentence.replace(f"{number:#04x}", "{}")


def _object(value: Mapping[str, Any]) -> str:
    inside = ",\n".join(
        f"    {key}: {json.dumps(each, ensure_ascii=False)}" for key, each in value.items()
    )
    return f"{{\n{inside},\n  }}"


# --- Deployments


def known_deployments(path: Path) -> Mapping[int, Mapping[str, Any]]:
    """Return the newest escrow of each chain in a list of deployments, and the notes beside it.

    Args:
        path: A file as ``escrow deploy`` writes it, in which the notes follow their escrow.

    Raises:
        BuildError: notes come before any escrow, or a chain id has two first blocks.
        DeploymentError: the file cannot be read.
    """
    found: dict[int, dict[str, Any]] = {}
    chains: dict[int, str] = {}
    for entry in Registry(path).all():
        if chains.setdefault(entry.chain_id, entry.genesis_hash) != entry.genesis_hash:
            raise BuildError(f"{path.name} has two chains with the id {entry.chain_id}.")
        _note(found, entry, path)
    return dict(sorted(found.items()))


def _note(found: dict[int, dict[str, Any]], entry: Deployment, path: Path) -> None:
    if entry.contract == ESCROW:
        found[entry.chain_id] = {
            "chainId": entry.chain_id,
            "escrow": entry.address,
            "notes": None,
            "fromBlock": entry.block_number,
        }
    elif entry.contract == NOTES:
        if entry.chain_id not in found:
            raise BuildError(f"{path.name} has notes of chain {entry.chain_id} without an escrow.")
        found[entry.chain_id]["notes"] = entry.address


def _deployments() -> Iterator[str]:
    yield _HEAD
    yield 'import type { Deployment } from "../deployments.js";\n'
    yield "/** Deployments that are published with this package, by the id of their chain. */"
    yield "export const DEPLOYMENTS: Readonly<Record<number, Deployment>> = {"
    for chain_id, entry in known_deployments(CLIENT / "deployments.json").items():
        yield f"  {chain_id}: {json.dumps(entry)},"
    yield "};"


# --- Types of requests and answers


def _api_types() -> str:
    """Return what openapi-typescript makes of the document that the bridge serves.

    Raises:
        BuildError: it is not installed, or refuses the document.
    """
    command = ["node", "generate/api_types.mjs", str(ROOT / "frontend_bridge" / "openapi.json")]
    done = subprocess.run(command, cwd=CLIENT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(
            f"openapi-typescript does not make the types; `make setup` installs it.\n{done.stderr}"
        )
    return f"{_HEAD}\n{done.stdout}"


# --- All of it


def made() -> Mapping[Path, str]:
    """Return the text of every file that is made here, by its path.

    Raises:
        BuildError: something does not fit together.
    """
    folder = CLIENT / "src" / "generated"
    lines = {
        "abi.ts": _abi(),
        "code.ts": _code(),
        "deployments.ts": _deployments(),
        "typed-data.ts": _typed_data(),
        "words.ts": _words(),
    }
    files = {folder / name: "\n".join(each) + "\n" for name, each in lines.items()}
    files[folder / "api.ts"] = _api_types()
    files[CLIENT / "LICENSE"] = (ROOT / "LICENSE").read_text(encoding="utf-8")
    page = CLIENT / "README.md"
    files[page] = readme(page.read_text(encoding="utf-8"), CLIENT)
    return files


def readme(page: str, folder: Path) -> str:
    """Return a page with its examples as they are in their files.

    Args:
        page: Its text.
        folder: That the examples' paths start from.
    """

    def shown(match: re.Match[str]) -> str:
        code = (folder / match["path"]).read_text(encoding="utf-8").strip("\n")
        return f"{match[1]}```ts\n{code}\n```\n{match[3]}"

    return _EXAMPLE.sub(shown, page)


def _camel(name: str) -> str:
    return name[0].lower() + name[1:]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files, or compare them; return the exit code."""
    parser = argparse.ArgumentParser(description="Write what the TypeScript client is made of.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if a file is stale"
    )
    check: bool = parser.parse_args(arguments).check
    try:
        files = made()
    except (BuildError, EscrowError) as error:
        print(error, file=sys.stderr)
        return 1
    stale = 0
    for path, text in files.items():
        shown = path.relative_to(ROOT)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        if check:
            print(f"{shown} is not what its sources give: run make artifacts.", file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"Wrote {shown}.")
    if not stale:
        print(f"The {len(files)} generated files of the client are up to date.")
    return int(check and stale > 0)


if __name__ == "__main__":
    sys.exit(main())
