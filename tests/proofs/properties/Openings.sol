// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Agreement, Milestone} from "./Escrow.sol";
import {Deal} from "./Deal.sol";
import {all, any} from "./Logic.sol";

/// @notice What a first funding takes: exactly the agreements whose fields keep the rules.
contract Openings is Deal {
    function amount0() internal pure override returns (uint256) {
        return 1e18;
    }

    function feeBps() internal pure override returns (uint256) {
        return 256;
    }

    function opens(Agreement memory a, uint256 value) private returns (bool) {
        return sentWith(a.employer, value, abi.encodeCall(escrow.fund, (a, one(0), "")));
    }

    function exactly(bool ok, bool allowed) private view {
        assert(ok == allowed);
        if (ok) witness();
    }

    /// @notice A deal is opened exactly if fee and arbiter's share are at most 1000, the fee has a platform and the share an arbiter.
    function check_fees() public {
        vm.warp(ACCEPT_BY - 1);
        Agreement memory a = terms();
        a.fee_bps = svm.createUint256("fee_bps");
        a.arbiter_bps = svm.createUint256("arbiter_bps");
        if (svm.createBool("nobody")) a.platform = address(0);
        if (svm.createBool("none")) a.arbiter = address(0);
        bool ok = opens(a, amount0());
        exactly(
            ok,
            all(
                a.fee_bps <= 1_000,
                a.arbiter_bps <= 1_000,
                (a.platform == address(0)) == (a.fee_bps == 0),
                any(a.arbiter != address(0), a.arbiter_bps == 0)
            )
        );
    }

    /// @notice A deal is opened exactly if its review period is 3 .. 180 days, its ruling period 3 .. 365 days and its fallback at most 10000.
    function check_periods() public {
        vm.warp(ACCEPT_BY - 1);
        Agreement memory a = terms();
        a.review_period = svm.createUint256("review_period");
        a.ruling_period = svm.createUint256("ruling_period");
        a.fallback_freelancer_bps = svm.createUint256("fallback_freelancer_bps");
        bool ok = opens(a, amount0());
        exactly(
            ok,
            all(
                all(a.review_period >= 3 days, a.review_period <= 180 days),
                all(a.ruling_period >= 3 days, a.ruling_period <= 365 days),
                a.fallback_freelancer_bps <= 10_000
            )
        );
    }

    /// @notice A deal is opened exactly if its deadlines are in order, the last in the future and at most 3650 days away, and accept_by in the future and not after it.
    function check_times() public {
        uint256 time = svm.createUint(40, "time");
        vm.warp(time);
        Agreement memory a = terms();
        a.accept_by = svm.createUint256("accept_by");
        a.milestones[0].deadline = svm.createUint256("deadline0");
        a.milestones[1].deadline = svm.createUint256("deadline1");
        bool ok = opens(a, amount0());
        uint256 last = a.milestones[1].deadline;
        exactly(
            ok,
            all(
                a.milestones[0].deadline <= last,
                all(last > time, last <= time + 3_650 days),
                all(a.accept_by > time, a.accept_by <= last)
            )
        );
    }

    /// @notice A deal is opened exactly if each amount is 1 .. 2**128 - 1, the price is their sum and the coin sent is that of the milestone funded.
    function check_amounts() public {
        vm.warp(ACCEPT_BY - 1);
        Agreement memory a = terms();
        a.milestones[0].amount = svm.createUint256("amount0");
        a.milestones[1].amount = svm.createUint256("amount1");
        a.price = svm.createUint256("price");
        uint256 value = svm.createUint(95, "value");
        bool ok = opens(a, value);
        uint256 first = a.milestones[0].amount;
        uint256 second = a.milestones[1].amount;
        unchecked {
            exactly(
                ok,
                all(
                    all(first != 0, first <= type(uint128).max),
                    all(second != 0, second <= type(uint128).max),
                    a.price == first + second,
                    value == first
                )
            );
        }
    }

    /// @notice A deal is opened exactly if employer, freelancer and arbiter are three, the payee is not the employer, none of them is the escrow, and an arbiter's share has an arbiter.
    function check_parties() public {
        vm.warp(ACCEPT_BY - 1);
        Agreement memory a = terms();
        a.freelancer = svm.createAddress("freelancer");
        a.payee = svm.createAddress("payee");
        a.arbiter = svm.createAddress("arbiter");
        address self = address(escrow);
        bool ok = opens(a, amount0());
        exactly(
            ok,
            all(
                all(a.freelancer != EMPLOYER, a.payee != EMPLOYER, a.arbiter != EMPLOYER),
                any(a.freelancer != a.arbiter, a.freelancer == address(0)),
                all(a.freelancer != self, a.payee != self, a.arbiter != self),
                any(a.arbiter != address(0), a.arbiter_bps == 0)
            )
        );
    }

    /// @notice Nobody but the employer funds, and nothing that supersedes another deal is opened by `fund`.
    function check_opener() public {
        vm.warp(ACCEPT_BY - 1);
        Agreement memory a = terms();
        address caller = svm.createAddress("caller");
        a.supersedes = svm.createBytes32("supersedes");
        bool ok = sentWith(caller, amount0(), abi.encodeCall(escrow.fund, (a, one(0), "")));
        exactly(ok, all(caller == EMPLOYER, a.supersedes == 0));
    }

    /// @notice A later funding goes through exactly if the employer sends the amount of a milestone that is not funded, of a deal that is not closed, before the final deadline.
    function check_later_funding() public {
        World memory w = arbitrary();
        vm.assume(w.word != 0 && w.index == 0);
        uint256 value = svm.createUint(95, "value");
        bool ok = sentWith(w.caller, value, abi.encodeCall(escrow.fund, (w.agreement, one(0), "")));
        exactly(
            ok,
            all(
                w.caller == EMPLOYER,
                all(isOpen(w), !isFunded(w, 0)),
                w.time < FINAL,
                value == amount0()
            )
        );
    }

    /// @notice A first funding stores one word, with the deal opened and the milestone funded, and credits nobody.
    function check_first_funding_stores() public {
        vm.warp(ACCEPT_BY - 1);
        Agreement memory a = terms();
        bytes32 id = escrow.deal_id(a);
        assert(opens(a, amount0()));
        assert(
            all(
                stored(dealSlot(id)) == 1 | (1 << FUNDED_AT),
                stored(milestoneSlot(id, 0)) == 0,
                creditOf(PLATFORM) == 0,
                balance() == amount0()
            )
        );
        witness();
    }
}
