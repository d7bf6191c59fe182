-- Who may be forgotten, who looked, what was counted, and what became of a complaint at the core.

-- Data keys of persons, one for each day on which one writes, sealed by a master key: what a key seals is gone when it is destroyed. A
-- sealed value names its key itself (seal.py); whose a key is stands nowhere else.
CREATE TABLE person (
    id         INTEGER PRIMARY KEY,
    sealed_key BLOB NOT NULL,          -- zeroes: destroyed
    began_ms   INTEGER NOT NULL
) STRICT;

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

-- Whose long message it is; NULL in sets of earlier versions and when erased.
ALTER TABLE part_set ADD COLUMN reporter_tag BLOB;

CREATE INDEX part_set_reporter ON part_set (reporter_tag) WHERE reporter_tag IS NOT NULL;

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

-- Nobody changes a row, slips one in, or takes one out, but the retention from the beginning: its newest row says how far (audit.cut).
CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'a row of the audit is never changed'); END;
CREATE TRIGGER audit_at_its_end BEFORE INSERT ON audit WHEN NEW.id <= (SELECT max(id) FROM audit)
BEGIN SELECT RAISE(ABORT, 'a row of the audit is added at its end'); END;
CREATE TRIGGER audit_kept BEFORE DELETE ON audit
WHEN (SELECT what <> 'cut audit' OR OLD.id > CAST(about AS INTEGER) FROM audit ORDER BY id DESC LIMIT 1)
BEGIN SELECT RAISE(ABORT, 'a row of the audit is never taken out'); END;

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

-- An addition on its way to the core; NULL state: it stays here, as all did before.
ALTER TABLE addition ADD COLUMN turn INTEGER;       -- with the complaint's number its key at the core: G7K2QP-2
ALTER TABLE addition ADD COLUMN state TEXT;
ALTER TABLE addition ADD COLUMN reason TEXT;
ALTER TABLE addition ADD COLUMN since_ms INTEGER;
ALTER TABLE addition ADD COLUMN next_ms INTEGER;
ALTER TABLE addition ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE addition ADD COLUMN absent_ms INTEGER;  -- when a look-up first found nothing
ALTER TABLE addition ADD COLUMN more INTEGER NOT NULL DEFAULT 0;    -- 1: it says more than what went
ALTER TABLE addition ADD COLUMN tracking_id TEXT;   -- of the record in which it stands at the core

CREATE UNIQUE INDEX addition_turn ON addition (complaint, turn) WHERE turn IS NOT NULL;
CREATE INDEX addition_open ON addition (state, next_ms) WHERE next_ms IS NOT NULL;
CREATE INDEX addition_message ON addition (message);
CREATE INDEX addition_tracking ON addition (tracking_id) WHERE tracking_id IS NOT NULL;

-- What the core says of a filed complaint, as it was last heard.
CREATE TABLE course (
    complaint    INTEGER PRIMARY KEY,
    status       TEXT,                 -- our word for it: unverified, disposed, in_process, done, postponed, archived; NULL: not heard yet
    words        TEXT,                 -- the core's own
    since_ms     INTEGER,              -- when we first heard this status
    heard_ms     INTEGER,              -- when we last heard of it
    disposed_ms  INTEGER,              -- when it first reached an instansi: as the core says, else when we first heard so; set once
    answered_ms  INTEGER,              -- when the first answer was given; set once
    finished_ms  INTEGER,              -- as disposed_ms
    look_ms      INTEGER               -- when to ask again; NULL: never
) STRICT;

CREATE INDEX course_look ON course (look_ms) WHERE look_ms IS NOT NULL;

-- Calls of the core that were heard: the same again changes nothing.
CREATE TABLE heard (
    digest BLOB NOT NULL PRIMARY KEY,  -- SHA-256 of what was signed
    at_ms  INTEGER NOT NULL
) STRICT;

-- How many messages each operator brought in each hour, for the last weeks: its habit, by which its silence is noticed.
CREATE TABLE habit (
    hour     INTEGER NOT NULL,         -- UTC hours since 1970
    operator TEXT NOT NULL,
    messages INTEGER NOT NULL,
    PRIMARY KEY (hour, operator)
) STRICT, WITHOUT ROWID;
