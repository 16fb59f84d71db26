"""How ``escrow call`` asks, refuses and shows: on a real chain, whatever the call is."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from milestone_escrow import calls
from milestone_escrow.agreement import Agreement
from milestone_escrow.chain import start_hardhat
from milestone_escrow.deal_state import Status
from milestone_escrow.deployments import deploy
from milestone_escrow.devnet import Devnet
from milestone_escrow.tokens import allowance_of
from tests.cli.conftest import ETHER, Cli
from tests.cli.play import Play, events_of
from tests.cli.terminal import on_terminal

PASSPHRASE = "canary-of-a-passphrase"


@pytest.fixture(scope="module")
def deal(play: Play) -> Agreement:
    """A bound deal that no test changes."""
    return play.bound()


@pytest.fixture(scope="module")
def keyfile(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str, str]:
    """A keyfile, the file of its passphrase, and its address; opening it takes no time."""
    folder = tmp_path_factory.mktemp("keys")
    account = Account.create()
    stored = Account.encrypt(account.key, PASSPHRASE, kdf="pbkdf2", iterations=2)
    (folder / "key.json").write_text(json.dumps(stored), encoding="utf-8")
    (folder / "passphrase").write_text(f"{PASSPHRASE}\n", encoding="utf-8")
    return str(folder / "key.json"), str(folder / "passphrase"), account.address


def head(play: Play) -> int:
    return int(play.scene.chain.request("eth_blockNumber"), 16)


def status(play: Play, agreement: Agreement, index: int = 0) -> int:
    client = play.scene.client
    return client.milestone(client.deal_id(agreement), index).status


# --- Looking


def test_a_dry_run_says_what_will_happen_and_sends_nothing(play: Play, deal: Agreement) -> None:
    before = head(play)
    args = ("call", "release", *play.named(deal), "--index", "0", "--dry-run")
    shown = play.ran(play.cli(*args, "--as", "employer")).out
    assert "0  Released  1 ETH to freelancer 0x3C44…93BC (by the employer)" in shown
    assert "final   A payment is never taken back." in shown
    assert shown.endswith("Nothing was sent.\n")
    told = play.ran(play.cli(*args, "--json")).json  # nobody need be named: the deal knows who
    assert (told["dry_run"], told["sender"]) == (True, deal.employer)
    assert events_of(told["foreseen"]) == ["Released"]
    assert f"gas     {told['gas']:,}" in shown
    assert head(play) == before


def test_a_node_that_cannot_foresee_events_still_says_the_gas(cli: Cli) -> None:
    with start_hardhat(0) as node:
        rpc = ("--rpc", node.rpc_url)
        assert cli("deploy", *rpc).code == 0
        accounts = node.chain.accounts()
        files = [str(cli.home / name) for name in ("agreement.json", "document.json")]
        made = cli(
            *("agreement", "new", "--title", "Work", "--employer", accounts[0], *rpc),
            *("--freelancer", accounts[1], "--milestone", "It, 1, 30d"),
            *("--out", files[0], "--document", files[1]),
        )
        assert made.code == 0, made.err
        fund = ("call", "fund", "--agreement", files[0], "--index", "0", "--as", accounts[0], *rpc)
        told = cli(*fund, "--dry-run", "--json").json
        assert told["foreseen"] is None
        assert told["gas"] > 50_000
        assert "What will happen" not in cli(*fund, "--dry-run").out
        assert events_of(cli(*fund, "--yes", "--json").json) == ["Opened", "Funded"]


def test_an_unsigned_transaction_is_sent_by_another_means(play: Play) -> None:
    agreement = play.bound()
    ran = play.cli("call", "release", *play.named(agreement), "--index", "0", "--unsigned")
    tx = play.ran(ran).json
    assert tx["from"] == agreement.employer
    assert tx["to"] == play.scene.client.address
    assert int(tx["chainId"], 16) == 31337
    assert "to be signed and sent by" in ran.err
    assert play.send_unsigned(tx)["status"] == 1
    assert status(play, agreement) == Status.SETTLED


def test_an_unsigned_transaction_is_signed_by_a_key(
    play: Play, keyfile: tuple[str, str, str]
) -> None:
    path, _, address = keyfile
    play.scene.chain.set_balance(address, ETHER)
    play.scene.do("employer", calls.fund(agreement := play.scene.agreement(ETHER), [0]))
    play.scene.do("freelancer", calls.accept(agreement, [0]))
    play.scene.do("freelancer", calls.request_release(agreement, [0]))
    play.pass_time(agreement.review_period)
    args = ("claim", *play.named(agreement), "--index", "0", "--from", address, "--unsigned")
    tx = play.ran(play.cli("call", *args)).json
    w3 = play.scene.w3
    full: dict[str, Any] = {name: value for name, value in tx.items() if name != "from"}
    full |= {
        "nonce": w3.eth.get_transaction_count(w3.to_checksum_address(address)),
        "gasPrice": 10**10,
    }
    account = Account.from_key(
        Account.decrypt(json.loads(Path(path).read_text(encoding="utf-8")), PASSPHRASE)
    )
    w3.eth.wait_for_transaction_receipt(
        w3.eth.send_raw_transaction(account.sign_transaction(full).raw_transaction)
    )
    assert status(play, agreement) == Status.SETTLED


def test_a_keyfile_signs_and_sends(play: Play, keyfile: tuple[str, str, str]) -> None:
    path, passphrase, address = keyfile
    play.scene.chain.set_balance(address, 10 * ETHER)
    agreement = play.scene.agreement(ETHER, employer=address)
    args = ("fund", *play.named(agreement), "--index", "0", "--keyfile", path)
    ran = play.ran(play.cli("call", *args, "--passphrase-file", passphrase, "--yes"))
    assert "Opened" in ran.out
    assert PASSPHRASE not in ran.out + ran.err
    assert status(play, agreement) == Status.RESERVED


# --- Asking


def typed(play: Play, answer: str, *args: str, columns: int = 80) -> tuple[int, str]:
    """Run the command on a terminal, and answer its question."""
    program = [sys.executable, "-m", "milestone_escrow", *args]
    return on_terminal(program, play.cli.environment, answer, columns=columns)


def test_a_person_is_asked_and_may_say_no(play: Play) -> None:
    agreement = play.bound()
    args = ("call", "release", *play.named(agreement), "--index", "0", "--as", "employer")
    code, shown = typed(play, "n", *args)
    assert code == 1
    assert "What will happen" in shown
    assert "Nothing was done." in shown
    assert status(play, agreement) == Status.FUNDED
    code, shown = typed(play, "y", *args)
    assert code == 0, shown
    assert "waiting until it is mined" in shown
    assert f"Next: escrow deal {play.scene.id_of(agreement)[:10]}" in shown
    assert status(play, agreement) == Status.SETTLED


def test_a_passphrase_is_typed_unseen(play: Play, keyfile: tuple[str, str, str]) -> None:
    path, _, address = keyfile
    play.scene.chain.set_balance(address, 10 * ETHER)
    named = play.named(play.scene.agreement(ETHER, employer=address))
    args = ("call", "fund", *named, "--index", "0", "--keyfile", path, "--yes")
    code, shown = typed(play, PASSPHRASE, *args)
    assert code == 0, shown
    assert PASSPHRASE not in shown
    code, shown = typed(play, "another", *args)
    assert code == 2
    assert "does not open the keyfile" in shown.replace("\r\n", " ")


def test_without_a_terminal_nothing_is_sent_unasked(play: Play, deal: Agreement) -> None:
    before = head(play)
    args = ("call", "cancel", *play.named(deal), "--index", "0", "--as", "freelancer")
    ran = play.cli(*args)
    assert ran.code == 2
    assert "A yes is asked for on a terminal" in ran.err
    assert "Give --yes" in ran.err
    assert head(play) == before


@pytest.mark.parametrize("width", [80, 120])
def test_it_fits_the_terminal(play: Play, width: int) -> None:
    args = ("call", "fund", *play.named(play.scene.agreement(ETHER)), "--index", "0")
    _, shown = typed(play, "n", *args, "--as", "employer", columns=width)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert "final" in plain
    assert max(map(len, plain.splitlines())) <= width


# --- Refusing


def test_who_may_not_is_refused_before_anything_is_sent(play: Play, deal: Agreement) -> None:
    before = head(play)
    for name, role, right in (
        (("release", "--index", "0"), "freelancer", "employer"),
        (("cancel", "--index", "0"), "employer", "freelancer"),
        (("report", "--index", "0", "--percent", "5"), "stranger", "freelancer"),
    ):
        args = ("call", name[0], *play.named(deal), *name[1:], "--as", role, "--yes")
        told = play.cli.refuses(2, *args)
        assert told.startswith(f"Only the {right} may {name[0]}: {play.address(right)}")
    told = play.cli.refuses(
        1, *("call", "dispute", *play.named(deal), "--index", "0", "--as", "stranger", "--yes")
    )
    assert "Only the employer and the freelancer" in told
    told = play.cli.refuses(
        2,
        "call",
        "rule",
        *play.named(deal),
        *("--index", "0"),
        "--dry-run",
        "--freelancer-amount",
        "0",
    )
    assert "names no arbiter" in told
    assert head(play) == before


@pytest.mark.parametrize(
    ("code", "args", "words"),
    [
        (1, ("release", "--deal", "0xffff", "--index", "0"), "0xffff"),
        (2, ("release", "--index", "0"), "which deal this is about"),
        (2, ("release", "--deal", "0x1", "--agreement", "x", "--index", "0"), "which deal"),
        (2, ("release", "--agreement", "/nowhere.json", "--index", "0"), "cannot be read"),
        (2, ("release", "@"), "No milestone was named."),
        (2, ("release", "@", "--indexes", "first"), "is not such as 0,1 or all"),
        (2, ("release", "@", "--indexes", "0", "--index", "1"), "twice"),
        (1, ("release", "@", "--index", "7"), "There is no milestone with that index."),
        (2, ("fund", "@", "--index", "7"), "The agreement has no milestone 7."),
        (2, ("release-part", "@", "--index", "7", "--amount", "1"), "no milestone 7"),
        (2, ("release-part", "@", "--index", "0"), "--amount is missing."),
        (1, ("release-part", "@", "--index", "0", "--amount", "0." + "1" * 19), "19 digits"),
        (1, ("release-part", "@", "--index", "0", "--amount", "1e3"), "not a plain amount"),
        (1, ("release-part", "@", "--index", "0", "--amount", "1.5", "--raw"), "the token has 0"),
        (1, ("release-part", "@", "--index", "0", "--amount", "9"), "more than can be paid"),
        (2, ("request-changes", "@", "--index", "0", "--note", "0x12"), "it is not a hash"),
        (2, ("request-changes", "@", "--index", "0", "--note-file", "/none"), "cannot be read"),
        (2, ("fund", "@", "--index", "0", "--signature", "0xzz"), "no signature in hexadecimal"),
        (2, ("fund", "@", "--index", "0", "--signature", "/none"), "cannot be read"),
        (2, ("amend", "@", "--indexes", "all", "--expiry", "1d"), "--new is missing."),
        (2, ("approve", "--token", "ETH", "--amount", "1"), "needs no approval"),
        (2, ("approve", "--token", "WETH", "--amount", "1"), "There is no token 'WETH' here."),
        (2, ("approve", "--token", "{escrow}", "--amount", "1"), "There is no ERC-20 token"),
        (2, ("pay-credit", "--token", "ETH", "--owner", "nobody"), "no role here"),
        (1, ("pay-credit", "--token", "ETH", "--owner", "stranger"), "There is no credit"),
        (2, ("keep-alive", "@", "--dry-run", "--unsigned"), "exclude each other"),
        (2, ("keep-alive", "@", "--from", "{escrow}"), "Two senders"),
        (1, ("keep-alive", "@"), "the final deadline is still ahead"),
        (2, ("case-execute", "@", "--index", "0"), "has no arbiter"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(
    play: Play, deal: Agreement, code: int, args: tuple[str, ...], words: str
) -> None:
    named = list(play.named(deal))
    full = [word for arg in args for word in (named if arg == "@" else [arg])]
    full = [word.format(escrow=play.scene.client.address) for word in full]
    told = play.cli.refuses(code, "call", *full, "--as", "employer", "--yes")
    assert words.lower() in told.lower()


def test_an_arbiter_that_is_no_adapter_has_no_cases(play: Play) -> None:
    """A call of an account without code would go through, and do nothing."""
    named = play.named(play.scene.agreement(ETHER, arbiter=play.address("arbiter")))
    for name in ("case-confirm", "case-execute", "case-pay-fee", "case-submit"):
        index = () if name == "case-confirm" else ("--index", "0")
        args = ("call", name, *named, *index, "--as", "employer", "--yes")
        assert "There is no arbiter adapter" in play.cli.refuses(1, *args)
    other = deploy(play.scene.w3, play.scene.roles["stranger"], "MilestoneEscrow")
    options = ("--escrow", other.address, "--adapter", play.adapter.address, "--as", "employer")
    told = play.cli.refuses(1, "call", "case-withdraw-credit", *options, "--yes")
    assert "is of another escrow" in told


def test_nobody_named_to_sign_is_told(play: Play, deal: Agreement) -> None:
    named = play.named(deal)
    told = play.cli.refuses(2, "call", "release", *named, "--index", "0", "--yes")
    assert told.startswith("Nobody was named to sign. Give --as")
    told = play.cli.refuses(2, "call", "claim", *named, "--index", "0", "--unsigned")
    assert told.startswith("It must be said who sends this.")
    told = play.cli.refuses(2, "call", "release", *named, "--index", "0", "--as", "boss", "--yes")
    assert "Give one of employer, freelancer" in told


def test_a_wrong_passphrase_is_refused(
    play: Play, deal: Agreement, keyfile: tuple[str, str, str], tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("canary-of-another", encoding="utf-8")
    args = ("call", "release", *play.named(deal), "--index", "0", "--yes")
    path, passphrase, _ = keyfile
    told = play.cli.refuses(2, *args, "--keyfile", path, "--passphrase-file", str(wrong))
    assert "does not open the keyfile" in told
    assert "canary" not in told
    told = play.cli.refuses(2, *args, "--keyfile", path, "--passphrase-file", passphrase)
    assert told.startswith("Only the employer may release")
    told = play.cli.refuses(2, *args, "--keyfile", path, "--as", "employer")
    assert "two senders" in told


# --- Approving


@pytest.fixture
def unapproved(play: Play) -> Agreement:
    """An agreement in a token of which the escrow may take nothing."""
    agreement = play.scene.agreement(1_500_000, token=play.token())
    play.call("approve", "--token", "TEST6", "--amount", "0", role="employer")
    return agreement


def allowed(play: Play) -> int:
    scene = play.scene
    return allowance_of(scene.w3, play.token(), play.address("employer"), scene.client.address)


def test_a_missing_approval_is_told_with_the_command_that_gives_it(
    play: Play, unapproved: Agreement
) -> None:
    fund = ("call", "fund", *play.named(unapproved), "--index", "0", "--as", "employer", "--yes")
    told = play.cli.refuses(1, *fund)
    assert "does not allow the escrow to take 1.5 TEST6." in told
    command = told.partition("first run: escrow ")[2].rstrip(".").split()
    play.ran(play.cli(*command, "--yes"))
    assert allowed(play) == 1_500_000
    assert "Funded" in play.ran(play.cli(*fund)).out
    assert allowed(play) == 0


def test_an_approval_is_given_first_if_that_is_wanted(play: Play, unapproved: Agreement) -> None:
    fund = ("call", "fund", *play.named(unapproved), "--index", "0", "--as", "employer")
    before = head(play)
    shown = play.ran(play.cli(*fund, "--approve", "--dry-run")).out
    assert "First an approval: the escrow may take 1.5 TEST6." in shown
    assert "Funded" in shown
    assert head(play) == before
    told = play.ran(play.cli(*fund, "--approve", "--yes", "--json")).json
    assert events_of(told) == ["Opened", "Funded"]
    assert head(play) == before + 2


# --- Finding


def test_roles_are_of_the_devnet_alone(elsewhere: Cli, play: Play, deal: Agreement) -> None:
    """In a folder that does not know the devnet, addresses do."""
    rpc: Devnet = play.scene.devnet
    options = ("--rpc", rpc.rpc_url, "--escrow", rpc.escrow)
    args = ("call", "release", *play.named(deal), "--index", "0", "--dry-run", *options)
    assert "no role here" in elsewhere.refuses(2, *args, "--as", "employer")
    ran = elsewhere(*args, "--as", rpc.roles["employer"], "--json")
    assert ran.json["sender"] == rpc.roles["employer"]
    note = ("call", "request-cancel", *play.named(deal), "--dry-run", *options)
    assert "notes contract's address" in elsewhere.refuses(2, *note)
    assert elsewhere(*note, "--notes", rpc.notes).code == 0
    assert "There are no notes" in elsewhere.refuses(1, *note, "--notes", rpc.escrow)
