ALTER TABLE bookings ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;
CREATE FUNCTION total() RETURNS numeric LANGUAGE sql AS $$
    SELECT sum(amount) FROM bookings;
$$;
