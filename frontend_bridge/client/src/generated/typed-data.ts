// Made by `make artifacts`: a change here is lost.

/** Name and version of the escrow's EIP-712 domain. */
export const DOMAIN = {"name": "MilestoneEscrow", "version": "1"} as const;

/** EIP-712 types of all that is signed in that domain. */
export const TYPES = {
  Agreement: [
    { name: "employer", type: "address" },
    { name: "freelancer", type: "address" },
    { name: "payee", type: "address" },
    { name: "arbiter", type: "address" },
    { name: "token", type: "address" },
    { name: "platform", type: "address" },
    { name: "fee_bps", type: "uint256" },
    { name: "arbiter_bps", type: "uint256" },
    { name: "price", type: "uint256" },
    { name: "accept_by", type: "uint256" },
    { name: "review_period", type: "uint256" },
    { name: "ruling_period", type: "uint256" },
    { name: "fallback_freelancer_bps", type: "uint256" },
    { name: "document", type: "bytes32" },
    { name: "supersedes", type: "bytes32" },
    { name: "milestones", type: "Milestone[]" },
  ],
  Milestone: [
    { name: "amount", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
  Voucher: [
    { name: "deal", type: "bytes32" },
    { name: "index", type: "uint256" },
    { name: "paid_total", type: "uint256" },
    { name: "expiry", type: "uint256" },
  ],
  Settlement: [
    { name: "deal", type: "bytes32" },
    { name: "indexes", type: "uint256[]" },
    { name: "freelancer_amounts", type: "uint256[]" },
    { name: "remaining", type: "uint256" },
    { name: "expiry", type: "uint256" },
  ],
  Amendment: [
    { name: "old", type: "bytes32" },
    { name: "new", type: "Agreement" },
    { name: "indexes", type: "uint256[]" },
    { name: "moved", type: "uint256" },
    { name: "expiry", type: "uint256" },
  ],
} as const;
