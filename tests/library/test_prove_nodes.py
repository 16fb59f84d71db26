"""Nodes that lie about a proof, and nodes that give none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from milestone_escrow import calls
from milestone_escrow.audit.proof_check import check
from milestone_escrow.audit.proof_file import ProofError
from milestone_escrow.audit.prove import prove_deal, prove_transaction
from milestone_escrow.chain import start_hardhat
from milestone_escrow.event_types import Opened
from milestone_escrow.exceptions import NodeError
from milestone_escrow.indexer.rpc import Rpc
from tests.library.audited import Audited, Liar, played
from tests.library.proving import (
    hash_of,
    proof_of_deal,
    proof_of_transaction,
    unknown,
    with_everything,
)
from tests.nodes.stage import Stage


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    with played(tmp_path_factory.mktemp("proved")) as made:
        yield made


def test_a_node_that_lies_about_a_proof(chain: Audited) -> None:
    deal = with_everything(chain)

    def other_word(_: list[Any], answer: Any) -> Any:
        node = answer["storageProof"][0]["proof"][-1]
        answer["storageProof"][0]["proof"][-1] = node[:-1] + ("0" if node[-1] != "0" else "1")
        return answer

    def other_header(_: list[Any], block: Any) -> Any:
        return block | {"stateRoot": "0x" + "12" * 32}

    with Liar(chain.rpc_url, {"eth_getProof": other_word}) as liar, Rpc(liar.url) as rpc:
        with pytest.raises(ProofError, match="the nodes do not lead from the root to the key"):
            proof_of_deal(rpc, chain, deal)
        liar.lies = {"eth_getCode": lambda _, code: code[:-2] + "00"}
        with pytest.raises(ProofError, match="the code is not the account's"):
            proof_of_deal(rpc, chain, deal)
        liar.lies = {"eth_getBlockByNumber": other_header}
        with pytest.raises(NodeError) as caught:
            proof_of_deal(rpc, chain, deal)
        assert caught.value.code == "strange-header"
        liar.lies = {"eth_getProof": lambda *_: None}
        with pytest.raises(NodeError) as caught:
            proof_of_deal(rpc, chain, deal)
        assert caught.value.code == "no-proof"


def test_a_node_that_lies_about_a_transaction(chain: Audited) -> None:
    tx_hash = chain.first(Opened).tx_hash
    lies: dict[str, Any] = {
        "eth_getTransactionReceipt": lambda _, receipt: receipt | {"cumulativeGasUsed": "0x1"},
        "eth_getRawTransactionByHash": lambda _, raw: raw[:-1] + ("0" if raw[-1] != "0" else "1"),
    }
    for method, lie in lies.items():
        with Liar(chain.rpc_url, {method: lie}) as liar, Rpc(liar.url) as rpc:
            with pytest.raises(NodeError) as caught:
                proof_of_transaction(rpc, chain, tx_hash)
            assert caught.value.code == "strange-block"


def test_hardhat_proves_state_but_gives_no_raw_transactions() -> None:
    with start_hardhat(0) as node, Rpc(node.rpc_url) as rpc:
        stage = Stage(node.rpc_url)
        agreement = stage.agreement()
        receipt = stage.run(calls.fund(agreement, [0]))
        deal_id = stage.escrow.deal_id(agreement)
        address = stage.escrow.address
        content = prove_deal(rpc, address, stage.escrow.chain_id, deal_id, agreement)
        proven = check(content, hash_of(rpc, receipt.block_number))
        states = [each["state"] for each in proven.claims["deals"][0]["milestones"]]
        assert states == ["reserved", "agreed", "agreed"]
        with pytest.raises(NodeError) as caught:
            prove_transaction(rpc, address, stage.escrow.chain_id, receipt.tx_hash, unknown)
        assert caught.value.code == "no-raw-transactions"
