"""The routes of webhooks."""

from __future__ import annotations

from typing import Final

from frontend_bridge.api import models, models_webhooks, params, webhooks
from frontend_bridge.api.cursors import LAST_NUMBER
from frontend_bridge.api.params import Param
from frontend_bridge.api.route import CURSOR, Route, limit

__all__ = ["WEBHOOK_ROUTES"]

_WEBHOOK: Final = Param(
    "webhook", params.number(1, LAST_NUMBER), "Number of the webhook.", "path", True
)
_PING_WEIGHT: Final = 10  # requests: it makes the bridge send one of its own

WEBHOOK_ROUTES: Final = (
    Route(
        "/v1/webhooks",
        "listWebhooks",
        "Where the account is told of its deals' events",
        models.Answer[list[models_webhooks.Webhook]],
        kind="private",
        handler=webhooks.listed,
    ),
    Route(
        "/v1/webhooks",
        "addWebhook",
        "Be told of events by requests to a URL, signed with a secret that is shown once",
        models.Answer[models_webhooks.WebhookSecret],
        kind="write",
        handler=webhooks.add,
        body=models_webhooks.AddWebhook,
    ),
    Route(
        "/v1/webhooks/{webhook}",
        "removeWebhook",
        "Be told no more",
        models.Answer[models_webhooks.Webhook],
        kind="write",
        params=(_WEBHOOK,),
        handler=webhooks.remove,
        verb="DELETE",
    ),
    Route(
        "/v1/webhooks/{webhook}/secret",
        "rotateWebhookSecret",
        "Draw a new secret; the one before signs beside it for a day",
        models.Answer[models_webhooks.WebhookSecret],
        kind="write",
        params=(_WEBHOOK,),
        handler=webhooks.rotate,
        verb="POST",
    ),
    Route(
        "/v1/webhooks/{webhook}/ping",
        "pingWebhook",
        "Have a message sent that tells nothing",
        models.Answer[models_webhooks.Delivery],
        kind="write",
        params=(_WEBHOOK,),
        handler=webhooks.ping,
        verb="POST",
        weight=_PING_WEIGHT,
    ),
    Route(
        "/v1/webhooks/{webhook}/deliveries",
        "listDeliveries",
        "What a webhook was told and is to be told, the newest first",
        models.Page[models_webhooks.Delivery],
        kind="private",
        params=(_WEBHOOK, CURSOR, limit(50, 100)),
        handler=webhooks.told,
    ),
)
