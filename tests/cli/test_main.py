from __future__ import annotations

import errno
import json
import subprocess
import sys

import click
import pytest
import requests

from milestone_escrow import __version__
from milestone_escrow.cli import main
from milestone_escrow.cli.exits import EXIT_CODES
from tests.cli.conftest import PATIENCE, Cli, Deals

_CONTEXT = click.Context(main)
_COMMANDS = main.list_commands(_CONTEXT)
_HELPS = [[name] for name in _COMMANDS] + [
    [group, name]
    for group in _COMMANDS
    if isinstance(made := main.get_command(_CONTEXT, group), click.Group)
    for name in made.list_commands(_CONTEXT)
]

_LIGHT = """
import sys
from milestone_escrow.cli import main
try:
    main(sys.argv[1:])
finally:
    for name in ("web3", "rich", "ape", "requests", "eth_utils", "sqlite3"):
        assert name not in sys.modules, name
"""


def test_help_imports_nothing_that_takes_time() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _LIGHT, "--help"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Commands:" in ran.stdout


@pytest.mark.parametrize("words", _HELPS, ids=" ".join)
def test_every_command_has_help_with_an_example(cli: Cli, words: list[str]) -> None:
    ran = cli(*words, "--help")
    assert ran.code == 0
    assert f"  escrow {' '.join(words)}" in ran.out.partition("Example")[2]
    again = cli(*words, "-h")
    assert (again.code, again.err, again.out) == (0, ran.err, ran.out)


def test_helps_were_found_in_every_group() -> None:
    groups = {words[0] for words in _HELPS if len(words) == 2}
    assert groups == {"devnet", "agreement", "sign", "call"}


def test_the_main_help_lists_the_exit_codes_and_the_completion(cli: Cli) -> None:
    shown = cli("--help").out
    for code, meaning in EXIT_CODES:
        assert f"  {code:>3}  {meaning}" in shown
    assert "_ESCROW_COMPLETE=bash_source" in shown
    assert all(f"  {name} " in shown for name in _COMMANDS)


def test_version(cli: Cli) -> None:
    assert cli("--version").out == f"escrow, version {__version__}\n"


def test_the_module_is_the_command(cli: Cli) -> None:
    ran = cli.finish(cli.process("devnet", "status", "--json"))
    assert (ran.code, ran.json, ran.err) == (0, {"devnet": None}, "")


def test_shells_complete_it(cli: Cli) -> None:
    asked = {"_ESCROW_COMPLETE": "bash_complete", "COMP_WORDS": "escrow de", "COMP_CWORD": "1"}
    words = [line.partition(",")[2] for line in cli(**asked).lines]
    assert {"devnet", "deploy", "deals", "deal"} <= set(words)
    assert "index" not in words


def test_an_unknown_command_names_the_likely_one(cli: Cli) -> None:
    told = cli.refuses(2, "doctr")
    assert told == "There is no command 'doctr'. Did you mean doctor? See escrow --help."


def test_an_unknown_option_points_to_the_help(cli: Cli) -> None:
    assert "See escrow deals --help." in cli.refuses(2, "deals", "--bogus")


def raise_from_status(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def status(**_: object) -> None:
        raise error

    monkeypatch.setattr("milestone_escrow.devnet.status", status)


def test_a_mistake_is_one_sentence_and_debug_shows_where(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    raise_from_status(monkeypatch, KeyError("hidden"))
    told = cli.refuses(70, "devnet", "status")
    assert told.startswith("This program made a mistake (KeyError). Run it again with --debug")
    for args in (["devnet", "status", "--debug"], ["--debug", "devnet", "status"]):
        ran = cli(*args)
        assert ran.code == 70
        assert "Traceback" in ran.err
        assert "KeyError: 'hidden'" in ran.err


def test_what_a_library_below_raises_is_told_in_words(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    raise_from_status(monkeypatch, requests.ConnectionError("secret-url"))
    assert "The node does not answer." in cli.refuses(3, "devnet", "status")


def test_a_full_disk_is_told_in_words(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    raise_from_status(monkeypatch, OSError(errno.ENOSPC, "No space left on device", "index.sqlite"))
    told = cli.refuses(1, "devnet", "status")
    assert told.startswith("A file cannot be used: No space left on device (index.sqlite).")


def test_ctrl_c_ends_it_quietly(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    raise_from_status(monkeypatch, KeyboardInterrupt())
    ran = cli("devnet", "status")
    assert (ran.code, ran.out, ran.err.strip()) == (130, "", "")


def test_nobody_reading_ends_it_quietly(on_devnet: Cli, deals: Deals) -> None:
    process = on_devnet.process("events")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr as errors:
        told = errors.read()
    assert process.wait(PATIENCE) == 141
    assert told.startswith("Indexed to block")
    assert len(told.splitlines()) == 1


def test_a_folder_that_is_none_is_refused(cli: Cli) -> None:
    cli.home.write_text("", encoding="utf-8")
    for words in (["devnet", "status"], ["deals"], ["index"], ["deploy"]):
        assert f"{cli.home} is not a folder." in cli.refuses(2, *words)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--rpc", "ftp://node"], "not a node's URL"),
        (["--rpc", "localhost:8545"], "not a node's URL"),
        (["--rpc", "http://127.0.0.1:99999"], "not a node's URL"),
        (["--chain-id", "0"], "--chain-id"),
        (["--escrow", "0x12"], "--escrow is '0x12', not an address"),
        (["--escrow", "f39Fd6e51aad88F6F4ce6aB8827279cffFb92266"], "not an address"),
        (["--escrow", "0xF39Fd6e51aad88F6F4ce6aB8827279cffFb92266"], "checksum is wrong"),
        (["--party", "someone"], "--party is 'someone', not an address"),
        (["--status", "paid"], "--status"),
        (["--at", "tomorrow"], "neither a block nor a time"),
        (["--limit", "0"], "--limit"),
    ],
)
def test_a_malformed_option_is_wrong_usage(cli: Cli, options: list[str], words: str) -> None:
    assert words in cli.refuses(2, "deals", *options)
    assert not cli.home.exists()


def test_a_malformed_url_is_not_repeated(cli: Cli) -> None:
    assert "secret" not in cli.refuses(2, "deals", "--rpc", "wss://node/secret")
    ran = cli("deals", ESCROW_RPC="wss://node/secret")
    assert ran.code == 2
    assert "secret" not in ran.err


def test_json_errors_have_the_librarys_shape(cli: Cli, no_node: str) -> None:
    error = json.loads(cli("deals", "--rpc", f"{no_node}/secret", "--json").err)["error"]
    assert error["code"] == "node-not-answering"
    assert no_node in error["sentence"]
    assert "secret" not in str(error)
