-- Whose certificates have run out between two days.
CREATE INDEX certificate_over ON certificate (merchant_id, valid_until, customer_id)
    WHERE state = 0 AND valid_until IS NOT NULL;
