// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Agreement} from "./Escrow.sol";
import {Deal} from "./Deal.sol";
import {all} from "./Logic.sol";

/// @notice What `amend` moves, from every state of the deal that is replaced. The new agreement has the terms
///         of the old one, but for its document; the freelancer's wallet approves of whatever it is asked.
contract Amendments is Deal {
    // A wallet that answers every question with the magic value of ERC-1271.
    bytes private constant APPROVES = hex"631626ba7e60e01b5f5260205ff3";

    function amount0() internal pure override returns (uint256) {
        return 1e6;
    }

    function feeBps() internal pure override returns (uint256) {
        return 256;
    }

    struct Step {
        World old;
        World fresh; // the deal that replaces it, as it is stored afterwards
        uint256 value; // that the employer sent
        uint256 moved; // what the old deal held
        uint256 cost; // of the new milestones that are named
        uint256 expiry;
        bool ok;
    }

    function amended(bool whole) private returns (Step memory s) {
        World memory w = arbitrary();
        vm.assume(w.index == 0);
        vm.etch(FREELANCER, APPROVES);
        Agreement memory a = terms();
        a.document = keccak256("another document");
        a.supersedes = w.id;
        s.value = svm.createUint(64, "value");
        s.expiry = svm.createUint(40, "expiry");
        unchecked {
            s.moved = holds(w, 0) + holds(w, 1);
            s.cost = amount0() + (whole ? AMOUNT_1 : 0);
        }
        s.old = w;
        bytes memory call = abi.encodeCall(
            escrow.amend, (w.agreement, a, whole ? two(0, 1) : one(0), s.expiry, "")
        );
        s.ok = sentWith(w.caller, s.value, call);
        s.fresh.agreement = a;
        s.fresh.id = escrow.deal_id(a);
        s.fresh.time = w.time;
        s.fresh = reread(s.fresh);
    }

    function check(Step memory s) private view {
        World memory w = s.old;
        bool inTime = all(w.time < ACCEPT_BY, w.time + 3_650 days >= FINAL, w.time < s.expiry);
        unchecked {
            assert(
                s.ok
                    == all(
                        all(w.caller == EMPLOYER, isOpen(w)),
                        inTime,
                        s.cost >= s.moved,
                        s.value == s.cost - s.moved
                    )
            );
        }
    }

    /// @notice `amend` into all milestones of a like agreement goes through exactly if the employer calls for an open deal before expiry and accept_by and sends what they cost beyond what moves.
    function check_amend_whole() public {
        Step memory s = amended(true);
        check(s);
        if (s.ok) witness();
    }

    /// @notice `amend` into the first milestone of a like agreement goes through exactly if the employer calls for an open deal before expiry and accept_by, what moves is at most its amount, and the rest is sent.
    function check_amend_part() public {
        Step memory s = amended(false);
        check(s);
        if (s.ok) witness();
    }

    /// @notice After `amend` both deals' words are valid, the old one is closed and holds nothing, the new one is bound as the old one was and holds exactly what moved and what was sent, and nobody is paid or credited.
    function check_amend_keeps() public {
        Step memory s = amended(svm.createBool("whole"));
        if (!s.ok) return;
        World memory n = reread(s.old);
        World memory f = s.fresh;
        assert(all(valid(n), isClosed(n), n.words[0] == 0, n.words[1] == 0));
        assert(all(valid(f), isOpen(f), isBound(f) == isBound(s.old)));
        unchecked {
            assert(
                all(
                    holds(n, 0) + holds(n, 1) == 0,
                    holds(f, 0) + holds(f, 1) == s.moved + s.value,
                    balance() == PLENTY + s.value,
                    all(EMPLOYER.balance == 0, PAYEE.balance == 0, FREELANCER.balance == 0),
                    all(creditOf(PLATFORM) == 0, creditOf(PAYEE) == 0, creditOf(EMPLOYER) == 0)
                )
            );
        }
        witness();
    }

    /// @notice A deal that was replaced is never replaced again, nor opened or funded again, whoever calls.
    function check_amend_once() public {
        Step memory s = amended(true);
        if (!s.ok) return;
        Agreement memory a = terms();
        a.document = keccak256("a third document");
        a.supersedes = s.old.id;
        uint256 value = svm.createUint(64, "more");
        address caller = svm.createAddress("another caller");
        assert(
            !sentWith(
                caller,
                value,
                abi.encodeCall(escrow.amend, (s.old.agreement, a, one(0), type(uint256).max, ""))
            )
        );
        assert(!sentWith(caller, value, abi.encodeCall(escrow.fund, (s.old.agreement, one(0), ""))));
        witness();
    }
}
