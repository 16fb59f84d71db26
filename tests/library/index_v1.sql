-- The tables of the first version's index files, as it made them.
CREATE TABLE meta (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    schema_version  INTEGER NOT NULL,
    chain_id        INTEGER NOT NULL,
    genesis_hash    BLOB NOT NULL,
    escrow          TEXT NOT NULL,
    from_block      INTEGER NOT NULL,
    checkpoint      INTEGER NOT NULL,  -- all logs up to this block are here
    checkpoint_hash BLOB,              -- null before the first block
    final_block     INTEGER            -- blocks up to this one cannot be replaced; null: unknown
);
CREATE TABLE blocks (                  -- those with events, and the latest
    number      INTEGER PRIMARY KEY,
    hash        BLOB NOT NULL,
    parent_hash BLOB,                  -- null where only a log told of the block
    timestamp   INTEGER NOT NULL,
    has_events  INTEGER NOT NULL
);
CREATE INDEX blocks_without_events ON blocks (number) WHERE has_events = 0;
CREATE TABLE events (                  -- every log of the escrow, as it came
    position    INTEGER PRIMARY KEY,   -- block number and log index, the latter in 20 bits
    tx_hash     BLOB NOT NULL,
    name        TEXT,                  -- null: an event that this version does not know
    deal        INTEGER,               -- number of the deal, null where the event names none
    milestone   INTEGER,               -- index, null where the event names none
    topics      BLOB NOT NULL,
    data        BLOB NOT NULL,
    block_number INTEGER GENERATED ALWAYS AS (position >> 20) VIRTUAL,
    log_index    INTEGER GENERATED ALWAYS AS (position & 1048575) VIRTUAL
);
CREATE INDEX events_of_deal ON events (deal) WHERE deal IS NOT NULL;
CREATE TABLE deals (
    number        INTEGER PRIMARY KEY, -- 1 for the first that was opened
    deal_id       BLOB NOT NULL UNIQUE,
    opened        INTEGER NOT NULL,    -- position of its Opened, which has the agreement
    employer      TEXT NOT NULL,
    freelancer    TEXT NOT NULL,
    arbiter       TEXT NOT NULL,
    token         TEXT NOT NULL,
    bound         INTEGER NOT NULL,
    closed        INTEGER NOT NULL,
    successor     BLOB,
    funded        INTEGER NOT NULL,    -- bit mask of milestones
    settled       INTEGER NOT NULL,    -- bit mask of milestones
    last_activity INTEGER NOT NULL
);
CREATE INDEX deals_of_employer ON deals (employer);
CREATE INDEX deals_of_freelancer ON deals (freelancer);
CREATE INDEX deals_of_arbiter ON deals (arbiter);
CREATE TABLE milestones (
    deal             INTEGER NOT NULL,
    milestone        INTEGER NOT NULL, -- index
    amount           TEXT NOT NULL,
    status           INTEGER NOT NULL,
    remaining        TEXT NOT NULL,
    paid             TEXT NOT NULL,
    fees             TEXT NOT NULL,
    refunded         TEXT NOT NULL,
    moved            TEXT NOT NULL,
    arbiter_share    TEXT NOT NULL,
    since            INTEGER NOT NULL,
    evidence         BLOB NOT NULL,
    reason           BLOB NOT NULL,
    ruled_freelancer TEXT,
    ruled_employer   TEXT,
    outcome          TEXT,
    funded_block     INTEGER,
    PRIMARY KEY (deal, milestone)
) WITHOUT ROWID;
CREATE TABLE credits (
    token  TEXT NOT NULL,
    owner  TEXT NOT NULL,
    amount TEXT NOT NULL,
    PRIMARY KEY (token, owner)
) WITHOUT ROWID;
CREATE TABLE ledgers (
    token       TEXT PRIMARY KEY,
    funded      TEXT NOT NULL,
    moved       TEXT NOT NULL,
    gross       TEXT NOT NULL,
    fees        TEXT NOT NULL,
    shares      TEXT NOT NULL,
    refunded    TEXT NOT NULL,
    credited    TEXT NOT NULL,
    credit_paid TEXT NOT NULL
) WITHOUT ROWID;
