-- The rules that sort customers into types. No row: the program's own rules.
CREATE TABLE typology_rules (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    vip_months BIGINT NOT NULL,
    vip_visits BIGINT NOT NULL,
    new_months BIGINT NOT NULL,
    new_visits_max BIGINT NOT NULL,
    occasional_months BIGINT NOT NULL,
    occasional_max BIGINT NOT NULL,
    at_risk_days BIGINT NOT NULL,
    active_months BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    version BIGINT NOT NULL,           -- from 1; without a row it is 0
    PRIMARY KEY (merchant_id)
); --@without-rowid

-- Their order: each of the four once, and the owner's own. Who fits none is regular.
CREATE TABLE typology (
    merchant_id BIGINT NOT NULL,
    place BIGINT NOT NULL,             -- from 0; the first that fits is the customer's
    kind TEXT NOT NULL,                -- new occasional vip at_risk own
    name TEXT NOT NULL,                -- of an own one
    query TEXT NOT NULL,
    PRIMARY KEY (merchant_id, place),
    FOREIGN KEY (merchant_id) REFERENCES typology_rules (merchant_id)
); --@without-rowid
