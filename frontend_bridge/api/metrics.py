"""Figures of the bridge and of its index for Prometheus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from frontend_bridge.api.courier import Courier
from frontend_bridge.api.hub import Hub
from frontend_bridge.api.readers import Readers

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from frontend_bridge.api.readiness import Standing

__all__ = ["Metrics"]


class _Standing(Protocol):
    def __call__(self) -> Standing: ...


class Metrics:
    """Counts, and tells.

    Attributes:
        requests: By operation and status.
    """

    def __init__(self, hub: Hub, readers: Readers, courier: Courier, standing: _Standing) -> None:
        """Remember whose figures they are."""
        from prometheus_client import CollectorRegistry, ProcessCollector

        self.requests: Counter[tuple[str, int]] = Counter()
        self._hub = hub
        self._readers = readers
        self._courier = courier
        self._standing = standing
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def text(self) -> bytes:
        """Return all of them in Prometheus' text format."""
        from prometheus_client import generate_latest

        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Yield them."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        hub, standing = self._hub, self._standing()
        requests = CounterMetricFamily(
            "escrow_bridge_requests", "Requests answered.", labels=["operation", "status"]
        )
        for (operation, status), count in sorted(self.requests.items()):
            requests.add_metric([operation, str(status)], count)
        yield requests
        attempts = CounterMetricFamily(
            "escrow_bridge_webhooks", "Attempts to tell webhooks.", labels=["result"]
        )
        for result, count in sorted(self._courier.sent.items()):
            attempts.add_metric([result], count)
        yield attempts
        for name, text, count in (
            ("events", "Live events told.", hub.sent),
            ("dropped", "Listeners that were too slow.", hub.dropped),
        ):
            yield CounterMetricFamily(f"escrow_bridge_{name}", text, value=float(count))
        for name, text, value in (
            ("listeners", "Streams of live events.", len(hub.listeners)),
            ("waiting", "Requests that wait for the index.", self._readers.pending),
            ("webhooks_on_their_way", "Messages being sent to webhooks.", self._courier.sending),
            ("ready", "Whether the answers are level with the chain.", standing.ready),
            ("block", "Last block in the index.", standing.block),
            ("head_block", "Highest head that a node told.", standing.head),
            ("final_block", "Last block that cannot be replaced.", standing.final),
        ):
            if value is not None:
                yield GaugeMetricFamily(f"escrow_bridge_{name}", text, value=float(value))
