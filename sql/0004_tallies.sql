-- How often a customer shared, commented, and was sent a push notification: sums of activity.
ALTER TABLE customer_facts ADD COLUMN shares BIGINT NOT NULL DEFAULT 0;
ALTER TABLE customer_facts ADD COLUMN comments BIGINT NOT NULL DEFAULT 0;
ALTER TABLE customer_facts ADD COLUMN pushes BIGINT NOT NULL DEFAULT 0;
UPDATE customer_facts SET
    shares = (SELECT COUNT(*) FROM activity a WHERE a.merchant_id = customer_facts.merchant_id
              AND a.customer_id = customer_facts.customer_id AND a.kind = 'share'),
    comments = (SELECT COUNT(*) FROM activity a WHERE a.merchant_id = customer_facts.merchant_id
                AND a.customer_id = customer_facts.customer_id AND a.kind = 'comment'),
    pushes = (SELECT COUNT(*) FROM activity a WHERE a.merchant_id = customer_facts.merchant_id
              AND a.customer_id = customer_facts.customer_id AND a.kind = 'push');
