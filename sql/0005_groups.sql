-- Groups: customers picked by hand. A deleted one keeps its members, so that it can be brought back.
CREATE TABLE customer_group (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    id BIGINT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,            -- folded, what group:name is matched by
    description TEXT NOT NULL,
    staff_id BIGINT,                   -- who made it; NULL: the program
    created_us BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    deleted_us BIGINT,
    PRIMARY KEY (merchant_id, id)
); --@without-rowid
CREATE UNIQUE INDEX customer_group_name ON customer_group (merchant_id, name_key)
    WHERE deleted_us IS NULL;

CREATE TABLE group_member (
    merchant_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    group_id BIGINT NOT NULL,
    added_us BIGINT NOT NULL,
    bulk_id BIGINT,                    -- the bulk action that put the customer in
    PRIMARY KEY (merchant_id, customer_id, group_id),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id),
    FOREIGN KEY (merchant_id, group_id) REFERENCES customer_group (merchant_id, id)
); --@without-rowid
CREATE INDEX group_member_group ON group_member (merchant_id, group_id, customer_id);

-- Why, when and by whom a customer was blocked; `blocked` itself stays what is filtered by.
ALTER TABLE customer ADD COLUMN blocked_reason TEXT;
ALTER TABLE customer ADD COLUMN blocked_us BIGINT;
ALTER TABLE customer ADD COLUMN blocked_by BIGINT;

-- The bulk action that gave it, so that its undo takes back its own and nobody else's.
ALTER TABLE customer_tag ADD COLUMN bulk_id BIGINT;
ALTER TABLE staff_favourite ADD COLUMN bulk_id BIGINT;
