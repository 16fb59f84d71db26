from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable

import pytest

from milestone_escrow.agreement import DAY
from milestone_escrow.cli.output import Column, Screen
from milestone_escrow.cli.sayings import saying
from milestone_escrow.cli.words import ago, at, counted, instant, moment, shown_url
from milestone_escrow.event_types import (
    EVENTS,
    Active,
    CreditPaid,
    Disputed,
    Moved,
    Reason,
    Refunded,
    Released,
    RequestVoided,
    Ruled,
    Superseded,
)
from tests.cli.conftest import Cli, Deals

A = "0x" + "aA" * 20
B = "0x" + "bB" * 20
ID = bytes(range(32))
NOW = 1_893_456_000  # 2030-01-01

# All commands in one process, since starting one takes a second; each may begin with variables.
_SCRIPT = """
import os, sys
from milestone_escrow.cli import main
for line in sys.argv[1:]:
    words = line.split()
    for name in ("COLUMNS", "NO_COLOR"):
        os.environ.pop(name, None)
    os.environ["TERM"] = "xterm-256color"
    while "=" in words[0]:
        name, _, value = words.pop(0).partition("=")
        os.environ[name] = value
    print("$", line)
    try:
        main(words, prog_name="escrow")
    except SystemExit as end:
        print("->", end.code)
"""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_COLOURED = re.compile(r"\x1b\[(?:\d+;)*3\d")
_COMMANDS = ("deals", "deal {main}", "events --limit 9", "doctor", "devnet status")
_REFUSED = "deal 0xffff"


@pytest.fixture(scope="module")
def shown(deals: Deals) -> dict[str, str]:
    """What commands show on a terminal of 80 columns, by their words."""
    cli = Cli(deals.scene.workspace.folder)
    words = [
        variables + command.format(main=deals.ids()[0])
        for variables in ("", "COLUMNS=120 ", "NO_COLOR=1 ", "TERM=dumb ")
        for command in (*_COMMANDS, _REFUSED)
    ]
    terminal, inside = pty.openpty()
    fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 80, 0, 0))
    environment = {**os.environ, **cli.environment}
    with subprocess.Popen(
        [sys.executable, "-c", _SCRIPT, *words],
        env={name: value for name, value in environment.items() if value is not None},
        stdin=inside,
        stdout=inside,
        stderr=inside,
    ) as process:
        os.close(inside)
        told = b""
        with contextlib.suppress(OSError):  # Linux's word for the other end being closed
            while part := os.read(terminal, 65536):
                told += part
    os.close(terminal)
    assert process.returncode == 0
    parts = told.decode().replace("\r\n", "\n").split("$ ")[1:]
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in parts}


@pytest.mark.parametrize("columns", [80, 120])
def test_on_a_terminal_it_fits_the_width(shown: dict[str, str], deals: Deals, columns: int) -> None:
    prefix = "" if columns == 80 else "COLUMNS=120 "
    told = {words: shown[prefix + words.format(main=deals.ids()[0])] for words in _COMMANDS}
    plain = {words: _COLOUR.sub("", text) for words, text in told.items()}
    for words, text in plain.items():
        assert text.endswith("-> 0\n"), text
        assert _COLOURED.search(told[words])
        assert "\nNext: escrow " in text
        longest = max(text.splitlines(), key=len)
        assert len(longest) <= columns or "/anvil" in longest, longest
    assert ("EMPLOYER" in plain["deals"]) is (columns == 120)
    assert ("PRICE" in plain["deals"]) is (columns == 120)
    assert ("TIME" in plain["events --limit 9"]) is (columns == 120)
    assert "5,000 TEST6" in plain["deals"]
    assert "123.45 [b]odd" in plain["deals"]  # nothing in it is markup
    assert f"deal    {deals.ids()[0]}" in plain["deal {main}"]


def test_on_a_terminal_an_error_is_two_lines(shown: dict[str, str]) -> None:
    assert _COLOURED.search(shown[_REFUSED])
    assert _COLOUR.sub("", shown[_REFUSED]).splitlines()[-3:] == [
        "Error: The index has no deal 0xffff.",
        "Check the id; if the deal is new, index again.",
        "-> 1",
    ]


def test_without_colour_where_none_is_wanted(shown: dict[str, str]) -> None:
    for words, text in shown.items():
        if words.startswith("NO_COLOR"):
            assert not _COLOURED.search(text)
        if words.startswith("TERM"):
            assert "\x1b" not in text


def test_in_a_pipe_every_column_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen(json=False)
    screen.table(
        [Column("NAME", keep=1), Column("AMOUNT", right=True), Column("WHAT", flows=True)],
        [["first", "1", "a long saying " * 20], ["2", "1,000", ""]],
    )
    screen.heading("Facts")
    screen.facts([("status", "up"), ("a", "b")])
    screen.next_step("nothing")
    shown = capsys.readouterr().out.splitlines()
    assert shown[:3] == [
        "NAME   AMOUNT  WHAT",
        "first       1  " + ("a long saying " * 20).rstrip(),
        "2       1,000",
    ]
    assert shown[3:] == ["", "Facts", "status  up", "a       b"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s ago"),
        (-119, "119 s ago"),
        (-120, "2 min ago"),
        (7_199, "in 120 min"),
        (7_200, "in 2 h"),
        (2 * DAY - 1, "in 48 h"),
        (2 * DAY, "in 2 days"),
        (15 * DAY - 1, "in 15 days"),
        (-4_000 * DAY, "4,000 days ago"),
    ],
)
def test_how_long_ago(seconds: int, words: str) -> None:
    assert ago(NOW + seconds, NOW) == words
    assert at(NOW + seconds, NOW) == f"{instant(NOW + seconds)} ({words})"


def test_times_of_any_size_are_shown() -> None:
    assert instant(NOW) == "2030-01-01 00:00 UTC"
    assert instant(2**256 - 1) == f"second {2**256 - 1}"


def test_a_url_is_shown_without_its_secrets() -> None:
    assert shown_url("https://user:secret@node.example:99/v3/secret?key=secret") == (
        "https://node.example:99"
    )


def test_counting() -> None:
    assert [counted(n, "deal") for n in (0, 1, 2_000)] == ["0 deals", "1 deal", "2,000 deals"]


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Superseded(ID, ID[::-1], A, 7), "replaced by 0x1f1e1d1c; 7 X moved"),
        (Active(ID, A, NOW), "0xaAaA…aAaA acted at 2030-01-01 00:00 UTC"),
        (RequestVoided(ID, 0, A, 7), "7 X not asked for any more"),
        (Disputed(ID, 0, A, ID, NOW, 7), "7 X, by 0xaAaA…aAaA"),
        (Ruled(ID, 0, A, 0, 3, 7), "3 X of 7 X to the freelancer"),
        (Ruled(ID, 0, A, 1, 3, 7), "3 X of 7 X to the freelancer; 1 X to the arbiter"),
        (
            Released(ID, 0, A, 5, 1, 2, Reason.VOUCHER),
            "5 X to 0xaAaA…aAaA, 1 X of it the fee (by a voucher); 2 X held",
        ),
        (Refunded(ID, 0, A, 5, 0, Reason.DORMANT), "5 X to 0xaAaA…aAaA (the deal lapsed)"),
        (Moved(ID, 0, ID[::-1], 7), "7 X to 0x1f1e1d1c"),
        (CreditPaid(A, B, A, 7), "7 X of 0xbBbB…bBbB to 0xaAaA…aAaA"),
        (CreditPaid(A, B, B, 7), "7 X of 0xbBbB…bBbB"),
    ],
    ids=lambda value: type(value).__name__ if type(value) in EVENTS else "",
)
def test_what_events_say(event: Active, words: str) -> None:
    show: Callable[[int], str] = "{} X".format
    assert saying(event, show) == words


def test_every_moment_has_words() -> None:
    names = (
        "accept_by",
        "final_deadline",
        "overdue",
        "claimable",
        "ruling_ends",
        "disputable",
        "dormant",
        "notice",
        "lapsed",
    )
    assert len({moment(name) for name in names}) == len(names)
