import type { Bridge, LiveEvent } from "milestone-escrow-client";

export async function listening(bridge: Bridge, signal: AbortSignal, readAgain: () => void) {
  const heard = new Map<number, LiveEvent>();
  for await (const event of bridge.live({ signal })) {
    if (event.kind === "event") heard.set(event.sequence, event);
    // Its block was replaced: what it told is not so.
    else if (event.kind === "reverted") heard.set(event.sequence, event);
    // The index was made anew, or nobody knows what was missed.
    else if (event.kind === "reset") readAgain();
  }
  return heard;
}
