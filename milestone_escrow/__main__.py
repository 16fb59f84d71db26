"""``python -m milestone_escrow`` is the command ``escrow``."""

from __future__ import annotations

from milestone_escrow.cli import main

if __name__ == "__main__":
    main(prog_name="escrow")
