-- The second step of signing in (RFC 6238): the secret, since when it is asked for, the last step used.
ALTER TABLE staff ADD COLUMN totp_secret BYTEA;         -- as it is: the program must be able to compute with it
ALTER TABLE staff ADD COLUMN totp_since_us BIGINT;      -- NULL: not confirmed yet, not asked for
ALTER TABLE staff ADD COLUMN totp_step BIGINT NOT NULL DEFAULT 0;
-- The least role that must have one: nobody associate manager owner.
ALTER TABLE merchant ADD COLUMN second_step_from TEXT NOT NULL DEFAULT 'nobody';

CREATE TABLE recovery_code (
    merchant_id BIGINT NOT NULL,
    staff_id BIGINT NOT NULL,
    hash BYTEA NOT NULL,               -- SHA-256 of its 80 bits
    used_us BIGINT,
    PRIMARY KEY (merchant_id, staff_id, hash),
    FOREIGN KEY (merchant_id, staff_id) REFERENCES staff (merchant_id, id)
); --@without-rowid

-- The audit log by what it is about, by whom, and of one thing alone: newest first each.
CREATE INDEX audit_entity ON audit (merchant_id, entity, id);
CREATE INDEX audit_staff ON audit (merchant_id, staff_id, id) WHERE staff_id IS NOT NULL;
CREATE INDEX audit_subject ON audit (merchant_id, entity_id, id) WHERE entity_id IS NOT NULL;

-- Backups of the whole base, not of one merchant: the newest tell how well it is kept.
CREATE TABLE backup (
    id BIGINT PRIMARY KEY,
    day TEXT UNIQUE,                   -- of those by the clock: one a day, whoever makes it; NULL: asked for
    state TEXT NOT NULL,               -- running done failed
    file TEXT NOT NULL,                -- its name, without the folder
    bytes BIGINT NOT NULL,
    rows_written BIGINT NOT NULL,
    problem TEXT,                      -- code, when it failed
    started_us BIGINT NOT NULL,
    finished_us BIGINT
);
