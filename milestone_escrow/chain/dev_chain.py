"""What a development node can do beyond a real one: mine, move the clock, give coins, go back."""

from __future__ import annotations

import itertools
import json
from typing import Any, Literal
from urllib.parse import urlsplit

import requests
from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address

from milestone_escrow.exceptions import NodeError, UsageError

__all__ = ["DevChain", "NodeKind"]

NodeKind = Literal["anvil", "hardhat"]


class DevChain:
    """A development node, Anvil or Hardhat, by its URL.

    Making one asks the node nothing. Every method raises ``NodeError`` when no node answers or when
    it refuses the call, and the two nodes behave alike behind each of them.

    Args:
        rpc_url: The node's HTTP address.
        timeout: Seconds to wait for one answer.
    """

    def __init__(self, rpc_url: str, *, timeout: float = 30.0) -> None:
        """Remember the address; the first call opens the connection."""
        self.rpc_url = rpc_url
        self._timeout = timeout
        self._ids = itertools.count(1)
        self._session = requests.Session()
        # The node is on this machine: a proxy from the environment would only lose it.
        self._session.trust_env = False

    def __repr__(self) -> str:
        return f"DevChain({_shown(self.rpc_url)!r})"

    def request(self, method: str, *params: object) -> Any:
        """Return the result of one JSON-RPC call, as the node gives it.

        Raises:
            NodeError: nothing answers (``node-not-answering``), or the node refuses
                (``node-refused``).
        """
        where = _shown(self.rpc_url)
        body = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": list(params)}
        try:
            response = self._session.post(self.rpc_url, json=body, timeout=self._timeout)
            answer = response.json()
        except (requests.JSONDecodeError, json.JSONDecodeError) as error:
            raise NodeError(
                f"What answers at {where} is not an Ethereum node.",
                "Check the URL, and that no other program uses that port.",
                code="node-not-answering",
            ) from error
        except requests.RequestException as error:
            raise NodeError(
                f"No node answers at {where}.",
                "Start one, for example with anvil, or give the URL of one that runs.",
                code="node-not-answering",
            ) from error
        if not isinstance(answer, dict) or not answer.keys() & {"result", "error"}:
            raise NodeError(
                f"What answers at {where} is not an Ethereum node.",
                "Check the URL, and that no other program uses that port.",
                code="node-not-answering",
            )
        if (failure := answer.get("error")) is not None:
            message = failure.get("message") if isinstance(failure, dict) else failure
            raise NodeError(
                f"The node at {where} refused {method}: {str(message).rstrip('.')}.",
                "Check the values, and that it is a development node (Anvil or Hardhat).",
                code="node-refused",
            )
        return answer.get("result")

    def client_version(self) -> str:
        """Return the node's own name and version, such as ``anvil/v1.7.1``."""
        return str(self.request("web3_clientVersion"))

    def kind(self) -> NodeKind:
        """Return which development node this is.

        Raises:
            NodeError: it is another one, which has no clock to move (``not-a-dev-node``).
        """
        version = self.client_version()
        name = version.lower()
        if name.startswith("anvil"):
            return "anvil"
        if name.startswith("hardhat"):
            return "hardhat"
        raise NodeError(
            f"The node at {_shown(self.rpc_url)} is {version}, not a development node.",
            "Give the URL of an Anvil or Hardhat node.",
            code="not-a-dev-node",
        )

    def chain_id(self) -> int:
        """Return the chain id."""
        return int(self.request("eth_chainId"), 16)

    def accounts(self) -> tuple[ChecksumAddress, ...]:
        """Return the accounts that the node signs for, checksummed, in its order."""
        return tuple(to_checksum_address(address) for address in self.request("eth_accounts"))

    def time(self) -> int:
        """Return the timestamp of the latest block, unix seconds."""
        return int(self.request("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    def mine(self, blocks: int = 1) -> None:
        """Mine blocks, with what is pending in the first of them.

        Raises:
            UsageError: fewer than one block.
        """
        if blocks < 1:
            raise UsageError(
                f"{blocks} blocks cannot be mined.", "Ask for at least one.", code="bad-blocks"
            )
        if blocks == 1:
            self.request("evm_mine")
        else:
            self.request("hardhat_mine", hex(blocks))

    def set_next_time(self, timestamp: int) -> None:
        """Give the next block, whatever brings it, exactly this timestamp; mines nothing.

        Args:
            timestamp: Unix seconds, later than the latest block.

        Raises:
            UsageError: the time is not later than the latest block's (``time-not-later``).
        """
        now = self.time()
        if timestamp <= now:
            raise UsageError(
                f"The next block cannot be at {timestamp}: the latest one is at {now}.",
                "Give a later time, or go back to a snapshot.",
                code="time-not-later",
            )
        self.request("evm_setNextBlockTimestamp", timestamp)

    def set_time(self, timestamp: int) -> None:
        """Mine one block at exactly this time; the clock goes on from there.

        Args:
            timestamp: Unix seconds, later than the latest block.

        Raises:
            UsageError: the time is not later than the latest block's (``time-not-later``).
        """
        self.set_next_time(timestamp)
        self.mine()

    def advance(self, seconds: int) -> int:
        """Mine one block exactly ``seconds`` after the latest one and return its timestamp.

        Raises:
            UsageError: not at least one second (``time-not-later``).
        """
        timestamp = self.time() + seconds
        self.set_time(timestamp)
        return timestamp

    def set_balance(self, address: str, wei: int) -> None:
        """Give an account exactly this much of the native coin, in wei."""
        self.request("hardhat_setBalance", address, hex(wei))

    def snapshot(self) -> str:
        """Remember the chain as it is and return the name to ``revert`` to, once."""
        return str(self.request("evm_snapshot"))

    def revert(self, snapshot: str) -> None:
        """Go back to a snapshot; it and every later one are used up.

        Raises:
            UsageError: the node does not know the snapshot (``unknown-snapshot``).
        """
        if not self.request("evm_revert", snapshot):
            raise UsageError(
                f"The node has no snapshot {snapshot}.",
                "Take a new one: a snapshot serves once, and going back forgets the later ones.",
                code="unknown-snapshot",
            )


def _shown(url: str) -> str:
    """Return the URL without what may be secret in it: user, password, path and query."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}" if host else url
