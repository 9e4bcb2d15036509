-- The merchant's seal on the ledger of points. An account's entries are chained by themselves; the seal remembers
-- how far each chain had come, so that an account that is gone, a chain that was cut, and one that was written anew are
-- seen. It is put on by the nightly work and touched by nothing else: no credit waits for it.
CREATE TABLE points_sealed (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    account_id BIGINT NOT NULL,        -- no foreign key: it outlives what it vouches for
    seal BIGINT NOT NULL,              -- the place of the seal under which it was noted
    entries BIGINT NOT NULL,
    balance BIGINT NOT NULL,
    hash BYTEA NOT NULL,               -- of the entry at that place
    before_entries BIGINT,             -- the same at the seal before, while a seal is under way; NULL: was not in it
    before_balance BIGINT,
    before_hash BYTEA,
    PRIMARY KEY (merchant_id, account_id)
); --@without-rowid

-- One for each night on which something was new. It only grows.
CREATE TABLE points_seal (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    place BIGINT NOT NULL,             -- 1, 2, 3…
    at_us BIGINT NOT NULL,
    accounts BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    points BIGINT NOT NULL,
    digest BYTEA NOT NULL,             -- SHA-256 over the ends of all chains, in the order of the accounts
    hash BYTEA NOT NULL,               -- SHA-256 of all this and of the hash before it
    PRIMARY KEY (merchant_id, place)
); --@without-rowid
