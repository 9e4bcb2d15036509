-- Many likely pairs merged at once (src/crm/merge/merge_run.h).
CREATE TABLE merge_run (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    id BIGINT NOT NULL,
    percent BIGINT NOT NULL,           -- pairs at least so likely
    pairs BIGINT NOT NULL,
    staff_id BIGINT,
    actor TEXT NOT NULL,               -- the name as it was
    job_id BIGINT NOT NULL,
    undo_job_id BIGINT,                -- the last one that takes it back
    undone_by TEXT,
    made_us BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, id)
); --@without-rowid

-- The pairs as they were confirmed, the likeliest first, and what came of each.
CREATE TABLE merge_run_pair (
    merchant_id BIGINT NOT NULL,
    run_id BIGINT NOT NULL,
    place BIGINT NOT NULL,
    survivor_id BIGINT NOT NULL,
    loser_id BIGINT NOT NULL,
    percent BIGINT NOT NULL,
    outcome BIGINT,                    -- enum merge_run_outcome; NULL: not done yet
    merge_id BIGINT,                   -- what merged them
    back BIGINT,                       -- what came of taking it back; NULL: not done
    reason TEXT,                       -- the code of the refusal
    PRIMARY KEY (merchant_id, run_id, place),
    FOREIGN KEY (merchant_id, run_id) REFERENCES merge_run (merchant_id, id)
); --@without-rowid
