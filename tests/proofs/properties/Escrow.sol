// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

struct Milestone {
    uint256 amount;
    uint256 deadline;
}

struct Agreement {
    address employer;
    address freelancer;
    address payee;
    address arbiter;
    address token;
    address platform;
    uint256 fee_bps;
    uint256 arbiter_bps;
    uint256 price;
    uint256 accept_by;
    uint256 review_period;
    uint256 ruling_period;
    uint256 fallback_freelancer_bps;
    bytes32 document;
    bytes32 supersedes;
    Milestone[] milestones;
}

/// @notice The calls of the contract under proof. A test compares their names with its ABI.
interface Escrow {
    struct DealState {
        bool opened;
        bool closed;
        bool bound;
        uint256 funded;
        uint256 settled;
        uint256 last_activity;
    }

    struct MilestoneState {
        uint256 status;
        uint256 paid;
        uint256 since;
    }

    function fund(Agreement calldata, uint256[] calldata, bytes calldata) external payable;
    function fund_with_permit(
        Agreement calldata,
        uint256[] calldata,
        bytes calldata,
        uint256,
        uint8,
        bytes32,
        bytes32
    ) external;
    function accept(Agreement calldata, uint256[] calldata) external;
    function withdraw(Agreement calldata, uint256[] calldata) external;
    function amend(
        Agreement calldata,
        Agreement calldata,
        uint256[] calldata,
        uint256,
        bytes calldata
    ) external payable;
    function request_release(Agreement calldata, uint256[] calldata, bytes32) external;
    function void_request(Agreement calldata, uint256[] calldata) external;
    function release(Agreement calldata, uint256[] calldata) external;
    function release_part(Agreement calldata, uint256, uint256) external;
    function redeem(Agreement calldata, uint256, uint256, uint256, bytes calldata) external;
    function claim(Agreement calldata, uint256[] calldata) external;
    function cancel(Agreement calldata, uint256[] calldata) external;
    function dispute(Agreement calldata, uint256, bytes32) external;
    function rule(Agreement calldata, uint256, uint256) external;
    function apply_fallback(Agreement calldata, uint256) external;
    function settle(
        Agreement calldata,
        uint256[] calldata,
        uint256[] calldata,
        uint256,
        bytes calldata
    ) external;
    function settle_dormant(Agreement calldata, uint256[] calldata) external;
    function keep_alive(Agreement calldata) external;
    function withdraw_credit(address token, address to) external;
    function pay_credit(address token, address owner) external;
    function deal_id(Agreement calldata) external view returns (bytes32);
    function deal(bytes32 deal_id) external view returns (DealState memory);
    function milestone(bytes32 deal_id, uint256 index) external view returns (MilestoneState memory);
    function credit(address token, address owner) external view returns (uint256);
}

/// @notice What halmos lets a property do to its world.
interface Vm {
    function assume(bool) external;
    function prank(address) external;
    function warp(uint256) external;
    function deal(address, uint256) external;
    function store(address, bytes32, bytes32) external;
    function load(address, bytes32) external view returns (bytes32);
    function etch(address, bytes calldata) external;
    function envBytes(string calldata) external view returns (bytes memory);
    function envBool(string calldata) external view returns (bool);
}

/// @notice Where halmos makes values that stand for every value of their type.
interface Svm {
    function createUint(uint256 bits, string calldata name) external pure returns (uint256);
    function createUint256(string calldata name) external pure returns (uint256);
    function createAddress(string calldata name) external pure returns (address);
    function createBool(string calldata name) external pure returns (bool);
    function createBytes32(string calldata name) external pure returns (bytes32);
    function createBytes(uint256 size, string calldata name) external pure returns (bytes memory);
}
