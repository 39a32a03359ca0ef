-- What was inserted into documents otherwise than by typing, as hashed shingles: no text.
-- The bits of a shingle as a signed number, since SQLite has no other; `at` in seconds since 1970.
CREATE TABLE inserted (
    shingle INTEGER PRIMARY KEY,
    origin INTEGER NOT NULL CHECK (origin BETWEEN 1 AND 3),
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The oldest go first when there are too many.
CREATE INDEX inserted_at ON inserted (at);
