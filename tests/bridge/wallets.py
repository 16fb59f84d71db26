"""People with wallets who sign in at a bridge, over real HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import requests
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount

from milestone_escrow.signers import NodeSigner
from tests.bridge.serving import Served
from tests.compiled import compiled
from tests.nodes.stage import Stage

__all__ = [
    "ContractWallet",
    "Person",
    "ask",
    "begin",
    "personal_sign",
    "problem_of",
    "sign_in",
    "signed",
    "stranger",
]


@dataclass
class Person:
    """Who asks with a token.

    Attributes:
        served: The bridge.
        address: Of the account.
        token: Of the session.
        session: Their own connections, without cookies.
    """

    served: Served
    address: str
    token: str
    session: requests.Session = field(default_factory=requests.Session)

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        """Ask, signed in."""
        headers = {"Authorization": f"Bearer {self.token}"} | options.pop("headers", {})
        return self.session.request(
            method, self.served.url + path, timeout=20, headers=headers, **options
        )

    def data(self, method: str, path: str, **options: Any) -> Any:
        """Return what is answered with 200."""
        answer = self.send(method, path, **options)
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["vary"] == "Origin, Cookie, Authorization"
        return answer.json()["data"]

    def problem(self, method: str, path: str, status: int, **options: Any) -> Any:
        """Return the problem of what is refused with this status."""
        return problem_of(self.send(method, path, **options), status)


class ContractWallet:
    """An account that is a contract and approves what it is told to."""

    def __init__(self, stage: Stage) -> None:
        code = compiled("mocks/Wallet.vy")
        self._stage = stage
        self._sender = {"from": stage.deployer.address}
        made = stage.w3.eth.contract(abi=code.abi, bytecode=code.bytecode)
        self.address = str(self._mined(made.constructor())["contractAddress"])
        self._contract: Any = stage.w3.eth.contract(
            stage.w3.to_checksum_address(self.address), abi=code.abi
        )

    def call(self, name: str, *arguments: Any) -> None:
        """Let it do something."""
        assert self._mined(self._contract.functions[name](*arguments))["status"] == 1

    def _mined(self, prepared: Any) -> Any:
        eth = self._stage.w3.eth
        return eth.wait_for_transaction_receipt(prepared.transact(self._sender), poll_latency=0.01)


def problem_of(answer: requests.Response, status: int) -> Any:
    """Return the problem of an answer."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["detail"].endswith(".") and problem["remedy"].endswith("."), problem
    return problem


def ask(served: Served, address: str, **headers: str) -> str:
    """Return the message that is to be signed."""
    answer = requests.post(
        f"{served.url}/v1/sign-in/message", json={"address": address}, headers=headers, timeout=20
    )
    assert answer.status_code == 200, answer.text
    message: str = answer.json()["data"]["message"]
    return message


def begin(served: Served, message: str, signature: bytes, **headers: str) -> requests.Response:
    """Sign in with a message and its signature."""
    body = {"message": message, "signature": "0x" + signature.hex()}
    return requests.post(f"{served.url}/v1/sign-in", json=body, headers=headers, timeout=20)


def personal_sign(stage: Stage, signer: NodeSigner, text: str) -> bytes:
    """Return what the node signs of a text for an account of its own."""
    answer = stage.w3.provider.make_request(
        "personal_sign",  # type: ignore[arg-type]
        ["0x" + text.encode().hex(), signer.address],
    )
    return bytes.fromhex(answer["result"][2:])


def signed(account: LocalAccount, text: str) -> bytes:
    """Return what a key signs of a text."""
    return bytes(Account.sign_message(encode_defunct(text=text), account.key).signature)


def sign_in(served: Served, stage: Stage, signer: NodeSigner) -> Person:
    """Sign in with an account of the node."""
    message = ask(served, signer.address)
    answer = begin(served, message, personal_sign(stage, signer, message))
    assert answer.status_code == 200, answer.text
    return Person(served, signer.address, answer.json()["data"]["token"])


def stranger(served: Served) -> Person:
    """Sign in with a new account, which has no deal."""
    account: LocalAccount = Account.create()
    message = ask(served, account.address)
    answer = begin(served, message, signed(account, message))
    assert answer.status_code == 200, answer.text
    return Person(served, account.address, answer.json()["data"]["token"])
