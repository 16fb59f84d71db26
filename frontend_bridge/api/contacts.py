"""Where accounts want to be written to, and reports to whoever runs the bridge."""

from __future__ import annotations

from msgspec import UNSET

from frontend_bridge.api import models, models_off_chain
from frontend_bridge.api.asked import Asked
from frontend_bridge.api.given import address_of
from frontend_bridge.api.rights import charge, know_each_other, nothing_here
from frontend_bridge.api.shapes import time_of
from milestone_escrow.offchain import contacts, reports
from milestone_escrow.offchain.comments import check_text

__all__ = ["own", "put", "read", "remove", "report"]

Answer = models.Answer[models_off_chain.Contact]


def put(asked: Asked, *, body: models_off_chain.PutContact) -> Answer:
    """Keep the account's own contact."""
    charge(asked, len(body.email))
    return _shown(asked, contacts.set_email(asked.db, asked.who, body.email, asked.now))


def own(asked: Asked) -> Answer:
    """Return the account's own contact."""
    return _shown(asked, contacts.get(asked.db, asked.who))


def remove(asked: Asked) -> Answer:
    """Forget the account's own contact, and return what it was."""
    answer = _shown(asked, contacts.get(asked.db, asked.who))
    contacts.remove(asked.db, asked.who)
    return answer


def read(asked: Asked, *, address: str) -> Answer:
    """Return the contact of somebody who entered a deal with who asks."""
    if address != asked.who and not know_each_other(asked, address):
        raise nothing_here("contact")
    return _shown(asked, contacts.get(asked.db, address))


def report(
    asked: Asked, *, body: models_off_chain.WriteReport
) -> models.Answer[models_off_chain.Reported]:
    """Keep a report for whoever runs the bridge."""
    address = None if body.address is UNSET else address_of(body.address, "address")
    deal_id = None if body.deal_id is UNSET else bytes.fromhex(body.deal_id[2:])
    charge(asked, check_text(body.text))
    reports.add(asked.db, asked.who, address, deal_id, body.text, asked.now)
    return models.Answer(
        data=models_off_chain.Reported(created=time_of(asked.now)),
        block=asked.view.shapes.block(),
    )


def _shown(asked: Asked, found: contacts.Contact | None) -> Answer:
    if found is None:
        raise nothing_here("contact")
    return models.Answer(
        data=models_off_chain.Contact(
            address=found.address, email=found.email, updated=time_of(found.updated)
        ),
        block=asked.view.shapes.block(),
    )
