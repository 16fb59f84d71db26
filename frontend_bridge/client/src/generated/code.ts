// Made by `make artifacts`: a change here is lost.

/** Run-time code of the contracts without immutables: bytes, and their keccak256. */
export const CODE = {
  MilestoneEscrow: { size: 24116, hash: "0x052c63b021e27ea6fc5b9b1f08a24495d19518760bd0ceca301eb6d3be50c243" },
  DealNotes: { size: 4080, hash: "0xd2db05bd4c2d5646b59c9f784159a786401973d75d09956a988a6831aba1c2ba" },
} as const;
