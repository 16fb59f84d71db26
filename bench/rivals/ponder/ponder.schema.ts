import { index, onchainTable, primaryKey } from "ponder";

export const deal = onchainTable(
  "deal",
  (t) => ({
    id: t.hex().primaryKey(),
    employer: t.hex().notNull(),
    freelancer: t.hex().notNull(),
    token: t.hex().notNull(),
    bound: t.boolean().notNull(),
    block: t.bigint().notNull(),
  }),
  (table) => ({
    employer: index().on(table.employer),
    freelancer: index().on(table.freelancer),
  }),
);

export const milestone = onchainTable(
  "milestone",
  (t) => ({
    deal: t.hex().notNull(),
    index: t.integer().notNull(),
    amount: t.bigint().notNull(),
    remaining: t.bigint().notNull(),
    status: t.integer().notNull(),
  }),
  (table) => ({ key: primaryKey({ columns: [table.deal, table.index] }) }),
);

export const event = onchainTable(
  "event",
  (t) => ({
    id: t.text().primaryKey(),
    name: t.text().notNull(),
    deal: t.hex(),
    block: t.bigint().notNull(),
    logIndex: t.integer().notNull(),
    transaction: t.hex().notNull(),
    args: t.json().notNull(),
  }),
  (table) => ({ deal: index().on(table.deal) }),
);
