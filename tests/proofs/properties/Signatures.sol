// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Agreement} from "./Escrow.sol";
import {Deal} from "./Deal.sol";
import {all, any} from "./Logic.sol";

/// @notice A contract wallet that approves of one digest.
contract Wallet {
    bytes32 private _digest;

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return digest == _digest ? this.isValidSignature.selector : bytes4(0);
    }

    receive() external payable {}
}

/// @notice What a signed message is good for. Signers are contract wallets (ERC-1271) that approve of one
///         digest, or accounts without code; the digest is computed here once more from EIP-712.
contract Signatures is Deal {
    function amount0() internal pure override returns (uint256) {
        return type(uint64).max;
    }

    function feeBps() internal pure override returns (uint256) {
        return 0;
    }

    function separator() private view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("MilestoneEscrow"),
                keccak256("1"),
                block.chainid,
                address(escrow)
            )
        );
    }

    function approves(address signer, bytes32 structHash) private {
        vm.etch(signer, type(Wallet).runtimeCode);
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", separator(), structHash));
        vm.store(signer, 0, digest);
    }

    function voucher(bytes32 id, uint256 index, uint256 total, uint256 expiry)
        private
        pure
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                keccak256("Voucher(bytes32 deal,uint256 index,uint256 paid_total,uint256 expiry)"),
                id,
                index,
                total,
                expiry
            )
        );
    }

    /// @notice `redeem` of the employer's voucher goes through exactly before its expiry, for more than was paid and at most the amount, while the milestone is requested, or funded and not lapsed, or for all of it.
    function check_redeem() public {
        World memory w = arbitrary();
        vm.assume(w.index == 0);
        uint256 total = svm.createUint256("total");
        uint256 expiry = svm.createUint256("expiry");
        approves(EMPLOYER, voucher(w.id, 0, total, expiry));
        bool ok = sent(w, abi.encodeCall(escrow.redeem, (w.agreement, 0, total, expiry, "")));
        bool inState = any(
            phase(w, 0) == REQUESTED,
            any(
                all(phase(w, 0) == FUNDED, !isLapsed(w)),
                all(phase(w, 0) == DISPUTED, total == amount0())
            )
        );
        bool allowed = all(
            all(isHeld(w, 0), isBound(w)),
            w.time < expiry,
            total > paid(w, 0),
            total <= amount0(),
            inState
        );
        assert(ok == allowed);
        if (ok) witness();
    }

    /// @notice A voucher pays once: after `redeem` the milestone has paid its total, and the same voucher is refused.
    function check_voucher_pays_once() public {
        World memory w = arbitrary();
        vm.assume(w.index == 0);
        uint256 total = svm.createUint256("total");
        approves(EMPLOYER, voucher(w.id, 0, total, type(uint256).max));
        bytes memory call =
            abi.encodeCall(escrow.redeem, (w.agreement, 0, total, type(uint256).max, ""));
        if (!sent(w, call)) return;
        World memory n = reread(w);
        assert(any(paid(n, 0) == total, all(isSettled(n, 0), total == amount0())));
        assert(!sent(w, call));
        witness();
    }

    /// @notice A voucher for one total, milestone or expiry is refused for every other.
    function check_voucher_binds_its_words() public {
        World memory w = arbitrary();
        vm.assume(w.index == 0);
        uint256 index = svm.createUint256("signed index");
        uint256 total = svm.createUint256("signed total");
        uint256 expiry = svm.createUint256("signed expiry");
        bytes32 deal = svm.createBytes32("signed deal");
        approves(EMPLOYER, voucher(deal, index, total, expiry));
        uint256 asked = svm.createUint256("total");
        uint256 until = svm.createUint256("expiry");
        if (!sent(w, abi.encodeCall(escrow.redeem, (w.agreement, 0, asked, until, "")))) return;
        assert(all(deal == w.id, index == 0, total == asked, expiry == until));
        witness();
    }

    /// @notice A signature of 65 bytes whose s is in the upper half is refused, whatever else it says.
    function check_high_s_is_refused() public {
        World memory w = arbitrary();
        vm.assume(w.index == 0);
        bytes32 r = svm.createBytes32("r");
        uint256 s = svm.createUint256("s");
        uint8 v = uint8(svm.createUint(8, "v"));
        uint256 half = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;
        bytes memory signature = abi.encodePacked(r, s, v);
        bool ok = sent(
            w,
            abi.encodeCall(escrow.redeem, (w.agreement, 0, amount0(), type(uint256).max, signature))
        );
        if (!ok) return;
        assert(s <= half);
        witness();
    }

    /// @notice The freelancer's wallet binds by `fund` exactly with a signature over this agreement, before accept_by.
    function check_signature_binds() public {
        Agreement memory a = terms();
        bytes32 id = escrow.deal_id(a);
        uint256 time = svm.createUint(40, "time");
        vm.warp(time);
        vm.assume(time < FINAL && FINAL <= time + 3_650 days && time < ACCEPT_BY);
        vm.etch(FREELANCER, type(Wallet).runtimeCode);
        bytes32 approved = svm.createBytes32("approved");
        vm.store(FREELANCER, 0, approved);
        bool ok = sentWith(EMPLOYER, amount0(), abi.encodeCall(escrow.fund, (a, one(0), hex"01")));
        assert(ok == (approved == id));
        if (!ok) return;
        assert(stored(dealSlot(id)) == 5 | (1 << FUNDED_AT));
        witness();
    }

    /// @notice `settle` sent by the employer, with the freelancer's wallet approving of exactly this settlement, goes through exactly before its expiry, for a milestone of a bound deal that holds money, and for at most what remains.
    function check_settle() public {
        World memory w = arbitrary();
        vm.assume(w.index == 0);
        uint256 given = svm.createUint256("given");
        uint256 expiry = svm.createUint256("expiry");
        approves(FREELANCER, settlement(w.id, given, holds(w, 0), expiry));
        bytes memory call =
            abi.encodeCall(escrow.settle, (w.agreement, one(0), one(given), expiry, ""));
        bool ok = sentBy(EMPLOYER, call);
        assert(ok == all(isHeld(w, 0), isBound(w), w.time < expiry, given <= holds(w, 0)));
        if (ok) witness();
    }

    /// @notice A settlement signed for one deal, milestone, amount, sum or expiry is refused for every other.
    function check_settlement_binds_its_words() public {
        World memory w = arbitrary();
        vm.assume(w.index == 0);
        bytes32 deal = svm.createBytes32("signed deal");
        uint256 signed = svm.createUint256("signed amount");
        uint256 remaining = svm.createUint256("signed remaining");
        uint256 expiry = svm.createUint256("signed expiry");
        approves(FREELANCER, settlement(deal, signed, remaining, expiry));
        uint256 given = svm.createUint256("given");
        uint256 until = svm.createUint256("expiry");
        bytes memory call =
            abi.encodeCall(escrow.settle, (w.agreement, one(0), one(given), until, ""));
        if (!sent(w, call)) return;
        assert(
            all(
                deal == w.id,
                given == signed,
                remaining == holds(w, 0),
                until == expiry,
                w.caller == EMPLOYER
            )
        );
        witness();
    }

    function settlement(bytes32 id, uint256 given, uint256 remaining, uint256 expiry)
        private
        pure
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                keccak256(
                    "Settlement(bytes32 deal,uint256[] indexes,uint256[] freelancer_amounts,uint256 remaining,uint256 expiry)"
                ),
                id,
                keccak256(abi.encode(uint256(0))),
                keccak256(abi.encode(given)),
                remaining,
                expiry
            )
        );
    }
}
