-- Tiers: levels defined once, reached by one measure, or given by hand.
CREATE TABLE tier_ladder (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    measure TEXT NOT NULL,             -- none spend visits points; none: by hand alone
    period TEXT NOT NULL,              -- year months ever
    months BIGINT NOT NULL,            -- of months: how many
    grace_days BIGINT NOT NULL,
    day BIGINT NOT NULL,               -- customers are as the rules have it on this day
    sweep_after BIGINT,                -- everybody is being looked at, done up to this id; NULL: nobody waits
    updated_us BIGINT NOT NULL,
    version BIGINT NOT NULL,           -- from 1; without a row it is 0
    PRIMARY KEY (merchant_id)
); --@without-rowid

-- Its levels. One that is taken out keeps its row for the history.
CREATE TABLE tier (
    merchant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    place BIGINT NOT NULL,             -- from 0, the lowest
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,            -- folded, what tier:name is matched by
    colour TEXT NOT NULL,              -- of the palette
    threshold BIGINT NOT NULL,         -- minor units, visit days or points; 0: by hand alone
    benefits TEXT NOT NULL,
    deleted_us BIGINT,
    PRIMARY KEY (merchant_id, id),
    FOREIGN KEY (merchant_id) REFERENCES tier_ladder (merchant_id)
); --@without-rowid
CREATE UNIQUE INDEX tier_name ON tier (merchant_id, name_key) WHERE deleted_us IS NULL;

-- Every change of a customer's tier, append-only.
CREATE TABLE tier_entry (
    merchant_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    day BIGINT NOT NULL,               -- in the merchant's zone
    from_id BIGINT,                    -- NULL: had none
    to_id BIGINT,                      -- NULL: has none
    cause TEXT NOT NULL,               -- rule: moved by it; hand: given; release: handed back to the rule
    until_day BIGINT,                  -- of hand: the last day that it holds; NULL: until further notice
    reason TEXT NOT NULL,
    staff_id BIGINT,
    bulk_id BIGINT,                    -- the bulk action that wrote it
    PRIMARY KEY (merchant_id, customer_id, id),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id)
); --@without-rowid
CREATE INDEX tier_entry_hand ON tier_entry (merchant_id, customer_id, id) WHERE cause <> 'rule';

-- Where each customer stands: follows from the entries, the facts and the day.
CREATE TABLE customer_tier (
    merchant_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    tier_id BIGINT,                    -- NULL: none
    since_day BIGINT NOT NULL,
    by_hand BIGINT NOT NULL,
    until_day BIGINT,                  -- of by_hand: the last day
    next_day BIGINT,                   -- when the day alone will change it; NULL: never
    next_id BIGINT,                    -- to which tier; NULL: to none
    PRIMARY KEY (merchant_id, customer_id),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id)
); --@without-rowid
CREATE INDEX customer_tier_next ON customer_tier (merchant_id, next_day) WHERE next_day IS NOT NULL;

-- A bulk action's tier: what it needs besides whom and which.
CREATE TABLE tier_bulk (
    merchant_id BIGINT NOT NULL,
    bulk_id BIGINT NOT NULL,
    until_day BIGINT,
    reason TEXT NOT NULL,
    PRIMARY KEY (merchant_id, bulk_id),
    FOREIGN KEY (merchant_id, bulk_id) REFERENCES bulk (merchant_id, id)
); --@without-rowid

-- What fidelity card numbers are made with, one a merchant.
CREATE TABLE fidelity_key (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    secret BYTEA NOT NULL,             -- 16 bytes
    reissued BIGINT NOT NULL,          -- how many cards were given again
    PRIMARY KEY (merchant_id)
); --@without-rowid

-- Cards that were given again, and those that they took the place of. The first card of a customer has no
-- row until then: its serial is the customer's number.
CREATE TABLE fidelity_card (
    merchant_id BIGINT NOT NULL,
    serial BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    issued_us BIGINT,                  -- NULL: with the customer
    lost_us BIGINT,                    -- no longer valid since
    reason TEXT NOT NULL,
    staff_id BIGINT,
    PRIMARY KEY (merchant_id, serial),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id)
); --@without-rowid
CREATE INDEX fidelity_card_customer ON fidelity_card (merchant_id, customer_id, serial);
