-- Pictures of signed papers, each with the act of consent that it proves.
CREATE TABLE consent_evidence (
    merchant_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    act_id BIGINT NOT NULL,            -- consent.id; no key, since acts move when customers are merged
    sha256 BYTEA NOT NULL,             -- of image
    image BYTEA NOT NULL,              -- a JPEG as photo/image.h makes it: without metadata
    created_us BIGINT NOT NULL,
    staff_id BIGINT,
    PRIMARY KEY (merchant_id, customer_id, id),
    FOREIGN KEY (merchant_id, customer_id) REFERENCES customer (merchant_id, id)
);
