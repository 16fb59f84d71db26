// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Deal} from "./Deal.sol";
import {all} from "./Logic.sol";

/// @notice At every second exactly one side of a clock is open: never both, never neither.
contract Clocks is Deal {
    function amount0() internal pure override returns (uint256) {
        return 1e9;
    }

    function feeBps() internal pure override returns (uint256) {
        return 0;
    }

    /// @dev The state again, as it was before a call.
    function restore(World memory w) private {
        vm.store(address(escrow), dealSlot(w.id), bytes32(w.word));
        vm.store(address(escrow), milestoneSlot(w.id, 0), bytes32(w.words[0]));
        vm.deal(address(escrow), PLENTY);
    }

    function heldIn(uint256 what) private returns (World memory w) {
        w = arbitrary();
        vm.assume(all(isHeld(w, 0), phase(w, 0) == what, w.index == 0));
    }

    /// @notice A requested milestone can at every time be either disputed by the employer or claimed by anyone.
    function check_dispute_or_claim() public {
        World memory w = heldIn(REQUESTED);
        bool disputed = sentBy(EMPLOYER, abi.encodeCall(escrow.dispute, (w.agreement, 0, 0)));
        restore(w);
        bool claimed = sent(w, abi.encodeCall(escrow.claim, (w.agreement, one(0))));
        assert(disputed != claimed);
        witness();
    }

    /// @notice A requested milestone can at every time be either disputed by the freelancer or claimed by anyone.
    function check_freelancer_disputes_or_claims() public {
        World memory w = heldIn(REQUESTED);
        bool disputed = sentBy(FREELANCER, abi.encodeCall(escrow.dispute, (w.agreement, 0, 0)));
        restore(w);
        bool claimed = sent(w, abi.encodeCall(escrow.claim, (w.agreement, one(0))));
        assert(disputed != claimed);
        witness();
    }

    /// @notice A disputed milestone can at every time be either ruled on by the arbiter or ended by anyone by the fallback.
    function check_rule_or_apply_fallback() public {
        World memory w = heldIn(DISPUTED);
        bool ruled = sentBy(ARBITER, abi.encodeCall(escrow.rule, (w.agreement, 0, 0)));
        restore(w);
        bool fell = sent(w, abi.encodeCall(escrow.apply_fallback, (w.agreement, 0)));
        assert(ruled != fell);
        witness();
    }

    /// @notice A funded milestone of a bound deal can at every time be either requested by the freelancer or given back by anyone as dormant.
    function check_request_or_settle_dormant() public {
        World memory w = heldIn(FUNDED);
        vm.assume(isBound(w));
        bool requested =
            sentBy(FREELANCER, abi.encodeCall(escrow.request_release, (w.agreement, one(0), 0)));
        restore(w);
        bool lapsed = sent(w, abi.encodeCall(escrow.settle_dormant, (w.agreement, one(0))));
        assert(requested != lapsed);
        witness();
    }
}
