"""A random play: several deals, tokens and hostile receivers at once, in the EVM and in the model.

One seed is one play. What happens is drawn, most of it sensible; ``Twin`` makes it happen in both
worlds and compares them.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from milestone_escrow.agreement import ZERO_ADDRESS
from tests.contract.acts import SENDERS, Acts
from tests.contract.cast import BURNER, CONTRACTS, PEOPLE
from tests.contract.chance import Chance
from tests.contract.draw import Draw
from tests.contract.twin import DONE, Step, Twin
from tests.contract.usual import NAMES, USUAL, kind_of, moments
from tests.model_deal import Deal
from tests.roles import STRANGER

__all__ = ["Play"]

_ALIVE = 10  # deals that hold money at a time, about


class Play:
    """A play, step by step.

    Attributes:
        seed: Of all that happens.
        chance: Made of the seed.
        twin: Where it happens.
        steps: All that happened, in order.
        seen: How often each call came to each result.
    """

    def __init__(self, seed: int, pace: float = 0.05) -> None:
        """Start; ``pace`` is how often time jumps to where something changes by itself."""
        self.seed = seed
        self.twin = Twin()
        self.steps: list[Step] = []
        self.seen: Counter[tuple[str, str]] = Counter()
        self._pace = pace
        self.chance = Chance(seed)
        self._draw = Draw(self.chance, self.twin, self.happen)
        self._acts = Acts(self.chance, self._draw, self)
        self._alive: list[Deal] = []  # those that hold money

    @property
    def now(self) -> int:
        """Unix seconds."""
        return self.twin.model.now

    def step(self) -> None:
        """Let time pass, and do something, in most cases something sensible."""
        chance = self.chance
        self._pass_time()
        roll = chance.roll()
        if roll < 0.02:
            self._turn_something()
        elif roll < 0.06:
            self._call_for_credit()
        elif roll < 0.09:
            self._acts.repeat(self._alive)
        elif roll < 0.11 and self.twin.deals:
            self._acts.call(chance.pick(NAMES), chance.pick([*self.twin.deals.values()]), 0)
        elif roll < (0.13 if len(self._alive) >= _ALIVE else 0.22) or not self._alive:
            self._acts.call("fund", self.twin.deal(self._draw.agreement()), 0)
        else:
            self._call_on_some_deal()

    def call(self, name: str, sender: str, *arguments: Any, coins: int = 0) -> str:
        """Make a call now; return the error's name or ``DONE``."""
        step = Step(self.twin.model.now, name, sender, arguments, coins)
        self.steps.append(step)
        result = self.twin.do(step)
        self.seen[name, result] += 1
        if result == DONE and type(arguments[0]) is Deal:
            self._look_at(arguments[0])
            if name == "amend":
                self._look_at(arguments[1])
        return result

    def happen(self, name: str, *arguments: Any) -> None:
        """Let the world do something now."""
        step = Step(self.twin.model.now, name, "", arguments)
        self.steps.append(step)
        self.twin.do(step)

    def wait_until(self, time: int) -> None:
        """Let time pass."""
        self.twin.model.now = max(self.now, time)

    def finish(self) -> None:
        """Compare everything there is."""
        self.twin.finish()

    # --- What is drawn here

    def _look_at(self, deal: Deal) -> None:
        holds = any([part.held for part in deal.parts])
        if holds != (deal in self._alive):
            (self._alive.append if holds else self._alive.remove)(deal)

    def _pass_time(self) -> None:
        chance = self.chance
        now = self.now + chance.pick((0, 0, 0, 1, 60, 3_600))
        if self._alive and chance.comes(self._pace):
            times = [time for time in moments(chance.pick(self._alive)) if time > now]
            if times:
                soon = min(times) if chance.comes(0.8) else chance.pick(times)
                now = max(now, soon + chance.pick((-1, 0, 0, 1)))
        self.wait_until(now)

    def _call_on_some_deal(self) -> None:
        chance = self.chance
        deal = chance.pick(self._alive)
        index = chance.pick(range(len(deal.parts)))
        kind = kind_of(deal, index, self.now)
        if not kind:
            index = next(i for i, part in enumerate(deal.parts) if part.held)
            kind = kind_of(deal, index, self.now)
        going, ending, often = USUAL[kind]
        usual = ending if chance.comes(often) else going
        self._acts.call(chance.pick(NAMES if chance.comes(0.05) else usual), deal, index)

    def _call_for_credit(self) -> None:
        chance, twin = self.chance, self.twin
        if not twin.model.credits or chance.comes(0.1):
            token, owner = chance.pick([*twin.tokens]), chance.pick(PEOPLE)
        else:
            token, owner = chance.pick([*twin.model.credits])
        if owner not in SENDERS or chance.comes(0.5):
            self.call("pay_credit", STRANGER, token, owner)
        else:
            to = chance.pick((*PEOPLE, BURNER, ZERO_ADDRESS, twin.escrow.address, token))
            self.call("withdraw_credit", owner, token, to)

    def _turn_something(self) -> None:
        """Change who can be paid, what the escrow has, or what a contract approves."""
        chance, model, twin = self.chance, self.twin.model, self.twin
        token, escrow = twin.hostile.address, twin.escrow.address
        if token in model.stopped:
            self.happen("set_paused", False)
            return
        if model.toll[token]:
            self.happen("set_toll", 0)
            return
        what = chance.pick(("unwilling", "blocked", "blocked", "paused", "toll", "seize", "revoke"))
        if what == "unwilling":
            wallet = chance.pick(CONTRACTS)
            self.happen("set_unwilling", wallet, (ZERO_ADDRESS, wallet) not in model.refusing)
        elif what == "blocked":
            blocked = sorted(who for where, who in model.refusing if where == token)
            who = chance.pick(blocked if len(blocked) > 1 else PEOPLE)
            self.happen("set_blocked", who, (token, who) not in model.refusing)
        elif what == "paused":
            self.happen("set_paused", True)
        elif what == "toll":
            self.happen("set_toll", chance.pick((1, 100)))
        elif what == "seize" and chance.comes(0.3):
            self.happen("seize", model.balances[token, escrow] // chance.pick((2, 10, 100)))
        elif what == "revoke" and model.approved:
            self.happen("approve", *chance.pick(sorted(model.approved, key=repr)), False)
        else:
            self.happen("give", chance.pick([*twin.tokens]), 7)
