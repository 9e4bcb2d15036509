-- How customers earn points. No row: nothing is earned.
CREATE TABLE earning_plan (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    updated_us BIGINT NOT NULL,
    version BIGINT NOT NULL,           -- from 1; without a row it is 0
    PRIMARY KEY (merchant_id)
); --@without-rowid

CREATE TABLE earning_rule (
    merchant_id BIGINT NOT NULL,
    place BIGINT NOT NULL,             -- from 0
    id BIGINT NOT NULL,                -- stays when the rule changes
    name TEXT NOT NULL,
    kind TEXT NOT NULL,                -- amount visit multiplier
    points BIGINT NOT NULL,            -- amount: for each per_minor; visit: for the visit; multiplier: 0
    per_minor BIGINT NOT NULL,
    steps BIGINT NOT NULL,             -- amount: 1: for each full per_minor; 0: in proportion, rounded down
    percent BIGINT NOT NULL,           -- multiplier: of what the others give
    minimum_minor BIGINT NOT NULL,
    store_id BIGINT,                   -- NULL: all
    tier_id BIGINT,                    -- NULL: all
    from_day BIGINT NOT NULL,          -- earlier purchases earn nothing by it
    to_day BIGINT,                     -- the last day; NULL: no end
    weekdays BIGINT NOT NULL,          -- bit 0: Monday … bit 6: Sunday
    active BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, place),
    FOREIGN KEY (merchant_id) REFERENCES earning_plan (merchant_id),
    FOREIGN KEY (merchant_id, store_id) REFERENCES store (merchant_id, id)
); --@without-rowid

-- Bulk actions that credit or take points: target_id is how many, target the reason.
ALTER TABLE bulk ADD COLUMN message TEXT;  -- to the customers; NULL: none
