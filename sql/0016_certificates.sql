-- Certificates: types made beforehand, what was issued to whom, and each time that something was done with one.
CREATE TABLE certificate_type (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    id BIGINT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,            -- folded
    description TEXT NOT NULL,         -- what the customer reads on it
    kind TEXT NOT NULL,                -- value gift
    value_minor BIGINT NOT NULL,       -- of a gift 0
    gift TEXT NOT NULL,                -- of a value ''
    partial BIGINT NOT NULL,           -- 1: part of the value may be redeemed
    valid_days BIGINT NOT NULL,        -- from the day of issue on; 0: no such limit
    valid_until BIGINT,                -- the last day; NULL: no such limit
    per_customer BIGINT NOT NULL,      -- how many a customer may be given; 0: any number
    stock BIGINT NOT NULL,             -- how many may be issued at all; 0: any number
    issued BIGINT NOT NULL DEFAULT 0,  -- how many count against the stock
    created_us BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    deleted_us BIGINT,
    PRIMARY KEY (merchant_id, id)
); --@without-rowid
CREATE UNIQUE INDEX certificate_type_name ON certificate_type (merchant_id, name_key)
    WHERE deleted_us IS NULL;

CREATE TABLE certificate (
    merchant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    customer_id BIGINT,                -- NULL: the customer was erased
    type_id BIGINT NOT NULL,
    code TEXT NOT NULL,                -- without its hyphens
    kind TEXT NOT NULL,                -- what was promised when it was issued: the type may have changed since
    value_minor BIGINT NOT NULL,
    left_minor BIGINT NOT NULL,
    gift TEXT NOT NULL,
    partial BIGINT NOT NULL,
    state BIGINT NOT NULL DEFAULT 0,   -- 0 open, 1 redeemed, 2 void
    valid_until BIGINT,                -- the last day on which it is taken
    issued_us BIGINT NOT NULL,
    issued_day BIGINT NOT NULL,
    origin TEXT NOT NULL,              -- staff bulk stamp referral …
    staff_id BIGINT,
    bulk_id BIGINT,                    -- the bulk action that issued it
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    idempotency TEXT,
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (merchant_id, id),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id),
    FOREIGN KEY (merchant_id, type_id) REFERENCES certificate_type (merchant_id, id)
); --@without-rowid
CREATE UNIQUE INDEX certificate_code ON certificate (merchant_id, code);
CREATE INDEX certificate_customer ON certificate (merchant_id, customer_id, id);
CREATE INDEX certificate_of_type ON certificate (merchant_id, type_id, id);
CREATE UNIQUE INDEX certificate_idempotency ON certificate (merchant_id, idempotency)
    WHERE idempotency IS NOT NULL;

-- Append-only.
CREATE TABLE certificate_use (
    merchant_id BIGINT NOT NULL,
    certificate_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    kind TEXT NOT NULL,                -- redeem void back: the last one takes another one back
    amount_minor BIGINT NOT NULL,      -- of a gift 0
    cites_id BIGINT,                   -- of a back: what it takes back
    at_us BIGINT NOT NULL,
    day BIGINT NOT NULL,
    staff_id BIGINT,
    store_id BIGINT,
    note TEXT NOT NULL,                -- the till's invoice, or why
    PRIMARY KEY (merchant_id, certificate_id, id),
    FOREIGN KEY (merchant_id, certificate_id) REFERENCES certificate (merchant_id, id)
); --@without-rowid

-- Stamp cards: what fills one and what a full one gives; the cards; each time that stamps were given or taken back.
CREATE TABLE stamp_program (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    id BIGINT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    description TEXT NOT NULL,
    stamps BIGINT NOT NULL,            -- that fill a card
    per_day BIGINT NOT NULL,           -- that a customer gets on one day at most; 0: any number
    reward TEXT NOT NULL,              -- points certificate gift
    reward_points BIGINT NOT NULL,
    reward_type_id BIGINT,
    reward_gift TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    deleted_us BIGINT,
    PRIMARY KEY (merchant_id, id)
); --@without-rowid
CREATE UNIQUE INDEX stamp_program_name ON stamp_program (merchant_id, name_key)
    WHERE deleted_us IS NULL;

CREATE TABLE stamp_card (
    merchant_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    program_id BIGINT NOT NULL,
    size BIGINT NOT NULL,              -- as the programme had it when the card was begun
    stamps BIGINT NOT NULL,
    begun_us BIGINT NOT NULL,
    completed_us BIGINT,
    reward TEXT NOT NULL,              -- what it gave; '' while it is open
    reward_points BIGINT NOT NULL,
    reward_gift TEXT NOT NULL,
    certificate_id BIGINT,
    points_id BIGINT,                  -- the entry of the points ledger
    rounds BIGINT NOT NULL DEFAULT 0,  -- how often it was completed: a completion can be taken back
    PRIMARY KEY (merchant_id, customer_id, id),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id),
    FOREIGN KEY (merchant_id, program_id) REFERENCES stamp_program (merchant_id, id)
); --@without-rowid

CREATE TABLE stamp_entry (
    merchant_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    program_id BIGINT NOT NULL,
    amount BIGINT NOT NULL,            -- less than 0: taken back
    at_us BIGINT NOT NULL,
    day BIGINT NOT NULL,
    staff_id BIGINT,
    store_id BIGINT,
    reason TEXT NOT NULL,
    PRIMARY KEY (merchant_id, customer_id, id),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id),
    FOREIGN KEY (merchant_id, program_id) REFERENCES stamp_program (merchant_id, id)
); --@without-rowid

-- Referrals: how they are rewarded, the customers' codes, who brought whom.
CREATE TABLE referral_rules (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    active BIGINT NOT NULL,
    demand TEXT NOT NULL,              -- registered first_purchase: what the one who was brought must have done
    new_days BIGINT NOT NULL,          -- a customer is new for so many days
    per_month BIGINT NOT NULL,         -- rewards that one customer gets in a month; 0: any number
    bringer TEXT NOT NULL,             -- none points certificate gift
    bringer_points BIGINT NOT NULL,
    bringer_type_id BIGINT,
    bringer_gift TEXT NOT NULL,
    brought TEXT NOT NULL,
    brought_points BIGINT NOT NULL,
    brought_type_id BIGINT,
    brought_gift TEXT NOT NULL,
    updated_us BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (merchant_id)
); --@without-rowid

CREATE TABLE referral_code (
    merchant_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, customer_id),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id)
); --@without-rowid
CREATE UNIQUE INDEX referral_code_text ON referral_code (merchant_id, code);

CREATE TABLE referral (
    merchant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    customer_id BIGINT,                -- who brought; NULL: erased
    brought_id BIGINT,                 -- whom; NULL: erased
    how TEXT NOT NULL,                 -- card registration import till
    staff_id BIGINT,
    at_us BIGINT NOT NULL,
    day BIGINT NOT NULL,
    settled_us BIGINT,                 -- when the condition was met and both sides were decided on; NULL: waiting
    settled_day BIGINT,
    bringer_rewarded BIGINT NOT NULL DEFAULT 0,  -- 1: the reward was given; 0 after settling: over the month's limit, or none
    brought_rewarded BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant_id, id),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id),
    FOREIGN KEY (merchant_id, brought_id) REFERENCES customer (merchant_id, id)
); --@without-rowid
CREATE UNIQUE INDEX referral_brought ON referral (merchant_id, brought_id) WHERE brought_id IS NOT NULL;
CREATE INDEX referral_bringer ON referral (merchant_id, customer_id, id);
CREATE INDEX referral_waiting ON referral (merchant_id, id) WHERE settled_us IS NULL;
