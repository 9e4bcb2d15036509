-- A credit above the limit waits by itself, wherever it came from, and is booked as what it was.
ALTER TABLE watch_request ADD COLUMN kind TEXT NOT NULL DEFAULT 'credit'; -- credit birthday
ALTER TABLE watch_request ADD COLUMN store_id BIGINT;
ALTER TABLE watch_request ADD COLUMN idempotency TEXT; -- of the posting: asked for once, booked once
CREATE UNIQUE INDEX watch_request_idempotency ON watch_request (merchant_id, idempotency)
    WHERE idempotency IS NOT NULL;
