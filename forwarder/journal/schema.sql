-- The journal of one gateway: what arrived, what became of it, and what the citizen was told.
--
-- Times (*_ms) are UTC in milliseconds since 1970. BLOB columns named `sealed_*` are AES-GCM (see seal.py) and hold what is
-- personal: numbers, texts, raw PDUs. Columns that end in `_tag` are keyed hashes, by which a value is found without being readable.
-- States are the words of lifecycle.py. This page is for reading: a new journal is made by migrations/, and a test proves them equal.

-- One life of the gateway's process.
CREATE TABLE run (
    id         INTEGER PRIMARY KEY,
    pid        INTEGER NOT NULL,       -- of the process
    began_ms   INTEGER NOT NULL,
    seen_ms    INTEGER NOT NULL,       -- heartbeat: moved by every commit, and every few seconds
    ended_ms   INTEGER,                -- NULL while it runs; after a crash the next run writes seen_ms here
    boot       TEXT,                   -- of the host: while it is the same, the honest clock goes on from run to run
    beat_ms    INTEGER,                -- the wall clock at the last commit …
    beat_seconds REAL,                 -- … and the honest one
    ahead_ms   INTEGER NOT NULL DEFAULT 0, -- how far the wall clock was set forward: so much longer is a message remembered …
    ahead_until_ms INTEGER NOT NULL DEFAULT 0 -- … until then
) STRICT;

-- One bound connection. An answer given shortly before its end may not have arrived.
CREATE TABLE session (
    id         INTEGER PRIMARY KEY,
    run        INTEGER NOT NULL,
    operator   TEXT NOT NULL,
    bind       TEXT NOT NULL,
    began_ms   INTEGER NOT NULL,
    ended_ms   INTEGER                 -- NULL while it is bound
) STRICT;

CREATE INDEX session_open ON session (run) WHERE ended_ms IS NULL;

-- One whole text from one citizen, or one PDU that nobody could read (then reporter_tag and sealed_content are NULL from the start).
CREATE TABLE message (
    id             INTEGER PRIMARY KEY,
    channel        TEXT NOT NULL,      -- SMS 1708 …
    operator       TEXT NOT NULL,      -- who handed it over, and is asked to carry the reply
    bind           TEXT NOT NULL,
    destination    TEXT NOT NULL,      -- what the citizen dialled: 1708
    received_ms    INTEGER NOT NULL,
    sent_ms        INTEGER,            -- by the operator's clock, where it says
    alphabet       TEXT NOT NULL,
    data_coding    INTEGER NOT NULL,
    parts          INTEGER NOT NULL,   -- that came
    incomplete     INTEGER NOT NULL,   -- 1: parts are missing
    damaged        INTEGER NOT NULL,   -- 1: some octets meant nothing in the alphabet
    cause          TEXT,               -- why nobody could read it
    complaint      INTEGER,            -- the complaint it became; NULL for a command or answer
    part_set       INTEGER,            -- the segment set it was joined from
    digest_tag     BLOB,               -- operator, source, destination, esm_class, data_coding, octets; NULL after tombstone_days
    answer_session INTEGER NOT NULL,   -- the connection its last copy came on …
    answer_ms      INTEGER NOT NULL,   -- … and when we answered that
    answer_late    INTEGER NOT NULL,   -- 1: the peer may have given up waiting, so a copy is a redelivery
    reporter_tag   BLOB,               -- whose messages are these? NULL when the number is erased
    sealed_sender  BLOB,               -- the reporter: kind, number, address; NULL when erased
    sealed_content BLOB,               -- text, and what was read out of it; NULL when erased
    entered_by     TEXT                -- who typed it in for the citizen; NULL: it came by a channel
) STRICT;

CREATE INDEX message_digest ON message (digest_tag) WHERE digest_tag IS NOT NULL;
CREATE INDEX message_reporter ON message (reporter_tag) WHERE reporter_tag IS NOT NULL;
-- Whatever is counted by its time is found by it, and counted without reading citizens' words.
CREATE INDEX message_received ON message (received_ms, operator, channel, parts, complaint);

-- The PDUs of whole messages as they came, for disputes; kept raw_days. (Those of joined ones lie in part.)
CREATE TABLE raw (
    message     INTEGER PRIMARY KEY,
    received_ms INTEGER NOT NULL,
    sealed_pdu  BLOB NOT NULL
) STRICT;

-- A long message on its way to being whole, and for tombstone_days the memory that it was.
CREATE TABLE part_set (
    id         INTEGER PRIMARY KEY,
    key_tag    BLOB NOT NULL,          -- operator, source, destination, reference and its width, total
    sender_tag BLOB NOT NULL,          -- operator and source: how many sets has one sender open?
    operator   TEXT NOT NULL,
    total      INTEGER NOT NULL,
    state      TEXT NOT NULL,          -- open, joined, timed_out, linked
    began_ms   INTEGER NOT NULL,       -- when its first part came
    closed_ms  INTEGER,
    message    INTEGER,                -- what it became
    reporter_tag BLOB                  -- whose it is; NULL in sets of earlier versions, and when erased
) STRICT;

CREATE INDEX part_set_key ON part_set (key_tag);
CREATE INDEX part_set_reporter ON part_set (reporter_tag) WHERE reporter_tag IS NOT NULL;
CREATE INDEX part_set_open ON part_set (began_ms) WHERE state = 'open';

CREATE TABLE part (
    part_set    INTEGER NOT NULL,
    part        INTEGER NOT NULL,      -- 1 … total
    digest_tag  BLOB NOT NULL,         -- of its octets: the same part again is a redelivery
    received_ms INTEGER NOT NULL,
    sealed_pdu  BLOB,                  -- the segment, whole, bound to key_tag; NULL after raw_days
    PRIMARY KEY (part_set, part)
) STRICT, WITHOUT ROWID;

-- One aduan. What routing and reports need is in the clear; the citizen's words are in its message.
CREATE TABLE complaint (
    id             INTEGER PRIMARY KEY,
    message        INTEGER NOT NULL,
    number         TEXT,               -- ours, said to the citizen; NULL for a duplicate, which carries its first's
    first          INTEGER,            -- the complaint it repeats, if it is a duplicate
    state          TEXT NOT NULL,      -- held, ready, sending, filed, parked, unknown, duplicate, closed
    reason         TEXT,               -- why it is held, parked, unknown; or the last answer that was no yes
    attention      TEXT,               -- what a person must look at though the state is final
    since_ms       INTEGER NOT NULL,   -- of this state
    next_ms        INTEGER,            -- ready: not before; other open states: since; NULL: settled
    attempts       INTEGER NOT NULL,   -- started, charged before a byte went
    absent_ms      INTEGER,            -- when a look-up first found nothing
    tracking_id    TEXT,               -- the core's; written once
    transaction_id TEXT,               -- the core's, for its log
    region         TEXT,               -- Kemendagri code
    instansi       TEXT,
    instansi_name  TEXT,               -- as citizens read it
    unit           TEXT,
    certainty      TEXT,               -- explicit, proposed, ambiguous, hinted, national, early, late
    keyword        TEXT,
    rule           TEXT,               -- row of the routing table that decided
    version        TEXT,               -- of the routing table
    topic          TEXT,
    classification TEXT,
    language       TEXT NOT NULL,
    anonim         INTEGER NOT NULL,
    rahasia        INTEGER NOT NULL,
    pin_turn       INTEGER NOT NULL DEFAULT 0, -- how often its PIN was changed
    worker         TEXT,               -- who has, or had, its last attempt; NULL: this gateway itself
    batch          TEXT,               -- the grant of that attempt, until the worker's own record of it was heard
    elsewhere      TEXT                -- the number of the complaint at another gateway that this one repeats
) STRICT;

CREATE UNIQUE INDEX complaint_number ON complaint (number) WHERE number IS NOT NULL;
CREATE UNIQUE INDEX complaint_tracking ON complaint (tracking_id) WHERE tracking_id IS NOT NULL;
CREATE INDEX complaint_open ON complaint (state, next_ms) WHERE next_ms IS NOT NULL;
CREATE INDEX complaint_attention ON complaint (since_ms) WHERE attention IS NOT NULL;
CREATE INDEX complaint_first ON complaint (first) WHERE first IS NOT NULL;

-- One SMS to a citizen. Its text is made of its kind and the complaint when it is sent.
CREATE TABLE reply (
    id          INTEGER PRIMARY KEY,
    message     INTEGER NOT NULL,      -- what it answers: to whom, by which operator
    complaint   INTEGER,               -- of which it speaks
    kind        TEXT NOT NULL,         -- a text of config/replies.*.toml
    state       TEXT NOT NULL,         -- due, sending, sent, refused, later, unknown, none
    reason      TEXT,                  -- why refused, later, unknown, none
    due_ms      INTEGER,               -- due, later: not before; sending: since; NULL: settled
    attempts    INTEGER NOT NULL,
    again       INTEGER NOT NULL,      -- 1: sent once more after a crash; never twice
    settled_ms  INTEGER,
    delivery    TEXT,                  -- what the operator's delivery receipt said, if one came: advice
    delivery_ms INTEGER
) STRICT;

CREATE INDEX reply_due ON reply (state, due_ms) WHERE due_ms IS NOT NULL;
CREATE INDEX reply_complaint ON reply (complaint) WHERE complaint IS NOT NULL;
CREATE INDEX reply_message ON reply (message) WHERE complaint IS NULL;

-- The operators' ids of what we sent, to match their delivery receipts with; kept delivery_days.
CREATE TABLE handed (
    id         INTEGER PRIMARY KEY,
    operator   TEXT NOT NULL,
    message_id TEXT NOT NULL,          -- lower case, without leading zeros
    reply      INTEGER NOT NULL,
    at_ms      INTEGER NOT NULL
) STRICT;

CREATE INDEX handed_message_id ON handed (message_id, operator);

-- Delivery receipts that matched nothing yet: one may come before the answer to our submit_sm.
CREATE TABLE stray_report (
    id         INTEGER PRIMARY KEY,
    operator   TEXT NOT NULL,
    message_id TEXT NOT NULL,          -- lower case, without leading zeros
    state      TEXT NOT NULL,
    error      TEXT NOT NULL,
    at_ms      INTEGER NOT NULL
) STRICT;

CREATE INDEX stray_report_message_id ON stray_report (message_id, operator);

-- How many replies one number got on one day (WIB).
CREATE TABLE reply_count (
    day          INTEGER NOT NULL,     -- days since 1970, counted in WIB
    reporter_tag BLOB NOT NULL,
    replies      INTEGER NOT NULL,
    PRIMARY KEY (day, reporter_tag)
) STRICT, WITHOUT ROWID;

-- What people did to a complaint. Rows are only ever added.
CREATE TABLE history (
    id            INTEGER PRIMARY KEY,
    complaint     INTEGER NOT NULL,
    at_ms         INTEGER NOT NULL,
    who           TEXT NOT NULL,
    move          TEXT NOT NULL,       -- a move of lifecycle.py, or note, reroute, redecode
    sealed_reason BLOB NOT NULL        -- people quote citizens; empty: erased with them
) STRICT;

CREATE INDEX history_complaint ON history (complaint);

-- What must never happen and did: a second tracking id, one id for two complaints, a damaged file.
CREATE TABLE alarm (
    id        INTEGER PRIMARY KEY,
    at_ms     INTEGER NOT NULL,
    complaint INTEGER,
    what      TEXT NOT NULL
) STRICT;

CREATE INDEX alarm_complaint ON alarm (complaint, at_ms) WHERE complaint IS NOT NULL;

-- Every "no" we gave an operator.
CREATE TABLE refusal (
    id       INTEGER PRIMARY KEY,
    at_ms    INTEGER NOT NULL,
    operator TEXT NOT NULL,
    bind     TEXT NOT NULL,
    command  TEXT NOT NULL,
    status   INTEGER NOT NULL,         -- SMPP command_status
    cause    TEXT NOT NULL
) STRICT;

-- Every routing table that ever ran here. Rows are only ever added: a rollback adds the older table again. The newest of a kind runs.
CREATE TABLE routing_version (
    id           INTEGER PRIMARY KEY,
    kind         TEXT NOT NULL,          -- routes, hashtags
    version      TEXT NOT NULL,          -- hash of the text, as complaint.version has it
    csv          TEXT NOT NULL,          -- the whole table
    installed_ms INTEGER NOT NULL,
    who          TEXT NOT NULL,
    why          TEXT NOT NULL,
    active       INTEGER NOT NULL,       -- 1: runs now, one of each kind
    previous     INTEGER                 -- the row a rollback goes back to; NULL: there is none
) STRICT;

CREATE UNIQUE INDEX routing_version_active ON routing_version (kind) WHERE active = 1;

-- What is particular to a message that came as a post: its ids, its versions, and how often its author may hear from us there.
CREATE TABLE post (
    message    INTEGER PRIMARY KEY,
    account    TEXT NOT NULL,          -- of ours, or the partner's, that it concerns
    key_tag    BLOB NOT NULL,          -- account and the first id of its edit history
    thread_tag BLOB,                   -- account and conversation
    words_tag  BLOB NOT NULL,          -- of its words: the same from many is a flood
    version    INTEGER NOT NULL,       -- 1 and one more with each edit
    answering  TEXT NOT NULL,          -- never, once, always
    answer     INTEGER,                -- the reply that has the one answer
    look_ms    INTEGER,                -- when to ask whether it still stands; NULL: never again
    gone       TEXT,                   -- why its text is blank: deleted, protected
    sealed_ids BLOB                    -- the id of its newest version, and its key; NULL when erased
) STRICT;

CREATE UNIQUE INDEX post_key ON post (key_tag);
CREATE INDEX post_thread ON post (thread_tag) WHERE thread_tag IS NOT NULL;
CREATE INDEX post_words ON post (words_tag);
CREATE INDEX post_look ON post (account, look_ms) WHERE look_ms IS NOT NULL;

-- What a post said before its author edited it.
CREATE TABLE earlier (
    message        INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    sealed_content BLOB NOT NULL,      -- as message.sealed_content
    PRIMARY KEY (message, version)
) STRICT, WITHOUT ROWID;

-- What was said to a case after it began, each a message of its own; or the case's own message, where a part of it came late.
CREATE TABLE addition (
    complaint   INTEGER NOT NULL,
    message     INTEGER NOT NULL,
    turn        INTEGER,               -- with the complaint's number its key at the core: G7K2QP-2; NULL: from before they were sent
    state       TEXT,                  -- waiting, ready, sending, added, parked, unknown, desk, closed; NULL: it stays here
    reason      TEXT,                  -- why it is parked, unknown, with the desk, closed; or the last answer that was no yes
    since_ms    INTEGER,               -- of this state
    next_ms     INTEGER,               -- ready: not before; other open states: since; NULL: settled
    attempts    INTEGER NOT NULL DEFAULT 0,
    absent_ms   INTEGER,               -- when a look-up first found nothing
    more        INTEGER NOT NULL DEFAULT 0, -- 1: it says more than what went
    tracking_id TEXT,                  -- of the record in which it stands at the core
    wish        TEXT,                  -- what it asks of the core: rahasia, anonim, batal, keberatan; NULL: words alone
    granted     INTEGER,               -- 1: the core agreed; 0: it did not; NULL: nobody said yet
    granted_ms  INTEGER,               -- when we heard so
    PRIMARY KEY (complaint, message)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX addition_turn ON addition (complaint, turn) WHERE turn IS NOT NULL;
CREATE INDEX addition_wish ON addition (message) WHERE wish IS NOT NULL AND granted IS NULL;
CREATE INDEX addition_open ON addition (state, next_ms) WHERE next_ms IS NOT NULL;
CREATE INDEX addition_message ON addition (message);
CREATE INDEX addition_tracking ON addition (tracking_id) WHERE tracking_id IS NOT NULL;

-- What we asked a citizen back about a complaint that waits for it. One question is open for one citizen at most.
CREATE TABLE question (
    complaint    INTEGER NOT NULL,
    turn         INTEGER NOT NULL,     -- 1, 2
    reporter_tag BLOB NOT NULL,        -- who was asked
    asked        TEXT NOT NULL,        -- region, place, matter
    choices      TEXT NOT NULL,        -- JSON: of region, what each number stands for
    reply        INTEGER NOT NULL,     -- the SMS that asks
    asked_ms     INTEGER NOT NULL,
    until_ms     INTEGER NOT NULL,     -- then it goes on without an answer
    sent         INTEGER NOT NULL DEFAULT 0, -- 1: the operator took the SMS, and until_ms counts from then
    ended        TEXT,                 -- answered, lapsed, withdrawn, settled by a person; NULL: open
    PRIMARY KEY (complaint, turn)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX question_open ON question (reporter_tag) WHERE ended IS NULL;
CREATE INDEX question_due ON question (until_ms) WHERE ended IS NULL;
CREATE INDEX question_reply ON question (reply) WHERE ended IS NULL;

-- Messages whose words were asked for: they are filed with the complaint, in one record.
CREATE TABLE answer (
    complaint INTEGER NOT NULL,
    message   INTEGER NOT NULL,
    PRIMARY KEY (complaint, message)
) STRICT, WITHOUT ROWID;

-- How far each source of posts has been read, and what was spent on it; the value is the channel's own.
CREATE TABLE cursor (
    source TEXT PRIMARY KEY,
    value  TEXT NOT NULL,
    at_ms  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who asked not to hear from us.
CREATE TABLE silence (
    reporter_tag BLOB PRIMARY KEY,
    since_ms     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The block list: what these write is kept and held, never answered and never filed by itself.
CREATE TABLE blocked (
    id            INTEGER PRIMARY KEY,
    reporter_tag  BLOB NOT NULL UNIQUE,
    since_ms      INTEGER NOT NULL,
    until_ms      INTEGER NOT NULL,
    who           TEXT NOT NULL,
    sealed_reason BLOB NOT NULL
) STRICT;

-- Wrong PINs of one number: how many since when, and until when nothing is told to it.
CREATE TABLE pin_door (
    reporter_tag BLOB PRIMARY KEY,
    wrong        INTEGER NOT NULL,
    since_ms     INTEGER NOT NULL,
    shut_ms      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What a complaint is claimed by in the shared index; nothing where there is one gateway. The tags are made with the queue's key, which
-- all gateways have; every other tag of this file with this gateway's own.
CREATE TABLE claim (
    complaint INTEGER NOT NULL,
    tag       BLOB NOT NULL,
    part      INTEGER NOT NULL,        -- 1 … of a long message; 0: of the whole
    PRIMARY KEY (complaint, tag)
) STRICT, WITHOUT ROWID;

-- What a reply says of a complaint of another gateway.
CREATE TABLE abroad (
    reply         INTEGER PRIMARY KEY,
    number        TEXT NOT NULL,
    tracking_id   TEXT,
    instansi_name TEXT NOT NULL,
    rahasia       INTEGER NOT NULL
) STRICT;

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

-- Copies of a day (WIB) that changed nothing, by operator: what an operator counts and we do not.
CREATE TABLE redelivery (
    day      INTEGER NOT NULL,
    operator TEXT NOT NULL,
    copies   INTEGER NOT NULL,
    PRIMARY KEY (day, operator)
) STRICT, WITHOUT ROWID;

-- What the core says of a filed complaint, as it was last heard.
CREATE TABLE course (
    complaint    INTEGER PRIMARY KEY,
    status       TEXT,                 -- not heard yet: NULL; our word for it: unverified, disposed, in_process, done, postponed, archived
    words        TEXT,                 -- the core's own
    since_ms     INTEGER,              -- when we first heard this status
    heard_ms     INTEGER,              -- when we last heard of it
    disposed_ms  INTEGER,              -- when it first reached an instansi: as the core says, else when we first heard so; set once
    answered_ms  INTEGER,              -- when the first answer was given; set once
    finished_ms  INTEGER,              -- as disposed_ms
    look_ms      INTEGER,              -- when to ask again; NULL: never
    sealed_answer BLOB,                -- what the agency says to the citizen, newest; NULL when erased
    answer_tag   BLOB,                 -- of that: whether it was told
    asks         INTEGER               -- 1: the agency waits for facts from the citizen
) STRICT;

CREATE INDEX course_look ON course (look_ms) WHERE look_ms IS NOT NULL;

-- What a citizen was told of the course of his case, each thing once.
CREATE TABLE news (
    complaint INTEGER NOT NULL,
    what      TEXT NOT NULL,           -- a status; answer:… or asks:… and the tag of what the agency says
    reply     INTEGER,                 -- that tells it; NULL: none does …
    why       TEXT,                    -- … and why
    at_ms     INTEGER NOT NULL,        -- when that was decided
    PRIMARY KEY (complaint, what)
) STRICT, WITHOUT ROWID;

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

-- How many rows are in which state, so that counting never reads a table.
CREATE TABLE tally (
    noun  TEXT NOT NULL,               -- message, complaint, addition, reply, refusal, alarm, course, question
    state TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (noun, state)
) STRICT, WITHOUT ROWID;

-- Single values: key_check (a sealed known word), roots (what outlives every master key, sealed), master_keys (ids of those that are
-- needed), resealed (how far reseal.py has walked), filing_paused (the file set aside, until salvage), heard_to (the last message counted).
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
