"""What the API sends and takes of webhooks."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from frontend_bridge.api.bodies import AnyHash
from frontend_bridge.api.models import Address, Hash, LiveEvent, Number, Time
from frontend_bridge.api.targets import MAX_URL

__all__ = ["AddWebhook", "Delivery", "Notice", "Told", "Webhook", "WebhookSecret"]

Kind = Literal["event", "reverted", "final"]


class AddWebhook(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the account wants to be told, and of what."""

    url: Annotated[str, Meta(max_length=MAX_URL, description="https, port 443, a public host.")]
    kinds: Annotated[
        list[Kind],
        Meta(min_length=1, max_length=3, description="As of live events; `final` comes often."),
    ] = field(default_factory=lambda: ["event", "reverted"])
    deal_id: Annotated[
        AnyHash | UnsetType,
        Meta(description="Only of this deal; else of all in which the account is a party."),
    ] = UNSET


class Webhook(Struct, frozen=True, kw_only=True):
    """Where an account is told. ``off`` says why nothing more is sent; null: it is on."""

    number: Number
    account: Address
    url: str
    kinds: list[Kind]
    deal_id: Hash | None
    off: str | None
    created: Time


class WebhookSecret(Struct, frozen=True, kw_only=True):
    """A webhook and the secret that signs what is sent to it: shown this once."""

    webhook: Webhook
    secret: Annotated[str, Meta(pattern="^whsec_")]
    old_secret_until: Time | None


class Delivery(Struct, frozen=True, kw_only=True):
    """A message to a webhook, and what became of it. ``next_try`` null: it is over."""

    message: str
    kind: Literal["event", "reverted", "final", "ping", "reset"]
    deal_id: Hash | None
    created: Time
    attempts: Number
    tried: Time | None
    next_try: Time | None
    status: Number | None
    error: str | None


class Told(Struct, frozen=True, kw_only=True):
    """What a webhook is sent of an event; ``timestamp`` is when the message was made."""

    type: Kind
    timestamp: str
    data: LiveEvent


class Notice(Struct, frozen=True, kw_only=True):
    """What a webhook is sent beside events.

    ``ping``: somebody asked for it. ``reset``: the index was made anew, so read everything again.
    """

    type: Literal["ping", "reset"]
    timestamp: str
    data: dict[str, Number]
