"""An employer and freelancers who negotiate through a bridge, on a chain of their own."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from milestone_escrow import calls
from milestone_escrow.agreement import DAY, ZERO_ADDRESS, Agreement
from milestone_escrow.document import AgreementDocument, Currency, DocumentMilestone
from milestone_escrow.rpc_errors import await_receipt, request
from milestone_escrow.signers import NodeSigner
from milestone_escrow.typed_data import agreement_typed_data
from tests.bridge.serving import Served
from tests.bridge.wallets import Person, sign_in
from tests.nodes.stage import Stage

__all__ = ["Market", "codes", "document", "post", "terms", "words_of"]

ETHER: Final = Currency("ETH", 18)
_NUMBERS: Final = itertools.count(1)


def document(count: int, currency: Currency = ETHER, title: str = "A shop") -> AgreementDocument:
    """Return a document of so many milestones that was never used."""
    return AgreementDocument.create(
        title=title,
        scope="Five pages, in French and English.",
        milestones=[DocumentMilestone(f"Part {i}", "A file") for i in range(count)],
        currency=currency,
        nonce=next(_NUMBERS).to_bytes(32),
    )


def terms(
    stage: Stage,
    freelancer: str,
    words: AgreementDocument,
    amounts: Sequence[int],
    /,
    **changes: Any,
) -> Agreement:
    """Return an agreement with the stage's employer, without arbiter and platform."""
    now = stage.chain.time()
    usual: dict[str, Any] = {
        "employer": stage.employer.address,
        "freelancer": freelancer,
        "accept_by": now + 5 * DAY,
        "document": words.hash(),
        "milestones": [(amount, now + (10 + i) * DAY) for i, amount in enumerate(amounts)],
    }
    return Agreement.build(**usual | changes)


def words_of(agreement: Agreement, words: AgreementDocument, cover: str = "Here.") -> Any:
    """Return the body of terms without a signature."""
    return {"agreement": agreement.to_json(), "document": words.to_json(), "cover": cover}


def codes(shown: Any) -> list[str]:
    """Return the codes of the warnings in something that is shown."""
    return [each["code"] for each in shown["warnings"]]


def post(person: Person, path: str, **body: Any) -> Any:
    """Return what is answered to a body."""
    return person.data("POST", path, json=body)


@dataclass
class Market:
    """A bridge that follows its chain, and those who are signed in to it."""

    stage: Stage
    served: Served
    signed_in: dict[str, Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        free = list(self.stage.signers.values())[5:]
        self.employer, (self.ann, self.bea, self.cem, self.dan, *_) = self.stage.employer, free

    def as_(self, signer: NodeSigner) -> Person:
        """Return who is signed in with an account, level with the chain."""
        self.level()
        if signer.address not in self.signed_in:
            self.signed_in[signer.address] = sign_in(self.served, self.stage, signer)
        return self.signed_in[signer.address]

    def level(self) -> None:
        """Wait until the bridge knows all that was mined."""
        self.served.level_with(self.stage.w3.eth.block_number)

    # --- Asking

    def job(self, **body: Any) -> Any:
        """Post a job of the employer's."""
        usual = {"title": "A shop", "description": "Five pages, in French.", "tags": ["web"]}
        return self.as_(self.employer).data("POST", "/v1/jobs", json=usual | body)

    def signature(self, signer: NodeSigner, agreement: Agreement) -> str:
        """Return an account's signature over an agreement."""
        data = agreement_typed_data(agreement, self.stage.escrow.domain)
        return "0x" + signer.sign_typed_data(data).hex()

    def body(
        self, signer: NodeSigner, amounts: Sequence[int] = (600, 400), **changes: Any
    ) -> dict[str, Any]:
        """Return the body of a proposal of a freelancer's, signed."""
        words = document(len(amounts))
        agreement = terms(self.stage, signer.address, words, amounts, **changes)
        return self.signed(signer, agreement, words)

    def signed(
        self, signer: NodeSigner, agreement: Agreement, words: AgreementDocument, **more: Any
    ) -> dict[str, Any]:
        """Return the body of a proposal of an agreement that there is."""
        signature = self.signature(signer, agreement)
        return {**words_of(agreement, words), "signature": signature, **more}

    def propose(self, signer: NodeSigner, job: int, **changes: Any) -> Any:
        """Propose something for a job."""
        return self.as_(signer).data(
            "POST", f"/v1/jobs/{job}/proposals", json=self.body(signer, **changes)
        )

    # --- On the chain

    def reserve(self, amounts: Sequence[int] = (600, 400), held: Sequence[int] = (0,)) -> Agreement:
        """Let the employer reserve money for somebody who is not known yet."""
        agreement = terms(self.stage, ZERO_ADDRESS, document(len(amounts)), amounts)
        self.stage.run(calls.fund(agreement, list(held)))
        self.level()
        return agreement

    def id_of(self, agreement: Agreement) -> str:
        return "0x" + self.stage.escrow.deal_id(agreement).hex()

    def send(self, prepared: Any) -> None:
        """Let the sender's wallet sign and send what was prepared."""
        tx_hash = request(self.stage.w3, "eth_sendTransaction", prepared["transaction"])
        assert await_receipt(self.stage.w3, bytes.fromhex(tx_hash[2:]), 20)["status"] == "0x1"
        self.level()
