// The Hardhat node on which the escrow is tried beside Anvil. Accounts and chain id are those of
// Anvil and of Ape's test accounts, so that a script works on either.
import { defineConfig } from "hardhat/config";

export default defineConfig({
  networks: {
    node: {
      type: "edr-simulated",
      chainId: 31337,
      // Later forks cap the gas of one transaction below what Ape asks for.
      hardfork: "prague",
      // Ape's test accounts send with a gas price of zero.
      initialBaseFeePerGas: 0,
      accounts: {
        mnemonic: "test test test test test test test test test test test junk",
        path: "m/44'/60'/0'/0",
        count: 10,
      },
    },
  },
  // Hardhat compiles nothing here; what it writes all the same stays out of the tree.
  paths: {
    artifacts: "node_modules/.cache/hardhat/artifacts",
    cache: "node_modules/.cache/hardhat/cache",
  },
});
