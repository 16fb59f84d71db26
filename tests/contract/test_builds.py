"""The escrow does what the model does, whichever optimisation the compiler is asked for.

Without optimisation its code is larger than a chain takes; the limit is lifted for it here.
"""

from __future__ import annotations

import pytest

from tests.compiled import CODE_LIMIT, built, escrow_code, lifted
from tests.contract.playing import AGED, YOUNG, play_one
from tests.evm import Chain

SEED = 3


@pytest.mark.parametrize("pace", [YOUNG, AGED])
@pytest.mark.parametrize("optimize", ["gas", "codesize", "none"])
def test_every_build_does_what_the_model_does(optimize: str, pace: float) -> None:
    with built(optimize):
        assert play_one(SEED, pace).total() > 900


def test_the_builds_are_three() -> None:
    codes = set()
    for optimize in ("gas", "codesize", "none"):
        with built(optimize):
            codes.add(escrow_code()[1])
    assert len(codes) == 3
    with built("gas"):
        as_built = escrow_code()[1]
    assert as_built == escrow_code()[1], "the published code is the one for gas"


def test_the_limit_of_code_is_lifted_for_a_build_alone() -> None:
    # PUSH3 size, PUSH0, RETURN: creation code of that much code that is all zeros.
    too_large = bytes.fromhex("62") + (CODE_LIMIT + 1).to_bytes(3) + bytes.fromhex("5ff3")
    with built("none"):
        assert lifted()
        assert Chain().create(too_large)
    assert not lifted()
    with pytest.raises(RuntimeError, match="CreateContractSizeLimit"):
        Chain().create(too_large)
