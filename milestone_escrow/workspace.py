"""Where the files of one folder live: what was deployed from it, its devnet, its index.

That is ``.escrow/`` in the current folder, or the folder that the variable ``ESCROW_HOME`` names.
None of it holds a key or a deal: contracts and deals are on their chains.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from milestone_escrow.exceptions import UsageError

__all__ = ["HOME_VARIABLE", "Workspace"]

HOME_VARIABLE: Final = "ESCROW_HOME"
_FOLDER: Final = ".escrow"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder of files; none of them need exist, nor the folder.

    Attributes:
        folder: Absolute.
    """

    folder: Path

    @classmethod
    def here(cls) -> Workspace:
        """Return the workspace of the variable ``ESCROW_HOME``, else of the current folder.

        Raises:
            UsageError: its path is that of something that is not a folder (``bad-workspace``).
        """
        named = os.environ.get(HOME_VARIABLE)
        folder = Path(named).expanduser().absolute() if named else Path.cwd() / _FOLDER
        if folder.exists() and not folder.is_dir():
            raise UsageError(
                f"{folder} is not a folder.",
                f"Remove it, or let {HOME_VARIABLE} name a folder.",
                code="bad-workspace",
            )
        return cls(folder)

    @property
    def deployments(self) -> Path:
        """The registry of the contracts deployed from here, JSON."""
        return self.folder / "deployments.json"

    @property
    def devnet(self) -> Path:
        """What the devnet is, and whether it was left running, JSON."""
        return self.folder / "devnet.json"

    @property
    def devnet_state(self) -> Path:
        """The devnet's chain, as Anvil saves it."""
        return self.folder / "devnet-state.json"

    @property
    def devnet_log(self) -> Path:
        """What the devnet's node prints."""
        return self.folder / "devnet.log"

    @property
    def devnet_lock(self) -> Path:
        """Held by whoever is starting or stopping the devnet."""
        return self.folder / "devnet.lock"

    @property
    def index(self) -> Path:
        """The index of one escrow's events, SQLite."""
        return self.folder / "index.sqlite"

    def create(self) -> None:
        """Make the folder if it is missing, such that git passes it over.

        Raises:
            UsageError: it cannot be written (``bad-workspace``).
        """
        if self.folder.is_dir():
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            # Only in a folder made here: in another one it could hide somebody's files.
            (self.folder / ".gitignore").write_text("*\n", encoding="utf-8")
        except OSError as error:
            raise UsageError(
                f"The folder {self.folder} cannot be made: {error.strerror}.",
                f"Let the variable {HOME_VARIABLE} name a folder that you may write to.",
                code="bad-workspace",
            ) from error
