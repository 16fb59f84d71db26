#!/usr/bin/env node
// Plays `solc` for forge with the compiler of the npm package `solc`, so that nothing is downloaded.
import { readFileSync } from "node:fs";
import solc from "solc";

if (process.argv.includes("--version")) {
  process.stdout.write(`solc, the solidity compiler\nVersion: ${solc.version()}\n`);
} else if (process.argv.includes("--standard-json")) {
  process.stdout.write(solc.compile(readFileSync(0, "utf8")));
} else {
  process.stderr.write("Only --version and --standard-json are known here.\n");
  process.exitCode = 2;
}
