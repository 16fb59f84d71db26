"""Asking a node: its answer, or one exception of the library that says what is wrong."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import requests
from web3 import Web3
from web3.exceptions import Web3Exception, Web3RPCError
from web3.types import RPCEndpoint

from milestone_escrow.exceptions import EscrowError, NodeError, NotEnoughFunds
from milestone_escrow.revert_sentences import decode_revert

__all__ = ["await_receipt", "chain_id_of", "error_of", "in_words", "request"]

_HEX = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
_NO_FUNDS = re.compile(r"insufficient funds|insufficient balance|doesn't have enough funds", re.I)
_REVERT = re.compile(r"revert", re.I)

# Pauses between two looks for a receipt, seconds: short for a node that mines at once, long enough
# for one that makes us wait.
_FIRST_PAUSE: Final = 0.002
_LONGEST_PAUSE: Final = 0.5


def request(w3: Web3, method: str, *params: Any) -> Any:
    """Return the result of one JSON-RPC call as the node gives it, without web3's formatting.

    Raises:
        ContractRevert, NotEnoughFunds, NodeError: the node refuses; see ``error_of``.
        NodeError: it does not answer (``node-not-answering``), or what answers is no node
            (``not-a-node``).
    """
    with in_words():
        answer: object = w3.provider.make_request(RPCEndpoint(method), list(params))
    if not isinstance(answer, Mapping) or not answer.keys() & {"result", "error"}:
        raise _not_a_node()
    if (failure := answer.get("error")) is not None:
        raise error_of(failure if isinstance(failure, Mapping) else {"message": failure})
    return answer.get("result")


def chain_id_of(w3: Web3) -> int:
    """Return the id of the chain that a node serves.

    Raises:
        NodeError: as ``request``.
    """
    answer = request(w3, "eth_chainId")
    try:
        return int(answer, 16)
    except (TypeError, ValueError) as error:
        raise _not_a_node() from error


@contextmanager
def in_words() -> Iterator[None]:
    """Turn what web3 raises for a node's refusal or silence into the library's exceptions."""
    try:
        yield
    except Web3RPCError as error:
        failure = (error.rpc_response or {}).get("error")
        raise error_of(
            failure if isinstance(failure, Mapping) else {"message": error.message}
        ) from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise _not_a_node() from error
    except requests.HTTPError as error:
        raise NodeError(
            f"The node's server answers with the HTTP status {error.response.status_code}.",
            "Check the node's URL and your access to it, or try again later.",
            code="not-a-node",
        ) from error
    except requests.RequestException as error:
        raise NodeError(
            "The node does not answer.",
            "Check that it runs; if something was being sent, look whether it was mined before "
            "sending it again.",
            code="node-not-answering",
        ) from error
    except Web3Exception as error:
        raise _not_a_node() from error


def await_receipt(w3: Web3, tx_hash: bytes, seconds: float) -> Mapping[str, Any]:
    """Return a transaction's receipt, as the node gives it, once it is mined.

    Raises:
        NodeError: it is not mined in time (``not-mined``); or as ``request``.
    """
    shown = "0x" + tx_hash.hex()
    until = time.monotonic() + seconds
    pause = _FIRST_PAUSE
    while (receipt := request(w3, "eth_getTransactionReceipt", shown)) is None:
        left = until - time.monotonic()
        if left <= 0:
            raise NodeError(
                f"The transaction {shown} was not mined in {seconds:g} seconds.",
                "It may still be: look for it before sending it again.",
                code="not-mined",
            )
        time.sleep(min(pause, left))
        pause = min(2 * pause, _LONGEST_PAUSE)
    if not isinstance(receipt, Mapping):
        raise _not_a_node()
    return receipt


def error_of(failure: Mapping[str, Any]) -> EscrowError:
    """Return the library's error for the ``error`` object of a JSON-RPC answer.

    Some nodes give the revert's data as ``data``, others as ``data`` inside ``data``.
    """
    message = str(failure.get("message", ""))
    if (data := _revert_data(failure.get("data"))) is not None:
        return decode_revert(data)
    if _NO_FUNDS.search(message):
        return NotEnoughFunds(
            "The sender has too little of the native coin for the amount and the gas.",
            "Send it some, or use an account that has more.",
        )
    if _REVERT.search(message):
        return decode_revert(b"")
    return NodeError(
        f"The node refused the call: {message.rstrip('.') or 'it gave no reason'}.",
        "Check the values, and that the node is in good order.",
        code="node-refused",
    )


def _revert_data(data: object) -> bytes | None:
    while isinstance(data, Mapping):
        data = data.get("data")
    if isinstance(data, str) and _HEX.fullmatch(data) and data != "0x":
        return bytes.fromhex(data[2:])
    return None


def _not_a_node() -> NodeError:
    return NodeError(
        "What answers is not an Ethereum node, or one in disorder.",
        "Check the node's URL, and that no other program uses that port.",
        code="not-a-node",
    )
