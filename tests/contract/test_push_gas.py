"""The gas of a push, to the unit: what a receiver may take, and what a caller must bring."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import replace

import pytest

from milestone_escrow.agreement import Agreement
from milestone_escrow.exceptions import ContractRevert
from tests.contract.raw_code import REFUSE
from tests.contract.scene import Scene
from tests.escrow import Escrow
from tests.evm import Chain, Halted
from tests.roles import EMPLOYER, PAYEE

COIN_CAP = 100_000
TOKEN_CAP = 300_000
STIPEND = 2_300  # gas that the EVM adds where coins come with a call
COLD = "0x" + "c0" * 20  # a payee of whom no call has heard yet
OVERHEAD = 160_000  # more than a release and the EVM take beside the push
# Gas that the EVM takes for a call: of what it has not met before, with coins, of nobody yet
COLD_CALL, COIN_CALL, NEW_ACCOUNT = 2_600, 9_000, 25_000


def exactly(gas: int) -> bytes:
    """Take so much gas to the unit, then stop content: a loop of 26 a step, and single units."""
    steps, rest = divmod(gas - 3, 26)
    loop = bytes.fromhex("5b6001900380600457")  # JUMPDEST, less one, JUMPI unless zero
    return b"\x62" + steps.to_bytes(3) + loop + b"\x5b" * rest + b"\x00"


def outcomes(scene: Scene, agreement: Agreement, gas: Iterable[int]) -> list[str]:
    """Release with each amount of gas, undoing it each time; return what came of it."""
    contract, found = scene.escrow.contract, []
    for limit in gas:
        with scene.chain.undone():
            try:
                contract.send("release", agreement, [0], sender=EMPLOYER, gas=limit)
                credit = contract.read("credit", scene.money, PAYEE)
                found.append("credited" if credit else "paid")
            except ContractRevert as reverted:
                found.append(reverted.error)
            except Halted as halted:
                found.append(str(halted))
    return found


def prepared(scene: Scene, gas: int) -> Agreement:
    """Return a deal whose push takes so much gas; a token is replaced once it has been paid in."""
    agreement = scene.bound()
    taker = scene.token.address if scene.token else PAYEE
    scene.chain.set_code(taker, exactly(gas))
    return agreement


def in_the_cold(scene: Scene, code: bytes) -> tuple[Scene, Agreement]:
    """Return a deal whose push runs ``code``, on a chain where no call has touched anything yet.

    Where calls have gone before, accounts are warm, and a push costs less than on a chain.
    """
    agreement = scene.bound(payee=COLD)
    escrow, deal_id = scene.escrow, scene.escrow.id_of(agreement)
    chain = Chain(now=scene.chain.now)
    chain.place(escrow.address, scene.chain.code(escrow.address), scene.balance(escrow.address))
    chain.place(scene.token.address if scene.token else COLD, code)
    cold = replace(scene, chain=chain, escrow=Escrow(chain, address=escrow.address))
    cold.escrow.words.set_deal(deal_id, escrow.words.deal(deal_id))
    return cold, agreement


def least(scene: Scene, agreement: Agreement, cap: int) -> int:
    """Return the least gas with which a release goes through, more than ``cap``."""

    def suffices(gas: int) -> bool:
        return outcomes(scene, agreement, [gas])[0] in ("paid", "credited")

    return bisect_left(range(cap + OVERHEAD), True, lo=cap, key=suffices)


@pytest.mark.parametrize(("more", "outcome"), [(0, "paid"), (1, "credited")])
def test_a_receiver_of_coins_may_take_so_much_gas_and_no_more(
    native: Scene, more: int, outcome: str
) -> None:
    agreement = prepared(native, COIN_CAP + STIPEND + more)
    assert outcomes(native, agreement, [10**6]) == [outcome]


@pytest.mark.parametrize(("more", "outcome"), [(0, "paid"), (1, "credited")])
def test_a_token_may_take_so_much_gas_and_no_more(erc20: Scene, more: int, outcome: str) -> None:
    agreement = prepared(erc20, TOKEN_CAP + more)
    assert outcomes(erc20, agreement, [10**6]) == [outcome]


def test_abuse_07_no_gas_makes_a_credit_of_what_takes_all_that_it_may(scene: Scene) -> None:
    cap = TOKEN_CAP if scene.token else COIN_CAP + STIPEND
    cold, agreement = in_the_cold(scene, exactly(cap))
    first = least(cold, agreement, cap)
    assert outcomes(cold, agreement, [first - 1]) == ["NotEnoughGas"]
    assert {*outcomes(cold, agreement, range(first, first + 10_000, 200))} == {"paid"}


def test_no_more_gas_is_asked_for_than_a_push_may_need_rounded_up(scene: Scene) -> None:
    cap = TOKEN_CAP if scene.token else COIN_CAP + STIPEND
    needed = least(*in_the_cold(scene, exactly(cap)), cap)
    asked = least(*in_the_cold(scene, REFUSE), cap)
    rounded, call = (10_000, COLD_CALL) if scene.token else (40_000, COLD_CALL + COIN_CALL)
    assert (
        NEW_ACCOUNT < 40_000 - COLD_CALL - COIN_CALL
    )  # nothing is there to refuse, but it is paid
    assert rounded - call - 300 < asked - needed <= rounded - call


def test_who_refuses_is_credited_as_soon_as_there_is_enough_gas(scene: Scene) -> None:
    cap = TOKEN_CAP if scene.token else COIN_CAP
    agreement = scene.bound()
    scene.chain.set_code(scene.token.address if scene.token else PAYEE, REFUSE)
    assert outcomes(scene, agreement, [cap, cap + OVERHEAD]) == ["NotEnoughGas", "credited"]
