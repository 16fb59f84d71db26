"""Write the descriptors by which wallets show calls and messages in words (ERC-7730, version 2).

``python -m scripts._build.erc7730 [--check]`` writes those of the local development chain into
``frontend_bridge/erc7730``. Those of any other deployment go into a folder of their own::

    python -m scripts._build.erc7730 --chain-id 1 --escrow 0x... --notes 0x... --to FOLDER

One file has the calls of a contract, keyed by their signatures; another the messages that are
signed off the chain, keyed by their EIP-712 types. Every argument and field is in them: what they
are comes from the ABI and the typed data, what they mean from ``milestone_escrow.call_facts``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import rlp
from eth_utils.address import to_canonical_address, to_checksum_address
from eth_utils.crypto import keccak

from milestone_escrow import artifacts
from milestone_escrow.abi_values import ZERO_ADDRESS
from milestone_escrow.agreement import AGREEMENT_FIELDS, MILESTONE_FIELDS
from milestone_escrow.arbiter_events import ADAPTER
from milestone_escrow.call_facts import CALL_FACTS, MESSAGE_FACTS
from milestone_escrow.calls import ESCROW, NOTES
from milestone_escrow.messages import DOMAIN_NAME, DOMAIN_VERSION, TYPES
from milestone_escrow.typed_data import encode_type
from scripts._build.artifacts import ROOT, BuildError
from scripts._build.erc7730_words import (
    ENUMS,
    INTENTS,
    LABELS,
    MESSAGE_INTENTS,
    TOKEN_AMOUNT,
    Label,
)

__all__ = ["FOLDER", "LOCAL", "calls_of", "descriptors", "main", "messages", "signature"]

FOLDER: Final = ROOT / "frontend_bridge" / "erc7730"

_SCHEMA: Final = "https://eips.ethereum.org/assets/eip-7730/erc7730-v2.schema.json"
_OWNER: Final = "Milestone escrow"
_AGREEMENT: Final = "Agreement"
_MILESTONES: Final = "milestones"

# Calls and messages that open, bind or replace a deal: whoever sends or signs one is shown every
# term of it. Of a deal that is known these are enough, and the others may be left out.
_ALL_TERMS: Final = frozenset({"fund", "fund_with_permit", "accept", "agreement"})
_OF_A_KNOWN_DEAL: Final = frozenset({"employer", "freelancer", "payee", "token", "document"})
_NEW: Final = "new"  # the agreement of an amendment that takes the other's place

Addresses = Mapping[str, str]
"""Where contracts are, by their names."""


def _created(deployer: str, nonce: int) -> str:
    """Return the address of what an account deploys with its transaction of this number."""
    made = keccak(rlp.encode([to_canonical_address(deployer), nonce]))[-20:]
    return to_checksum_address(made)


# The first account of Anvil and of Hardhat; the devnet is prepared by it, the escrow first.
_FIRST: Final = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
_LOCAL_CHAIN: Final = 31337
LOCAL: Final[Addresses] = {ESCROW: _created(_FIRST, 0), NOTES: _created(_FIRST, 1)}
"""Where ``escrow devnet up`` and ``ape run deploy`` put the contracts on a new local chain."""


# --- Fields


def signature(entry: Mapping[str, Any]) -> str:
    """Return a function of an ABI as the standard keys it: canonical types, with names."""
    return f"{entry['name']}({_arguments(entry['inputs'])})"


def _arguments(inputs: Sequence[Mapping[str, Any]]) -> str:
    return ",".join(f"{_type(each)} {each['name']}" for each in inputs)


def _type(entry: Mapping[str, Any]) -> str:
    kind: str = entry["type"]
    if not kind.startswith("tuple"):
        return kind
    return f"({_arguments(entry['components'])}){kind.removeprefix('tuple')}"


def _label(name: str) -> Label:
    if name not in LABELS:
        raise BuildError(f"No wallet could show {name}: give it a label in erc7730_words.py.")
    return LABELS[name]


def _field(path: str, name: str, token: str | None, *, extra: bool = False) -> dict[str, Any]:
    """Return how a value is shown; ``token`` is the path of the token that amounts are in."""
    label = _label(name)
    shape, params = label.format, dict(label.params or {})
    if shape == TOKEN_AMOUNT:
        if token is None:
            shape = "raw"
        else:
            params = {"tokenPath": token, "nativeCurrencyAddress": ZERO_ADDRESS}
    field: dict[str, Any] = {"path": path, "label": label.text, "format": shape}
    if params:
        field["params"] = params
    if extra or label.extra:
        field["visible"] = "optional"
    elif label.hidden is not None:
        field["visible"] = {"ifNotIn": [label.hidden]}
    return field


def _sentence(label: str, text: str) -> dict[str, Any]:
    return {"label": label, "value": text, "format": "raw"}


def _agreement(root: str, *, every: bool, parts: bool) -> Iterator[dict[str, Any]]:
    """Yield how an agreement is shown.

    Args:
        root: Its path with a dot; empty for a message that is one.
        every: Every term must be shown, else those of a known deal.
        parts: So must the milestones.
    """
    token = f"{root}token"
    plain = [name for name, _ in AGREEMENT_FIELDS if name != _MILESTONES]
    for name in plain:
        extra = not every and name not in _OF_A_KNOWN_DEAL
        yield _field(f"{root}{name}", name, token, extra=extra)
    fields = [
        _field(f"{root}{_MILESTONES}.[].{name}", f"{_MILESTONES}.{name}", token, extra=not parts)
        for name, _ in MILESTONE_FIELDS
    ]
    fields[0]["separator"] = "Milestone {index}"
    yield {"label": "Milestones", "iteration": "bundled", "fields": fields}


def _values(
    names: Sequence[tuple[str, str]], token: str | None, arrays: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Yield how plain values and arrays of them are shown; arrays of one length go in pairs."""
    for name, _ in names:
        if name not in arrays:
            yield _field(name, name, token)
    together = [_field(f"{name}.[]", name, token) for name in arrays]
    if len(together) > 1:
        yield {"label": "Split", "iteration": "bundled", "fields": together}
    else:
        yield from together


# --- Calls and messages


def calls_of(contract: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the functions of a contract that change something, by the names of their facts."""
    names = {
        facts.function: name for name, facts in CALL_FACTS.items() if facts.contract == contract
    }
    return {
        names[entry["name"]]: entry
        for entry in artifacts.load(contract).abi
        if entry["type"] == "function" and entry["stateMutability"] in ("payable", "nonpayable")
    }


def _call(name: str, contract: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    facts = CALL_FACTS[name]
    deals = [each["name"] for each in entry["inputs"] if each["type"] == "tuple"]
    token = f"{deals[-1]}.token" if deals else None
    plain = [(each["name"], each["type"]) for each in entry["inputs"] if each["type"] != "tuple"]
    arrays = [each for each, kind in plain if kind.endswith("[]")]
    fields = [_sentence("Does", facts.does)]
    if entry["stateMutability"] == "payable":
        fields.append({"path": "@.value", "label": "Sent along", "format": "amount"})
    fields += _values(plain, token, arrays)
    for deal in deals:
        fields += _agreement(
            f"{deal}.",
            every=name in _ALL_TERMS or deal == _NEW,
            parts=contract == ESCROW,
        )
    fields.append(_sentence("Final", facts.final))
    return {"intent": INTENTS[name], "fields": fields}


def _message(name: str) -> dict[str, Any]:
    facts, kinds = MESSAGE_FACTS[name], TYPES[name.capitalize()]
    fields = [_sentence("Does", facts.does)]
    if name == _AGREEMENT.lower():
        fields += _agreement("", every=True, parts=True)
    else:
        deals = [field for field, kind in kinds if kind == _AGREEMENT]
        token = f"{deals[0]}.token" if deals else None
        plain = [(field, kind) for field, kind in kinds if kind != _AGREEMENT]
        fields += _values(plain, token, [field for field, kind in plain if kind.endswith("[]")])
        if token is None:  # only the deal's id is signed, so a wallet cannot know the token
            fields.append(_sentence("Amounts in", "raw units of the deal's token"))
        for deal in deals:
            fields += _agreement(f"{deal}.", every=True, parts=True)
    fields.append(_sentence("Final", facts.final))
    return {"intent": MESSAGE_INTENTS[name], "fields": fields}


# --- Files


def _descriptor(
    name: str, context: Mapping[str, Any], formats: Mapping[str, Any], enums: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "$schema": _SCHEMA,
        "context": {"$id": name, **context},
        "metadata": {"owner": _OWNER, "contractName": name}
        | ({"enums": {each: dict(words) for each, words in enums.items()}} if enums else {}),
        "display": {"formats": dict(formats)},
    }


def _calldata(contract: str, chain_id: int, address: str) -> dict[str, Any]:
    formats = {
        signature(entry): _call(name, contract, entry) for name, entry in calls_of(contract).items()
    }
    context = {"contract": {"deployments": [{"chainId": chain_id, "address": address}]}}
    return _descriptor(contract, context, formats, ENUMS if contract == ADAPTER else {})


def messages(chain_id: int, escrow: str) -> dict[str, Any]:
    """Return the descriptor of the messages that count in an escrow."""
    context = {
        "eip712": {
            "domain": {"name": DOMAIN_NAME, "version": DOMAIN_VERSION},
            "deployments": [{"chainId": chain_id, "address": escrow}],
        }
    }
    formats = {encode_type(name.capitalize()): _message(name) for name in MESSAGE_INTENTS}
    return _descriptor(ESCROW, context, formats, {})


def descriptors(chain_id: int, addresses: Addresses) -> dict[str, dict[str, Any]]:
    """Return the descriptors of a deployment, by their files' names.

    Raises:
        BuildError: a value has no label.
    """
    made = {
        f"calldata-{contract}.json": _calldata(contract, chain_id, address)
        for contract, address in addresses.items()
    }
    return made | {f"eip712-{ESCROW}.json": messages(chain_id, addresses[ESCROW])}


def _address(text: str) -> str:
    try:
        return to_checksum_address(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not an address") from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the descriptors, or compare them; return the exit code."""
    parser = argparse.ArgumentParser(description="Write the ERC-7730 descriptors.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if a file is stale"
    )
    parser.add_argument("--chain-id", type=int, help="of another deployment than the local chain's")
    for contract, option in ((ESCROW, "escrow"), (NOTES, "notes"), (ADAPTER, "adapter")):
        parser.add_argument(f"--{option}", dest=contract, type=_address, help=f"of {contract}")
    parser.add_argument("--to", type=Path, help="its folder")
    options = parser.parse_args(arguments)
    given = {
        contract: address
        for contract in (ESCROW, NOTES, ADAPTER)
        if (address := getattr(options, contract)) is not None
    }
    other = bool(given or options.chain_id or options.to)
    if other and not (ESCROW in given and options.chain_id and options.to):
        parser.error("another deployment needs --chain-id, --escrow and --to")
    folder: Path = options.to or FOLDER
    made = descriptors(options.chain_id or _LOCAL_CHAIN, given or LOCAL)
    if not options.check:
        folder.mkdir(parents=True, exist_ok=True)
    for name, descriptor in made.items():
        path, text = folder / name, json.dumps(descriptor, indent=2) + "\n"
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if options.check:
            print(f"{path} is not what the contracts give: run make artifacts.", file=sys.stderr)
            return 1
        path.write_text(text, encoding="utf-8")
        print(f"Wrote {path}.")
    print(f"{len(made)} ERC-7730 descriptors are up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
