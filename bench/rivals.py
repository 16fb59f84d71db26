"""How fast others index the same chain: ``python -m bench.rivals``.

Ponder, into its own PGlite and into PostgreSQL, as it comes and with its rate limit lifted;
Subsquid's processor into PostgreSQL; and plain web3.py into SQLite. Each keeps three tables, deals,
milestones and events, with indexes, and runs in a process of its own. ``bench.indexing`` measures
them beside the floor and the escrow's own indexer.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import requests

from bench.indexer_own import Measured, usage
from milestone_escrow.chain.process import free_port

__all__ = [
    "RIVALS",
    "NoRivals",
    "Place",
    "Ponder",
    "measure_rival",
    "new_database",
    "ponder_running",
    "prepare",
    "usage",
]

_HERE: Final = Path(__file__).parent / "rivals"
_ARTIFACT: Final = (
    Path(__file__).parents[1] / "milestone_escrow" / "artifacts" / "MilestoneEscrow.json"
)
_PATIENCE: Final = 1_800.0  # seconds for one run
_LIFTED: Final = 25  # URLs of one node; Ponder asks each 20 times a second to begin with
RIVALS: Final = (
    "ponder pglite",
    "ponder postgresql",
    "ponder postgresql lifted",
    "subsquid postgresql",
    "web3.py sqlite",
)


class NoRivals(Exception):  # noqa: N818 - a reason to leave them out
    """They cannot be installed here; the message says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rival works.

    Attributes:
        url: The node's.
        escrow: The contract's address.
        to_block: Last block with events.
        folder: For its files; empty.
        database: URL of a PostgreSQL database, beside which a rival makes its own; None: none.
    """

    url: str
    escrow: str
    to_block: int
    folder: Path
    database: str | None


def prepare() -> None:
    """Install the rivals, locked, the first time.

    Raises:
        NoRivals: npm fails.
    """
    stamp = _HERE / "node_modules" / ".installed"
    lock = _HERE / "package-lock.json"
    if stamp.exists() and stamp.stat().st_mtime >= lock.stat().st_mtime:
        return
    print("Installing what it is measured beside ...", file=sys.stderr)
    command = ["npm", "ci", "--loglevel=error", "--no-progress"]
    done = subprocess.run(command, cwd=_HERE, stdout=subprocess.DEVNULL)
    if done.returncode:
        raise NoRivals("npm cannot install them")
    stamp.touch()


def measure_rival(who: str, place: Place) -> Measured:
    """Index the chain with one of ``RIVALS``.

    Raises:
        NoRivals: It needs a server that is not there.
        RuntimeError: It does not come to the end.
    """
    if "postgresql" in who:
        place = replace(place, database=new_database(place.database))
    if who.startswith("ponder"):
        return _ponder(who, place)
    if who.startswith("subsquid"):
        return _subsquid(who, place)
    return _web3(who, place)


def new_database(beside: str | None) -> str:
    """Make a database: Ponder keeps what it fetched in schemas of its own, for the next run."""
    if beside is None:
        raise NoRivals("there is no PostgreSQL")
    import psycopg

    name = f"rival_{time.time_ns()}"
    with psycopg.connect(beside, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    where = urlsplit(beside)
    return urlunsplit(where._replace(path=f"/{name}"))


def _environment(place: Place, **more: str) -> dict[str, str]:
    given: dict[str, str] = {
        # The environment's own Node before any other.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "RIVAL_ARTIFACT": str(_ARTIFACT),
        "RIVAL_RPC": place.url,
        "RIVAL_ESCROW": place.escrow,
        "RIVAL_TO_BLOCK": str(place.to_block),
        "RIVAL_FOLDER": str(place.folder / "pglite"),
        "PONDER_TELEMETRY_DISABLED": "true",
        "PROMETHEUS_PORT": "0",
    }
    return os.environ | given | more


# --- Ponder


@dataclass(frozen=True, slots=True)
class Ponder:
    """A Ponder that has indexed the chain, follows it, and answers.

    Attributes:
        process: Its own.
        port: Where it answers.
        log: What it says, lines of JSON.
    """

    process: subprocess.Popen[bytes]
    port: int
    log: Path


@contextmanager
def ponder_running(place: Place, *, lifted: bool = False) -> Iterator[Ponder]:
    """Start Ponder and wait until it is level with the chain; end it afterwards.

    Args:
        place: Where it works; without a database it keeps its rows in PGlite.
        lifted: Give it many names of the node, so that its limit of rate is none.

    Raises:
        RuntimeError: It does not come to the end.
    """
    database = {} if place.database is None else {"RIVAL_DATABASE": place.database}
    environment = _environment(
        place,
        RIVAL_URLS=str(_LIFTED if lifted else 1),
        RIVAL_POLLING_MS="1000",
        **database,
    )
    port = free_port(0)
    command = [str(_HERE / "node_modules" / ".bin" / "ponder"), "start"]
    command += ["--port", str(port), "--schema", "rival", "--log-format", "json"]
    log = place.folder / "ponder.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=_HERE / "ponder",
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _await_ready(process, port, log)
        yield Ponder(process, port, log)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _ponder(who: str, place: Place) -> Measured:
    if "postgresql" not in who:
        place = replace(place, database=None)
    with ponder_running(place, lifted="lifted" in who) as ponder:
        cpu, peak = usage(ponder.process.pid)
        said = ponder.log.read_bytes().splitlines()
    lines = [json.loads(line) for line in said if line[:1] == b"{"]
    began = _time_of(lines, "Started backfill indexing")
    ready = next(each["time"] for each in lines if each.get("endpoint") == "/ready")
    events = sum(each["event_count"] for each in lines if "event_count" in each)
    return Measured(who, events, (ready - began) / 1000, cpu, peak)


def _await_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            if requests.get(f"http://127.0.0.1:{port}/ready", timeout=5).ok:
                return
        except requests.RequestException:
            pass
        # A look at what it says, not a wait for a result: it is what sets the clock.
        time.sleep(0.2)
    raise RuntimeError(f"Ponder did not come to the end: {log.read_text()[-500:]}")


def _time_of(lines: list[Mapping[str, Any]], message: str) -> int:
    return int(next(each["time"] for each in lines if each.get("msg") == message))


# --- Subsquid and web3.py


def _subsquid(who: str, place: Place) -> Measured:
    done = subprocess.run(
        ["node", str(_HERE / "subsquid" / "main.mjs")],
        env=_environment(place, RIVAL_DATABASE=place.database or ""),
        capture_output=True,
        timeout=_PATIENCE,
    )
    return _told(who, done)


def _web3(who: str, place: Place) -> Measured:
    command = [sys.executable, "-m", "bench.rivals", place.url, place.escrow]
    command += [str(place.to_block), str(place.folder / "web3.db")]
    return _told(who, subprocess.run(command, capture_output=True))


def _told(who: str, done: subprocess.CompletedProcess[bytes]) -> Measured:
    told = [line for line in done.stdout.splitlines() if line.startswith(b'{"events"')]
    if done.returncode or not told:
        raise RuntimeError(f"{who} did not come to the end: {done.stderr.decode()[-500:]}")
    return Measured(who, **json.loads(told[-1]))


def _plain_web3(url: str, escrow: str, to_block: int, path: str) -> dict[str, float]:
    """Index as a reader of web3.py's documentation would: ``process_log``, and SQLite."""
    import sqlite3

    from eth_typing import HexStr
    from web3 import HTTPProvider, Web3

    w3 = Web3(HTTPProvider(url))
    contract = w3.eth.contract(Web3.to_checksum_address(escrow), abi=_abi())
    names = [each["name"] for each in _abi() if each["type"] == "event"]
    known = {(event := contract.events[name]()).topic: event for name in names}
    database = sqlite3.connect(path)
    database.executescript(
        "PRAGMA journal_mode = WAL;"
        "CREATE TABLE deal (id BLOB PRIMARY KEY, employer TEXT, freelancer TEXT, token TEXT,"
        " bound INTEGER);"
        "CREATE INDEX deal_employer ON deal (employer);"
        "CREATE INDEX deal_freelancer ON deal (freelancer);"
        "CREATE TABLE milestone (deal BLOB, number INTEGER, amount TEXT, remaining TEXT,"
        " PRIMARY KEY (deal, number));"
        "CREATE TABLE event (block INTEGER, log_index INTEGER, name TEXT, deal BLOB, tx BLOB,"
        " args TEXT, PRIMARY KEY (block, log_index));"
        "CREATE INDEX event_deal ON event (deal);"
    )
    events = 0
    began = time.perf_counter()
    for first in range(0, to_block + 1, 5):
        last = min(first + 4, to_block)
        logs = w3.eth.get_logs({"fromBlock": first, "toBlock": last, "address": contract.address})
        for log in logs:
            event = known[HexStr(log["topics"][0].to_0x_hex())].process_log(log)
            args, deal = event["args"], event["args"].get("deal_id")
            database.execute(
                "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)",
                (log["blockNumber"], log["logIndex"], event["event"], deal,
                 bytes(log["transactionHash"]), w3.to_json(args)),
            )  # fmt: skip
            if event["event"] == "Opened":
                agreement = args["agreement"]
                database.execute(
                    "INSERT INTO deal VALUES (?, ?, ?, ?, 0)",
                    (deal, args["employer"], args["freelancer"], agreement["token"]),
                )
                database.executemany(
                    "INSERT INTO milestone VALUES (?, ?, ?, '0')",
                    [
                        (deal, index, str(each["amount"]))
                        for index, each in enumerate(agreement["milestones"])
                    ],
                )
            elif event["event"] == "Accepted":
                database.execute("UPDATE deal SET bound = 1 WHERE id = ?", (deal,))
            elif "index" in args:
                database.execute(
                    "UPDATE milestone SET remaining = ? WHERE deal = ? AND number = ?",
                    (str(args.get("remaining", 0)), deal, args["index"]),
                )
            events += 1
        database.commit()
    seconds = time.perf_counter() - began
    cpu, peak = usage(os.getpid())
    return {"events": events, "seconds": seconds, "cpu_seconds": cpu, "peak_mib": peak}


def _abi() -> list[dict[str, Any]]:
    abi: list[dict[str, Any]] = json.loads(_ARTIFACT.read_text())["abi"]
    return abi


if __name__ == "__main__":
    _url, _escrow, _to_block, _path = sys.argv[1:]
    print(json.dumps(_plain_web3(_url, _escrow, int(_to_block), _path)))
