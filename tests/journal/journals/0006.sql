
-- The values of various per-database settings
PRAGMA page_size=4096;
-- PRAGMA encoding='UTF-8';
-- PRAGMA auto_vacuum=INCREMENTAL;
-- PRAGMA max_page_count=4294967294;

BEGIN TRANSACTION;

-- Table  abroad
DROP TABLE IF EXISTS abroad;
CREATE TABLE abroad (
    reply         INTEGER PRIMARY KEY,
    number        TEXT NOT NULL,
    tracking_id   TEXT,
    instansi_name TEXT NOT NULL,
    rahasia       INTEGER NOT NULL
) STRICT;

-- Table  addition
DROP TABLE IF EXISTS addition;
CREATE TABLE addition (
    complaint INTEGER NOT NULL,
    message   INTEGER NOT NULL, state TEXT, reason TEXT, since_ms INTEGER, next_ms INTEGER, attempts INTEGER NOT NULL DEFAULT 0, tracking_id TEXT,
    PRIMARY KEY (complaint, message)
) STRICT, WITHOUT ROWID;
-- Triggers and indices on  addition
CREATE INDEX addition_open ON addition (state, next_ms) WHERE next_ms IS NOT NULL;

-- Table  alarm
DROP TABLE IF EXISTS alarm;
CREATE TABLE alarm (
    id        INTEGER PRIMARY KEY,
    at_ms     INTEGER NOT NULL,
    complaint INTEGER,
    what      TEXT NOT NULL
) STRICT;

-- Table  audit
DROP TABLE IF EXISTS audit;
CREATE TABLE audit (
    id            INTEGER PRIMARY KEY,
    at_ms         INTEGER NOT NULL,
    who           TEXT NOT NULL,
    what          TEXT NOT NULL,
    about         TEXT NOT NULL,       -- a complaint number, or a tag in hex; never a telephone number
    sealed_reason BLOB NOT NULL,
    chain         BLOB NOT NULL        -- SHA-256 over the row before and this one
) STRICT;
-- Triggers and indices on  audit
CREATE INDEX audit_about ON audit (about);

-- Table  claim
DROP TABLE IF EXISTS claim;
CREATE TABLE claim (
    complaint INTEGER NOT NULL,
    tag       BLOB NOT NULL,
    part      INTEGER NOT NULL,        -- 1 … of a long message; 0: of the whole
    PRIMARY KEY (complaint, tag)
) STRICT, WITHOUT ROWID;

-- Table  closed_day
DROP TABLE IF EXISTS closed_day;
CREATE TABLE closed_day (
    day       INTEGER PRIMARY KEY,     -- days since 1970, counted in WIB
    closed_ms INTEGER NOT NULL,
    sums      TEXT NOT NULL,           -- JSON, sorted
    chain     BLOB NOT NULL            -- SHA-256 over the day before and this one
) STRICT;

-- Table  complaint
DROP TABLE IF EXISTS complaint;
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
    rahasia        INTEGER NOT NULL
, pin_turn INTEGER NOT NULL DEFAULT 0, worker TEXT, batch TEXT, elsewhere TEXT) STRICT;
INSERT INTO complaint VALUES(2,2,'CAQ6VS',NULL,'filed',NULL,NULL,1795000004000,NULL,1,NULL,'T2',NULL,'13.06','agam','Kab. Agam','dinas pu','explicit','AGAM','agam-1','v1','jalan','aspirasi','id',1,0,0,NULL,NULL,NULL);
INSERT INTO complaint VALUES(3,3,'BA36X9',NULL,'filed',NULL,NULL,1795000004000,NULL,1,NULL,'T3',NULL,'13.06','agam','Kab. Agam','dinas pu','explicit','AGAM','agam-1','v1','jalan','aspirasi','id',1,0,0,NULL,NULL,NULL);
INSERT INTO complaint VALUES(4,4,'QAKQW7',NULL,'ready',NULL,NULL,1795000002000,1795000002000,0,NULL,NULL,NULL,'13.06','agam','Kab. Agam','dinas pu','explicit','AGAM','agam-1','v1','jalan','aspirasi','id',1,0,0,NULL,NULL,NULL);
INSERT INTO complaint VALUES(5,5,'NAQVKR',NULL,'sending',NULL,NULL,1795000004000,1795000004000,1,NULL,NULL,NULL,'13.06','agam','Kab. Agam','dinas pu','explicit','AGAM','agam-1','v1','jalan','aspirasi','id',1,0,0,NULL,NULL,NULL);
-- Triggers and indices on  complaint
CREATE INDEX complaint_attention ON complaint (since_ms) WHERE attention IS NOT NULL;
CREATE INDEX complaint_first ON complaint (first) WHERE first IS NOT NULL;
CREATE UNIQUE INDEX complaint_number ON complaint (number) WHERE number IS NOT NULL;
CREATE INDEX complaint_open ON complaint (state, next_ms) WHERE next_ms IS NOT NULL;
CREATE UNIQUE INDEX complaint_tracking ON complaint (tracking_id) WHERE tracking_id IS NOT NULL;

-- Table  course
DROP TABLE IF EXISTS course;
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
-- Triggers and indices on  course
CREATE INDEX course_look ON course (look_ms) WHERE look_ms IS NOT NULL;

-- Table  cursor
DROP TABLE IF EXISTS cursor;
CREATE TABLE cursor (
    source TEXT PRIMARY KEY,
    value  TEXT NOT NULL,
    at_ms  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Table  earlier
DROP TABLE IF EXISTS earlier;
CREATE TABLE earlier (
    message        INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    sealed_content BLOB NOT NULL,      -- as message.sealed_content
    PRIMARY KEY (message, version)
) STRICT, WITHOUT ROWID;

-- Table  handed
DROP TABLE IF EXISTS handed;
CREATE TABLE handed (
    id         INTEGER PRIMARY KEY,
    operator   TEXT NOT NULL,
    message_id TEXT NOT NULL,          -- lower case, without leading zeros
    reply      INTEGER NOT NULL,
    at_ms      INTEGER NOT NULL
) STRICT;
-- Triggers and indices on  handed
CREATE INDEX handed_message_id ON handed (message_id, operator);

-- Table  heard
DROP TABLE IF EXISTS heard;
CREATE TABLE heard (
    hour     INTEGER NOT NULL,         -- UTC hours since 1970
    operator TEXT NOT NULL,
    messages INTEGER NOT NULL,
    PRIMARY KEY (hour, operator)
) STRICT, WITHOUT ROWID;

-- Table  history
DROP TABLE IF EXISTS history;
CREATE TABLE history (
    id            INTEGER PRIMARY KEY,
    complaint     INTEGER NOT NULL,
    at_ms         INTEGER NOT NULL,
    who           TEXT NOT NULL,
    move          TEXT NOT NULL,       -- a move of lifecycle.py, or note, reroute, redecode
    sealed_reason BLOB NOT NULL        -- people quote citizens
) STRICT;
-- Triggers and indices on  history
CREATE INDEX history_complaint ON history (complaint);

-- Table  legal_hold
DROP TABLE IF EXISTS legal_hold;
CREATE TABLE legal_hold (
    complaint     INTEGER PRIMARY KEY,
    since_ms      INTEGER NOT NULL,
    who           TEXT NOT NULL,
    sealed_reason BLOB NOT NULL
) STRICT;

-- Table  message
DROP TABLE IF EXISTS message;
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
    sealed_content BLOB                -- text, and what was read out of it; NULL when erased
, entered_by TEXT) STRICT;
INSERT INTO message VALUES(2,'SMS 1708','telkomsel','a','1708',1795000000000,NULL,'gsm7',0,1,0,0,NULL,2,NULL,X'A633489A282A07A330FDF6E0220D0828',1,1795000000000,0,X'E75EA7FBF9E6595E51FC61B373E7AA65',X'01243EC28359B20AA600000001FAB52EF792D152EE2B8F9CD7E8A11BA3D12A052CF3A233922007FB800021EDF1F0704D1BA7C6A7A4AE05F7BD8406949F4D1D8CCB133BC1E573271BD2D844D8',X'01243EC28359B20AA600000002EB8716102FB2AD0E038E7B4C3FEDC2793D6E17A91EF499E598CA2758922563E1D0AFEDD86A19F850F3FDD75EFE073ACDAFEEF1825A1846FE7E712360E9A666B492192DF0B20184AA48D231E3EA8ADAB2BC7A794773BF39674A142F2E7129CB50BC011C168AF2225D72D7288185176DE52FA9AAC8C329994F74B33A6754C6C4D4D80E094C0DA08D943506C4ACC4588FCF9D2519428D6969CCDE9F7680C619358509C666685139CB9F50622FC37039822D243A863F4BEEB6205A8C5FDDCFCE7BBB10DDCB61FA0C0067C50C34617D62B08024802A08A07B32E7EC30E8C1A797C4B9B12F',NULL);
INSERT INTO message VALUES(3,'SMS 1708','telkomsel','a','1708',1795000001000,NULL,'gsm7',0,1,0,0,NULL,3,NULL,X'6C63EF139F943AB22D2358C221DBBB93',1,1795000001000,0,X'231E1365BF8F951D2C53B326C22A59D1',X'01243EC28359B20AA60000000453C1938855B44643199F06912A0A1856866974C415F6E89270ED20FFAC1D790931ADA1D432EFB99DEFFC8692BC5F26421E5EADF1F9BB22076C1679D9EA257B',X'01243EC28359B20AA6000000051DA812588B7869FE4DC40C51E86A6F483F95129B4A31E5AC642011E8A58497FC74F7BE278C1F3B99C5750DF5FDFEF104F3878DA0D801CDC455DFA50E825ABFDDC3B3406E7F0B71735D2B365C684E80C0323193500AA304FDD6C26835D8E21C37B6468FCF744FB9F8A195B5AFA20430981CB7158C85549B442193032C21F08E6A20E0D26F735ED6536985A3DD9AD5B223D73666426D5DB20717E631E1CF68DCED2766CF19D13B0F00B4D13DA698CA06C5738C2534896DD16D267F92B510E54A2C16F785796B62A7ACED5DFA0D797C7A692BFBB3A454BF1FD472AB1D52CAE40E391B22',NULL);
INSERT INTO message VALUES(4,'SMS 1708','telkomsel','a','1708',1795000002000,NULL,'gsm7',0,1,0,0,NULL,4,NULL,X'4A2D757544B6A8D1D7A8BB11DE1009A2',1,1795000002000,0,X'312F934BF6B6C0552E79495C6C621E96',X'01243EC28359B20AA600000007110052D99099F76EF222C3334A8040F5D70A29C2043D7E53727515CD6E7D41F820A5A0AA5C83E1395EEAFD2515C48DB78E20915F7FF99F6B1FC6607C184A0F',X'01243EC28359B20AA60000000890A25C09FEBBD8302DA1F48A7C478ECFE4A7CF91547C039227272706C61E542F264ED68E8C615F6D5FB5ADAF33D0FFDB91D90D3C0420FF354A82B18E9513195A885211CEA7DD0496165CC02C990A6C2037EB1FFB0A3A789CE3F85B20D1CF7215CBE562B30547A7B75946F51DA2D9036924CB74D286491CA870730A803DE1B84E9BE5CBECDC957B59E0643461F6B414FD9AD74659DB9ADEB9664A4B123CFCF0A821072036D262F1C26F5AFA5AC6F50EC8E5F27C2ABED193484CAC4B04C4573E0A24B55F822D09AEBA4010526747400917A9C926D26770C972779A252CCAEB7B099D56',NULL);
INSERT INTO message VALUES(5,'SMS 1708','telkomsel','a','1708',1795000003000,NULL,'gsm7',0,1,0,0,NULL,5,NULL,X'1F91B4BCC4ED6B8C5CBDCDC8278D2345',1,1795000003000,0,X'E3E6591B364574BDDF1FD1E599E1B555',X'01243EC28359B20AA60000000A8F88D9E3EA6B693B991098E5DBC988488013BF6A1AFDA278237A475577D188F2AB0D0DE31CC1B23A3F607EC0920425860F8F081602D4ED25400E17803D0239',X'01243EC28359B20AA60000000B9793E033F2200437ABC33B46A3A15C90945393133CE441AD643D7002FF3ABB34CF04C1FB01BD4C39619D16C765424A25056970211F3FA71A8484C787AEAD49CDDE80B8C598360F5A599476A9E1DFE5C9C078D62FAFB948B5EDD38C57ACAEB673524F837FB52E291988D259D38497060A6A33383783203AB97FCB55E1BCA5649E95DE55CDC4C32D3DC2CC0530DBB6B345E4FC3900A28D1D2341FFC1B6F7E67F8082F2A56475D6B214D2055346E176C42851D3B1E39E082880D5BAA431F02BEA5BE75F9C4955975DDECB46D7401F3731F9CA30C0EE57E4102EAAABB8099EB959AAE1AF',NULL);
-- Triggers and indices on  message
CREATE INDEX message_digest ON message (digest_tag) WHERE digest_tag IS NOT NULL;
CREATE INDEX message_reporter ON message (reporter_tag) WHERE reporter_tag IS NOT NULL;

-- Table  meta
DROP TABLE IF EXISTS meta;
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES('key_check',X'01243EC28359B20AA600000000A639459C939500AB19EC2A7A2449091246F0372AECA9D4CB7A1B2C77B9');

-- Table  part
DROP TABLE IF EXISTS part;
CREATE TABLE part (
    part_set    INTEGER NOT NULL,
    part        INTEGER NOT NULL,      -- 1 … total
    digest_tag  BLOB NOT NULL,         -- of its octets: the same part again is a redelivery
    received_ms INTEGER NOT NULL,
    sealed_pdu  BLOB,                  -- the segment, whole, bound to key_tag; NULL after raw_days
    PRIMARY KEY (part_set, part)
) STRICT, WITHOUT ROWID;
INSERT INTO part VALUES(2,1,X'1A1DA32DA4C709AB6B00E3DC7ED01410',1795000000000,X'01243EC28359B20AA60000000DDA69E48CCD1DF45E64A987FFDA901706CB84BFF15189A8F4B4707DD97AEDD1457D42B50A867C171271E191B946AFC1BAFB35AAE550E545A2D895A6873CDDD460FFD628BEEB36260DDE2DD2F705703036AC8211D61429696AF35F126EDDF3D00E1005412F901AC1F9952303AC94EE71AF918425F4BAEEAF578ACBB149952FF64998954776022D0A8EB2748CD5443ED1D13526556AEDB3F87B91BA35A6B7CDCB4DBDD93FEB7E4EB9CC7EA86324E48E3500231BC815CF40E47D4575894C3599401A3D6B5056E5');

-- Table  part_set
DROP TABLE IF EXISTS part_set;
CREATE TABLE part_set (
    id         INTEGER PRIMARY KEY,
    key_tag    BLOB NOT NULL,          -- operator, source, destination, reference and its width, total
    sender_tag BLOB NOT NULL,          -- operator and source: how many sets has one sender open?
    operator   TEXT NOT NULL,
    total      INTEGER NOT NULL,
    state      TEXT NOT NULL,          -- open, joined, timed_out
    began_ms   INTEGER NOT NULL,       -- when its first part came
    closed_ms  INTEGER,
    message    INTEGER                 -- what it became
) STRICT;
INSERT INTO part_set VALUES(2,X'5CA7E0537FE5B9BD4FE02CCDCF5F0895',X'982D30E4425AEE327BBF06C9F40E3293','telkomsel',2,'open',1795000000000,NULL,NULL);
-- Triggers and indices on  part_set
CREATE INDEX part_set_key ON part_set (key_tag);
CREATE INDEX part_set_open ON part_set (began_ms) WHERE state = 'open';

-- Table  person
DROP TABLE IF EXISTS person;
CREATE TABLE person (
    id            INTEGER PRIMARY KEY,
    reporter_tag  BLOB NOT NULL,
    sealed_key    BLOB,                -- NULL: destroyed
    began_ms      INTEGER NOT NULL,
    erased_ms     INTEGER
) STRICT;
-- Triggers and indices on  person
CREATE INDEX person_reporter ON person (reporter_tag);

-- Table  pin_door
DROP TABLE IF EXISTS pin_door;
CREATE TABLE pin_door (
    reporter_tag BLOB PRIMARY KEY,
    wrong        INTEGER NOT NULL,
    since_ms     INTEGER NOT NULL,
    shut_ms      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Table  post
DROP TABLE IF EXISTS post;
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
-- Triggers and indices on  post
CREATE UNIQUE INDEX post_key ON post (key_tag);
CREATE INDEX post_look ON post (account, look_ms) WHERE look_ms IS NOT NULL;
CREATE INDEX post_thread ON post (thread_tag) WHERE thread_tag IS NOT NULL;
CREATE INDEX post_words ON post (words_tag);

-- Table  raw
DROP TABLE IF EXISTS raw;
CREATE TABLE raw (
    message     INTEGER PRIMARY KEY,
    received_ms INTEGER NOT NULL,
    sealed_pdu  BLOB NOT NULL
) STRICT;
INSERT INTO raw VALUES(2,1795000000000,X'01243EC28359B20AA6000000038BDA3D57ED796AC096F33286BDAC20673E297362FBFF572ACD184E7577BA0AD942CD178B5701DC45802E66A7A4FA5AE4C37986BD5F01E793FCC2CEA7A70231');
INSERT INTO raw VALUES(3,1795000001000,X'01243EC28359B20AA600000006C88885F5A45AC0A6819287E50E921974FA62D2AC2B8DF82BDF0D3A53D5CBBA82C160A89426131812CB7B6CD4C5342EF7F83EA1EA1DDDD7F38A749CEAD9F09C');
INSERT INTO raw VALUES(4,1795000002000,X'01243EC28359B20AA6000000095CB2D7243B40FB357A9AB798E3B74741DDA03CDFE816A3A5E8F5905905B2870E43DA9B72B16AF68E4A2C3467A55B3C2569B05F01D4B9E3D32321C35C6D4142');
INSERT INTO raw VALUES(5,1795000003000,X'01243EC28359B20AA60000000C7E8D93E3991C615524E84B4841CA7C0DC84F0BA3226B7F1D6BAA5E1FE293F92F5368BA965C6FBCA292C4AAB2707C17CF5D830E80E925E32AB2C1D9D9EB675F');

-- Table  refusal
DROP TABLE IF EXISTS refusal;
CREATE TABLE refusal (
    id       INTEGER PRIMARY KEY,
    at_ms    INTEGER NOT NULL,
    operator TEXT NOT NULL,
    bind     TEXT NOT NULL,
    command  TEXT NOT NULL,
    status   INTEGER NOT NULL,         -- SMPP command_status
    cause    TEXT NOT NULL
) STRICT;

-- Table  reply
DROP TABLE IF EXISTS reply;
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
INSERT INTO reply VALUES(2,2,2,'receipt_filed','due',NULL,1795000004000,0,0,NULL,NULL,NULL);
INSERT INTO reply VALUES(3,3,3,'receipt_filed','due',NULL,1795000004000,0,0,NULL,NULL,NULL);
INSERT INTO reply VALUES(4,4,4,'receipt','due',NULL,1795000012000,0,0,NULL,NULL,NULL);
INSERT INTO reply VALUES(5,5,5,'receipt','due',NULL,1795000013000,0,0,NULL,NULL,NULL);
-- Triggers and indices on  reply
CREATE INDEX reply_complaint ON reply (complaint) WHERE complaint IS NOT NULL;
CREATE INDEX reply_due ON reply (state, due_ms) WHERE due_ms IS NOT NULL;
CREATE INDEX reply_message ON reply (message) WHERE complaint IS NULL;

-- Table  reply_count
DROP TABLE IF EXISTS reply_count;
CREATE TABLE reply_count (
    day          INTEGER NOT NULL,     -- days since 1970, counted in WIB
    reporter_tag BLOB NOT NULL,
    replies      INTEGER NOT NULL,
    PRIMARY KEY (day, reporter_tag)
) STRICT, WITHOUT ROWID;

-- Table  restriction
DROP TABLE IF EXISTS restriction;
CREATE TABLE restriction (
    reporter_tag BLOB PRIMARY KEY,
    since_ms     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Table  routing_version
DROP TABLE IF EXISTS routing_version;
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
-- Triggers and indices on  routing_version
CREATE UNIQUE INDEX routing_version_active ON routing_version (kind) WHERE active = 1;

-- Table  run
DROP TABLE IF EXISTS run;
CREATE TABLE run (
    id         INTEGER PRIMARY KEY,
    pid        INTEGER NOT NULL,       -- of the process
    began_ms   INTEGER NOT NULL,
    seen_ms    INTEGER NOT NULL,       -- heartbeat: moved by every commit, and every few seconds
    ended_ms   INTEGER                 -- NULL while it runs; after a crash the next run writes seen_ms here
, boot TEXT, beat_ms INTEGER, beat_seconds REAL, ahead_ms INTEGER NOT NULL DEFAULT 0, ahead_until_ms INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO run VALUES(1,15027,1795000000000,1795000004000,NULL,'the first',1795000004000,1004.0,0,0);

-- Table  session
DROP TABLE IF EXISTS session;
CREATE TABLE session (
    id         INTEGER PRIMARY KEY,
    run        INTEGER NOT NULL,
    operator   TEXT NOT NULL,
    bind       TEXT NOT NULL,
    began_ms   INTEGER NOT NULL,
    ended_ms   INTEGER                 -- NULL while it is bound
) STRICT;
INSERT INTO session VALUES(2,1,'telkomsel','a',1795000000000,NULL);
-- Triggers and indices on  session
CREATE INDEX session_open ON session (run) WHERE ended_ms IS NULL;

-- Table  silence
DROP TABLE IF EXISTS silence;
CREATE TABLE silence (
    reporter_tag BLOB PRIMARY KEY,
    since_ms     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Table  stray_report
DROP TABLE IF EXISTS stray_report;
CREATE TABLE stray_report (
    id         INTEGER PRIMARY KEY,
    operator   TEXT NOT NULL,
    message_id TEXT NOT NULL,          -- lower case, without leading zeros
    state      TEXT NOT NULL,
    error      TEXT NOT NULL,
    at_ms      INTEGER NOT NULL
) STRICT;
-- Triggers and indices on  stray_report
CREATE INDEX stray_report_message_id ON stray_report (message_id, operator);

-- Table  tally
DROP TABLE IF EXISTS tally;
CREATE TABLE tally (
    noun  TEXT NOT NULL,               -- message, complaint, reply, refusal, alarm
    state TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (noun, state)
) STRICT, WITHOUT ROWID;
INSERT INTO tally VALUES('complaint','filed',2);
INSERT INTO tally VALUES('complaint','ready',1);
INSERT INTO tally VALUES('complaint','sending',1);
INSERT INTO tally VALUES('message','stored',4);
INSERT INTO tally VALUES('reply','due',4);

pragma user_version=6;
pragma application_id=1279348815;

COMMIT TRANSACTION;
