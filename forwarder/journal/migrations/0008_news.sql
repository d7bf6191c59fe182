-- What the agency says to the citizen, what the citizen was told of it, and which wishes wait for the core's word.
ALTER TABLE course ADD COLUMN sealed_answer BLOB;
ALTER TABLE course ADD COLUMN answer_tag BLOB;
ALTER TABLE course ADD COLUMN asks INTEGER;

CREATE TABLE news (
    complaint INTEGER NOT NULL,
    what      TEXT NOT NULL,
    reply     INTEGER,
    why       TEXT,
    at_ms     INTEGER NOT NULL,
    PRIMARY KEY (complaint, what)
) STRICT, WITHOUT ROWID;

CREATE INDEX addition_wish ON addition (message) WHERE wish IS NOT NULL AND granted IS NULL;
