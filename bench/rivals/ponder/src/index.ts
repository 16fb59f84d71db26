import { type Context, type EventNames, ponder } from "ponder:registry";
import schema from "ponder:schema";

const AGREED = 0;
const FUNDED = 1;
const REQUESTED = 2;
const DISPUTED = 3;
const SETTLED = 4;

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
  }
  return value;
}

/** Keep the event, and do with it what its name asks for. */
function on(name: string, change: (context: Context, args: any, block: bigint) => Promise<unknown>) {
  ponder.on(`Escrow:${name}` as EventNames, async ({ event, context }: any) => {
    await context.db.insert(schema.event).values({
      id: event.id,
      name,
      deal: event.args.deal_id ?? null,
      block: event.block.number,
      logIndex: event.log.logIndex,
      transaction: event.transaction.hash,
      args: plain(event.args) as object,
    });
    await change(context, event.args, event.block.number);
  });
}

const milestone = (context: Context, args: any, values: object) =>
  context.db
    .update(schema.milestone, { deal: args.deal_id, index: Number(args.index) })
    .set(values as never);
const settled = (remaining: bigint, before: number) => (remaining === 0n ? SETTLED : before);
const nothing = async () => {};

on("Opened", async (context, args, block) => {
  const { agreement } = args;
  await context.db.insert(schema.deal).values({
    id: args.deal_id,
    employer: args.employer,
    freelancer: args.freelancer,
    token: agreement.token,
    bound: false,
    block,
  });
  await context.db.insert(schema.milestone).values(
    agreement.milestones.map((each: { amount: bigint }, index: number) => ({
      deal: args.deal_id,
      index,
      amount: each.amount,
      remaining: 0n,
      status: AGREED,
    })),
  );
});
on("Accepted", (context, args) =>
  context.db.update(schema.deal, { id: args.deal_id }).set({ bound: true }),
);
on("Funded", (context, args) =>
  milestone(context, args, { remaining: args.remaining, status: FUNDED }),
);
on("ReleaseRequested", (context, args) => milestone(context, args, { status: REQUESTED }));
on("RequestVoided", (context, args) => milestone(context, args, { status: FUNDED }));
on("Disputed", (context, args) => milestone(context, args, { status: DISPUTED }));
for (const name of ["Released", "Refunded", "Ruled"]) {
  on(name, (context, args) =>
    milestone(context, args, {
      remaining: args.remaining,
      status: settled(args.remaining, FUNDED),
    }),
  );
}
on("Moved", (context, args) => milestone(context, args, { remaining: 0n, status: SETTLED }));
for (const name of ["Active", "Credited", "CreditPaid", "Superseded"]) on(name, nothing);
