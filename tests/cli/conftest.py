from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from milestone_escrow import artifacts, calls, devnet
from milestone_escrow.agreement import DAY, Agreement
from milestone_escrow.chain import DevChain, free_port
from milestone_escrow.cli import main
from milestone_escrow.client import EscrowClient, connect
from milestone_escrow.deployments import deploy
from milestone_escrow.devnet import Devnet
from milestone_escrow.exceptions import DeploymentError
from milestone_escrow.signers import NodeSigner
from milestone_escrow.tokens import Token, approve
from milestone_escrow.workspace import Workspace

if TYPE_CHECKING:
    from tests.cli.play import Play

PATIENCE = 30.0  # seconds in which what must happen happens, on a busy machine
ETHER = 10**18


def await_that(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


@dataclass(frozen=True)
class Ran:
    """What a command left."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


@dataclass(frozen=True)
class Cli:
    """The command ``escrow`` in a folder of its own."""

    home: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.home)

    @property
    def environment(self) -> dict[str, str | None]:
        return {"ESCROW_HOME": str(self.home), "ESCROW_RPC": None, **self.variables}

    def __call__(self, *args: str, **variables: str) -> Ran:
        """Run it in this process."""
        result = CliRunner(mix_stderr=False).invoke(
            main, args, env=self.environment | variables, prog_name="escrow"
        )
        return Ran(result.exit_code, result.stdout, result.stderr)

    def refuses(self, code: int, *args: str, **variables: str) -> str:
        """Run it, see that it refuses as it should, and return its sentence and remedy."""
        ran = self(*args, **variables)
        assert ran.code == code, (ran.out, ran.err)
        assert ran.out == ""
        assert "Traceback" not in ran.err
        sentence, remedy = ran.err.splitlines()[-2:]
        assert sentence.startswith("Error: ")
        assert sentence.endswith((".", "?"))
        assert remedy.endswith(".")
        told = self(*args, "--json", **variables)
        assert told.code == code
        assert told.out == ""
        error = json.loads(told.err.splitlines()[-1])["error"]
        assert (error["sentence"], error["remedy"]) == (sentence.removeprefix("Error: "), remedy)
        return f"{error['sentence']} {error['remedy']}"

    def process(self, *args: str, **options: Any) -> subprocess.Popen[str]:
        """Start it as a process."""
        environment = {
            name: value
            for name, value in {**os.environ, **self.environment}.items()
            if value is not None
        }
        return subprocess.Popen(
            [sys.executable, "-m", "milestone_escrow", *args],
            env=environment,
            text=True,
            stdin=subprocess.DEVNULL,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options,
        )

    def finish(self, process: subprocess.Popen[str]) -> Ran:
        """Wait until a process has ended."""
        out, err = process.communicate(timeout=PATIENCE)
        return Ran(process.returncode, out, err)


class Scene:
    """A devnet in a folder, and deals on it."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.devnet: Devnet = devnet.up(workspace=workspace)
        self.chain = DevChain(self.devnet.rpc_url)
        self.w3 = connect(self.devnet.rpc_url)
        self.client = EscrowClient(self.w3, self.devnet.escrow)
        self.roles = {
            name: NodeSigner(self.w3, address) for name, address in self.devnet.roles.items()
        }
        self._deals = 0

    def agreement(self, *amounts: int, token: str | None = None, **terms: Any) -> Agreement:
        """Return an agreement between employer and freelancer, its deadlines months away."""
        self._deals += 1
        now = self.chain.time()
        if token is not None:
            terms["token"] = token
        return Agreement.build(
            **{
                "employer": self.devnet.roles["employer"],
                "freelancer": self.devnet.roles["freelancer"],
                "document": self._deals.to_bytes(32, "big"),
                "accept_by": now + 7 * DAY,
                "milestones": [
                    (amount, now + (index + 1) * 30 * DAY) for index, amount in enumerate(amounts)
                ],
                **terms,
            }
        )

    def do(self, role: str, call: calls.Call) -> None:
        self.client.execute(call, self.roles[role])

    def id_of(self, agreement: Agreement) -> str:
        return "0x" + self.client.deal_id(agreement).hex()

    def strange_token(self) -> Token:
        """Deploy a token whose symbol looks like a terminal's markup; the employer has some."""
        symbol, employer = "[b]odd", self.roles["employer"]
        deployed = deploy(self.w3, employer, "TestToken", "Odd", symbol, 2)
        contract = self.w3.eth.contract(
            address=self.w3.to_checksum_address(deployed.address),
            abi=artifacts.load("TestToken").abi,
        )
        minted = contract.functions.mint(employer.address, 10**6).transact(
            {"from": employer.address}
        )
        self.w3.eth.wait_for_transaction_receipt(minted)
        approve(self.w3, deployed.address, employer, self.client.address, 10**6)
        return Token(deployed.address, symbol, 2)


@dataclass(frozen=True)
class Deals:
    """What was done on the scene of the tests that only read."""

    scene: Scene
    main: Agreement  # TEST6, a fee: released, requested, funded
    job: Agreement  # native, nobody awarded
    cancelled: Agreement  # native; its id begins with the same digit as the main one's
    odd: Agreement  # in the strange token

    def ids(self) -> list[str]:
        return [self.scene.id_of(each) for each in (self.main, self.job, self.cancelled, self.odd)]


@pytest.fixture(scope="session")
def deals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deals]:
    """A devnet with four deals, for all tests that change nothing on it."""
    workspace = Workspace(tmp_path_factory.mktemp("deals") / ".escrow")
    try:
        scene = Scene(workspace)
        platform = scene.devnet.roles["platform"]
        usd = scene.devnet.tokens["TEST6"].address
        main_deal = scene.agreement(
            10**9, 2 * 10**9, 3 * 10**9, token=usd, platform=platform, fee_bps=250
        )
        scene.do("employer", calls.fund(main_deal, [0, 1, 2]))
        scene.do("freelancer", calls.accept(main_deal, [0, 1, 2]))
        scene.do("employer", calls.release(main_deal, [0]))
        scene.do("freelancer", calls.request_release(main_deal, [1]))
        job = scene.agreement(ETHER, freelancer="0x" + "0" * 40)
        scene.do("employer", calls.fund(job, [0]))
        digit = scene.id_of(main_deal)[:3]
        cancelled = next(
            agreement
            for agreement in iter(lambda: scene.agreement(ETHER // 4), None)
            if agreement is not None and scene.id_of(agreement)[:3] == digit
        )
        scene.do("employer", calls.fund(cancelled, [0]))
        scene.do("freelancer", calls.accept(cancelled, [0]))
        scene.do("freelancer", calls.cancel(cancelled, [0]))
        odd = scene.agreement(12_345, token=scene.strange_token().address)
        scene.do("employer", calls.fund(odd, [0]))
        yield Deals(scene, main_deal, job, cancelled, odd)
    finally:
        devnet.down(wipe=True, workspace=workspace)


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """A devnet for the tests that send calls and let time pass."""
    from tests.cli.play import Play

    workspace = Workspace(tmp_path_factory.mktemp("play") / ".escrow")
    try:
        yield Play(workspace, tmp_path_factory.mktemp("files"))
    finally:
        devnet.down(wipe=True, workspace=workspace)


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    """The command in a folder where nothing is; a devnet that a test starts there is ended."""
    fresh = Cli(tmp_path / ".escrow")
    yield fresh
    with contextlib.suppress(DeploymentError):  # of the tests that make the note unreadable
        devnet.down(wipe=True, workspace=fresh.workspace)


@pytest.fixture
def on_devnet(deals: Deals) -> Cli:
    """The command in the folder of the devnet with the four deals."""
    return Cli(deals.scene.workspace.folder)


@pytest.fixture
def elsewhere(cli: Cli, deals: Deals) -> Cli:
    """The command in a fresh folder, its node that of the devnet with the four deals."""
    return Cli(cli.home, {"ESCROW_RPC": deals.scene.devnet.rpc_url})


@pytest.fixture
def no_node(monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a URL at which nothing answers; the usual one is such, too."""
    url = f"http://127.0.0.1:{free_port(0)}"
    monkeypatch.setattr("milestone_escrow.cli.connection.DEFAULT_RPC", url)
    return url
