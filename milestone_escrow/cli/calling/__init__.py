"""What ``escrow call`` and ``escrow sign`` are made of: the table of calls, options, sending."""

from __future__ import annotations

__all__: list[str] = []
