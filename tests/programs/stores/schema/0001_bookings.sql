CREATE TABLE bookings (
    key text PRIMARY KEY,
    amount bigint NOT NULL
);
COMMENT ON TABLE bookings IS 'each key once; a text with a ; in it';
