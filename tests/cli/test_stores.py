"""Several escrows in one index, indexes in PostgreSQL, and derived tables that are made again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from milestone_escrow import calls, devnet
from milestone_escrow.client import EscrowClient
from milestone_escrow.indexer import sources_of
from milestone_escrow.workspace import Workspace
from tests.cli.conftest import ETHER, Cli, Scene
from tests.library.batches import change, tables
from tests.library.indexing import history
from tests.library.older_index import first_version
from tests.postgres import Server


class TwoEscrows(Scene):
    """A devnet with an escrow from the beginning, and a second one, a deal on each."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self.cli = Cli(workspace.folder)
        self.first = self.devnet.escrow
        self.deals_of = {self.first: [self.fund(ETHER)]}
        self.second = self.cli("deploy", "--json").json["address"]
        self.client = EscrowClient(self.w3, self.second)
        self.deals_of[self.second] = [self.fund(2 * ETHER), self.fund(3 * ETHER)]

    def fund(self, amount: int) -> str:
        agreement = self.agreement(amount)
        self.do("employer", calls.fund(agreement, [0]))
        return self.id_of(agreement)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoEscrows]:
    workspace = Workspace(tmp_path_factory.mktemp("stores") / ".escrow")
    try:
        yield TwoEscrows(workspace)
    finally:
        devnet.down(wipe=True, workspace=workspace)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return where no index is yet, as ``--store`` takes it."""
    if request.param == "sqlite":
        yield str(tmp_path / "index.sqlite")
        return
    server: Server = request.getfixturevalue("postgres")
    yield server.new_schema()
    server.drop_schemas()


def deals(cli: Cli, store: str, *options: str) -> list[str]:
    ran = cli("deals", "--store", store, *options, "--json")
    assert ran.code == 0, ran.err
    return [each["deal_id"] for each in ran.json["deals"]]


def test_two_escrows_in_one_store(scene: TwoEscrows, store: str) -> None:
    cli = scene.cli
    for escrow in (scene.first, scene.second):
        assert cli("index", "--store", store, "--escrow", escrow, "--add").code == 0
    assert [source.escrow for source in sources_of(store)] == [scene.first, scene.second]
    for options in ((), ("--offline",)):
        for escrow, expected in scene.deals_of.items():
            assert deals(cli, store, "--escrow", escrow, *options) == expected
    # Without a name it is the one deployed last; where nobody knows, they are told.
    assert deals(cli, store) == scene.deals_of[scene.second]
    told = cli.refuses(1, "deals", "--store", store, "--offline")
    assert "has several sources" in told
    assert scene.first in told
    assert "--escrow" in told
    # Each goes on by itself.
    scene.deals_of[scene.second].append(scene.fund(ETHER))
    assert deals(cli, store, "--escrow", scene.second) == scene.deals_of[scene.second]
    audited = cli("audit", "--store", store, "--escrow", scene.second, "--json").json
    assert (audited["difference"], audited["deals"]) == (None, len(scene.deals_of[scene.second]))
    assert "several escrows" in cli.refuses(2, "index", "--store", store, "--reset")
    assert len(sources_of(store)) == 2


def test_a_file_takes_no_second_escrow_unasked(scene: TwoEscrows, tmp_path: Path) -> None:
    store = str(tmp_path / "index.sqlite")
    assert scene.cli("index", "--store", store, "--escrow", scene.first).code == 0
    for command in ("index", "deals"):
        told = scene.cli.refuses(1, command, "--store", store, "--escrow", scene.second)
        assert f"is of the escrow {scene.first}" in told
        assert "escrow index --add" in told
    assert len(sources_of(store)) == 1


def test_what_is_derived_is_made_again_from_the_events(scene: TwoEscrows, store: str) -> None:
    cli = scene.cli
    assert cli("index", "--store", store, "--escrow", scene.second).code == 0
    before = tables(store)
    change(store, "DELETE FROM milestones", "DELETE FROM ledgers", "UPDATE deals SET settled = 5")
    assert cli("audit", "--store", store, "--offline").code == 1
    ran = cli("index", "--store", store, "--rebuild", "--json")
    assert (ran.code, ran.json["events"]) == (0, len(before["events"]))
    assert tables(store) == before
    assert cli("index", "--store", store, "--rebuild").out.startswith("Made again from ")
    assert "Give one of them" in cli.refuses(2, "index", "--store", store, "--rebuild", "--reset")


def test_the_demo_on_a_chain_that_goes_on_says_how_to_look_at_its_deals(
    scene: TwoEscrows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = scene.cli("demo", "--rpc", scene.devnet.rpc_url)
    assert ran.code == 0, ran.err
    words = ran.lines[-1].split()
    assert words[:2] == ["escrow", "deals"]
    shown = scene.cli(*words[1:])
    assert shown.code == 0, shown.err
    assert len(shown.lines) == 1 + 6


def test_a_file_of_an_earlier_version_names_the_command_that_mends_it(
    cli: Cli, tmp_path: Path
) -> None:
    store = tmp_path / "old.sqlite"
    first_version(store, history(20))
    told = cli.refuses(1, "deals", "--store", str(store), "--offline")
    assert "earlier version" in told
    assert "Run escrow index, which brings it up to date." in told


def test_there_is_nothing_to_make_again_where_no_index_is(cli: Cli) -> None:
    assert "There is no index" in cli.refuses(1, "index", "--rebuild")
