"""The deal of the README, driven by exactly its commands."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from milestone_escrow.devnet import status
from tests.cli.conftest import Cli
from tests.cli.terminal import on_terminal

README = Path(__file__).resolve().parents[2] / "README.md"

# As much of a shell as the section needs, in one process, since each start takes a second.
_SHELL = r"""
import contextlib, io, re, shlex, sys
from milestone_escrow.cli import main

def run(words):
    assert words[0] == "escrow", words
    try:
        main(words[1:], prog_name="escrow")
    except SystemExit as end:
        if end.code:
            sys.exit(end.code)

names = {}
for line in sys.argv[1].replace("\\\n", " ").splitlines():
    line = re.sub(r"\$(\w+)", lambda found: names[found[1]], line)
    print("$", line, flush=True)
    if assigned := re.fullmatch(r"(\w+)=\$\((.*)\)", line):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            run(shlex.split(assigned[2]))
        names[assigned[1]] = out.getvalue().strip()
    elif words := shlex.split(line, comments=True):
        run(words)
"""


def commands() -> str:
    text = README.read_text(encoding="utf-8")
    section = text.partition("\n## Drive a deal from the terminal\n")[2].partition("\n## ")[0]
    return section.partition("```sh\n")[2].partition("```")[0]


def test_a_deal_is_driven_as_the_readme_does(cli: Cli, tmp_path: Path) -> None:
    script = commands()
    assert script.count("escrow ") > 15
    words = [sys.executable, "-c", _SHELL, script]
    code, shown = on_terminal(words, cli.environment, "y", columns=100, folder=tmp_path)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown).replace("\r\n", "\n")
    assert code == 0, plain
    assert "Error" not in plain
    last = plain.rpartition("\nMilestones\n")[2].partition("\nMoney\n")[0]
    assert [line.split()[:2] for line in last.splitlines()[1:] if line] == [
        ["0", "released"],
        ["1", "split"],
    ]
    notes = plain.rpartition("\nOn record\n")[2]
    assert re.findall(r"ArbiterConfirmed|Reported|Rated", notes) == [
        "ArbiterConfirmed",
        "Reported",
        "Rated",
    ]
    ended = status(workspace=cli.workspace)
    assert ended is not None
    assert ended.pid is None
