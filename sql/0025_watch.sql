-- Till watch: rules with the owner's numbers, what they found, and credits that wait for a second person.
CREATE TABLE watch_rules (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    again_count BIGINT NOT NULL,       -- so many acts for one customer by one of the staff …
    again_hours BIGINT NOT NULL,       -- … within so many hours; count 0: not watched
    own BIGINT NOT NULL,               -- 1: staff who act for themselves
    limit_points BIGINT NOT NULL,      -- credits above it need a second person; 0: none do
    request_days BIGINT NOT NULL,      -- so long a request waits
    updated_us BIGINT NOT NULL,
    version BIGINT NOT NULL,           -- from 1; without a row it is 0
    PRIMARY KEY (merchant_id)
); --@without-rowid

-- How far the ledger has been looked through: entries ascend with time, and a little before the last
-- one is looked at again, for what another process committed late.
CREATE TABLE watch_progress (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    entry_id BIGINT NOT NULL,
    PRIMARY KEY (merchant_id)
); --@without-rowid

CREATE TABLE watch_alert (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    id BIGINT NOT NULL,
    kind TEXT NOT NULL,                -- again own
    customer_id BIGINT NOT NULL,
    staff_id BIGINT NOT NULL,          -- whose acts they are
    state TEXT NOT NULL,               -- open fine taken_back
    note TEXT NOT NULL,
    opened_us BIGINT NOT NULL,
    decided_us BIGINT,
    decided_by BIGINT,
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (merchant_id, id),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id),
    FOREIGN KEY (merchant_id, staff_id) REFERENCES staff (merchant_id, id),
    FOREIGN KEY (merchant_id, decided_by) REFERENCES staff (merchant_id, id)
); --@without-rowid
CREATE INDEX watch_alert_state ON watch_alert (merchant_id, state, id);
CREATE INDEX watch_alert_customer ON watch_alert (merchant_id, customer_id);

-- The entries that an alert is about. An entry is told of once by each kind.
CREATE TABLE watch_alert_entry (
    merchant_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    entry_id BIGINT NOT NULL,
    alert_id BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, kind, entry_id),
    FOREIGN KEY (merchant_id, alert_id) REFERENCES watch_alert (merchant_id, id),
    FOREIGN KEY (merchant_id, entry_id) REFERENCES points_entry (merchant_id, id)
); --@without-rowid
CREATE INDEX watch_alert_entry_of ON watch_alert_entry (merchant_id, alert_id);

-- Credits that a second person must agree to. Nothing is booked until then.
CREATE TABLE watch_request (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    staff_id BIGINT NOT NULL,          -- who asks
    made_us BIGINT NOT NULL,
    until_day BIGINT NOT NULL,         -- the last on which it can be approved
    state TEXT NOT NULL,               -- waiting approved refused withdrawn
    note TEXT NOT NULL,
    decided_us BIGINT,
    decided_by BIGINT,                 -- never who asked, unless withdrawn
    entry_id BIGINT,
    PRIMARY KEY (merchant_id, id),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id),
    FOREIGN KEY (merchant_id, staff_id) REFERENCES staff (merchant_id, id),
    FOREIGN KEY (merchant_id, decided_by) REFERENCES staff (merchant_id, id)
); --@without-rowid
CREATE INDEX watch_request_state ON watch_request (merchant_id, state, id);
CREATE INDEX watch_request_customer ON watch_request (merchant_id, customer_id);
