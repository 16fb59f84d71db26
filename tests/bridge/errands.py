"""For each call a deal in which it is due, what is asked of the bridge, and what it logs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from milestone_escrow import calls, tokens
from milestone_escrow.agreement import DAY, ZERO_ADDRESS, Agreement
from milestone_escrow.deployments import deploy
from milestone_escrow.signers import NodeSigner
from tests.bridge.serving import Served
from tests.bridge.town import Town

__all__ = ["ERRANDS", "Errand", "Place"]

MONTH: Final = 30 * DAY
WORD: Final = "0x" + "ab" * 32


@dataclass(frozen=True)
class Errand:
    """A call to be prepared.

    Attributes:
        sender: Who sends it.
        body: Beside ``from``.
        agreement: What it is about; None: no deal.
        events: Names of what it logs.
    """

    sender: NodeSigner
    body: dict[str, Any]
    agreement: Agreement | None
    events: list[str]


@dataclass
class Place:
    """A town and the bridge over it, level with each other."""

    town: Town
    served: Served

    def __post_init__(self) -> None:
        self.stage = self.town.stage
        self.arbiter = self.stage.stranger

    def level(self) -> None:
        """Wait until the bridge knows all that was mined."""
        self.served.level_with(self.stage.w3.eth.block_number)

    def id_of(self, agreement: Agreement) -> str:
        return "0x" + self.stage.escrow.deal_id(agreement).hex()

    def ask(self, path: str, body: Any, status: int = 200) -> Any:
        """Return the answer of a request with a body."""
        self.level()
        answer = self.served.session.post(self.served.url + path, json=body, timeout=20)
        assert answer.status_code == status, answer.text
        if status != 200:
            assert answer.headers["content-type"] == "application/problem+json"
            problem = answer.json()
            assert problem["detail"].endswith(".") and problem["remedy"], problem
            return problem
        return answer.json()["data"]

    def signature(self, kind: str, signer: NodeSigner, body: dict[str, Any]) -> str:
        """Return a signature over what the bridge says is to be signed."""
        asked = self.ask(f"/v1/typed-data/{kind}", body)
        assert signer.address in [each["address"] for each in asked["signers"]]
        return "0x" + signer.sign_typed_data(asked["typed_data"]).hex()

    def bound(self, **changes: Any) -> Agreement:
        return self.stage.bound(arbiter=self.arbiter.address, arbiter_bps=500, **changes)

    def requested(self) -> Agreement:
        agreement = self.bound()
        self.stage.run(calls.request_release(agreement, [0]))
        return agreement

    def disputed(self) -> Agreement:
        agreement = self.requested()
        self.stage.run(calls.dispute(agreement, 0, self.stage.employer.address))
        return agreement

    def credited(self) -> None:
        """Let the platform have a credit."""
        self.stage.run(calls.release(self.bound(), [2]))

    def expiry(self) -> str:
        return str(self.stage.chain.time() + DAY)

    # --- Errands

    def by(self, who: str, terms: Agreement, events: list[str], **body: Any) -> Errand:
        sender = self.arbiter if who == "arbiter" else getattr(self.stage, who)
        return Errand(sender, {"deal_id": self.id_of(terms)} | body, terms, events)


def _fund(p: Place) -> Errand:
    terms = p.stage.agreement()
    signature = p.signature("agreement", p.stage.freelancer, {"agreement": terms.to_json()})
    body = {"agreement": terms.to_json(), "indexes": [0, 2], "signature": signature}
    return Errand(p.stage.employer, body, terms, ["Opened", "Funded", "Funded", "Accepted"])


def _fund_with_permit(p: Place) -> Errand:
    stage = p.stage
    token = deploy(stage.w3, stage.deployer, "PermitToken", "Permit", "PRM", 6).address
    stage.invoke("PermitToken", token, stage.employer, "mint", stage.employer.address, 10**9)
    terms = stage.agreement(token=token)
    about = {"agreement": terms.to_json(), "indexes": [0]}
    deadline = p.expiry()
    signed = bytes.fromhex(
        p.signature("permit", stage.employer, about | {"deadline": deadline})[2:]
    )
    permit = {
        "deadline": deadline,
        "v": signed[64],
        "r": "0x" + signed[:32].hex(),
        "s": "0x" + signed[32:64].hex(),
    }
    return Errand(stage.employer, about | permit, terms, ["Opened", "Funded"])


def _amend(p: Place) -> Errand:
    stage, old = p.stage, p.bound()
    new = stage.agreement(
        supersedes=stage.escrow.deal_id(old), arbiter=p.arbiter.address, arbiter_bps=500
    )
    body = {
        "deal_id": p.id_of(old),
        "new": new.to_json(),
        "indexes": [0, 1, 2],
        "expiry": p.expiry(),
    }
    body["signature"] = p.signature("amendment", stage.freelancer, body)
    return Errand(stage.employer, body, new, ["Opened", *["Funded"] * 3, "Accepted"])


def _redeem(p: Place) -> Errand:
    terms = p.bound()
    said = {"deal_id": p.id_of(terms), "index": 1, "paid_total": "777", "expiry": p.expiry()}
    said["signature"] = p.signature("voucher", p.stage.employer, said)
    return p.by("freelancer", terms, ["Released"], **said)


def _settle(p: Place) -> Errand:
    terms = p.bound()
    said = {
        "deal_id": p.id_of(terms),
        "indexes": [1],
        "freelancer_amounts": ["1000"],
        "expiry": p.expiry(),
    }
    said["signature"] = p.signature("settlement", p.stage.freelancer, said)
    return p.by("employer", terms, ["Released", "Refunded"], **said)


def _accept(p: Place) -> Errand:
    terms = p.stage.agreement()
    p.stage.run(calls.fund(terms, [0]))
    return p.by("freelancer", terms, ["Accepted"], indexes=[0])


def _withdraw(p: Place) -> Errand:
    terms = p.stage.agreement()
    p.stage.run(calls.fund(terms, [0]))
    return p.by("employer", terms, ["Refunded"], indexes=[0])


def _claim(p: Place) -> Errand:
    terms = p.requested()
    p.stage.chain.advance(MONTH + 1)
    p.stage.chain.mine()
    return p.by("stranger", terms, ["Released"], indexes=[0])


def _apply_fallback(p: Place) -> Errand:
    terms = p.disputed()
    p.stage.chain.advance(MONTH + 1)
    p.stage.chain.mine()
    return p.by("stranger", terms, ["Released", "Refunded"], index=0)


def _void_request(p: Place) -> Errand:
    return p.by("freelancer", p.requested(), ["RequestVoided"], indexes=[0])


def _settle_dormant(p: Place) -> Errand:
    terms = p.bound()
    p.stage.chain.advance(600 * DAY)
    p.stage.chain.mine()
    return p.by("stranger", terms, ["Refunded"], indexes=[0])


def _keep_alive(p: Place) -> Errand:
    terms = p.bound()
    p.stage.chain.advance(121 * DAY)
    p.stage.chain.mine()
    return p.by("employer", terms, ["Active"])


def _withdraw_credit(p: Place) -> Errand:
    p.credited()
    body = {"token": ZERO_ADDRESS, "to": p.stage.deployer.address}
    return Errand(p.stage.platform, body, None, ["CreditPaid"])


def _pay_credit(p: Place) -> Errand:
    p.credited()
    body = {"token": ZERO_ADDRESS, "owner": p.stage.platform.address}
    return Errand(p.arbiter, body, None, ["CreditPaid"])


def _rate(p: Place) -> Errand:
    terms = p.bound()
    p.stage.run(calls.release(terms, [0]))
    return p.by("employer", terms, ["Rated"], score=4, review=WORD)


def _request_funding(p: Place) -> Errand:
    return p.by("freelancer", p.bound(indexes=[0]), ["FundingRequested"], indexes=[1])


def _approve(p: Place) -> Errand:
    body = {"token": p.stage.token, "amount": "12.5", "units": "decimal"}
    return Errand(p.stage.freelancer, body, None, [])


ERRANDS: Final[dict[str, Callable[[Place], Errand]]] = {
    "fund": _fund,
    "fund_with_permit": _fund_with_permit,
    "accept": _accept,
    "withdraw": _withdraw,
    "amend": _amend,
    "request_release": lambda p: p.by(
        "freelancer", p.bound(), ["ReleaseRequested"] * 2, indexes=[0, 1], evidence=WORD
    ),
    "void_request": _void_request,
    "release": lambda p: p.by("employer", p.bound(), ["Released"], indexes=[1]),
    "release_part": lambda p: p.by("employer", p.bound(), ["Released"], index=0, amount="1234"),
    "redeem": _redeem,
    "cancel": lambda p: p.by("freelancer", p.bound(), ["Refunded"], indexes=[2]),
    "claim": _claim,
    "dispute": lambda p: p.by("employer", p.requested(), ["Disputed"], index=0, reason=WORD),
    "rule": lambda p: p.by("arbiter", p.disputed(), ["Ruled"], index=0, freelancer_amount="250000"),
    "apply_fallback": _apply_fallback,
    "settle": _settle,
    "settle_dormant": _settle_dormant,
    "keep_alive": _keep_alive,
    "withdraw_credit": _withdraw_credit,
    "pay_credit": _pay_credit,
    "request_funding": _request_funding,
    "report": lambda p: p.by(
        "freelancer", p.bound(), ["Reported"], index=0, percent=60, evidence=WORD
    ),
    "request_changes": lambda p: p.by(
        "employer", p.bound(), ["ChangesRequested"], index=0, note=WORD
    ),
    "request_cancel": lambda p: p.by("employer", p.bound(), ["CancelRequested"], note=WORD),
    "submit_evidence": lambda p: p.by(
        "arbiter", p.bound(), ["EvidenceSubmitted"], index=0, evidence=WORD
    ),
    "confirm_arbiter": lambda p: p.by("arbiter", p.bound(), ["ArbiterConfirmed"]),
    "rate": _rate,
    "approve": _approve,
}


def allowance(place: Place, owner: str) -> int:
    """Return what the escrow may take of an owner's tokens."""
    stage = place.stage
    return tokens.allowance_of(stage.w3, stage.token, owner, stage.escrow.address)
