"""What ``POST /v1/prepare`` adds to the time that the node itself takes: for ``bench.bridge``."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final
from urllib.parse import urlsplit

import requests

from bench.bridge_served import served
from bench.dense_chain import DenseChain
from bench.rivals import usage
from milestone_escrow import calls
from milestone_escrow.agreement import DAY, Agreement
from milestone_escrow.chain import DevChain
from milestone_escrow.client import EscrowClient, connect
from milestone_escrow.signers import NodeSigner

__all__ = ["Added", "added"]

_ROUNDS: Final = 200
_WARM: Final = 20
_PATH: Final = "/v1/prepare/release"
_OF_READINESS: Final = "eth_blockNumber"  # the bridge asks for it whether or not a call is prepared


@dataclass(frozen=True, slots=True)
class Added:
    """Milliseconds, medians of the rounds.

    Attributes:
        prepared: Until the bridge answers.
        node: Until the node has answered the same questions, asked without the bridge.
        asked: How many they are.
        cpu: Of the bridge's process for each, a mean: unlike the others it does not grow while
            the machine has other work to do.
    """

    prepared: float
    node: float
    asked: int
    cpu: float

    @property
    def by_bridge(self) -> float:
        """What the bridge adds."""
        return self.prepared - self.node


def added(chain: DenseChain, store: str) -> Added:
    """Prepare the release of a milestone, and ask the node the same, in turns."""
    w3 = connect(chain.url)
    DevChain(chain.url).request("evm_setAutomine", True)
    employer, freelancer = list(w3.eth.accounts)[6:8]
    now = w3.eth.get_block("latest")["timestamp"]
    agreement = Agreement.build(
        employer=employer,
        freelancer=freelancer,
        accept_by=now + DAY,
        document=b"\xff" * 32,
        milestones=[(10**9, now + 9 * DAY)],
    )
    escrow = EscrowClient(w3, chain.escrow)
    escrow.execute(calls.fund(agreement, [0]), NodeSigner(w3, employer))
    body = {"from": employer, "agreement": agreement.to_json(), "indexes": [0]}
    asked = json.dumps(body).encode()
    with _recording(chain.url) as recorder, served(chain, store, recorder.url) as bridge:
        _post(_connection(f"http://127.0.0.1:{bridge.port}"), _PATH, asked)
        recorder.bodies.clear()
        _post(_connection(f"http://127.0.0.1:{bridge.port}"), _PATH, asked)
        questions = recorder.of_the_call()
    with served(chain, store) as bridge:
        http, node = _connection(f"http://127.0.0.1:{bridge.port}"), _connection(chain.url)
        for _ in range(_WARM):
            _post(http, _PATH, asked)
        by_bridge, by_node = [], []
        before, _ = usage(bridge.pid)
        for _ in range(_ROUNDS):
            by_bridge.append(_post(http, _PATH, asked))
            by_node.append(sum(_post(node, "/", question) for question in questions))
        after, _ = usage(bridge.pid)
    cpu = 1_000 * (after - before) / _ROUNDS
    return Added(median(by_bridge), median(by_node), len(questions), cpu)


def _connection(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    assert parts.hostname is not None
    return http.client.HTTPConnection(parts.hostname, parts.port)


def _post(connection: http.client.HTTPConnection, path: str, body: bytes) -> float:
    """Send a body and return the milliseconds until all of the answer is there."""
    began = time.perf_counter()
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    answer = response.read()
    took = 1_000 * (time.perf_counter() - began)
    assert response.status == 200 and b'"error"' not in answer, answer
    return took


@dataclass
class _Recorder:
    """What a bridge asked a node.

    Attributes:
        url: Where it asks.
        bodies: What it sent.
    """

    url: str
    bodies: list[bytes] = field(default_factory=list)

    def of_the_call(self) -> list[bytes]:
        """Return the questions that were about the call."""
        return [body for body in self.bodies if _method(json.loads(body)) != _OF_READINESS]


def _method(question: Any) -> str:
    return str(question["method"]) if isinstance(question, dict) else ""


@contextmanager
def _recording(url: str) -> Iterator[_Recorder]:
    """Stand before a node and write down what it is asked."""
    from tests.http_node import HttpNode

    session = requests.Session()

    class Between(HttpNode):
        def reply(self, body: bytes) -> tuple[int, bytes]:
            recorder.bodies.append(body)
            headers = {"Content-Type": "application/json"}
            answer = session.post(url, data=body, headers=headers, timeout=10)
            return answer.status_code, answer.content

    with Between() as between:
        recorder = _Recorder(between.url)
        yield recorder
