"""The OpenAPI document: committed, served, and what the answers really are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from frontend_bridge.api import openapi
from tests.bridge.serving import Served


def test_the_committed_document_is_the_served_one(bridge: Served) -> None:
    served = bridge.get("/openapi.json")
    assert served.json() == json.loads(openapi.FILE.read_text(encoding="utf-8")), (
        "run python -m frontend_bridge.api.openapi"
    )
    assert openapi.main(["--check"]) == 0


def test_a_document_that_drifted_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "openapi.json"
    other.write_text(openapi.text().replace("raw units", "raw unit"), encoding="utf-8")
    monkeypatch.setattr(openapi, "FILE", other)
    assert openapi.main(["--check"]) == 1
    assert "is not what the code serves" in capsys.readouterr().err
    assert openapi.main([]) == 0 and openapi.main(["--check"]) == 0


def test_no_amount_in_the_document_is_a_number() -> None:
    shapes = openapi.document()["components"]["schemas"]
    for name in ("raw", "value"):
        kinds = json.dumps(shapes["Amount"]["properties"][name])
        assert '"type": "string"' in kinds
        assert '"integer"' not in kinds and '"number"' not in kinds
