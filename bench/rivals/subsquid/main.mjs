// Subsquid's processor into PostgreSQL: the three tables, in one transaction a batch.
// It prints one line of JSON when it has reached RIVAL_TO_BLOCK, and ends.
import { readFileSync } from "node:fs";
import { EvmBatchProcessor } from "@subsquid/evm-processor";
import pg from "pg";
import { decodeEventLog, toEventSelector } from "viem";

const { RIVAL_ARTIFACT, RIVAL_RPC, RIVAL_ESCROW, RIVAL_DATABASE, RIVAL_TO_BLOCK } = process.env;
const { abi } = JSON.parse(readFileSync(RIVAL_ARTIFACT, "utf8"));
const escrow = RIVAL_ESCROW.toLowerCase();
const byTopic = new Map(
  abi.filter((each) => each.type === "event").map((each) => [toEventSelector(each), [each]]),
);
const STATUS = {
  Funded: 1,
  RequestVoided: 1,
  ReleaseRequested: 2,
  Disputed: 3,
};

const client = new pg.Client({ connectionString: RIVAL_DATABASE });
await client.connect();
await client.query(`
  CREATE TABLE progress (height integer NOT NULL, hash text NOT NULL);
  INSERT INTO progress VALUES (-1, '0x');
  CREATE TABLE deal (id text PRIMARY KEY, employer text NOT NULL, freelancer text NOT NULL,
                     token text NOT NULL, bound boolean NOT NULL, block integer NOT NULL);
  CREATE INDEX ON deal (employer);
  CREATE INDEX ON deal (freelancer);
  CREATE TABLE milestone (deal text NOT NULL, index integer NOT NULL, amount numeric NOT NULL,
                          remaining numeric NOT NULL, status integer NOT NULL,
                          PRIMARY KEY (deal, index));
  CREATE TABLE event (block integer NOT NULL, log_index integer NOT NULL, name text NOT NULL,
                      deal text, transaction text NOT NULL, args json NOT NULL,
                      PRIMARY KEY (block, log_index));
  CREATE INDEX ON event (deal);
`);

const database = {
  async connect() {
    return (await client.query("SELECT height, hash FROM progress")).rows[0];
  },
  async transact({ nextHead }, write) {
    await client.query("BEGIN");
    await write(client);
    await client.query("UPDATE progress SET height = $1, hash = $2", [
      nextHead.height,
      nextHead.hash,
    ]);
    await client.query("COMMIT");
  },
};

/** Insert or update many rows by one statement, from arrays a column. */
async function write(sql, rows) {
  if (rows.length === 0) return;
  await client.query(
    sql,
    rows[0].map((_, column) => rows.map((row) => row[column])),
  );
}

const plain = (_, value) => (typeof value === "bigint" ? value.toString() : value);
let events = 0;
const began = performance.now();

new EvmBatchProcessor()
  .setRpcEndpoint({ url: RIVAL_RPC })
  .setFinalityConfirmation(1)
  .setBlockRange({ from: 0, to: Number(RIVAL_TO_BLOCK) })
  .setFields({ log: { topics: true, data: true, transactionHash: true } })
  .addLog({ address: [escrow] })
  .run(database, async ({ blocks }) => {
    const deals = new Map();
    const bound = new Set();
    const opened = new Map();
    const changed = new Map();
    const rows = [];
    for (const { header, logs } of blocks) {
      for (const log of logs) {
        const known = byTopic.get(log.topics[0]);
        if (known === undefined) continue;
        const { eventName: name, args } = decodeEventLog({ abi: known, ...log });
        const id = args.deal_id ?? null;
        rows.push([
          header.height,
          log.logIndex,
          name,
          id,
          log.transactionHash,
          JSON.stringify(args, plain),
        ]);
        const key = `${id}:${args.index}`;
        if (name === "Opened") {
          const { employer, freelancer, agreement } = args;
          deals.set(id, [id, employer, freelancer, agreement.token, false, header.height]);
          agreement.milestones.forEach(({ amount }, index) =>
            opened.set(`${id}:${index}`, [id, index, `${amount}`, "0", 0]),
          );
        } else if (name === "Accepted") {
          bound.add(id);
        } else if (args.index !== undefined) {
          const remaining = args.remaining ?? 0n;
          const status = STATUS[name] ?? (remaining === 0n ? 4 : 1);
          changed.set(key, [id, Number(args.index), `${remaining}`, status]);
        }
      }
    }
    events += rows.length;
    await write(
      `INSERT INTO event SELECT * FROM unnest($1::integer[], $2::integer[], $3::text[], $4::text[],
                                              $5::text[], $6::json[])`,
      rows,
    );
    await write(
      `INSERT INTO deal SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[],
                                             $5::boolean[], $6::integer[])`,
      [...deals.values()],
    );
    await write(
      `INSERT INTO milestone SELECT * FROM unnest($1::text[], $2::integer[], $3::numeric[],
                                                  $4::numeric[], $5::integer[])`,
      [...opened.values()],
    );
    await write(
      `UPDATE milestone AS m SET remaining = c.remaining, status = c.status
       FROM unnest($1::text[], $2::integer[], $3::numeric[], $4::integer[])
            AS c (deal, index, remaining, status)
       WHERE m.deal = c.deal AND m.index = c.index`,
      [...changed.values()],
    );
    await write(
      "UPDATE deal SET bound = true WHERE id = ANY ($1::text[])",
      [...bound].map((id) => [id]),
    );
    if (blocks.at(-1).header.height >= Number(RIVAL_TO_BLOCK)) {
      const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
      console.log(
        JSON.stringify({
          events,
          seconds: (performance.now() - began) / 1000,
          cpu_seconds: (userCPUTime + systemCPUTime) / 1e6,
          peak_mib: maxRSS / 1024,
        }),
      );
    }
  });
