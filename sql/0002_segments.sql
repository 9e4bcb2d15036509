-- Saved queries. A deleted one can be restored for a while, and never holds its name.
CREATE TABLE segment (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    id BIGINT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,            -- folded, what segment:name is matched by
    description TEXT NOT NULL,
    query TEXT NOT NULL,               -- as typed; other segments in it stand by their names
    shared BIGINT NOT NULL,            -- 0: its owner alone sees it
    owner_id BIGINT NOT NULL,
    created_us BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    deleted_us BIGINT,
    PRIMARY KEY (merchant_id, id),
    FOREIGN KEY (merchant_id, owner_id) REFERENCES staff (merchant_id, id)
); --@without-rowid
CREATE UNIQUE INDEX segment_name ON segment (merchant_id, name_key) WHERE deleted_us IS NULL;

-- How many customers of the whole chain it had when each day was first counted.
CREATE TABLE segment_size (
    merchant_id BIGINT NOT NULL,
    segment_id BIGINT NOT NULL,
    day BIGINT NOT NULL,               -- in the merchant's zone
    customers BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, segment_id, day),
    FOREIGN KEY (merchant_id, segment_id) REFERENCES segment (merchant_id, id)
); --@without-rowid
CREATE INDEX segment_size_day ON segment_size (merchant_id, day);

-- Work that each merchant has once a day: the last day for which its job was made.
CREATE TABLE daily (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    kind TEXT NOT NULL,                -- of the job
    day BIGINT NOT NULL,               -- in the merchant's zone
    PRIMARY KEY (merchant_id, kind)
); --@without-rowid
