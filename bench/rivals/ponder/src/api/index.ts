import { Hono } from "hono";
import { asc, eq, graphql } from "ponder";
import { db } from "ponder:api";
import schema from "ponder:schema";

const app = new Hono();
const json = (value: unknown) =>
  new Response(
    JSON.stringify(value, (_, each) => (typeof each === "bigint" ? each.toString() : each)),
    { headers: { "content-type": "application/json" } },
  );

app.use("/graphql", graphql({ db, schema }));
app.get("/deals", async () => {
  const deals = await db.select().from(schema.deal).orderBy(asc(schema.deal.block)).limit(20);
  return json(deals);
});
app.get("/deals/:id", async (context) => {
  const id = context.req.param("id") as `0x${string}`;
  const [deals, milestones] = await Promise.all([
    db.select().from(schema.deal).where(eq(schema.deal.id, id)),
    db.select().from(schema.milestone).where(eq(schema.milestone.deal, id)),
  ]);
  return json({ ...deals[0], milestones });
});

export default app;
