from __future__ import annotations

from pathlib import Path

import pytest

from milestone_escrow.exceptions import UsageError
from milestone_escrow.workspace import Workspace


def test_it_is_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ESCROW_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    here = Workspace.here()
    assert here.folder == tmp_path / ".escrow"
    assert here.index == tmp_path / ".escrow" / "index.sqlite"
    assert not here.folder.exists()


def test_the_variable_names_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ESCROW_HOME", "other")
    assert Workspace.here().folder == tmp_path / "other"


def test_git_passes_over_a_folder_that_it_made(tmp_path: Path) -> None:
    made = Workspace(tmp_path / "a" / ".escrow")
    made.create()
    assert (made.folder / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_git_still_sees_a_folder_that_was_there(tmp_path: Path) -> None:
    Workspace(tmp_path).create()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be made") as refusal:
        Workspace(tmp_path / "file" / ".escrow").create()
    assert refusal.value.code == "bad-workspace"
