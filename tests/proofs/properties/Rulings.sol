// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Deal} from "./Deal.sol";
import {all} from "./Logic.sol";

/// @notice When a dispute is ended, as in `Guards.sol`. Here shares are computed, which solvers find hard:
///         the amounts are smaller.
contract Rulings is Deal {
    function amount0() internal pure override returns (uint256) {
        return 1e9;
    }

    function feeBps() internal pure override returns (uint256) {
        return 0;
    }

    function afterShare(uint256 remaining) internal pure returns (uint256) {
        unchecked {
            return remaining - share(remaining, ARBITER_BPS);
        }
    }

    function exactly(bool ok, bool allowed) internal view {
        assert(ok == allowed);
        if (ok) witness();
    }

    function beyond(World memory w, bool ok) internal pure returns (bool) {
        if (w.index < 2) return false;
        assert(!ok);
        return true;
    }

    /// @notice `rule` goes through exactly if the arbiter calls for a disputed milestone before the ruling period ends and gives the freelancer at most what remains after the arbiter's share.
    function check_rule() public {
        World memory w = arbitrary();
        uint256 given = svm.createUint256("given");
        bool ok = sent(w, abi.encodeCall(escrow.rule, (w.agreement, w.index, given)));
        if (beyond(w, ok)) return;
        uint256 i = w.index;
        exactly(
            ok,
            all(
                w.caller == ARBITER,
                isHeld(w, i),
                phase(w, i) == DISPUTED,
                w.time < since(w, i) + RULING,
                given <= afterShare(holds(w, i))
            )
        );
    }

    /// @notice `apply_fallback` goes through exactly for a disputed milestone whose ruling period has ended, whoever calls.
    function check_apply_fallback() public {
        World memory w = arbitrary();
        bool ok = sent(w, abi.encodeCall(escrow.apply_fallback, (w.agreement, w.index)));
        if (beyond(w, ok)) return;
        uint256 i = w.index;
        exactly(ok, all(isHeld(w, i), phase(w, i) == DISPUTED, w.time >= since(w, i) + RULING));
    }
}
