// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Deal} from "./Deal.sol";
import {all, any} from "./Logic.sol";

/// @notice When a call goes through: exactly then, never otherwise. From every state of a deal, by every
///         caller, for every index and at every time.
contract Guards is Deal {
    function amount0() internal pure override returns (uint256) {
        return type(uint64).max;
    }

    function feeBps() internal pure override returns (uint256) {
        return 0;
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

    /// @notice `accept` goes through exactly if the freelancer calls before accept_by, nobody is bound and the milestone holds money.
    function check_accept() public {
        World memory w = arbitrary();
        bool ok = sent(w, abi.encodeCall(escrow.accept, (w.agreement, one(w.index))));
        if (beyond(w, ok)) return;
        uint256 i = w.index;
        exactly(ok, all(w.caller == FREELANCER, isHeld(w, i), !isBound(w), w.time < ACCEPT_BY));
    }

    /// @notice `withdraw` goes through exactly if the employer calls, nobody is bound and the milestone holds money.
    function check_withdraw() public {
        World memory w = arbitrary();
        bool ok = sent(w, abi.encodeCall(escrow.withdraw, (w.agreement, one(w.index))));
        if (beyond(w, ok)) return;
        uint256 i = w.index;
        exactly(ok, all(w.caller == EMPLOYER, isHeld(w, i), !isBound(w)));
    }

    /// @notice `request_release` goes through exactly if the bound freelancer calls for a milestone that holds money and is neither requested nor disputed, before the deal has lapsed.
    function check_request_release() public {
        World memory w = arbitrary();
        bytes32 evidence = svm.createBytes32("evidence");
        bool ok =
            sent(w, abi.encodeCall(escrow.request_release, (w.agreement, one(w.index), evidence)));
        if (beyond(w, ok)) return;
        uint256 i = w.index;
        exactly(
            ok,
            all(
                w.caller == FREELANCER,
                isHeld(w, i),
                isBound(w),
                !isLapsed(w),
                phase(w, i) == FUNDED
            )
        );
    }

    /// @notice `void_request` goes through exactly if the freelancer calls for a requested milestone.
    function check_void_request() public {
        World memory w = arbitrary();
        bool ok = sent(w, abi.encodeCall(escrow.void_request, (w.agreement, one(w.index))));
        if (beyond(w, ok)) return;
        uint256 i = w.index;
        exactly(ok, all(w.caller == FREELANCER, isHeld(w, i), phase(w, i) == REQUESTED));
    }

    /// @notice `release` goes through exactly if the employer calls for a milestone that holds money.
    function check_release() public {
        World memory w = arbitrary();
        bool ok = sent(w, abi.encodeCall(escrow.release, (w.agreement, one(w.index))));
        if (beyond(w, ok)) return;
        uint256 i = w.index;
        exactly(ok, all(w.caller == EMPLOYER, isHeld(w, i)));
    }

    /// @notice `release_part` goes through exactly if the employer of a bound deal pays more than nothing and less than what remains of a milestone that is requested, or funded in a deal that has not lapsed.
    function check_release_part() public {
        World memory w = arbitrary();
        uint256 part = svm.createUint256("part");
        bool ok = sent(w, abi.encodeCall(escrow.release_part, (w.agreement, w.index, part)));
        if (beyond(w, ok)) return;
        uint256 i = w.index;
        exactly(
            ok,
            all(
                all(w.caller == EMPLOYER, isHeld(w, i), isBound(w)),
                any(phase(w, i) == REQUESTED, all(phase(w, i) == FUNDED, !isLapsed(w))),
                part > 0,
                part < holds(w, i)
            )
        );
    }

    /// @notice `claim` goes through exactly for a requested milestone whose review period has ended, whoever calls.
    function check_claim() public {
        World memory w = arbitrary();
        bool ok = sent(w, abi.encodeCall(escrow.claim, (w.agreement, one(w.index))));
        if (beyond(w, ok)) return;
        uint256 i = w.index;
        exactly(ok, all(isHeld(w, i), phase(w, i) == REQUESTED, w.time >= since(w, i) + REVIEW));
    }

    /// @notice `cancel` goes through exactly if the bound freelancer calls for a milestone that holds money.
    function check_cancel() public {
        World memory w = arbitrary();
        bool ok = sent(w, abi.encodeCall(escrow.cancel, (w.agreement, one(w.index))));
        if (beyond(w, ok)) return;
        uint256 i = w.index;
        exactly(ok, all(w.caller == FREELANCER, isHeld(w, i), isBound(w)));
    }

    /// @notice `dispute` goes through exactly if a party calls on a request before the review period ends, or the employer without a request from the milestone's deadline on and before the deal has lapsed, somebody being bound.
    function check_dispute() public {
        World memory w = arbitrary();
        bytes32 reason = svm.createBytes32("reason");
        bool ok = sent(w, abi.encodeCall(escrow.dispute, (w.agreement, w.index, reason)));
        if (beyond(w, ok)) return;
        uint256 i = w.index;
        exactly(
            ok,
            all(
                isHeld(w, i),
                isBound(w),
                any(
                    all(
                        phase(w, i) == REQUESTED,
                        any(w.caller == EMPLOYER, w.caller == FREELANCER),
                        w.time < since(w, i) + REVIEW
                    ),
                    all(
                        phase(w, i) == FUNDED,
                        w.caller == EMPLOYER,
                        w.time >= w.agreement.milestones[i].deadline,
                        !isLapsed(w)
                    )
                )
            )
        );
    }

    /// @notice `settle_dormant` goes through exactly for a milestone that is neither requested nor disputed in a bound deal that has lapsed, whoever calls.
    function check_settle_dormant() public {
        World memory w = arbitrary();
        bool ok = sent(w, abi.encodeCall(escrow.settle_dormant, (w.agreement, one(w.index))));
        if (beyond(w, ok)) return;
        uint256 i = w.index;
        exactly(ok, all(isHeld(w, i), isBound(w), isLapsed(w), phase(w, i) == FUNDED));
    }

    /// @notice `keep_alive` goes through exactly if the employer calls after the final deadline and before the deal has lapsed.
    function check_keep_alive() public {
        World memory w = arbitrary();
        bool ok = sent(w, abi.encodeCall(escrow.keep_alive, (w.agreement)));
        exactly(ok, all(w.caller == EMPLOYER, isOpen(w), w.time >= FINAL, !isLapsed(w)));
    }
}
