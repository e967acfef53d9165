CREATE TABLE bookings (
    booking_id uuid PRIMARY KEY,
    idempotency_key text NOT NULL UNIQUE,
    request_digest text NOT NULL,
    product_id text NOT NULL,
    quantity integer NOT NULL CHECK (quantity > 0),
    unit_cents bigint NOT NULL,
    total_cents bigint NOT NULL,
    booked_at timestamptz NOT NULL DEFAULT now()
);

-- Bookings that the topic has not been told yet; written in the same transaction.
CREATE TABLE untold_bookings (
    booking_id uuid PRIMARY KEY REFERENCES bookings
);
