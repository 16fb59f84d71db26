"""What a bridge is told when it is started."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from milestone_escrow.offchain.quotas import DAILY_BYTES, NEWCOMER_BYTES, NEWCOMERS_BYTES

__all__ = ["Limits", "Settings"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one bridge bears.

    Attributes:
        body: Bytes of a request's body; more is answered 413.
        body_seconds: How long a body may take to come; a slower one is answered 408.
        query: Bytes of path and query; more is answered 414.
        rate: Requests a second that one address may go on making; 0: any number.
        burst: Requests that one address may make at once.
        streams: Listeners to live events in all.
        streams_each: Listeners of one address.
        queue: Events that wait for one slow listener before it is dropped.
        heartbeat: Seconds between signs of life on a silent stream, and between looks for documents
            that another bridge of the same index kept.
        pending: Requests that wait for the index at once; more are answered 503.
        threads: Connections to the index for reading.
        account_rate: Requests a second that one account may go on making that is signed in; 0: any
            number.
        account_burst: Requests that one account may make at once.
        account_bytes: What one account may write on a day of UTC.
        newcomer_bytes: The same of one that has entered no deal yet.
        newcomers_bytes: What all such accounts may write together.
        desk_threads: Connections for what is kept beside the chain.
        webhook_places: Messages to webhooks that are on their way at once.
        node_threads: Requests to the node at once.
        node_pending: Requests that wait for the node at once; more are answered 503.
        node_seconds: How long a request waits for the node before it is answered 503.
    """

    body: int = 16_384
    body_seconds: float = 20.0
    query: int = 2_048
    rate: float = 100.0
    burst: int = 400
    streams: int = 2_000
    streams_each: int = 50
    queue: int = 1_024
    heartbeat: float = 15.0
    pending: int = 512
    threads: int = 4
    account_rate: float = 10.0
    account_burst: int = 100
    account_bytes: int = DAILY_BYTES
    newcomer_bytes: int = NEWCOMER_BYTES
    newcomers_bytes: int = NEWCOMERS_BYTES
    desk_threads: int = 4
    webhook_places: int = 64
    node_threads: int = 4
    node_pending: int = 64
    node_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What a bridge serves, and to whom.

    Attributes:
        store: The index: a path or a database's URL.
        source: Which escrow in it, as ``open_reader`` takes it; None: the only one.
        hosts: Names under which it may be asked, without ports; any other ``Host`` is refused.
        origins: Origins whose pages may read the answers, exactly as browsers send them.
        proxies: Addresses of proxies whose last ``X-Forwarded-For`` is believed.
        public_url: Scheme, host and port under which browsers know it: where wallets sign in.
        webhook_allow: Hosts with ports to which webhooks may go although they are not public, or
            not by https.
        rpc: A node's URL, for what tokens say of themselves, and to try calls on; None: nobody is
            asked.
        interval: Seconds between looks at the index where nobody tells of a commit.
        limits: What it bears.
    """

    store: Path | str
    source: str | None = None
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "::1")
    origins: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    public_url: str = "http://127.0.0.1:8780"
    webhook_allow: tuple[str, ...] = ()
    rpc: str | None = None
    interval: float = 0.05
    limits: Limits = field(default_factory=Limits)

    @property
    def secure(self) -> bool:
        """Whether browsers know it by TLS."""
        return self.public_url.startswith("https://")
