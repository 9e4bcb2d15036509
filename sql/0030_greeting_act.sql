-- Which giving a greeting belongs to, so that one by hand can be taken back.
ALTER TABLE greeting ADD COLUMN act_id BIGINT; -- NULL: before there was this
CREATE INDEX greeting_act ON greeting (merchant_id, act_id) WHERE act_id IS NOT NULL;
