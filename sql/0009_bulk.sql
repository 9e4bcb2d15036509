-- Bulk actions: what was done to many customers at once, to whom, and what came of it.
CREATE TABLE bulk (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    id BIGINT NOT NULL,
    action TEXT NOT NULL,              -- tag_add group_remove block …
    target_id BIGINT,                  -- the tag, group, source or store
    target TEXT NOT NULL,              -- its name then, or the reason of a block
    query TEXT,                        -- what they were chosen by; NULL: ticked one by one
    staff_id BIGINT NOT NULL,
    selected BIGINT NOT NULL,
    counts TEXT NOT NULL,              -- how many customers had each outcome, in their order
    job_id BIGINT NOT NULL,
    undoes BIGINT,                     -- the action that this one takes back
    undone_by BIGINT,                  -- the one that takes this one back
    created_us BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, id),
    FOREIGN KEY (merchant_id, staff_id) REFERENCES staff (merchant_id, id)
); --@without-rowid

-- Who was chosen, frozen when it was confirmed, and the results: a chunk is done in one transaction.
CREATE TABLE bulk_chunk (
    merchant_id BIGINT NOT NULL,
    bulk_id BIGINT NOT NULL,
    position BIGINT NOT NULL,          -- of its first customer: 0, 1000, 2000…
    customers BYTEA NOT NULL,          -- ids, ascending: base/varint.h
    outcomes BYTEA,                    -- a byte each; NULL: not done yet
    was BYTEA,                         -- of each that changed: its length in two bytes, and how it was before
    PRIMARY KEY (merchant_id, bulk_id, position),
    FOREIGN KEY (merchant_id, bulk_id) REFERENCES bulk (merchant_id, id)
); --@without-rowid
