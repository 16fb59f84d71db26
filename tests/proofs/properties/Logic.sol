// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// Solidity's && and || jump, and each jump is a path more to explore. These are plain words to the solver.

function all(bool a, bool b) pure returns (bool c) {
    assembly {
        c := and(a, b)
    }
}

function all(bool a, bool b, bool c) pure returns (bool) {
    return all(all(a, b), c);
}

function all(bool a, bool b, bool c, bool d) pure returns (bool) {
    return all(all(a, b), all(c, d));
}

function all(bool a, bool b, bool c, bool d, bool e) pure returns (bool) {
    return all(all(a, b), all(c, d), e);
}

function any(bool a, bool b) pure returns (bool c) {
    assembly {
        c := or(a, b)
    }
}

/// @dev One of two numbers.
function pick(bool first, uint256 a, uint256 b) pure returns (uint256 c) {
    assembly {
        c := xor(b, and(xor(a, b), sub(0, first)))
    }
}
