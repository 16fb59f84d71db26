"""Tests of the contracts and of all that is built on them."""
