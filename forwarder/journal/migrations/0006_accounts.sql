-- Who may be forgotten, who looked, what was counted, and what became of a complaint at the core.

-- The data key of one person, sealed by the master key: what it seals is gone when it is destroyed. A sealed value names its person
-- itself (seal.py). Two first messages at the same moment may make two keys for one person; they have the same tag, and go together.
CREATE TABLE person (
    id            INTEGER PRIMARY KEY,
    reporter_tag  BLOB NOT NULL,
    sealed_key    BLOB,                -- NULL: destroyed
    began_ms      INTEGER NOT NULL,
    erased_ms     INTEGER
) STRICT;

CREATE INDEX person_reporter ON person (reporter_tag);

-- Whose processing is restricted, on their own word (UU 27/2022): kept, and neither shown nor counted nor answered.
CREATE TABLE restriction (
    reporter_tag BLOB PRIMARY KEY,
    since_ms     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The wall clock and the honest one side by side, at the last commit of a run: a step of the wall clock between two runs is then seen by
-- the next one, as long as the host was not started anew.
ALTER TABLE run ADD COLUMN boot TEXT;
ALTER TABLE run ADD COLUMN beat_ms INTEGER;
ALTER TABLE run ADD COLUMN beat_seconds REAL;
ALTER TABLE run ADD COLUMN ahead_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN ahead_until_ms INTEGER NOT NULL DEFAULT 0;

-- Who typed it in for the citizen; NULL: it came by a channel.
ALTER TABLE message ADD COLUMN entered_by TEXT;

-- Complaints that no purge and no erasure may touch, because a court or an auditor needs them.
CREATE TABLE legal_hold (
    complaint     INTEGER PRIMARY KEY,
    since_ms      INTEGER NOT NULL,
    who           TEXT NOT NULL,
    sealed_reason BLOB NOT NULL
) STRICT;

-- Who saw, settled, exported, erased or restricted what. Rows are only ever added; each holds the hash of the one before.
CREATE TABLE audit (
    id            INTEGER PRIMARY KEY,
    at_ms         INTEGER NOT NULL,
    who           TEXT NOT NULL,
    what          TEXT NOT NULL,
    about         TEXT NOT NULL,       -- a complaint number, or a tag in hex; never a telephone number
    sealed_reason BLOB NOT NULL,
    chain         BLOB NOT NULL        -- SHA-256 over the row before and this one
) STRICT;

CREATE INDEX audit_about ON audit (about);

-- The sums of one day (WIB), counted when it was over, each chained to the day before.
CREATE TABLE closed_day (
    day       INTEGER PRIMARY KEY,     -- days since 1970, counted in WIB
    closed_ms INTEGER NOT NULL,
    sums      TEXT NOT NULL,           -- JSON, sorted
    chain     BLOB NOT NULL            -- SHA-256 over the day before and this one
) STRICT;

-- Whatever is counted by its time is found by it, and counted without reading citizens' words.
CREATE INDEX message_received ON message (received_ms, operator, channel, parts, complaint);

-- One alarm of a complaint a day: which were there?
CREATE INDEX alarm_complaint ON alarm (complaint, at_ms) WHERE complaint IS NOT NULL;

-- Copies of a day (WIB) that changed nothing, by operator: what an operator counts and we do not.
CREATE TABLE redelivery (
    day      INTEGER NOT NULL,
    operator TEXT NOT NULL,
    copies   INTEGER NOT NULL,
    PRIMARY KEY (day, operator)
) STRICT, WITHOUT ROWID;

-- An addition on its way to the core; NULL state: it stays here.
ALTER TABLE addition ADD COLUMN state TEXT;
ALTER TABLE addition ADD COLUMN reason TEXT;
ALTER TABLE addition ADD COLUMN since_ms INTEGER;
ALTER TABLE addition ADD COLUMN next_ms INTEGER;
ALTER TABLE addition ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE addition ADD COLUMN tracking_id TEXT;   -- where it became a record of its own at the core

CREATE INDEX addition_open ON addition (state, next_ms) WHERE next_ms IS NOT NULL;

-- What the core says of a filed complaint, as it was last heard.
CREATE TABLE course (
    complaint    INTEGER PRIMARY KEY,
    status       TEXT NOT NULL,        -- our word for it: unverified, disposed, in_process, done, postponed, archived
    words        TEXT NOT NULL,        -- the core's own
    heard_ms     INTEGER NOT NULL,
    disposed_ms  INTEGER,              -- when it first reached an instansi
    answered_ms  INTEGER,              -- when the first answer was given
    finished_ms  INTEGER,
    look_ms      INTEGER               -- when to ask again; NULL: never
) STRICT;

CREATE INDEX course_look ON course (look_ms) WHERE look_ms IS NOT NULL;
