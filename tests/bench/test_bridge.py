"""The bridge's bench: what it judges of what it measured, and how it asks."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import pytest

from bench import bridge
from bench.bridge import BY_ID, LIST, Run, goals
from bench.bridge_live import Heard
from bench.bridge_load import Ask, have_wrk, load
from bench.bridge_prepare import Added
from tests.http_node import QuietHandler


def runs(*rates: tuple[str, float]) -> list[Run]:
    return [Run(who, BY_ID, False, rate, 1.0) for who, rate in rates]


def test_a_ratio_is_the_median_of_those_of_the_rounds() -> None:
    measured = runs(
        ("bridge sqlite", 100.0),
        ("ponder rest", 10.0),
        ("ponder rest", 100.0),
        ("bridge sqlite", 600.0),
        ("bridge sqlite", 40.0),
        ("ponder rest", 10.0),
    )
    (goal,) = goals(measured, None, None)
    assert (goal.figure, goal.goal, goal.met) == (6.0, 5, True)
    slow = [*measured[1:], Run("bridge sqlite", BY_ID, False, 49.0, 1.0)]
    assert [each.met for each in goals(slow, None, None)] == [False]


def test_what_was_not_measured_is_no_goal() -> None:
    assert list(goals(runs(("bridge sqlite", 100.0)), None, None)) == []


@pytest.mark.parametrize(
    ("p99", "added", "worst", "met"), [(19, 4.9, 99, True), (20, 5, 100, False)]
)
def test_times_must_be_under_their_goals(p99: float, added: float, worst: float, met: bool) -> None:
    half = [Run("bridge sqlite", LIST, True, 500.0, p99)]
    judged = list(goals(half, Added(1 + added, 1, 3, 1), Heard(1, worst, 200)))
    assert [goal.goal for goal in judged] == [20, 5, 100]
    assert [goal.met for goal in judged] == [met] * 3


def test_without_wrk_it_is_left_out_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert bridge.main([]) == 0
    assert "apt-get install wrk" in capsys.readouterr().err


# --- The load, where wrk is


@pytest.fixture
def asked() -> Iterator[tuple[int, set[tuple[str, str]]]]:
    """A server's port, and what it was asked; it refuses what it does not know."""
    heard: set[tuple[str, str]] = set()

    class Handler(QuietHandler):
        def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
            self.respond(b"")

        def respond(self, body: bytes) -> None:
            heard.add((self.path, body.decode()))
            self.send_response(404 if self.path == "/unknown" else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port, heard
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.skipif(not have_wrk(), reason="there is no wrk")
def test_reads_and_bodies_are_asked_for_as_they_are_given(
    asked: tuple[int, set[tuple[str, str]]],
) -> None:
    port, heard = asked
    query = json.dumps({"query": '{ deal(id: "0x0") { id } }'})
    made = load(port, [Ask("/deals/0x0"), Ask("/graphql", query)], 1, 200)
    assert heard == {("/deals/0x0", ""), ("/graphql", query)}
    assert made.rate > 1 and made.p99 > 0
    with pytest.raises(RuntimeError, match="not everything was answered"):
        load(port, [Ask("/unknown")], 1, 50)
