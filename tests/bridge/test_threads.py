"""Python's threads of a bridge: few where they would only wait for each other, in short turns."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from frontend_bridge.api.settings import Limits
from tests.bridge.serving import serving
from tests.bridge.town import Town
from tests.postgres import Server


def readers() -> int:
    return sum(thread.name.startswith("reader-") for thread in threading.enumerate())


def test_a_file_is_read_by_few_threads_and_a_server_by_as_many_as_were_named(
    town: Town, tmp_path: Path, postgres: Server
) -> None:
    path, before = tmp_path / "index.sqlite", readers()
    town.index(path)
    with serving(path, limits=Limits(threads=7)) as served:
        assert served.json("/v1/deals")["data"]
        assert readers() - before == 2
    url = postgres.new_schema()
    town.index(url)
    with serving(url, limits=Limits(threads=7)):
        assert readers() - before == 7


def test_nobody_waits_long_for_its_turn(store: Path) -> None:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(0.005)
    try:
        with serving(store):
            assert sys.getswitchinterval() < 0.001
    finally:
        sys.setswitchinterval(usual)
