// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Deal} from "./Deal.sol";
import {all} from "./Logic.sol";

/// @notice What a call that goes through leaves behind, from every state of a deal. The state stays valid,
///         which makes `valid` an invariant; what the escrow holds stays exactly what it owes; settled,
///         closed and bound are for ever; the other milestone and another deal are as they were.
contract Steps is Deal {
    // A wallet that answers every question with the magic value of ERC-1271.
    bytes private constant APPROVES = hex"631626ba7e60e01b5f5260205ff3";
    bytes32 private constant OTHER = keccak256("another deal");

    function amount0() internal pure override returns (uint256) {
        return 1e6;
    }

    // Where solvers find the fee of a share too hard.
    bool private _free;

    function feeBps() internal view override returns (uint256) {
        return _free ? 0 : 256;
    }

    function before() private returns (World memory w) {
        w = arbitrary();
        vm.assume(w.index == 0);
        vm.store(address(escrow), dealSlot(OTHER), svm.createBytes32("other"));
    }

    function kept(World memory w, bool ok, uint256 other) private view {
        kept(w, ok, other, 0);
    }

    function kept(World memory w, bool ok, uint256 other, uint256 value) private view {
        if (!ok) return;
        World memory n = reread(w);
        uint256 forever = 7 | (3 << SETTLED_AT);
        uint256 others = (1 << (SETTLED_AT + 1)) | (1 << (TRACKED_AT + 1)) | (1 << (FUNDED_AT + 1));
        bool words = all(
            valid(n),
            w.word & forever & ~n.word == 0,
            (w.word ^ n.word) & others == 0,
            w.words[1] == n.words[1],
            stored(dealSlot(OTHER)) == other
        );
        unchecked {
            uint256 credits = creditOf(PLATFORM) + creditOf(ARBITER) + creditOf(PAYEE)
                + creditOf(EMPLOYER) + creditOf(FREELANCER);
            uint256 held = holds(w, 0) + value;
            uint256 left = PLENTY + value - balance();
            assert(all(words, held == holds(n, 0) + credits + left, left <= held));
        }
        witness();
    }

    /// @notice After `accept` the words are valid, nothing settled, closed or bound is undone, the other milestone and another deal are untouched, and the balance falls by exactly what the milestone no longer holds and nobody is credited with.
    function check_accept_keeps() public {
        World memory w = before();
        uint256 other = stored(dealSlot(OTHER));
        kept(w, sent(w, abi.encodeCall(escrow.accept, (w.agreement, one(0)))), other);
    }

    /// @notice After `withdraw` the words are valid, nothing settled, closed or bound is undone, the other milestone and another deal are untouched, and the balance falls by exactly what the milestone no longer holds and nobody is credited with.
    function check_withdraw_keeps() public {
        World memory w = before();
        uint256 other = stored(dealSlot(OTHER));
        kept(w, sent(w, abi.encodeCall(escrow.withdraw, (w.agreement, one(0)))), other);
    }

    /// @notice After `request_release` the words are valid, nothing settled, closed or bound is undone, the other milestone and another deal are untouched, and the balance falls by exactly what the milestone no longer holds and nobody is credited with.
    function check_request_release_keeps() public {
        World memory w = before();
        uint256 other = stored(dealSlot(OTHER));
        kept(
            w,
            sent(
                w,
                abi.encodeCall(
                    escrow.request_release, (w.agreement, one(0), svm.createBytes32("evidence"))
                )
            ),
            other
        );
    }

    /// @notice After `void_request` the words are valid, nothing settled, closed or bound is undone, the other milestone and another deal are untouched, and the balance falls by exactly what the milestone no longer holds and nobody is credited with.
    function check_void_request_keeps() public {
        World memory w = before();
        uint256 other = stored(dealSlot(OTHER));
        kept(w, sent(w, abi.encodeCall(escrow.void_request, (w.agreement, one(0)))), other);
    }

    /// @notice After `release` the words are valid, nothing settled, closed or bound is undone, the other milestone and another deal are untouched, and the balance falls by exactly what the milestone no longer holds and nobody is credited with.
    function check_release_keeps() public {
        World memory w = before();
        uint256 other = stored(dealSlot(OTHER));
        kept(w, sent(w, abi.encodeCall(escrow.release, (w.agreement, one(0)))), other);
    }

    /// @notice After `release_part` the words are valid, nothing settled, closed or bound is undone, the other milestone and another deal are untouched, and the balance falls by exactly what the milestone no longer holds and nobody is credited with.
    function check_release_part_keeps() public {
        World memory w = before();
        uint256 other = stored(dealSlot(OTHER));
        kept(
            w,
            sent(
                w, abi.encodeCall(escrow.release_part, (w.agreement, 0, svm.createUint(20, "part")))
            ),
            other
        );
    }

    /// @notice After `claim` the words are valid, nothing settled, closed or bound is undone, the other milestone and another deal are untouched, and the balance falls by exactly what the milestone no longer holds and nobody is credited with.
    function check_claim_keeps() public {
        World memory w = before();
        uint256 other = stored(dealSlot(OTHER));
        kept(w, sent(w, abi.encodeCall(escrow.claim, (w.agreement, one(0)))), other);
    }

    /// @notice After `cancel` the words are valid, nothing settled, closed or bound is undone, the other milestone and another deal are untouched, and the balance falls by exactly what the milestone no longer holds and nobody is credited with.
    function check_cancel_keeps() public {
        World memory w = before();
        uint256 other = stored(dealSlot(OTHER));
        kept(w, sent(w, abi.encodeCall(escrow.cancel, (w.agreement, one(0)))), other);
    }

    /// @notice After `dispute` the words are valid, nothing settled, closed or bound is undone, the other milestone and another deal are untouched, and the balance falls by exactly what the milestone no longer holds and nobody is credited with.
    function check_dispute_keeps() public {
        World memory w = before();
        uint256 other = stored(dealSlot(OTHER));
        kept(
            w,
            sent(w, abi.encodeCall(escrow.dispute, (w.agreement, 0, svm.createBytes32("reason")))),
            other
        );
    }

    /// @notice After `rule` the words are valid, nothing settled, closed or bound is undone, the other milestone and another deal are untouched, and the balance falls by exactly what the milestone no longer holds and nobody is credited with.
    function check_rule_keeps() public {
        _free = true;
        World memory w = before();
        uint256 other = stored(dealSlot(OTHER));
        kept(
            w,
            sent(w, abi.encodeCall(escrow.rule, (w.agreement, 0, svm.createUint(20, "given")))),
            other
        );
    }

    /// @notice After `apply_fallback` the words are valid, nothing settled, closed or bound is undone, the other milestone and another deal are untouched, and the balance falls by exactly what the milestone no longer holds and nobody is credited with.
    function check_apply_fallback_keeps() public {
        _free = true;
        World memory w = before();
        uint256 other = stored(dealSlot(OTHER));
        kept(w, sent(w, abi.encodeCall(escrow.apply_fallback, (w.agreement, 0))), other);
    }

    /// @notice After `settle_dormant` the words are valid, nothing settled, closed or bound is undone, the other milestone and another deal are untouched, and the balance falls by exactly what the milestone no longer holds and nobody is credited with.
    function check_settle_dormant_keeps() public {
        World memory w = before();
        uint256 other = stored(dealSlot(OTHER));
        kept(w, sent(w, abi.encodeCall(escrow.settle_dormant, (w.agreement, one(0)))), other);
    }

    /// @notice After `keep_alive` the words are valid, nothing settled, closed or bound is undone, the other milestone and another deal are untouched, and the balance falls by exactly what the milestone no longer holds and nobody is credited with.
    function check_keep_alive_keeps() public {
        World memory w = before();
        uint256 other = stored(dealSlot(OTHER));
        kept(w, sent(w, abi.encodeCall(escrow.keep_alive, (w.agreement))), other);
    }

    /// @notice After `fund`, the first or a later one, the words are valid, nothing settled, closed or bound is undone, the other milestone and another deal are untouched, and what was sent is what the milestone holds.
    function check_fund_keeps() public {
        World memory w = before();
        uint256 other = stored(dealSlot(OTHER));
        uint256 value = svm.createUint(64, "value");
        bytes memory call = abi.encodeCall(escrow.fund, (w.agreement, one(0), ""));
        kept(w, sentWith(w.caller, value, call), other, value);
    }

    /// @notice After `redeem` of whatever the employer's wallet approves of, the words are valid, nothing settled, closed or bound is undone, the other milestone and another deal are untouched, and the balance falls by exactly what the milestone no longer holds and nobody is credited with.
    function check_redeem_keeps() public {
        World memory w = before();
        uint256 other = stored(dealSlot(OTHER));
        vm.etch(EMPLOYER, APPROVES);
        uint256 total = svm.createUint(20, "total");
        kept(
            w,
            sent(w, abi.encodeCall(escrow.redeem, (w.agreement, 0, total, type(uint256).max, ""))),
            other
        );
    }

    /// @notice After `settle` as the freelancer's wallet approves of, the words are valid, nothing settled, closed or bound is undone, the other milestone and another deal are untouched, and the balance falls by exactly what the milestone no longer holds and nobody is credited with.
    function check_settle_keeps() public {
        World memory w = before();
        uint256 other = stored(dealSlot(OTHER));
        vm.etch(FREELANCER, APPROVES);
        uint256[] memory given = one(svm.createUint(20, "given"));
        kept(
            w,
            sent(
                w,
                abi.encodeCall(escrow.settle, (w.agreement, one(0), given, type(uint256).max, ""))
            ),
            other
        );
    }
}
