from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from milestone_escrow.chain import (
    DevChain,
    Node,
    free_port,
    start_anvil,
    start_hardhat,
)
from milestone_escrow.exceptions import NodeError, UsageError
from tests.http_node import HttpNode

GENESIS = 1_893_456_000  # 2030-01-01
CHAIN_ID = 4_242
PATIENCE = 20.0  # seconds in which what must happen happens, on a busy machine


def await_that(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def answers(rpc_url: str) -> bool:
    try:
        DevChain(rpc_url).chain_id()
    except NodeError:
        return False
    return True


# --- Both nodes do the same


@pytest.fixture(scope="module", params=["anvil", "hardhat"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def node(kind: str) -> Iterator[Node]:
    start = start_anvil if kind == "anvil" else start_hardhat
    with start(0, chain_id=CHAIN_ID, timestamp=GENESIS) as running:
        yield running


@pytest.fixture
def chain(node: Node) -> Iterator[DevChain]:
    """The node, as it was before the test when the test has ended."""
    chain = node.chain
    before = chain.snapshot()
    yield chain
    chain.revert(before)


def block_number(chain: DevChain) -> int:
    return int(chain.request("eth_blockNumber"), 16)


def send_coins(chain: DevChain) -> int:
    """Send one wei, and return the timestamp of its block."""
    giver, taker = chain.accounts()[:2]
    tx_hash = chain.request("eth_sendTransaction", {"from": giver, "to": taker, "value": "0x1"})
    # Anvil may answer before the block is there.
    await_that(lambda: chain.request("eth_getTransactionReceipt", tx_hash) is not None)
    receipt = chain.request("eth_getTransactionReceipt", tx_hash)
    return int(chain.request("eth_getBlockByHash", receipt["blockHash"], False)["timestamp"], 16)


def test_the_node_is_what_was_asked_for(node: Node, kind: str) -> None:
    chain = DevChain(node.rpc_url)
    assert chain.kind() == kind
    assert chain.chain_id() == CHAIN_ID
    assert chain.time() == GENESIS
    assert block_number(chain) == 0
    assert node.running()


def test_accounts_are_checksummed_and_rich(chain: DevChain) -> None:
    assert chain.accounts()[0] == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
    assert len(set(chain.accounts())) >= 10


def test_set_time_mines_one_block_at_exactly_that_second(chain: DevChain) -> None:
    before = block_number(chain)
    chain.set_time(GENESIS + 1_000)
    assert chain.time() == GENESIS + 1_000
    assert block_number(chain) == before + 1


def test_time_goes_on_from_where_it_was_set(chain: DevChain) -> None:
    chain.set_time(GENESIS + 1_000_000)
    assert GENESIS + 1_000_000 <= send_coins(chain) < GENESIS + 1_000_000 + 600


def test_set_next_time_is_for_the_block_of_the_next_transaction(chain: DevChain) -> None:
    before = block_number(chain)
    chain.set_next_time(GENESIS + 5_000)
    assert block_number(chain) == before
    assert send_coins(chain) == GENESIS + 5_000


def test_time_one_second_on_is_the_least(chain: DevChain) -> None:
    chain.set_time(GENESIS + 100)
    for refused in (GENESIS + 99, GENESIS + 100):
        with pytest.raises(UsageError, match=f"{refused}.*{GENESIS + 100}") as error:
            chain.set_time(refused)
        assert error.value.code == "time-not-later"
    chain.set_time(GENESIS + 101)
    assert chain.time() == GENESIS + 101


def test_advance_counts_from_the_latest_block(chain: DevChain) -> None:
    chain.set_time(GENESIS + 7)
    assert chain.advance(86_400) == GENESIS + 7 + 86_400
    assert chain.time() == GENESIS + 7 + 86_400
    for refused in (0, -1):
        with pytest.raises(UsageError):
            chain.advance(refused)


def test_blocks_are_mined(chain: DevChain) -> None:
    before = block_number(chain)
    chain.mine()
    assert block_number(chain) == before + 1
    chain.mine(12)
    assert block_number(chain) == before + 13
    with pytest.raises(UsageError):
        chain.mine(0)


def test_a_balance_is_set_to_the_wei(chain: DevChain) -> None:
    someone = "0x" + "12" * 20
    for wei in (10**30 + 1, 0):
        chain.set_balance(someone, wei)
        assert int(chain.request("eth_getBalance", someone, "latest"), 16) == wei


def test_a_snapshot_brings_time_blocks_and_balances_back_once(chain: DevChain) -> None:
    taker = chain.accounts()[1]
    balance = chain.request("eth_getBalance", taker, "latest")
    height, now = block_number(chain), chain.time()
    snapshot = chain.snapshot()
    chain.advance(10**6)
    send_coins(chain)

    chain.revert(snapshot)
    assert (block_number(chain), chain.time()) == (height, now)
    assert chain.request("eth_getBalance", taker, "latest") == balance
    assert send_coins(chain) < now + 10**6
    with pytest.raises(UsageError) as used:
        chain.revert(snapshot)
    assert used.value.code == "unknown-snapshot"


def test_what_the_node_refuses_is_one_sentence(chain: DevChain) -> None:
    with pytest.raises(NodeError, match=r"refused eth_noSuchMethod: .*[^.]\.$") as refused:
        chain.request("eth_noSuchMethod")
        pytest.fail("it was accepted")
    assert refused.value.code == "node-refused"


# --- No node, or another one


class Parrot(HttpNode):
    """Gives one answer to everything."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    def reply(self, body: bytes) -> tuple[int, bytes]:
        return 200, self._answer


def test_nobody_there_is_told_without_the_secrets_of_the_url() -> None:
    port = free_port(0)
    with pytest.raises(NodeError, match=f"No node answers at http://127.0.0.1:{port}") as silent:
        DevChain(f"http://user:secret@127.0.0.1:{port}/secret?key=secret").time()
    assert silent.value.code == "node-not-answering"
    assert "secret" not in f"{silent.value} {DevChain('http://user:secret@127.0.0.1/secret')!r}"


def test_a_proxy_does_not_stand_between(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert answers(node.rpc_url)


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b"{}", b"\xff", b'"result"'])
def test_what_is_no_node_is_told(answer: bytes) -> None:
    with Parrot(answer) as node, pytest.raises(NodeError, match="not an Ethereum node") as other:
        DevChain(node.url).chain_id()
    assert other.value.code == "node-not-answering"


def test_a_real_node_is_no_development_node() -> None:
    answer = b'{"jsonrpc": "2.0", "id": 1, "result": "Geth/v1.16.0"}'
    with Parrot(answer) as node, pytest.raises(NodeError, match=r"Geth/v1\.16\.0") as real:
        DevChain(node.url).kind()
    assert real.value.code == "not-a-dev-node"
