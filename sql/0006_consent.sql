-- Consent with proof: who recorded an act, from where, on which text of the merchant's.
-- Suppressed (1): nothing is sent on that channel, whatever was agreed.
ALTER TABLE customer ADD COLUMN sms_suppressed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE customer ADD COLUMN email_suppressed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE customer ADD COLUMN push_suppressed BIGINT NOT NULL DEFAULT 0;

-- consent.state, from here on: granted refused suppressed released, and never_asked, which only an
-- act that takes a slip back brings about.
ALTER TABLE consent ADD COLUMN text_id BIGINT;     -- consent_text, what the customer was shown
ALTER TABLE consent ADD COLUMN reason TEXT;        -- of a suppression: bounce complaint stop other
ALTER TABLE consent ADD COLUMN note TEXT;
ALTER TABLE consent ADD COLUMN address TEXT;       -- from where it was recorded
ALTER TABLE consent ADD COLUMN undoes_id BIGINT;   -- the slip that this act takes back

-- What customers are shown when they are asked; editing makes a new version, none is ever changed.
CREATE TABLE consent_text (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    id BIGINT NOT NULL,
    channel TEXT NOT NULL,             -- sms email push
    language TEXT NOT NULL,            -- en fr it es ru
    version BIGINT NOT NULL,           -- 1, 2, 3… per channel and language
    body TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    staff_id BIGINT,                   -- NULL: the program
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, channel, language, version)
); --@without-rowid
