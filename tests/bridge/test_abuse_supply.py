"""Keys and dependencies, the last rows of the list of abuse: none leaks, none is swapped."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, Final

import click
import pytest
import requests

from milestone_escrow.cli import main as escrow
from tests.bridge.serving import await_that
from tests.bridge.town import Town
from tests.compiled import ROOT

CANARY: Final = "c0ffee" * 10 + "beef"  # a private key, as far as anyone can tell
_SERVE: Final = "from milestone_escrow.cli import main; main()"


# --- 19


def commands(command: click.Command, name: str = "escrow") -> list[tuple[str, click.Command]]:
    """Return all commands below one, by what is typed."""
    if not isinstance(command, click.Group):
        return [(name, command)]
    context = click.Context(command)
    found = []
    for each in command.list_commands(context):
        below = command.get_command(context, each)
        assert below is not None
        found += commands(below, f"{name} {each}")
    return found


def test_abuse_bridge_19_no_command_takes_a_key_by_argument_or_environment() -> None:
    found = commands(escrow)
    assert len(found) > 40
    for name, command in found:
        for parameter in command.params:
            said = f"{name} {parameter.opts}"
            assert parameter.envvar in (None, "ESCROW_RPC"), said
            if re.search("key|pass|secret|mnemonic|seed", " ".join(parameter.opts)):
                assert isinstance(parameter.type, click.Path), said  # what it says is in a file


def test_abuse_bridge_19_nothing_in_the_bridge_reads_the_environment() -> None:
    for path in (ROOT / "frontend_bridge" / "api").glob("*.py"):
        text = path.read_text("utf-8")
        assert not re.search(r"os\.environ|getenv|auto_envvar|KeyfileSigner|from_key\(", text), path


def test_abuse_bridge_19_a_key_in_the_environment_is_told_nowhere(
    town: Town, tmp_path: Path
) -> None:
    keys = {name: f"0x{CANARY}" for name in ("PRIVATE_KEY", "ESCROW_PRIVATE_KEY", "ETH_KEYSTORE")}
    where = ["--rpc", town.stage.chain.rpc_url, "--escrow", town.stage.escrow.address]
    told = tmp_path / "told"
    with told.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", _SERVE, "serve", *where, "--port", "0", "--json"],
            cwd=tmp_path,
            env={**os.environ, **keys, "PYTHONPATH": str(ROOT)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            await_that(lambda: b'"url"' in told.read_bytes())
            url = json.loads(told.read_bytes().splitlines()[0])["url"]
            await_that(lambda: requests.get(f"{url}/readyz", timeout=10).status_code == 200)
            answers = ""
            for path in ("/metrics", "/openapi.json", "/v1/contract", "/v1/deals", "/nothing"):
                answers += requests.get(url + path, timeout=10).text
            answers += requests.post(f"{url}/v1/prepare/release", data=b"{", timeout=10).text
        finally:
            process.terminate()
            process.wait(20)
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(answers) > 10_000 and len(written) >= 2  # what it said, and the index
    for text in (answers.encode(), *written):
        assert CANARY.encode() not in text.lower() and bytes.fromhex(CANARY) not in text


# --- 20

_REQUIREMENT: Final = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[\w,-]+\])?==\S+", re.M)


def lock_files(pattern: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", pattern], cwd=ROOT, capture_output=True, text=True)
    return [ROOT / line for line in listed.stdout.splitlines()]


def unlocked(text: str) -> list[str]:
    """Return the lines of a lock of Python's that are not an exact version with hashes."""
    entries = re.split(r"\n(?=\S)", text.replace("\\\n", " ").strip())
    return [
        entry for entry in entries if not _REQUIREMENT.match(entry) or "--hash=sha256:" not in entry
    ]


def unhashed(lock: dict[str, Any]) -> list[str]:
    """Return the packages in a lock of npm's that have no strong hash, or are from elsewhere."""
    return [
        path
        for path, package in lock["packages"].items()
        if path
        and not package.get("link")
        and (not package.get("integrity", "").startswith("sha512-") or "resolved" in package)
    ]


def test_abuse_bridge_20_every_python_package_is_locked_with_hashes() -> None:
    found = lock_files("requirements*.lock")
    assert len(found) >= 4
    for path in found:
        assert unlocked(path.read_text("utf-8")) == [], path
    assert unlocked("rlp>=4 \\\n    --hash=sha256:00") and unlocked("rlp==4.1.0")


def test_abuse_bridge_20_every_npm_package_is_locked_with_a_hash() -> None:
    found = lock_files("*package-lock.json")
    assert len(found) >= 3
    for path in found:
        assert unhashed(json.loads(path.read_text("utf-8"))) == [], path
    assert unhashed({"packages": {"": {}, "node_modules/x": {"version": "1.0.0"}}})


def test_abuse_bridge_20_nothing_is_installed_but_by_the_locks() -> None:
    made = (ROOT / "Makefile").read_text("utf-8").replace("\\\n", " ")
    for line in made.splitlines():
        if re.search(r"\bpip (install|sync)\b", line):
            # The project itself comes from this folder, and brings nothing with it.
            assert "--require-hashes" in line or "--no-deps" in line, line
        assert not re.search(r"\bnpm (install|i|add|update)\b|(^|[;&|@]\s*)npx\b", line), line
    for path in lock_files("*.npmrc"):
        assert "ignore-scripts=true" in path.read_text("utf-8"), path


@pytest.mark.parametrize("swapped", [False, True])
def test_abuse_bridge_20_a_swapped_package_is_refused(tmp_path: Path, swapped: bool) -> None:
    wheel = a_wheel(tmp_path, b"VERSION = 1\n")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if swapped:
        a_wheel(tmp_path, b"VERSION = 'another'\n")
    (tmp_path / "lock").write_text(f"harmless==1.0 --hash=sha256:{digest}\n")
    command = [sys.executable, "-m", "uv", "pip", "install", "--require-hashes", "--no-index"]
    command += ["--find-links", str(tmp_path), "--target", str(tmp_path / "there"), "--no-cache"]
    done = subprocess.run(
        [*command, "--requirement", str(tmp_path / "lock")], capture_output=True, text=True
    )
    assert (done.returncode != 0) == swapped, done.stderr
    assert (tmp_path / "there" / "harmless.py").exists() != swapped
    assert ("hash mismatch" in done.stderr.lower()) == swapped, done.stderr


def a_wheel(folder: Path, source: bytes) -> Path:
    """Write a package with one module, and return its file."""
    info = "harmless-1.0.dist-info"
    files = {
        "harmless.py": source,
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: harmless\nVersion: 1.0\n",
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},sha256={_digest(data)},{len(data)}\n" for name, data in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    path = folder / "harmless-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
