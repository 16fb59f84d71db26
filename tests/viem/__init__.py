"""viem, the library that wallets and pages use, in a process of Node."""
