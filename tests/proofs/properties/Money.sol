// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Deal} from "./Deal.sol";
import {all} from "./Logic.sol";

/// @notice Who gets how much, to the unit. The receivers take what they are sent, unless it is said otherwise.
contract Money is Deal {
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
    }

    function fee(World memory w, uint256 gross) private view returns (uint256) {
        unchecked {
            return share(paid(w, 0) + gross, feeBps()) - share(paid(w, 0), feeBps());
        }
    }

    /// @notice `release` pays the freelancer's payee all that remains less the fee, and credits the platform with the fee.
    function check_release_pays() public {
        World memory w = before();
        if (!sent(w, abi.encodeCall(escrow.release, (w.agreement, one(0))))) return;
        uint256 cost = fee(w, holds(w, 0));
        unchecked {
            assert(
                all(
                    PAYEE.balance == holds(w, 0) - cost,
                    creditOf(PLATFORM) == cost,
                    EMPLOYER.balance == 0,
                    balance() == PLENTY - holds(w, 0) + cost
                )
            );
        }
        witness();
    }

    /// @notice `release_part` pays exactly the part, less the fee on it.
    function check_release_part_pays() public {
        World memory w = before();
        uint256 part = svm.createUint(20, "part");
        if (!sent(w, abi.encodeCall(escrow.release_part, (w.agreement, 0, part)))) return;
        uint256 cost = fee(w, part);
        World memory n = reread(w);
        unchecked {
            assert(
                all(
                    PAYEE.balance == part - cost,
                    creditOf(PLATFORM) == cost,
                    holds(n, 0) == holds(w, 0) - part,
                    n.words[0] == w.words[0] + part
                )
            );
        }
        witness();
    }

    /// @notice Two payments of any size cost the platform's fee of one: floor(amount * fee_bps / 10000).
    function check_parts_cost_as_one() public {
        World memory w = before();
        vm.assume(paid(w, 0) == 0);
        uint256 part = svm.createUint(20, "part");
        vm.assume(w.caller == EMPLOYER);
        if (!sent(w, abi.encodeCall(escrow.release_part, (w.agreement, 0, part)))) return;
        assert(sent(w, abi.encodeCall(escrow.release, (w.agreement, one(0)))));
        assert(creditOf(PLATFORM) == share(amount0(), feeBps()));
        witness();
    }

    /// @notice `cancel` gives the employer all that remains, without a fee.
    function check_cancel_pays() public {
        World memory w = before();
        if (!sent(w, abi.encodeCall(escrow.cancel, (w.agreement, one(0))))) return;
        refunded(holds(w, 0));
    }

    /// @notice `withdraw` gives the employer the whole milestone, without a fee.
    function check_withdraw_pays() public {
        World memory w = before();
        if (!sent(w, abi.encodeCall(escrow.withdraw, (w.agreement, one(0))))) return;
        refunded(amount0());
    }

    /// @notice `settle_dormant` gives the employer all that remains, and whoever calls nothing.
    function check_settle_dormant_pays() public {
        World memory w = before();
        if (!sent(w, abi.encodeCall(escrow.settle_dormant, (w.agreement, one(0))))) return;
        refunded(holds(w, 0));
    }

    function refunded(uint256 sum) private view {
        assert(all(EMPLOYER.balance == sum, PAYEE.balance == 0, creditOf(PLATFORM) == 0));
        witness();
    }

    /// @notice A ruling splits to the unit: the arbiter's share of what remains first, then the freelancer's amount less the fee, then the employer's rest.
    function check_rule_splits() public {
        World memory w = before();
        uint256 given = svm.createUint(20, "given");
        if (!sent(w, abi.encodeCall(escrow.rule, (w.agreement, 0, given)))) return;
        uint256 earned = share(holds(w, 0), ARBITER_BPS);
        uint256 cost = fee(w, given);
        unchecked {
            assert(
                all(
                    creditOf(ARBITER) == earned,
                    creditOf(PLATFORM) == cost,
                    PAYEE.balance == given - cost,
                    EMPLOYER.balance == holds(w, 0) - earned - given
                )
            );
        }
        witness();
    }

    /// @notice The fallback splits to the unit: floor(remaining * fallback_freelancer_bps / 10000) to the freelancer, the rest to the employer, nothing to the arbiter; no fee is agreed.
    function check_fallback_splits() public {
        _free = true;
        World memory w = before();
        if (!sent(w, abi.encodeCall(escrow.apply_fallback, (w.agreement, 0)))) return;
        uint256 given = share(holds(w, 0), FALLBACK_BPS);
        uint256 cost = fee(w, given);
        unchecked {
            assert(
                all(
                    creditOf(ARBITER) == 0,
                    creditOf(PLATFORM) == cost,
                    PAYEE.balance == given - cost,
                    EMPLOYER.balance == holds(w, 0) - given
                )
            );
        }
        witness();
    }

    /// @notice A push that its receiver refuses becomes the receiver's credit, to the unit, and blocks nothing.
    function check_refused_push_is_credited() public {
        World memory w = before();
        vm.etch(PAYEE, hex"5f5ffd"); // reverts
        if (!sent(w, abi.encodeCall(escrow.claim, (w.agreement, one(0))))) return;
        uint256 cost = fee(w, holds(w, 0));
        unchecked {
            assert(all(creditOf(PAYEE) == holds(w, 0) - cost, creditOf(PLATFORM) == cost));
        }
        assert(isSettled(reread(w), 0));
        witness();
    }

    /// @notice `withdraw_credit` pays exactly its caller's whole credit, and no other.
    function check_withdraw_credit_pays() public {
        address caller = svm.createAddress("caller");
        address other = svm.createAddress("other");
        vm.assume(caller != other);
        uint256 mine = svm.createUint(90, "mine");
        uint256 theirs = svm.createUint(90, "theirs");
        vm.store(address(escrow), creditSlot(COIN, caller), bytes32(mine));
        vm.store(address(escrow), creditSlot(COIN, other), bytes32(theirs));
        vm.deal(address(escrow), mine + theirs);
        address to = address(0xD1);
        bool ok = sentBy(caller, abi.encodeCall(escrow.withdraw_credit, (COIN, to)));
        assert(ok == (mine != 0));
        if (!ok) return;
        assert(all(to.balance == mine, creditOf(caller) == 0, creditOf(other) == theirs));
        witness();
    }

    /// @notice `pay_credit` pays exactly the named owner's whole credit to the owner, whoever calls.
    function check_pay_credit_pays() public {
        address caller = svm.createAddress("caller");
        uint256 owed = svm.createUint(90, "owed");
        uint256 theirs = svm.createUint(90, "theirs");
        vm.store(address(escrow), creditSlot(COIN, PAYEE), bytes32(owed));
        vm.store(address(escrow), creditSlot(COIN, PLATFORM), bytes32(theirs));
        vm.deal(address(escrow), owed + theirs);
        bool ok = sentBy(caller, abi.encodeCall(escrow.pay_credit, (COIN, PAYEE)));
        assert(ok == (owed != 0));
        if (!ok) return;
        assert(all(PAYEE.balance == owed, creditOf(PAYEE) == 0, creditOf(PLATFORM) == theirs));
        witness();
    }

    /// @notice A credit is never paid to nobody or to the escrow.
    function check_credit_receivers() public {
        address caller = svm.createAddress("caller");
        uint256 mine = svm.createUint(90, "mine");
        vm.store(address(escrow), creditSlot(COIN, caller), bytes32(mine));
        vm.deal(address(escrow), mine);
        assert(!sentBy(caller, abi.encodeCall(escrow.withdraw_credit, (COIN, address(0)))));
        assert(!sentBy(caller, abi.encodeCall(escrow.withdraw_credit, (COIN, address(escrow)))));
        if (sentBy(caller, abi.encodeCall(escrow.withdraw_credit, (COIN, PAYEE)))) witness();
    }
}
