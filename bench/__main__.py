"""Run every measurement there is, one after the other: ``python -m bench``."""

from __future__ import annotations

import argparse
import subprocess
import sys
from typing import Final

MEASUREMENTS: Final = ("gas", "indexing", "sparse", "growth", "following", "bridge")


def main() -> int:
    """Run them, each in a process of its own; return the worst exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(MEASUREMENTS)}; default: all")
    names = parser.parse_args().names or MEASUREMENTS
    if unknown := set(names) - set(MEASUREMENTS):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    worst = 0
    for name in names:
        print(f"== {name}", flush=True)
        worst = max(worst, subprocess.run([sys.executable, "-m", f"bench.{name}"]).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
