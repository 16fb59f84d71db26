"""Tests of the escrow contract, in an EVM of this process."""
