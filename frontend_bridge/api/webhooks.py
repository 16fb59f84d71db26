"""Where accounts are told of their deals' events without asking."""

from __future__ import annotations

from msgspec import UNSET

from frontend_bridge.api import models, models_webhooks
from frontend_bridge.api.asked import Asked
from frontend_bridge.api.courier import body_of
from frontend_bridge.api.cursors import cursor_of, number_in
from frontend_bridge.api.rights import charge, deal_of_party, nothing_here
from frontend_bridge.api.shapes import time_of
from frontend_bridge.api.targets import target_of
from milestone_escrow.exceptions import UsageError
from milestone_escrow.offchain import deliveries, webhooks

__all__ = ["add", "listed", "ping", "remove", "rotate", "told"]


def add(
    asked: Asked, *, body: models_webhooks.AddWebhook
) -> models.Answer[models_webhooks.WebhookSecret]:
    """Add a webhook, and show its secret."""
    deal_id = None if body.deal_id is UNSET else bytes.fromhex(body.deal_id[2:])
    if deal_id is not None:
        deal_of_party(asked, deal_id)
    target = target_of(body.url, asked.settings.webhook_allow)
    charge(asked, len(target.url))
    hook = webhooks.add(
        asked.db,
        asked.view.source,
        asked.who,
        target.url,
        sorted(set(body.kinds), key=webhooks.KINDS.index),
        deal_id,
        asked.view.head.sequence,
        asked.now,
    )
    return _secret(asked, hook)


def listed(asked: Asked) -> models.Answer[list[models_webhooks.Webhook]]:
    """Return the account's webhooks, the first one first."""
    found = webhooks.of_account(asked.db, asked.view.source, asked.who)
    return models.Answer(data=[_shown(hook) for hook in found], block=asked.view.shapes.block())


def remove(asked: Asked, *, webhook: int) -> models.Answer[models_webhooks.Webhook]:
    """Forget a webhook, and return what it was."""
    hook = _own(asked, webhook)
    webhooks.remove(asked.db, hook.number)
    return models.Answer(data=_shown(hook), block=asked.view.shapes.block())


def rotate(asked: Asked, *, webhook: int) -> models.Answer[models_webhooks.WebhookSecret]:
    """Draw a new secret, and show it."""
    return _secret(asked, webhooks.rotate(asked.db, _own(asked, webhook).number, asked.now))


def ping(asked: Asked, *, webhook: int) -> models.Answer[models_webhooks.Delivery]:
    """Send a message that tells nothing."""
    hook = _own(asked, webhook)
    if hook.off is not None:
        raise UsageError(
            "Nothing is sent to this webhook any more.",
            "Add it anew.",
            code="webhook-off",
        )
    charge(asked, 0)
    text = body_of("ping", {"webhook": hook.number}, asked.now)
    message = deliveries.Message("ping", None, text)
    deliveries.queue(asked.db, hook.number, [message], asked.now)
    (queued,) = deliveries.page(asked.db, hook.number, None, 1)
    return models.Answer(data=_delivery(queued), block=asked.view.shapes.block())


def told(
    asked: Asked, *, webhook: int, cursor: str | None, limit: int
) -> models.Page[models_webhooks.Delivery]:
    """Return a page of what a webhook was and is to be told, the newest first."""
    hook = _own(asked, webhook)
    before = None if cursor is None else number_in(cursor)
    found = deliveries.page(asked.db, hook.number, before, limit + 1)
    return models.Page(
        data=[_delivery(each) for each in found[:limit]],
        next=cursor_of(found[limit - 1].number) if len(found) > limit else None,
        block=asked.view.shapes.block(),
    )


def _own(asked: Asked, number: int) -> webhooks.Webhook:
    hook = webhooks.find(asked.db, asked.view.source, asked.who, number)
    if hook is None:
        raise nothing_here("webhook")
    return hook


def _secret(asked: Asked, hook: webhooks.Webhook) -> models.Answer[models_webhooks.WebhookSecret]:
    return models.Answer(
        data=models_webhooks.WebhookSecret(
            webhook=_shown(hook),
            secret=hook.secret,
            old_secret_until=None if hook.old_until is None else time_of(hook.old_until),
        ),
        block=asked.view.shapes.block(),
    )


def _shown(hook: webhooks.Webhook) -> models_webhooks.Webhook:
    return models_webhooks.Webhook(
        number=hook.number,
        account=hook.account,
        url=hook.url,
        kinds=list(hook.kinds),  # type: ignore[arg-type]
        deal_id=None if hook.deal_id is None else "0x" + hook.deal_id.hex(),
        off=hook.off,
        created=time_of(hook.created),
    )


def _delivery(found: deliveries.Delivery) -> models_webhooks.Delivery:
    return models_webhooks.Delivery(
        message=found.message,
        kind=found.kind,  # type: ignore[arg-type]
        deal_id=None if found.deal_id is None else "0x" + found.deal_id.hex(),
        created=time_of(found.created),
        attempts=found.attempts,
        tried=None if found.tried is None else time_of(found.tried),
        next_try=None if found.next_try is None else time_of(found.next_try),
        status=found.status,
        error=found.error,
    )
