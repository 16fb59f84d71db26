// Made by `make artifacts`: a change here is lost.

import type { Deployment } from "../deployments.js";

/** Deployments that are published with this package, by the id of their chain. */
export const DEPLOYMENTS: Readonly<Record<number, Deployment>> = {
};
