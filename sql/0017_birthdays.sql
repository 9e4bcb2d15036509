-- Birthdays and other days that matter: how they are greeted, and who was.
CREATE TABLE birthday_rules (
    merchant_id BIGINT NOT NULL REFERENCES merchant (id),
    leap TEXT NOT NULL,                -- february march: where 29 February is kept in other years
    automatic BIGINT NOT NULL,         -- 1: greeted by themselves
    points BIGINT NOT NULL,
    messages TEXT NOT NULL,            -- JSON: {"en": …}, with {first_name} and {points}
    hour BIGINT NOT NULL,              -- of the merchant's day, from which on it is done
    days_ahead BIGINT NOT NULL,        -- so many days before the birthday
    done_until BIGINT,                 -- the last day whose birthdays were greeted by themselves
    updated_us BIGINT NOT NULL,
    version BIGINT NOT NULL,           -- from 1; without a row it is 0
    PRIMARY KEY (merchant_id)
); --@without-rowid

-- Once for a customer, an occasion and a year.
CREATE TABLE greeting (
    merchant_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    occasion BIGINT NOT NULL,          -- year * 512, and for days other than birthdays + month * 32 + day
    day BIGINT NOT NULL,               -- the day that is greeted
    points BIGINT NOT NULL,
    entry_id BIGINT,                   -- of the points; NULL: none were given
    message TEXT,                      -- as it was filled in; NULL: none
    consents BIGINT NOT NULL,          -- a bit for each channel granted then: sms email push
    staff_id BIGINT,                   -- NULL: by itself
    at_us BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, customer_id, occasion),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id),
    FOREIGN KEY (merchant_id, staff_id) REFERENCES staff (merchant_id, id)
); --@without-rowid
CREATE INDEX greeting_at ON greeting (merchant_id, at_us, customer_id);
CREATE INDEX greeting_day ON greeting (merchant_id, day);

CREATE INDEX customer_date_day ON customer_date (merchant_id, month, day, customer_id);
