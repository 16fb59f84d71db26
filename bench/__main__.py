"""Run every measurement there is: ``python -m bench``."""

from __future__ import annotations

import argparse
import sys

from bench import gas


def main() -> int:
    """Run them one after the other; return the worst exit code."""
    argparse.ArgumentParser(
        prog="python -m bench", description="Run every measurement; so far, that of gas."
    ).parse_args()
    return gas.main([])


if __name__ == "__main__":
    sys.exit(main())
