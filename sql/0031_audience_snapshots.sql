-- Audiences that stand in files beside the base or in a cache (src/crm/customer/audiences_snapshot.c).
-- A file whose token is not here is of another base, or of a time that a restored backup knows
-- nothing of, or holds somebody who was erased since: nobody reads it.
CREATE TABLE audience_snapshot (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    token TEXT NOT NULL,
    seq BIGINT NOT NULL,               -- the last entry of the change feed that it has
    saved_us BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, token)
); --@without-rowid
