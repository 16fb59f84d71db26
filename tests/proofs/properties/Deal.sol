// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Agreement, Milestone, Escrow, Vm, Svm} from "./Escrow.sol";
import {all, any, pick} from "./Logic.sol";

/// @notice The escrow as it is published, and in it a deal of two milestones in an arbitrary state.
///
///         "Arbitrary" is every deal word and every two milestone words that `valid` allows, at every
///         time of 1 .. 2**40 - 1 that is not before what the words say has happened. `Steps.sol`,
///         `Pairs.sol` and `Amendments.sol` prove that none of their calls leads out of that, so that to
///         start from it is to start from all that those calls can reach.
abstract contract Deal {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    Svm internal constant svm = Svm(address(uint160(uint256(keccak256("svm cheat code")))));

    address internal constant EMPLOYER = address(0xE1);
    address internal constant FREELANCER = address(0xF1);
    address internal constant PAYEE = address(0xF2);
    address internal constant ARBITER = address(0xA1);
    address internal constant PLATFORM = address(0xB1);
    address internal constant COIN = address(0);

    uint256 internal constant AMOUNT_1 = 7;
    // More than any deal holds: a payment never fails for want of coins. That what leaves is never more
    // than what is owed is another question, which `Steps.sol` answers.
    uint256 internal constant PLENTY = 1 << 90;
    uint256 internal constant BPS = 10_000;
    // Powers of two: the compiler's checks of a product divide by them, which solvers then find easy.
    uint256 internal constant ARBITER_BPS = 512;
    uint256 internal constant FALLBACK_BPS = 4_096;
    uint256 internal constant REVIEW = 30 days;
    uint256 internal constant RULING = 40 days;
    uint256 internal constant LAPSE = 74 days;
    uint256 internal constant ACCEPT_BY = 1_790_000_000;
    uint256 internal constant DEADLINE = 1_800_000_000; // of milestone 0
    uint256 internal constant FINAL = 1_810_000_000; // of milestone 1

    // The first slots of the compiler's layout, which a test compares with these.
    uint256 internal constant CREDITS_SLOT = 0;
    uint256 internal constant DEALS_SLOT = 1;
    uint256 internal constant MILESTONES_SLOT = 2;

    // Where the fields of a deal word begin; those of a milestone word are at 0, 128 and 136.
    uint256 internal constant SETTLED_AT = 16;
    uint256 internal constant TRACKED_AT = 32;
    uint256 internal constant ACTIVITY_AT = 48;
    uint256 internal constant FUNDED_AT = 112;

    // The bits that a deal word of two milestones, and a milestone word, may have.
    uint256 internal constant DEAL_BITS = 7 | (3 << SETTLED_AT) | (3 << TRACKED_AT)
        | (uint256(type(uint64).max) << ACTIVITY_AT) | (3 << FUNDED_AT);
    uint256 internal constant MILESTONE_BITS =
        type(uint128).max | (3 << 128) | (uint256(type(uint64).max) << 136);

    uint256 internal constant FUNDED = 0;
    uint256 internal constant REQUESTED = 1;
    uint256 internal constant DISPUTED = 2;

    struct World {
        Agreement agreement;
        bytes32 id;
        uint256 word;
        uint256[2] words; // of the milestones
        uint256 time;
        address caller;
        uint256 index; // that is called for
    }

    Escrow internal escrow;
    bool private _witnessing;

    function setUp() public virtual {
        bytes memory code = vm.envBytes("PROOFS_CREATION_CODE");
        address made;
        assembly {
            made := create(0, add(code, 32), mload(code))
        }
        require(made != address(0));
        escrow = Escrow(made);
        _witnessing = vm.envBool("PROOFS_WITNESS");
    }

    /// @dev Marks what a property is about, such as the call's success. The prover runs every property
    ///      twice; in the second run this line fails, and a property that has no counterexample then
    ///      never came here and is refused as vacuous.
    function witness() internal view {
        assert(!_witnessing);
    }

    // --- The world before

    function arbitrary() internal returns (World memory w) {
        w = unstored();
        // Put together from fields as wide as `valid` lets them be: solvers find that easier than words
        // cut down to it.
        w.word = svm.createUint(3, "life") | (svm.createUint(2, "settled") << SETTLED_AT)
            | (svm.createUint(2, "tracked") << TRACKED_AT)
            | (svm.createUint(40, "last_activity") << ACTIVITY_AT)
            | (svm.createUint(2, "funded") << FUNDED_AT);
        w.words[0] = svm.createUint(amount0() == 1e6 ? 20 : amount0() == 1e9 ? 30 : 64, "paid0")
            | (svm.createUint(2, "phase0") << 128) | (svm.createUint(40, "since0") << 136);
        w.words[1] = svm.createUint(3, "paid1") | (svm.createUint(2, "phase1") << 128)
            | (svm.createUint(40, "since1") << 136);
        vm.assume(valid(w));
        vm.store(address(escrow), dealSlot(w.id), bytes32(w.word));
        vm.store(address(escrow), milestoneSlot(w.id, 0), bytes32(w.words[0]));
        vm.store(address(escrow), milestoneSlot(w.id, 1), bytes32(w.words[1]));
        vm.deal(address(escrow), PLENTY);
    }

    /// @dev An arbitrary deal that is not closed.
    function arbitraryOpen() internal returns (World memory w) {
        w = arbitrary();
        vm.assume(isOpen(w));
    }

    /// @dev Nothing is stored yet.
    function unstored() internal returns (World memory w) {
        w.agreement = terms();
        w.id = escrow.deal_id(w.agreement);
        w.time = svm.createUint(40, "time");
        w.caller = svm.createAddress("caller");
        w.index = concrete(svm.createUint256("index"));
        vm.assume(w.time != 0); // zero says "never" in the words
        vm.warp(w.time);
    }

    /// @dev Of milestone 0, raw units.
    function amount0() internal pure virtual returns (uint256);

    /// @dev Of the platform, which is nobody if it is zero.
    function feeBps() internal view virtual returns (uint256);

    /// @dev Concrete, so that the deal id is. What remains of a milestone, and what was paid of it, are
    ///      arbitrary all the same: the words say that.
    function terms() internal view returns (Agreement memory a) {
        a.employer = EMPLOYER;
        a.freelancer = FREELANCER;
        a.payee = PAYEE;
        a.arbiter = ARBITER;
        a.fee_bps = feeBps();
        if (a.fee_bps != 0) a.platform = PLATFORM;
        a.arbiter_bps = ARBITER_BPS;
        a.price = amount0() + AMOUNT_1;
        a.accept_by = ACCEPT_BY;
        a.review_period = REVIEW;
        a.ruling_period = RULING;
        a.fallback_freelancer_bps = FALLBACK_BPS;
        a.document = keccak256("document");
        a.milestones = new Milestone[](2);
        a.milestones[0] = Milestone(amount0(), DEADLINE);
        a.milestones[1] = Milestone(AMOUNT_1, FINAL);
    }

    /// @dev Concrete where a milestone has it: halmos takes no symbolic offset into memory. Calls go for
    ///      milestone 0, or for one that does not exist; milestone 1 is what they must leave alone.
    function concrete(uint256 index) internal returns (uint256) {
        vm.assume(index != 1);
        return index == 0 ? 0 : index;
    }

    function one(uint256 index) internal pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = index;
    }

    function two(uint256 first, uint256 second) internal pure returns (uint256[] memory list) {
        list = new uint256[](2);
        list[0] = first;
        list[1] = second;
    }

    // --- What the words say

    /// @dev What is true of the words of every deal that calls have led to.
    function valid(World memory w) internal pure returns (bool) {
        uint256 word = w.word;
        uint256 funded = (word >> FUNDED_AT) & 3;
        uint256 settled = (word >> SETTLED_AT) & 3;
        uint256 tracked = (word >> TRACKED_AT) & 3;
        uint256 activity = lastActivity(w);
        bool bits = all(
            word & ~DEAL_BITS == 0,
            any(word == 0, word & 1 == 1),
            settled & ~funded == 0,
            tracked & ~(funded & ~settled) == 0,
            any(tracked == 0, isBound(w))
        );
        bool life = all(
            any(!isClosed(w), settled == funded),
            any(activity == 0, all(activity >= FINAL, activity <= w.time))
        );
        return all(bits, life, validMilestone(w, 0), validMilestone(w, 1));
    }

    function validMilestone(World memory w, uint256 i) internal pure returns (bool) {
        uint256 word = w.words[i];
        return all(
            all(word & ~MILESTONE_BITS == 0, (word != 0) == isTracked(w, i)),
            paid(w, i) < amount(w, i),
            phase(w, i) <= DISPUTED,
            (since(w, i) == 0) == (phase(w, i) == FUNDED),
            since(w, i) <= w.time
        );
    }

    function isOpen(World memory w) internal pure returns (bool) {
        return w.word & 3 == 1;
    }

    function isClosed(World memory w) internal pure returns (bool) {
        return w.word & 2 != 0;
    }

    function isBound(World memory w) internal pure returns (bool) {
        return w.word & 4 != 0;
    }

    function isFunded(World memory w, uint256 i) internal pure returns (bool) {
        return (w.word >> (FUNDED_AT + i)) & 1 == 1;
    }

    function isSettled(World memory w, uint256 i) internal pure returns (bool) {
        return (w.word >> (SETTLED_AT + i)) & 1 == 1;
    }

    function isTracked(World memory w, uint256 i) internal pure returns (bool) {
        return (w.word >> (TRACKED_AT + i)) & 1 == 1;
    }

    /// @dev The milestone holds money, in an open deal.
    function isHeld(World memory w, uint256 i) internal pure returns (bool) {
        return all(isOpen(w), isFunded(w, i), !isSettled(w, i));
    }

    function lastActivity(World memory w) internal pure returns (uint256) {
        return (w.word >> ACTIVITY_AT) & type(uint64).max;
    }

    function isLapsed(World memory w) internal pure returns (bool) {
        uint256 activity = lastActivity(w);
        return w.time >= pick(activity > FINAL, activity, FINAL) + LAPSE;
    }

    function amount(World memory w, uint256 i) internal pure returns (uint256) {
        return w.agreement.milestones[i].amount;
    }

    function paid(World memory w, uint256 i) internal pure returns (uint256) {
        return w.words[i] & type(uint128).max;
    }

    function phase(World memory w, uint256 i) internal pure returns (uint256) {
        return (w.words[i] >> 128) & 3;
    }

    function since(World memory w, uint256 i) internal pure returns (uint256) {
        return w.words[i] >> 136;
    }

    /// @dev What the milestone holds, nothing if it is not funded or is settled.
    function holds(World memory w, uint256 i) internal pure returns (uint256) {
        unchecked {
            return pick(all(isFunded(w, i), !isSettled(w, i)), amount(w, i) - paid(w, i), 0);
        }
    }

    /// @dev floor(amount * bps / 10000). The products are far from 256 bits.
    function share(uint256 sum, uint256 bps) internal pure returns (uint256) {
        unchecked {
            return sum * bps / BPS;
        }
    }

    // --- Storage

    function dealSlot(bytes32 id) internal pure returns (bytes32) {
        return keccak256(abi.encode(DEALS_SLOT, id));
    }

    function milestoneSlot(bytes32 id, uint256 i) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(abi.encode(MILESTONES_SLOT, id)), i));
    }

    function creditSlot(address token, address owner) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(abi.encode(CREDITS_SLOT, token)), owner));
    }

    function stored(bytes32 slot) internal view returns (uint256) {
        return uint256(vm.load(address(escrow), slot));
    }

    /// @dev The same deal as it is stored now.
    function reread(World memory w) internal view returns (World memory n) {
        n.agreement = w.agreement;
        n.id = w.id;
        n.time = w.time;
        n.word = stored(dealSlot(w.id));
        n.words[0] = stored(milestoneSlot(w.id, 0));
        n.words[1] = stored(milestoneSlot(w.id, 1));
    }

    // --- Calls

    /// @dev Whether the call, made by the world's caller, goes through.
    function sent(World memory w, bytes memory call) internal returns (bool ok) {
        vm.prank(w.caller);
        (ok,) = address(escrow).call(call);
    }

    function sentBy(address caller, bytes memory call) internal returns (bool ok) {
        vm.prank(caller);
        (ok,) = address(escrow).call(call);
    }

    function sentWith(address caller, uint256 value, bytes memory call) internal returns (bool ok) {
        vm.deal(caller, value);
        vm.prank(caller);
        (ok,) = address(escrow).call{value: value}(call);
    }

    function balance() internal view returns (uint256) {
        return address(escrow).balance;
    }

    function creditOf(address owner) internal view returns (uint256) {
        return stored(creditSlot(COIN, owner));
    }
}
