-- Merged customers: the row stays, deleted, and says where to look now.
ALTER TABLE customer ADD COLUMN merged_into BIGINT;  -- the living one, however many merges lie between
CREATE INDEX customer_merged ON customer (merchant_id, merged_into) WHERE merged_into IS NOT NULL;

CREATE INDEX customer_merged_external ON customer (merchant_id, external_id)
    WHERE external_id IS NOT NULL AND merged_into IS NOT NULL;

CREATE TABLE customer_merge (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    id BIGINT NOT NULL,
    survivor_id BIGINT NOT NULL,
    loser_id BIGINT NOT NULL,
    before TEXT NOT NULL,              -- JSON: the survivor's own values, phones and e-mails
    after TEXT NOT NULL,               -- the same right after the merge
    staff_id BIGINT,
    actor TEXT NOT NULL,               -- the name as it was
    made_us BIGINT NOT NULL,
    undone_us BIGINT,
    undone_by TEXT,
    PRIMARY KEY (merchant_id, id),
    FOREIGN KEY (merchant_id, survivor_id) REFERENCES customer (merchant_id, id),
    FOREIGN KEY (merchant_id, loser_id) REFERENCES customer (merchant_id, id)
); --@without-rowid
CREATE INDEX customer_merge_survivor ON customer_merge (merchant_id, survivor_id);
CREATE INDEX customer_merge_loser ON customer_merge (merchant_id, loser_id);

-- Which rows a merge moved to the survivor, or copied, or made: what an unmerge takes back.
CREATE TABLE merge_row (
    merchant_id BIGINT NOT NULL,
    merge_id BIGINT NOT NULL,
    relation TEXT NOT NULL,            -- the table
    row_id BIGINT NOT NULL,            -- what identifies it beside merchant and customer
    PRIMARY KEY (merchant_id, merge_id, relation, row_id),
    FOREIGN KEY (merchant_id, merge_id) REFERENCES customer_merge (merchant_id, id)
); --@without-rowid

-- What likely pairs have in common, as numbers (src/crm/merge/duplicate_keys.c).
CREATE TABLE duplicate_key (
    merchant_id BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    key BIGINT NOT NULL,               -- a hash of the text
    customer_id BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, customer_id, kind, key),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id)
); --@without-rowid
CREATE INDEX duplicate_key_block ON duplicate_key (merchant_id, kind, key, customer_id);

CREATE TABLE duplicate_pair (
    merchant_id BIGINT NOT NULL,
    a_id BIGINT NOT NULL,              -- the smaller id
    b_id BIGINT NOT NULL,
    score BIGINT NOT NULL,             -- percent
    reasons TEXT NOT NULL,             -- JSON: [{"code": …, "bits": …}]
    found_us BIGINT NOT NULL,
    decided_us BIGINT,                 -- when somebody said that they are two people
    decided_by TEXT,
    PRIMARY KEY (merchant_id, a_id, b_id),
    FOREIGN KEY (merchant_id, a_id) REFERENCES customer (merchant_id, id),
    FOREIGN KEY (merchant_id, b_id) REFERENCES customer (merchant_id, id)
); --@without-rowid
CREATE INDEX duplicate_pair_other ON duplicate_pair (merchant_id, b_id);
CREATE INDEX duplicate_pair_score ON duplicate_pair (merchant_id, score, a_id, b_id)
    WHERE decided_us IS NULL;

-- How far the search for likely pairs is.
CREATE TABLE duplicate_progress (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    seq BIGINT NOT NULL,               -- of the change feed: all before it is done
    scan_after BIGINT,                 -- a scan of everybody is on its way, done up to this id; NULL: none
    PRIMARY KEY (merchant_id)
); --@without-rowid
