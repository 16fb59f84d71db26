// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Deal} from "./Deal.sol";
import {all} from "./Logic.sol";

/// @notice Calls that name both milestones, in either order: when they go through, who gets how much, and
///         that the words stay valid and the books right. A part of what is named is never done.
contract Pairs is Deal {
    // A wallet that answers every question with the magic value of ERC-1271.
    bytes private constant APPROVES = hex"631626ba7e60e01b5f5260205ff3";
    bytes32 private constant OTHER = keccak256("another deal");

    function amount0() internal pure override returns (uint256) {
        return 1e6;
    }

    function feeBps() internal pure override returns (uint256) {
        return 256;
    }

    uint256 private _other; // what is stored of another deal

    function before() private returns (World memory w) {
        w = arbitrary();
        vm.assume(w.index == 0);
        _other = uint256(svm.createBytes32("other"));
        vm.store(address(escrow), dealSlot(OTHER), bytes32(_other));
    }

    function both() private returns (uint256[] memory) {
        return svm.createBool("backwards") ? two(1, 0) : two(0, 1);
    }

    function held(World memory w) private pure returns (bool) {
        return all(isHeld(w, 0), isHeld(w, 1));
    }

    function inPhase(World memory w, uint256 which) private pure returns (bool) {
        return all(phase(w, 0) == which, phase(w, 1) == which);
    }

    function sum(World memory w) private pure returns (uint256) {
        unchecked {
            return holds(w, 0) + holds(w, 1);
        }
    }

    function fee(World memory w, uint256 i, uint256 gross) private pure returns (uint256) {
        unchecked {
            return share(paid(w, i) + gross, feeBps()) - share(paid(w, i), feeBps());
        }
    }

    struct Due {
        uint256 gross; // leaves for the freelancer's side, fees and all
        uint256 fees;
        uint256 refund;
    }

    /// @dev A call goes through exactly if it is allowed. Then the sides have got what is due, nobody else
    ///      anything, and what the milestones still hold is still there.
    function exactly(World memory w, bool ok, bool allowed, Due memory due) private view {
        assert(ok == allowed);
        if (!ok) return;
        World memory n = reread(w);
        uint256 forever = 7 | (3 << SETTLED_AT);
        assert(all(valid(n), w.word & forever & ~n.word == 0, stored(dealSlot(OTHER)) == _other));
        unchecked {
            assert(all(PAYEE.balance == due.gross - due.fees, creditOf(PLATFORM) == due.fees));
            assert(all(EMPLOYER.balance == due.refund, creditOf(EMPLOYER) == 0));
            assert(all(creditOf(PAYEE) == 0, creditOf(ARBITER) == 0));
            assert(balance() == PLENTY - due.gross + due.fees - due.refund);
            assert(sum(n) == sum(w) - due.gross - due.refund);
        }
        witness();
    }

    function fees(World memory w) private pure returns (uint256) {
        unchecked {
            return fee(w, 0, holds(w, 0)) + fee(w, 1, holds(w, 1));
        }
    }

    /// @notice `release` of two milestones goes through exactly if the employer calls and both hold money, and pays the payee all of it less the fees.
    function check_release() public {
        World memory w = before();
        bool ok = sent(w, abi.encodeCall(escrow.release, (w.agreement, both())));
        exactly(w, ok, all(w.caller == EMPLOYER, held(w)), Due(sum(w), fees(w), 0));
    }

    /// @notice `claim` of two milestones goes through exactly if the review period of both requests has ended, and pays the payee all of it less the fees.
    function check_claim() public {
        World memory w = before();
        bool ok = sent(w, abi.encodeCall(escrow.claim, (w.agreement, both())));
        bool over;
        unchecked {
            over = all(w.time >= since(w, 0) + REVIEW, w.time >= since(w, 1) + REVIEW);
        }
        bool may = all(held(w), inPhase(w, REQUESTED), over);
        exactly(w, ok, may, Due(sum(w), fees(w), 0));
    }

    /// @notice `cancel` of two milestones goes through exactly if the bound freelancer calls and both hold money, and gives the employer all of it.
    function check_cancel() public {
        World memory w = before();
        bool ok = sent(w, abi.encodeCall(escrow.cancel, (w.agreement, both())));
        exactly(w, ok, all(w.caller == FREELANCER, isBound(w), held(w)), Due(0, 0, sum(w)));
    }

    /// @notice `withdraw` of two milestones goes through exactly if the employer calls, nobody is bound and both hold money, and gives the employer all of it.
    function check_withdraw() public {
        World memory w = before();
        bool ok = sent(w, abi.encodeCall(escrow.withdraw, (w.agreement, both())));
        exactly(w, ok, all(w.caller == EMPLOYER, !isBound(w), held(w)), Due(0, 0, sum(w)));
    }

    /// @notice `settle_dormant` of two milestones goes through exactly if the bound deal has lapsed and neither is requested nor disputed, and gives the employer all of it.
    function check_settle_dormant() public {
        World memory w = before();
        bool ok = sent(w, abi.encodeCall(escrow.settle_dormant, (w.agreement, both())));
        bool dormant = all(isBound(w), held(w), isLapsed(w), inPhase(w, FUNDED));
        exactly(w, ok, dormant, Due(0, 0, sum(w)));
    }

    /// @notice `accept` that names two milestones goes through exactly if the freelancer calls before accept_by, nobody is bound and both hold money, and moves nothing.
    function check_accept() public {
        World memory w = before();
        bool ok = sent(w, abi.encodeCall(escrow.accept, (w.agreement, both())));
        bool may = all(w.caller == FREELANCER, !isBound(w), held(w), w.time < ACCEPT_BY);
        exactly(w, ok, may, Due(0, 0, 0));
    }

    /// @notice `request_release` of two milestones goes through exactly if the bound freelancer calls before the deal has lapsed, both hold money and neither is requested nor disputed, and moves nothing.
    function check_request_release() public {
        World memory w = before();
        bytes32 evidence = svm.createBytes32("evidence");
        bool ok = sent(w, abi.encodeCall(escrow.request_release, (w.agreement, both(), evidence)));
        bool may =
            all(all(w.caller == FREELANCER, isBound(w)), held(w), !isLapsed(w), inPhase(w, FUNDED));
        exactly(w, ok, may, Due(0, 0, 0));
        if (ok) assert(inPhase(reread(w), REQUESTED));
    }

    /// @notice `void_request` of two milestones goes through exactly if the freelancer calls and both are requested, and moves nothing.
    function check_void_request() public {
        World memory w = before();
        bool ok = sent(w, abi.encodeCall(escrow.void_request, (w.agreement, both())));
        exactly(w, ok, all(w.caller == FREELANCER, held(w), inPhase(w, REQUESTED)), Due(0, 0, 0));
        if (ok) assert(inPhase(reread(w), FUNDED));
    }

    /// @notice A milestone named twice is refused by every call that takes indexes, whoever calls, with whatever is signed.
    function check_nothing_twice() public {
        World memory w = before();
        vm.etch(FREELANCER, APPROVES);
        vm.etch(EMPLOYER, APPROVES);
        uint256[] memory twice = two(0, 0);
        uint256[] memory given = two(svm.createUint(20, "given0"), svm.createUint(20, "given1"));
        uint256 value = svm.createUint(64, "value");
        assert(!sent(w, abi.encodeCall(escrow.accept, (w.agreement, twice))));
        assert(!sent(w, abi.encodeCall(escrow.withdraw, (w.agreement, twice))));
        assert(!sent(w, abi.encodeCall(escrow.request_release, (w.agreement, twice, OTHER))));
        assert(!sent(w, abi.encodeCall(escrow.void_request, (w.agreement, twice))));
        assert(!sent(w, abi.encodeCall(escrow.release, (w.agreement, twice))));
        assert(!sent(w, abi.encodeCall(escrow.claim, (w.agreement, twice))));
        assert(!sent(w, abi.encodeCall(escrow.cancel, (w.agreement, twice))));
        assert(!sent(w, abi.encodeCall(escrow.settle_dormant, (w.agreement, twice))));
        assert(
            !sent(
                w, abi.encodeCall(escrow.settle, (w.agreement, twice, given, type(uint256).max, ""))
            )
        );
        assert(!sentWith(w.caller, value, abi.encodeCall(escrow.fund, (w.agreement, twice, ""))));
        witness();
    }
}
