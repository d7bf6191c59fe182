-- The block list: what these write is kept and held, never answered and never filed by itself.
CREATE TABLE blocked (
    id            INTEGER PRIMARY KEY,
    reporter_tag  BLOB NOT NULL UNIQUE,
    since_ms      INTEGER NOT NULL,
    until_ms      INTEGER NOT NULL,
    who           TEXT NOT NULL,
    sealed_reason BLOB NOT NULL
) STRICT;
