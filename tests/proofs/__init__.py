"""Symbolic proofs of the escrow's compiled bytecode: ``python -m tests.proofs``."""
