-- Who: merchants, their stores and staff.
CREATE TABLE merchant (
    id BIGINT PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,            -- ISO 4217
    time_zone TEXT NOT NULL,           -- IANA
    country TEXT NOT NULL,             -- ISO 3166 alpha-2, default for phones
    language TEXT NOT NULL,            -- en fr it es ru
    associates_see_chain BIGINT NOT NULL DEFAULT 0,
    next_number BIGINT NOT NULL DEFAULT 1,   -- the next customer number
    change_seq BIGINT NOT NULL DEFAULT 0,    -- the last entry of the change feed
    created_us BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);

CREATE TABLE store (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    id BIGINT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,            -- folded, what imports match on
    city TEXT,
    created_us BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, name_key)
); --@without-rowid

CREATE TABLE staff (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    id BIGINT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,           -- lower-cased; "" once removed, so that it can be used again
    name TEXT NOT NULL,
    role TEXT NOT NULL,                -- owner manager associate
    language TEXT NOT NULL,
    password_hash TEXT,                -- argon2id; NULL until the invitation is taken up
    invitation_hash BYTEA,             -- SHA-256 of the one-time token
    invitation_expires_us BIGINT,
    removed_us BIGINT,
    created_us BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (merchant_id, id)
); --@without-rowid
CREATE UNIQUE INDEX staff_email ON staff (merchant_id, email_key) WHERE removed_us IS NULL;
CREATE INDEX staff_login ON staff (email_key);

CREATE TABLE staff_store (
    merchant_id BIGINT NOT NULL,
    staff_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, staff_id, store_id),
    FOREIGN KEY (merchant_id, staff_id) REFERENCES staff (merchant_id, id),
    FOREIGN KEY (merchant_id, store_id) REFERENCES store (merchant_id, id)
); --@without-rowid

CREATE TABLE session (
    merchant_id BIGINT NOT NULL,
    token_hash BYTEA NOT NULL,         -- SHA-256 of the cookie's secret
    staff_id BIGINT NOT NULL,
    csrf TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    seen_us BIGINT NOT NULL,
    expires_us BIGINT NOT NULL,
    confirmed_us BIGINT NOT NULL,      -- when the password was last given
    address TEXT,
    agent TEXT,
    PRIMARY KEY (merchant_id, token_hash),
    FOREIGN KEY (merchant_id, staff_id) REFERENCES staff (merchant_id, id)
); --@without-rowid
CREATE INDEX session_staff ON session (merchant_id, staff_id);

-- Every change by a person or a program (H2). Never updated, never deleted.
CREATE TABLE audit (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    id BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    staff_id BIGINT,                   -- NULL: the program itself or the command line
    actor TEXT NOT NULL,               -- the name as it was: "Anna Rossi", "command line", "system"
    action TEXT NOT NULL,              -- "staff.create", "session.open", "import.start", …
    entity TEXT NOT NULL,              -- "staff", "customer", …
    entity_id BIGINT,
    address TEXT,                      -- from where
    detail TEXT NOT NULL,              -- JSON: what changed, old and new
    PRIMARY KEY (merchant_id, id)
); --@without-rowid

-- What changed, in commit order, for audiences of this and of other processes.
CREATE TABLE change (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    seq BIGINT NOT NULL,
    entity TEXT NOT NULL,              -- customer, store, tag, category, size, source, merchant, favourite, staff
    entity_id BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, seq)
); --@without-rowid

-- Long work: claimed with a lease, resumed by whoever finds it.
CREATE TABLE job (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    id BIGINT NOT NULL,
    kind TEXT NOT NULL,                -- import
    state TEXT NOT NULL,               -- waiting running done failed canceled
    staff_id BIGINT,
    subject_id BIGINT,                 -- what it works on: the import's id
    done BIGINT NOT NULL DEFAULT 0,
    total BIGINT,                      -- NULL: not known
    problem TEXT,                      -- JSON of struct problem, when failed
    cancel BIGINT NOT NULL DEFAULT 0,  -- 1: asked to stop
    lease_owner TEXT,
    lease_until_us BIGINT,
    created_us BIGINT NOT NULL,
    started_us BIGINT,
    finished_us BIGINT,
    PRIMARY KEY (merchant_id, id)
); --@without-rowid
CREATE INDEX job_open ON job (state, lease_until_us);

-- Words that customers share: sources, tags, categories, sizes. Numbered from 1 per merchant and kind.
CREATE TABLE word (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    kind TEXT NOT NULL,                -- source tag category size
    id BIGINT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,            -- folded
    PRIMARY KEY (merchant_id, kind, id),
    UNIQUE (merchant_id, kind, name_key)
); --@without-rowid

CREATE TABLE customer (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    id BIGINT NOT NULL,
    number BIGINT NOT NULL,            -- what people say: 1, 2, 3… per merchant
    external_id TEXT,
    first_name TEXT,
    last_name TEXT,
    nickname TEXT,                     -- given by the owner
    gender TEXT,                       -- female male other; NULL: unknown
    birth_year BIGINT,                 -- NULL: unknown, even when month and day are known
    birth_month BIGINT,
    birth_day BIGINT,
    language TEXT,                     -- ISO 639-1
    country TEXT,                      -- ISO 3166 alpha-2, of the home address
    city TEXT,
    address TEXT,
    postcode TEXT,
    store_id BIGINT,                   -- the home store
    source_id BIGINT,                  -- word of kind source
    device TEXT,                       -- ios android web other
    photo_id BIGINT,
    anonymous BIGINT NOT NULL DEFAULT 0,
    blocked BIGINT NOT NULL DEFAULT 0,
    registered_day BIGINT,             -- as given; NULL: the day of the first activity counts
    sms_consent BIGINT NOT NULL DEFAULT 0,   -- 0 never asked, 1 granted, 2 refused: the latest entry
    email_consent BIGINT NOT NULL DEFAULT 0,
    push_consent BIGINT NOT NULL DEFAULT 0,
    facebook TEXT,
    twitter TEXT,
    google TEXT,
    created_us BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    deleted_us BIGINT,
    PRIMARY KEY (merchant_id, id),
    FOREIGN KEY (merchant_id, store_id) REFERENCES store (merchant_id, id)
); --@without-rowid
CREATE UNIQUE INDEX customer_number ON customer (merchant_id, number);
CREATE UNIQUE INDEX customer_external ON customer (merchant_id, external_id)
    WHERE external_id IS NOT NULL AND deleted_us IS NULL;

-- Phones and e-mails, several per customer; position 1 is the main one.
CREATE TABLE contact (
    merchant_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    kind TEXT NOT NULL,                -- phone email
    position BIGINT NOT NULL,
    value TEXT NOT NULL,               -- E.164, or the address as typed
    match_key TEXT NOT NULL,           -- what means the same line or mailbox
    PRIMARY KEY (merchant_id, customer_id, kind, position),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id)
); --@without-rowid
CREATE INDEX contact_match ON contact (merchant_id, kind, match_key);

CREATE TABLE customer_tag (
    merchant_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    tag_id BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, customer_id, tag_id),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id)
); --@without-rowid

CREATE TABLE staff_favourite (
    merchant_id BIGINT NOT NULL,
    staff_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, staff_id, customer_id),
    FOREIGN KEY (merchant_id, staff_id) REFERENCES staff (merchant_id, id),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id)
); --@without-rowid

-- Consent acts, append-only; the latest per channel is repeated in customer.
CREATE TABLE consent (
    merchant_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    channel TEXT NOT NULL,             -- sms email push
    state TEXT NOT NULL,               -- granted refused
    at_us BIGINT NOT NULL,
    recorded_us BIGINT NOT NULL,
    how TEXT NOT NULL,                 -- import web card till staff
    staff_id BIGINT,
    import_id BIGINT,
    text_version TEXT,
    PRIMARY KEY (merchant_id, customer_id, id),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id)
); --@without-rowid

-- Transactions (sales, returns). One head an invoice, with its lines. customer_id is NULL for a transaction with nobody known.
CREATE TABLE transactions (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    id BIGINT NOT NULL,
    customer_id BIGINT,
    store_id BIGINT,
    invoice TEXT,                      -- as the till wrote it; NULL when the file has none
    identity BYTEA NOT NULL,           -- 16 bytes; what makes it the same transaction when it comes again
    kind TEXT NOT NULL,                -- purchase return cancellation
    cites_id BIGINT,                   -- the purchase that a cancellation takes back
    canceled_by BIGINT,                -- the cancellation that cites this purchase
    at_us BIGINT NOT NULL,
    day BIGINT NOT NULL,               -- in the merchant's zone
    total_minor BIGINT NOT NULL,       -- sum of its lines; negative for returns and cancellations
    line_count BIGINT NOT NULL,
    import_id BIGINT,
    recorded_us BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, id)
); --@without-rowid
CREATE UNIQUE INDEX transactions_identity ON transactions (merchant_id, identity);
CREATE INDEX transactions_customer ON transactions (merchant_id, customer_id, day, id) WHERE customer_id IS NOT NULL;
-- Cancellations whose purchase has not come yet: few, asked for with every new purchase.
CREATE INDEX transactions_uncited ON transactions (merchant_id, customer_id)
    WHERE kind = 'cancellation' AND cites_id IS NULL AND customer_id IS NOT NULL;

CREATE TABLE transaction_line (
    merchant_id BIGINT NOT NULL,
    transaction_id BIGINT NOT NULL,
    line BIGINT NOT NULL,              -- 1…
    product_code TEXT,
    product TEXT,
    category_id BIGINT,                -- word of kind category
    size_id BIGINT,                    -- word of kind size
    quantity_milli BIGINT NOT NULL,    -- thousandths; negative when it came back
    price_micro BIGINT NOT NULL,       -- one piece, in millionths of the major unit
    amount_minor BIGINT NOT NULL,      -- quantity × price, rounded half up to the minor unit
    url TEXT,                          -- the product online
    PRIMARY KEY (merchant_id, transaction_id, line),
    FOREIGN KEY (merchant_id, transaction_id) REFERENCES transactions (merchant_id, id)
); --@without-rowid

-- Everything else that happened (transactions are not repeated here). Append-only.
CREATE TABLE activity (
    merchant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    kind TEXT NOT NULL,                -- visit booking follow share comment app_open message import consent …
    store_id BIGINT,
    at_us BIGINT NOT NULL,
    day BIGINT NOT NULL,
    recorded_us BIGINT NOT NULL,
    origin TEXT NOT NULL,              -- demo import till web staff
    staff_id BIGINT,
    amount_minor BIGINT,               -- a booking's price
    detail TEXT,                       -- JSON
    idempotency TEXT,
    PRIMARY KEY (merchant_id, id),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id)
); --@without-rowid
CREATE INDEX activity_customer ON activity (merchant_id, customer_id, day, id);
CREATE UNIQUE INDEX activity_idempotency ON activity (merchant_id, idempotency)
    WHERE idempotency IS NOT NULL;

-- Facts, one row a customer, recomputed in the transaction that changes what they rest on (DESIGN 5).
CREATE TABLE customer_facts (
    merchant_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    first_day BIGINT,                  -- first activity of any kind
    last_visit_day BIGINT,
    last_purchase_day BIGINT,
    visits BIGINT NOT NULL DEFAULT 0,          -- visit days
    operations BIGINT NOT NULL DEFAULT 0,
    spent_minor BIGINT NOT NULL DEFAULT 0,
    purchase_days BIGINT NOT NULL DEFAULT 0,
    first_purchase_day BIGINT,
    visit_days BYTEA,                  -- every visit day, ascending: base/varint.h
    tags BYTEA,                        -- ids, ascending, same coding
    stores BYTEA,                      -- home store and those bought at
    categories BYTEA,
    sizes BYTEA,
    phone TEXT,                        -- the main ones
    email TEXT,
    contact_text TEXT,                 -- every other phone and e-mail, blank-separated, for search
    PRIMARY KEY (merchant_id, customer_id),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id)
); --@without-rowid

-- Imports: what was uploaded, how it is read, how far it got.
CREATE TABLE import (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    id BIGINT NOT NULL,
    kind TEXT NOT NULL,                -- customers transactions
    file_name TEXT NOT NULL,
    file_bytes BIGINT NOT NULL,
    file_hash BYTEA NOT NULL,
    mapping TEXT NOT NULL,             -- JSON: delimiter, encoding, decimal, date order, columns
    state TEXT NOT NULL,               -- uploaded running done failed canceled
    staff_id BIGINT,
    byte_offset BIGINT NOT NULL DEFAULT 0,   -- acknowledged up to here
    line BIGINT NOT NULL DEFAULT 0,
    report TEXT NOT NULL,              -- JSON: added updated skipped invalid …
    created_us BIGINT NOT NULL,
    finished_us BIGINT,
    PRIMARY KEY (merchant_id, id)
); --@without-rowid

-- The uploaded bytes, so that any node can resume the work; deleted when it is done.
CREATE TABLE import_chunk (
    merchant_id BIGINT NOT NULL,
    import_id BIGINT NOT NULL,
    position BIGINT NOT NULL,          -- offset of its first byte
    bytes BYTEA NOT NULL,
    PRIMARY KEY (merchant_id, import_id, position),
    FOREIGN KEY (merchant_id, import_id) REFERENCES import (merchant_id, id)
); --@without-rowid

CREATE TABLE import_rejection (
    merchant_id BIGINT NOT NULL,
    import_id BIGINT NOT NULL,
    line BIGINT NOT NULL,
    code TEXT NOT NULL,                -- problem code
    field TEXT,
    args TEXT NOT NULL,                -- JSON object
    record TEXT NOT NULL,              -- the row as it stood
    PRIMARY KEY (merchant_id, import_id, line),
    FOREIGN KEY (merchant_id, import_id) REFERENCES import (merchant_id, id)
); --@without-rowid
