"""The command ``escrow serve``, as a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner

from milestone_escrow.cli.serve import command
from milestone_escrow.exceptions import EscrowError
from tests.bridge.serving import await_that
from tests.bridge.town import Town

# As in the whole program: click keeps what a command first took for its help.
HELP: dict[str, Any] = {"help_option_names": ["-h", "--help"]}
_RUN = "import sys; from milestone_escrow.cli.serve import command; command()"


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[str]:
    """Run the command in a folder of its own; yield its URL."""
    process = subprocess.Popen(
        [sys.executable, "-c", _RUN, "--json", "--port", "0", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    try:
        assert line, process.communicate(timeout=10)[1]
        yield json.loads(line)["url"]
    finally:
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=20)
    assert process.returncode == 0, told
    assert "Traceback" not in told


def ready(url: str) -> bool:
    return requests.get(f"{url}/readyz", timeout=10).status_code == 200


def test_it_follows_the_chain_and_answers_until_it_is_interrupted(
    town: Town, tmp_path: Path
) -> None:
    where = ("--rpc", town.stage.chain.rpc_url, "--escrow", town.stage.escrow.address)
    with running(tmp_path, *where, "--cors", "https://app.example.org") as url:
        await_that(lambda: ready(url))
        deals = requests.get(f"{url}/v1/deals", timeout=10, headers={"Origin": "https://x.example"})
        assert len(deals.json()["data"]) == len(town.deals)
        assert "access-control-allow-origin" not in deals.headers
    assert (tmp_path / ".escrow" / "index.sqlite").exists()
    # What one bridge has indexed another reads.
    store = str(tmp_path / ".escrow" / "index.sqlite")
    with running(tmp_path, *where[:2], "--no-index", "--store", store) as url:
        await_that(lambda: ready(url))
        assert requests.get(f"{url}/v1/deals", timeout=10).json() == deals.json()


@pytest.mark.parametrize(
    ("arguments", "origin"),
    [
        ((), None),
        (("--domain", "api.example.org"), "https://api.example.org"),
        (
            ("--domain", "api.example.org", "--public-url", "https://pay.example.org:8443"),
            "https://pay.example.org:8443",
        ),
    ],
)
def test_wallets_sign_in_where_it_is_said(
    arguments: tuple[str, ...], origin: str | None, town: Town, store: Path, tmp_path: Path
) -> None:
    where = ("--rpc", town.stage.chain.rpc_url, "--no-index", "--store", str(store))
    with running(tmp_path, *where, *arguments) as url:
        await_that(lambda: ready(url))
        body = {"address": town.stage.employer.address}
        answer = requests.post(f"{url}/v1/sign-in/message", json=body, timeout=20)
    lines = answer.json()["data"]["message"].split("\n")
    assert f"URI: {origin or url}" in lines
    assert lines[0].split(" ")[0] == (origin or url).partition("://")[2]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--public-url", "https://api.example.org/"), "is not an origin"),
        (("--cors", "*"), "is not an origin"),
        (("--cors", "https://app.example.org/"), "is not an origin"),
        (("--no-index", "--host", "203.0.113.7"), "Nothing can listen"),
        (("--no-index", "--store", "mysql://db/x"), "is not where an index can be"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_sentence(
    arguments: tuple[str, ...], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(command, list(arguments), **HELP)
    assert isinstance(result.exception, EscrowError)
    assert sentence in result.exception.sentence and result.exception.remedy


def test_a_port_that_is_taken_is_told(town: Town, tmp_path: Path) -> None:
    port = town.stage.chain.rpc_url.rpartition(":")[2]
    result = CliRunner().invoke(command, ["--no-index", "--store", "x", "--port", port], **HELP)
    assert isinstance(result.exception, EscrowError) and result.exception.code == "listen"
