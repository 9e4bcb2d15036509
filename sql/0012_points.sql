-- Points. The ledger (points_entry) is the truth and only grows; accounts and lots say what follows from
-- it, and are written in the same transaction.
-- An account is one chain of entries. Each customer has one; merging brings further ones, and an unmerge
-- takes them away again: no entry is ever rewritten for it.
CREATE TABLE points_account (
    merchant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,                -- the customer for whom it was opened: stays
    customer_id BIGINT NOT NULL,       -- whose it is now
    balance BIGINT NOT NULL,
    entries BIGINT NOT NULL,           -- how many, that is the last one's place
    hash BYTEA NOT NULL,               -- the last one's
    PRIMARY KEY (merchant_id, id),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id)
); --@without-rowid
CREATE INDEX points_account_customer ON points_account (merchant_id, customer_id, balance);

CREATE TABLE points_entry (
    merchant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    posting_id BIGINT NOT NULL,        -- what touches two accounts is an entry in each: the first one's id
    account_id BIGINT NOT NULL,
    place BIGINT NOT NULL,             -- 1, 2, 3… in the account
    customer_id BIGINT NOT NULL,       -- whose it is now
    amount BIGINT NOT NULL,            -- what came (more than 0) or went (less)
    balance BIGINT NOT NULL,           -- of the account, after it
    total BIGINT NOT NULL,             -- of the customer as it was then, after the whole posting
    kind TEXT NOT NULL,                -- points_kinds[] (src/crm/points/points.c)
    reason TEXT NOT NULL,
    message TEXT NOT NULL,             -- to the customer
    salt BYTEA,                        -- NULL: reason and message were erased with the person
    text_hash BYTEA NOT NULL,          -- SHA-256 of salt, reason and message, so that the chain outlives them
    store_id BIGINT,
    staff_id BIGINT,
    transaction_id BIGINT,
    cites_id BIGINT,                   -- the entry it takes back, wholly or in part
    day BIGINT NOT NULL,               -- for which it counts, in the merchant's zone
    at_us BIGINT NOT NULL,
    expires_day BIGINT,                -- of what came: the last day on which it can be spent
    usable_day BIGINT,                 -- … and the first
    idempotency TEXT,
    hash BYTEA NOT NULL,               -- SHA-256 of the entry and of the hash before it
    PRIMARY KEY (merchant_id, id),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id),
    FOREIGN KEY (merchant_id, account_id) REFERENCES points_account (merchant_id, id)
); --@without-rowid
CREATE UNIQUE INDEX points_entry_place ON points_entry (merchant_id, account_id, place);
CREATE INDEX points_entry_posting ON points_entry (merchant_id, posting_id);
CREATE INDEX points_entry_customer ON points_entry (merchant_id, customer_id, id);
CREATE INDEX points_entry_day ON points_entry (merchant_id, day, kind, amount);
CREATE UNIQUE INDEX points_entry_idempotency ON points_entry (merchant_id, idempotency)
    WHERE idempotency IS NOT NULL;
-- Nothing is taken back twice.
CREATE UNIQUE INDEX points_entry_reversal ON points_entry (merchant_id, cites_id)
    WHERE kind = 'reversal';
CREATE INDEX points_entry_transaction ON points_entry (merchant_id, transaction_id)
    WHERE transaction_id IS NOT NULL;

-- What is left of each entry by which points came.
CREATE TABLE points_lot (
    merchant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,                -- the entry's
    account_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,       -- whose it is now
    amount BIGINT NOT NULL,
    remaining BIGINT NOT NULL,
    expired BIGINT NOT NULL,           -- of the amount
    taken_back BIGINT NOT NULL,        -- by entries that cite it, wherever they drew it from
    expires_day BIGINT NOT NULL,       -- 2147483647: never
    usable_day BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, id),
    FOREIGN KEY (merchant_id, id) REFERENCES points_entry (merchant_id, id)
); --@without-rowid
CREATE INDEX points_lot_left ON points_lot (merchant_id, customer_id, expires_day, id)
    WHERE remaining > 0;
CREATE INDEX points_lot_due ON points_lot (merchant_id, expires_day, customer_id)
    WHERE remaining > 0;
CREATE INDEX points_lot_account ON points_lot (merchant_id, account_id);

-- From which lots an entry drew, or (less than 0) to which it gave back.
CREATE TABLE points_draw (
    merchant_id BIGINT NOT NULL,
    entry_id BIGINT NOT NULL,
    lot_id BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, entry_id, lot_id),
    FOREIGN KEY (merchant_id, entry_id) REFERENCES points_entry (merchant_id, id),
    FOREIGN KEY (merchant_id, lot_id) REFERENCES points_lot (merchant_id, id)
); --@without-rowid
CREATE INDEX points_draw_lot ON points_draw (merchant_id, lot_id, amount);

-- What came back of the purchase that earned a lot, a row for each return or cancellation.
CREATE TABLE points_return (
    merchant_id BIGINT NOT NULL,
    lot_id BIGINT NOT NULL,
    return_id BIGINT NOT NULL,         -- the transaction
    returned_minor BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, lot_id, return_id),
    FOREIGN KEY (merchant_id, lot_id) REFERENCES points_lot (merchant_id, id)
); --@without-rowid

-- What points promise. No row: they never expire and can be spent at once.
CREATE TABLE points_policy (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    expiry TEXT NOT NULL,              -- never days month_end year_end
    expiry_count BIGINT NOT NULL,      -- after so many days; at the end of the month or year after so many
    locked_days BIGINT NOT NULL,       -- of what a purchase earned: how long until it can be spent
    worth_points BIGINT NOT NULL,      -- so many points …
    worth_minor BIGINT NOT NULL,       -- … are worth that much; 0: not said
    updated_us BIGINT NOT NULL,
    version BIGINT NOT NULL,           -- from 1; without a row it is 0
    PRIMARY KEY (merchant_id)
); --@without-rowid

-- First answers of requests that carried an Idempotency-Key.
CREATE TABLE idempotency (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    request_key TEXT NOT NULL,
    request BYTEA NOT NULL,            -- 32 bytes: who asked what, hashed
    status BIGINT NOT NULL,
    etag TEXT,
    answer TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, request_key)
); --@without-rowid
CREATE INDEX idempotency_created ON idempotency (merchant_id, created_us);
