"""What an index says of a time that is over."""

from __future__ import annotations

from pathlib import Path

import pytest

from milestone_escrow.audit.history import block_at_time, records, time_at
from milestone_escrow.exceptions import UsageError
from milestone_escrow.indexer import Reader
from tests.library.indexing import history, index
from tests.library.scripted_node import ScriptedNode


def test_the_block_of_a_time(target: Path | str) -> None:
    """One second before, at and after the time of every block with events."""
    escrow = history(150)
    with ScriptedNode() as node:
        node.extend(escrow.records, escrow.block)
        index(node, target)
    with Reader(target) as reader:
        times = {
            record.block_number: record.timestamp or 0
            for record in records(reader, to_block=escrow.block)
        }
        last = reader.time() or 0
        for number, time in times.items():
            assert time_at(reader, number) == time
            for second in (time - 1, time, time + 1):
                expected = [other for other, its in times.items() if its <= second]
                if second > last or not expected:
                    continue
                found = block_at_time(reader, second)
                # A later block without events is as good.
                assert [other for other in times if other <= found] == expected
        with pytest.raises(UsageError, match="last block that is indexed") as caught:
            block_at_time(reader, last + 1)
        assert caught.value.code == "not-indexed"
        with pytest.raises(UsageError, match="no block at or before") as caught:
            block_at_time(reader, min(times.values()) - 1)
        assert caught.value.code == "not-indexed"
