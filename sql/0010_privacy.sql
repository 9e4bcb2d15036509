-- Erasure (GDPR, article 17) and what keeps it true afterwards.
-- Phones and e-mails of erased customers, as HMACs by the merchant's key: an import that brings one of
-- them back finds that its owner is not to be contacted, and nobody can read who it was.
CREATE TABLE erased_key (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    secret BYTEA NOT NULL,             -- 32 bytes
    PRIMARY KEY (merchant_id)
); --@without-rowid
CREATE TABLE erased_contact (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    hash BYTEA NOT NULL,               -- HMAC-SHA-512-256 of kind and match key
    PRIMARY KEY (merchant_id, hash)
); --@without-rowid

-- Who was erased: the number and the id answer for ever.
CREATE TABLE erasure (
    merchant_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    reason TEXT NOT NULL,              -- request retention
    at_us BIGINT NOT NULL,
    staff_id BIGINT,
    actor TEXT NOT NULL,               -- the name as it was
    PRIMARY KEY (merchant_id, customer_id),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id)
); --@without-rowid
CREATE INDEX erasure_number ON erasure (merchant_id, number);

-- After how many months without contact a customer comes up for a decision. No row: 36.
CREATE TABLE retention (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    months BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    version BIGINT NOT NULL,           -- from 1; without a row it is 0
    PRIMARY KEY (merchant_id)
); --@without-rowid

-- Who is kept all the same, why and until when.
CREATE TABLE retention_keep (
    merchant_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    until_day BIGINT NOT NULL,
    reason TEXT NOT NULL,
    staff_id BIGINT,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, customer_id),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id)
); --@without-rowid

-- Several erased at once: a job that goes on where it was.
CREATE TABLE erasure_batch (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    id BIGINT NOT NULL,
    months BIGINT NOT NULL,            -- the rule by which they were chosen: looked at again for each
    staff_id BIGINT,
    actor TEXT NOT NULL,
    address TEXT,
    created_us BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, id)
); --@without-rowid
CREATE TABLE erasure_item (
    merchant_id BIGINT NOT NULL,
    batch_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    state TEXT NOT NULL,               -- waiting erased skipped
    PRIMARY KEY (merchant_id, batch_id, customer_id),
    FOREIGN KEY (merchant_id, batch_id) REFERENCES erasure_batch (merchant_id, id),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id)
); --@without-rowid
