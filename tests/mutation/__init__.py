"""Mutation testing of the Vyper sources: does some test notice when a line is wrong?

``sites`` reads the sources, ``operators`` makes mutants of them, ``compiler`` compiles one,
``trial`` tries to kill it, ``score`` runs them all and counts. See ``docs/verification.md``.
"""
