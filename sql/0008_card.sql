-- The card as staff edit it. The main address stays in customer (city and country are what the list filters on); the
-- others stand here.
ALTER TABLE contact ADD COLUMN label TEXT;            -- mobile home work other; NULL: none
ALTER TABLE customer ADD COLUMN address_kind TEXT;    -- home work other, of the main address; NULL: not said
ALTER TABLE customer ADD COLUMN instagram TEXT;
ALTER TABLE customer ADD COLUMN website TEXT;

CREATE TABLE customer_address (
    merchant_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    position BIGINT NOT NULL,          -- 2…: the first one stands in customer
    kind TEXT,
    street TEXT,
    postcode TEXT,
    city TEXT,
    country TEXT,                      -- ISO 3166 alpha-2
    PRIMARY KEY (merchant_id, customer_id, position),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id)
); --@without-rowid

-- Days that matter to a customer: an anniversary, a child's birthday.
CREATE TABLE customer_date (
    merchant_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    position BIGINT NOT NULL,          -- 1…
    name TEXT NOT NULL,
    month BIGINT NOT NULL,
    day BIGINT NOT NULL,
    year BIGINT,                       -- NULL: not known
    PRIMARY KEY (merchant_id, customer_id, position),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id)
); --@without-rowid

CREATE TABLE note (
    merchant_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    staff_id BIGINT NOT NULL,          -- who wrote it
    text TEXT NOT NULL,
    pinned BIGINT NOT NULL DEFAULT 0,
    created_us BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    deleted_us BIGINT,
    PRIMARY KEY (merchant_id, customer_id, id),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id),
    FOREIGN KEY (merchant_id, staff_id) REFERENCES staff (merchant_id, id)
); --@without-rowid

CREATE TABLE task (
    merchant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    text TEXT NOT NULL,
    due_day BIGINT,                    -- NULL: no particular day
    assignee_id BIGINT,                -- NULL: anybody
    staff_id BIGINT NOT NULL,          -- who made it
    done_us BIGINT,
    done_by BIGINT,
    created_us BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    deleted_us BIGINT,
    PRIMARY KEY (merchant_id, id),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id),
    FOREIGN KEY (merchant_id, assignee_id) REFERENCES staff (merchant_id, id),
    FOREIGN KEY (merchant_id, staff_id) REFERENCES staff (merchant_id, id)
); --@without-rowid
CREATE INDEX task_customer ON task (merchant_id, customer_id);
CREATE INDEX task_open ON task (merchant_id, due_day) WHERE done_us IS NULL AND deleted_us IS NULL;

-- Photos as they are served: square, re-encoded, without metadata. customer.photo_id says which one is shown.
CREATE TABLE photo (
    merchant_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    small BYTEA NOT NULL,
    large BYTEA NOT NULL,
    created_us BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, customer_id, id),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id)
);

-- The note or task that an entry of the timeline is about.
ALTER TABLE activity ADD COLUMN subject_id BIGINT;
