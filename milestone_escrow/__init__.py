"""Milestone escrow: the library that knows the contract, used by everything above it."""

from __future__ import annotations

__version__ = "0.1.0"
