from __future__ import annotations

import socket
import time

from milestone_escrow import devnet
from tests.cli.conftest import Cli, Deals, await_that


def test_up_status_down(cli: Cli) -> None:
    assert cli("devnet", "status").out == "There is no devnet.\n"
    assert cli("devnet", "down").out == "There is no devnet.\n"

    up = cli("devnet", "up")
    assert (up.code, up.err) == (0, "")
    now = devnet.status(workspace=cli.workspace)
    assert now is not None
    assert up.lines[0] == "status  up (started)"
    for text in (
        now.rpc_url,
        f"(process {now.pid})",
        now.escrow,
        *(token.address for token in now.tokens.values()),
        *now.roles.values(),
    ):
        assert text in up.out
    assert "Next:" not in up.out  # that is for terminals
    assert cli("devnet", "up").lines[0] == "status  up (already up)"
    shown = cli("devnet", "status")
    assert shown.lines[0] == "status  up"
    assert shown.lines[1:] == up.lines[1:]

    assert cli("devnet", "down").out == "The devnet is down; its chain is kept.\n"
    assert cli("devnet", "status").lines[0] == "status  down (its chain is kept)"
    assert cli("devnet", "down").out == "The devnet was down; its chain is kept.\n"
    assert cli("devnet", "up").lines[0] == "status  up (resumed)"
    cli("deals")
    assert cli.workspace.index.exists()
    down = cli("devnet", "down", "--wipe")
    assert down.out == "The devnet is down; its chain is removed, and the index of it.\n"
    assert not cli.workspace.index.exists()
    assert cli("devnet", "status").out == "There is no devnet.\n"


def test_the_same_as_json(cli: Cli) -> None:
    assert cli("devnet", "down", "--json").json == {
        "devnet": None,
        "stopped": False,
        "wiped": False,
    }
    up = cli("devnet", "up", "--json").json
    now = devnet.status(workspace=cli.workspace)
    assert now is not None
    assert up["how"] == "started"
    assert up["devnet"] == {
        "rpc_url": now.rpc_url,
        "pid": now.pid,
        "chain_id": 31337,
        "genesis_hash": now.genesis_hash,
        "escrow": now.escrow,
        "notes": now.notes,
        "from_block": now.from_block,
        "tokens": {
            symbol: {"address": token.address, "decimals": token.decimals}
            for symbol, token in now.tokens.items()
        },
        "roles": dict(now.roles),
    }
    assert cli("devnet", "status", "--json").json == {"devnet": up["devnet"]}
    down = cli("devnet", "down", "--json").json
    assert down == {"devnet": up["devnet"] | {"pid": None}, "stopped": True, "wiped": False}
    assert cli("devnet", "up", "--json").json["how"] == "resumed"
    wiped = cli("devnet", "down", "--wipe", "--json").json
    assert wiped == {"devnet": None, "stopped": True, "wiped": True}


def test_a_chain_that_was_not_saved_is_told(cli: Cli) -> None:
    cli("devnet", "up")
    cli("devnet", "down")
    cli.workspace.devnet_state.unlink()
    note = cli.workspace.devnet.read_text(encoding="utf-8")
    # Begun long ago: the first block of the new one differs by its time.
    first = devnet.status(workspace=cli.workspace)
    assert first is not None
    cli.workspace.devnet.write_text(
        note.replace(first.genesis_hash, "0x" + "1" * 64), encoding="utf-8"
    )
    up = cli("devnet", "up")
    assert up.lines[0] == "status  up (started anew: the last chain was not saved)"


def test_a_taken_port_is_refused(cli: Cli) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        told = cli.refuses(3, "devnet", "up", "--port", port)
    assert told.startswith(f"Port {port} is taken by another program. Name another")
    assert cli("devnet", "status").out == "There is no devnet.\n"
    assert "--port" in cli.refuses(2, "devnet", "up", "--port", "70000")


def test_without_anvil_it_says_what_to_install(cli: Cli) -> None:
    told = cli.refuses(3, "devnet", "up", ANVIL="/nowhere/anvil")
    assert "ANVIL names /nowhere/anvil" in told


def test_wiping_keeps_the_index_of_another_chain(cli: Cli, deals: Deals) -> None:
    there = {"ESCROW_RPC": deals.scene.devnet.rpc_url}
    assert cli("index", "--escrow", deals.scene.devnet.escrow, **there).code == 0
    # A chain begun in the same second, with the same accounts, would have the same first block.
    await_that(lambda: time.time() > deals.scene.devnet.genesis_time + 1)
    cli("devnet", "up")
    assert cli("devnet", "down", "--wipe").out == "The devnet is down; its chain is removed.\n"
    assert cli("deals", "--offline").code == 0
