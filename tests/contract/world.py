"""The chain of a play and the rest of the world on it: tokens, wallets, and what befalls them.

Whatever the world does is done in the EVM and told to the model, for which it is a fact.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from eth_abi.abi import encode

from milestone_escrow.agreement import ZERO_ADDRESS, Agreement
from milestone_escrow.typed_data import domain_separator
from tests.compiled import compiled
from tests.contract.cast import BURNER, CONTRACTS, EMPLOYERS, PEOPLE
from tests.contract.hashes import Encoded, hash_of, keccak256, signed_hash, slot, word, words
from tests.contract.raw_code import BURN
from tests.escrow import Escrow
from tests.evm import START, WEALTH, Chain, Contract, deploy
from tests.model import Model
from tests.model_deal import Deal, Message
from tests.model_money import Permit
from tests.roles import STRANGER

__all__ = ["World"]

_PERMIT_TYPE: Final = keccak256(
    b"Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
)
_PERMITS: Final = "mocks/PermitToken.vy"
_WALLET: Final = "mocks/Wallet.vy"


class World:
    """A chain with an escrow that nobody has used yet, and the model of it.

    Attributes:
        chain: The chain.
        escrow: The escrow.
        model: Knows all that the chain has.
        tokens: Address and first slot of the balances of each; zero: the native coin.
        hostile: The token that has every vice.
        permits: The token that takes permits; nothing is allowed in it at first.
        given: What the escrow was given, by token.
        deals: By their ids; of every agreement that was drawn up.
        encoded: The agreements as bytes, by their ids.
        selector_of_execute: Of a wallet's call.
    """

    def __init__(self) -> None:
        self.chain = Chain()
        self.escrow = Escrow(self.chain)
        self.model = Model(self.escrow.address, START)
        self.given: defaultdict[str, int] = defaultdict(int)
        self.deals: dict[bytes, Deal] = {}
        self.encoded: dict[bytes, Encoded] = {}
        plain = deploy(self.chain, "mocks/TestToken.vy", "Plain", "P", 6)
        self.hostile = deploy(self.chain, "mocks/HostileToken.vy")
        self.permits = deploy(self.chain, _PERMITS, "Permits", "PMT", 18)
        self.tokens = {
            ZERO_ADDRESS: 0,
            plain.address: compiled("mocks/TestToken.vy").layout["balanceOf"],
            self.hostile.address: compiled("mocks/HostileToken.vy").layout["balanceOf"],
            self.permits.address: compiled(_PERMITS).layout["TestToken.balanceOf"],
        }
        self._domain = domain_separator(self.escrow.domain)
        self._permits_domain = self.permits.read("DOMAIN_SEPARATOR")
        self._balance_slots = {
            (token, owner): slot(first, word(owner))
            for token, first in self.tokens.items()
            if token != ZERO_ADDRESS
            for owner in (*PEOPLE, self.escrow.address)
        }
        self._make_contracts()
        self._endow(plain)

    def _make_contracts(self) -> None:
        pattern = deploy(self.chain, _WALLET)
        self._wallets: dict[str, Contract] = {who: pattern.at(who) for who in CONTRACTS}
        self.selector_of_execute = pattern.selectors["execute"]
        self._selector_of_approve = pattern.selectors["approve"]
        code = self.chain.code(pattern.address)
        yes = encode(["bytes4"], [bytes.fromhex("1626ba7e")])
        for who, wallet in self._wallets.items():
            self.chain.set_code(who, code)
            wallet.send("set_answer", yes, sender=STRANGER)
        self.chain.set_code(BURNER, BURN)
        self.model.refusing.add((ZERO_ADDRESS, BURNER))

    def _endow(self, plain: Contract) -> None:
        for who in PEOPLE:
            self.chain.set_balance(who, WEALTH)
            for token in self.tokens:
                if token != ZERO_ADDRESS:
                    self.chain.set_storage(token, self._balance_slots[token, who], WEALTH)
                self.model.balances[token, who] = WEALTH
        for employer in {*EMPLOYERS}:
            for contract in (plain, self.hostile):
                self._as(employer, contract, "approve", self.escrow.address, 2**256 - 1)
            self.model.nonces[self.permits.address, employer] = 0
            self.model.allowances[self.permits.address, employer] = 0

    def deal(self, agreement: Agreement) -> Deal:
        """Return the deal of an agreement; nothing has happened to a new one."""
        encoded = Encoded(agreement)
        found = signed_hash(self._domain, encoded.struct_hash)
        if found not in self.deals:
            self.deals[found] = Deal(agreement, found)
            self.encoded[found] = encoded
        return self.deals[found]

    def balance(self, token: str, owner: str) -> int:
        """Return what an account has, raw units."""
        if token == ZERO_ADDRESS:
            return self.chain.balance(owner)
        return self.chain.storage(token, self._balance_slots[token, owner])

    # --- What happens without the escrow

    def set_unwilling(self, wallet: str, unwilling: bool) -> None:
        """Let a contract refuse coins, or take them again."""
        self._wallets[wallet].send("set_unwilling", unwilling, sender=STRANGER)
        self._refuse(ZERO_ADDRESS, wallet, unwilling)

    def set_blocked(self, owner: str, blocked: bool) -> None:
        """Let the hostile token block an account, or no longer."""
        self.hostile.send("set_blocked", owner, blocked, sender=STRANGER)
        self._refuse(self.hostile.address, owner, blocked)

    def set_paused(self, paused: bool) -> None:
        """Let the hostile token stop, or go on."""
        self.hostile.send("set_paused", paused, sender=STRANGER)
        (self.model.stopped.add if paused else self.model.stopped.discard)(self.hostile.address)

    def set_toll(self, bps: int) -> None:
        """Let the hostile token keep a part of each transfer."""
        self.hostile.send("set_fee", bps, sender=STRANGER)
        self.model.toll[self.hostile.address] = bps

    def seize(self, amount: int) -> None:
        """Let the hostile token take from the escrow's balance, as a rebase may, or give back."""
        token, escrow = self.hostile.address, self.escrow.address
        take = "seize" if amount > 0 else "mint"
        self.hostile.send(take, escrow, abs(amount), sender=STRANGER)
        self.model.balances[token, escrow] -= amount
        self.model.missing[token] += amount

    def give(self, token: str, amount: int) -> None:
        """Give the escrow something that nobody owes it: coins as a block's reward comes."""
        escrow = self.escrow.address
        if token == ZERO_ADDRESS:
            self.chain.set_balance(escrow, self.chain.balance(escrow) + amount)
        else:
            self.hostile.at(token).send("mint", escrow, amount, sender=STRANGER)
        self.model.balances[token, escrow] += amount
        self.given[token] += amount

    def allow(self, employer: str, amount: int) -> None:
        """Let an employer allow the escrow an amount of the token that takes permits."""
        self._as(employer, self.permits, "approve", self.escrow.address, amount)
        self.model.allowances[self.permits.address, employer] = amount

    def use_permit(self, permit: Permit) -> None:
        """Let a stranger use a permit that the token takes, before its owner does."""
        v, r, s = (number.to_bytes(32) for number in permit.data)
        arguments = (permit.amount, permit.deadline, int.from_bytes(v), r, s)
        to = permit.owner, self.escrow.address
        self.permits.send("permit", *to, *arguments, sender=STRANGER)
        assert self.model.use(permit)

    def approve(self, wallet: str, message: Message, approved: bool) -> None:
        """Let a contract approve all signatures over a message, or none any more."""
        digest = self.digest(message)
        data = self._selector_of_approve + digest + word(approved)
        assert self.chain.attempt(wallet, data, sender=STRANGER, of=wallet) == []
        remember = self.model.approved.add if approved else self.model.approved.discard
        remember((wallet, message))

    # --- What is signed

    def digest(self, message: Message) -> bytes:
        """Return what is signed for a message."""
        kind, *fields = message
        if kind == "Agreement":
            return bytes(fields[0])
        if kind == "Amendment":
            fields[1] = self.encoded[fields[1]].struct_hash
        return signed_hash(self._domain, hash_of(kind, *fields))

    def permit_digest(self, owner: str, amount: int, nonce: int, deadline: int) -> bytes:
        """Return what an owner signs to allow the escrow an amount."""
        of = [word(owner), word(self.escrow.address)]
        permit = keccak256(b"".join([_PERMIT_TYPE, *of, words(amount, nonce, deadline)]))
        return signed_hash(self._permits_domain, permit)

    # --- How it is done

    def _as(self, sender: str, contract: Contract, name: str, *arguments: Any) -> None:
        if sender in self._wallets:
            data = contract.calldata(name, *arguments)
            self._wallets[sender].send("execute", contract.address, 0, data, sender=STRANGER)
        else:
            contract.send(name, *arguments, sender=sender)

    def _refuse(self, token: str, owner: str, refusing: bool) -> None:
        change = self.model.refusing.add if refusing else self.model.refusing.discard
        change((token, owner))
