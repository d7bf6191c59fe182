
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
    message   INTEGER NOT NULL, turn INTEGER, state TEXT, reason TEXT, since_ms INTEGER, next_ms INTEGER, attempts INTEGER NOT NULL DEFAULT 0, absent_ms INTEGER, more INTEGER NOT NULL DEFAULT 0, tracking_id TEXT, wish TEXT, granted INTEGER, granted_ms INTEGER,
    PRIMARY KEY (complaint, message)
) STRICT, WITHOUT ROWID;
-- Triggers and indices on  addition
CREATE INDEX addition_message ON addition (message);
CREATE INDEX addition_open ON addition (state, next_ms) WHERE next_ms IS NOT NULL;
CREATE INDEX addition_tracking ON addition (tracking_id) WHERE tracking_id IS NOT NULL;
CREATE UNIQUE INDEX addition_turn ON addition (complaint, turn) WHERE turn IS NOT NULL;
CREATE INDEX addition_wish ON addition (message) WHERE wish IS NOT NULL AND granted IS NULL;

-- Table  alarm
DROP TABLE IF EXISTS alarm;
CREATE TABLE alarm (
    id        INTEGER PRIMARY KEY,
    at_ms     INTEGER NOT NULL,
    complaint INTEGER,
    what      TEXT NOT NULL
) STRICT;
-- Triggers and indices on  alarm
CREATE INDEX alarm_complaint ON alarm (complaint, at_ms) WHERE complaint IS NOT NULL;

-- Table  answer
DROP TABLE IF EXISTS answer;
CREATE TABLE answer (
    complaint INTEGER NOT NULL,
    message   INTEGER NOT NULL,
    PRIMARY KEY (complaint, message)
) STRICT, WITHOUT ROWID;

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
CREATE TRIGGER audit_at_its_end BEFORE INSERT ON audit WHEN NEW.id <= (SELECT max(id) FROM audit)
BEGIN SELECT RAISE(ABORT, 'a row of the audit is added at its end'); END;
CREATE TRIGGER audit_kept BEFORE DELETE ON audit
WHEN (SELECT what <> 'cut audit' OR OLD.id > CAST(about AS INTEGER) FROM audit ORDER BY id DESC LIMIT 1)
BEGIN SELECT RAISE(ABORT, 'a row of the audit is never taken out'); END;
CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'a row of the audit is never changed'); END;

-- Table  blocked
DROP TABLE IF EXISTS blocked;
CREATE TABLE blocked (
    id            INTEGER PRIMARY KEY,
    reporter_tag  BLOB NOT NULL UNIQUE,
    since_ms      INTEGER NOT NULL,
    until_ms      INTEGER NOT NULL,
    who           TEXT NOT NULL,
    sealed_reason BLOB NOT NULL
) STRICT;

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
    status       TEXT,                 -- our word for it: unverified, disposed, in_process, done, postponed, archived; NULL: not heard yet
    words        TEXT,                 -- the core's own
    since_ms     INTEGER,              -- when we first heard this status
    heard_ms     INTEGER,              -- when we last heard of it
    disposed_ms  INTEGER,              -- when it first reached an instansi: as the core says, else when we first heard so; set once
    answered_ms  INTEGER,              -- when the first answer was given; set once
    finished_ms  INTEGER,              -- as disposed_ms
    look_ms      INTEGER               -- when to ask again; NULL: never
, sealed_answer BLOB, answer_tag BLOB, asks INTEGER) STRICT;
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

-- Table  habit
DROP TABLE IF EXISTS habit;
CREATE TABLE habit (
    hour     INTEGER NOT NULL,         -- UTC hours since 1970
    operator TEXT NOT NULL,
    messages INTEGER NOT NULL,
    PRIMARY KEY (hour, operator)
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
    digest BLOB NOT NULL PRIMARY KEY,  -- SHA-256 of what was signed
    at_ms  INTEGER NOT NULL
) STRICT;

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
INSERT INTO message VALUES(2,'SMS 1708','telkomsel','a','1708',1795000000000,NULL,'gsm7',0,1,0,0,NULL,2,NULL,X'A633489A282A07A330FDF6E0220D0828',1,1795000000000,0,X'E75EA7FBF9E6595E51FC61B373E7AA65',X'000000000000000002770FC86724E02D95D367238E3716A3A62537E17490F86EE96CD6C400DB1B6CCFF40A39F9B8E2DDF95324CB8A820AB5CF67BA0DD9F0F8962361026B6EFCC963092639F8B38093F9A342FD25',X'000000000000000002770FC86724E02D95D367238F1D5918B8AB27442025D9268552F567D85BEFE8EF91AC7159DFB8D019DB5783DADE1B05C3D2B1A1278A12A3299E704A702BDAC8D58C52CE1205C6830B525FD2246C31E8E082F50378BFF4A6BF757DCCB53A0AAF0A177A4B9702348CA0203C7B637535B8905B3CF0566EB2AB11B4674C1E831C5C03F8D5C8D7D77629FD5C7F4DB6024D0181FFCA15F8CFB4372B5D1E479CA1C4A65C825E33C9E3F6EBF5AE92658C844F9182B1AEFB1C3090E912B3D825B1FB4BE320797E38C293023B525F36EBC4A530B6E236A7D595BF2BB2A6795B20F67D31C49EE3FBA649EFDB9D991E45F349BE28',NULL);
INSERT INTO message VALUES(3,'SMS 1708','telkomsel','a','1708',1795000001000,NULL,'gsm7',0,1,0,0,NULL,3,NULL,X'6C63EF139F943AB22D2358C221DBBB93',1,1795000001000,0,X'231E1365BF8F951D2C53B326C22A59D1',X'000000000000000003770FC86724E02D95D3672392330939CA1B855A5EAF0348BF95E5235D234CDA35C45934E2865E2E39DC03CC8B742F5B3FC0B176CB2030A66F2A6E89C9B5770DA1F04B10BB016E59F7361BDB',X'000000000000000003770FC86724E02D95D367239392EAFC4E2D26B7E9A44DB7E89170B33F06559977653A8D7E2EAB57AF25A0B784DC30301CCDBA70304F04B7CB4B17893C98AD54449FF3BC54E2C0214B92981199772E29A7AD0A1C9203479A1E534A7DB7A611692AA44419E096885775F81836EEC6C4EF2EC105E843CCEE4A5F625AF10D5D0DFEFEB550B5A15BF5E5D24112490AC8D1B260ECE7416C75AC7CD647DB7E74C518AE6E0DA3FCF7BD80A228595BB7FDF51B9DB6B52E059888F714F43DA7DE3C691ABFA1CEEAC65811ADFB351B473FFB5DF4912E8462F7014C8B1F1E6E4F703C9153197B424C4A3A50A4D85FCAE41E801FF2',NULL);
INSERT INTO message VALUES(4,'SMS 1708','telkomsel','a','1708',1795000002000,NULL,'gsm7',0,1,0,0,NULL,4,NULL,X'4A2D757544B6A8D1D7A8BB11DE1009A2',1,1795000002000,0,X'312F934BF6B6C0552E79495C6C621E96',X'000000000000000004770FC86724E02D95D36723968EF9F782CE4E1FB06A12A4C4550344EF306CE6DE6B145059766838A2BF77A9728C474A104452B06E76BB89D99B21E9B28E243B7687A8775CCA96921F34647A',X'000000000000000004770FC86724E02D95D3672397C51781429E86B2F7F1552F3B0BCD484D092F2F0578399E008F1F450BDD23CA02E1C2F64D8AAE9A5D8D168AB9AA14487AAFBF9BA60851F2446F3BA4679218828261E74537CF7872CCB0587A9D3A7B7B85F5745A661A8D9FA85ECECD6D53A5D35FC3A6A4E40605F6CBB06C2DF2FB9E779A64E3956F46CB409A0E2B5D3202B747FDB17BFA705865DEC96E145A53D815DE37D36DE46661A192BFDD26A6C325B6DCE8CA2D4D2A1D0E6AE606735859C37E9131639ECC61D3663475DE47FD26A09D4F24C9C21D1D5B24316CB17399E4F4D4C62F706ACD1360D9BD62A14036123B4B443096B5',NULL);
INSERT INTO message VALUES(5,'SMS 1708','telkomsel','a','1708',1795000003000,NULL,'gsm7',0,1,0,0,NULL,5,NULL,X'1F91B4BCC4ED6B8C5CBDCDC8278D2345',1,1795000003000,0,X'E3E6591B364574BDDF1FD1E599E1B555',X'000000000000000005770FC86724E02D95D367239AE179A478876BE763B84641349B30F98F50D16A5B79C04486DA1FE4B6D91228B53E9B82E4D9CEBFD6EDFEB91A52C41092F91645EBEE2DA90653C93E5E8CF709',X'000000000000000005770FC86724E02D95D367239B9493402F8FC779F0EF9452F3BD750EB5D9690B55042825D9A26BC67B8C5EAEC7CA0ABCCEFF865B1186852F0B93A44A1A8345C7AE58AA5EA5896081083772FBFCEF77CBF65A2E85E0CA2887DEF257CFCBEA62ACFD2FC5F58DF9B6B531C5EFDEBCDE136741D73B3A4176244D3E269864B9B7F3F6B2569EB35447851A227260A844D99A8470B962B883DF40BDEBCE64C27B48A7D890E06E92B0FE185560DAC81D219F2D3A4F96BCC45521FEFE623FB26A5939EC5B37EC4ED98097758F0B5C365192AA9E302A4E8F05E47FF74EB01A69AB0721F8042F9FB1406A0EA606348E98D1384418',NULL);
-- Triggers and indices on  message
CREATE INDEX message_digest ON message (digest_tag) WHERE digest_tag IS NOT NULL;
CREATE INDEX message_received ON message (received_ms, operator, channel, parts, complaint);
CREATE INDEX message_reporter ON message (reporter_tag) WHERE reporter_tag IS NOT NULL;

-- Table  meta
DROP TABLE IF EXISTS meta;
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES('key_check',X'01770FC86724E02D95D367238B8FBE1E4D1156CA012A0BFD26D167E7E0DACD31F1022657373E6F88208C');
INSERT INTO meta VALUES('master_keys',X'31');
INSERT INTO meta VALUES('roots',X'01770FC86724E02D95D367238CCD1DCF1D5D601CE0748E9D354D3C6BB6021C6D3AB5A77DFE03199F343F8990C4ADB9B79E2643D8876942F7F3112C47D3B486AA1B34BDA4085566D6CE42A793B6EBC9E150434DD8D013E3AF2E56867942');

-- Table  news
DROP TABLE IF EXISTS news;
CREATE TABLE news (
    complaint INTEGER NOT NULL,
    what      TEXT NOT NULL,
    reply     INTEGER,
    why       TEXT,
    at_ms     INTEGER NOT NULL,
    PRIMARY KEY (complaint, what)
) STRICT, WITHOUT ROWID;

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
INSERT INTO part VALUES(2,1,X'1A1DA32DA4C709AB6B00E3DC7ED01410',1795000000000,X'000000000000000006770FC86724E02D95D367239E525C72F47E7B0DEA4BF7BE4C0770D512EC4ED00194AD1D697F51CE3141DA0E51D3D67D80FE132E68F0AA9B20EDB9D01F82F6940CA28D9A4B638CDFE9E260579229B97838269F259975DE5153E571432759B85964BB587F3127D2C78701001D4BCCECA5C6127852AF04BCC17134BD866C6E580F5160360538F66C7320BB273B26D08A5E92EF8EDE2B7894342B1320E7234963C8BF7041E4166681922CF076B572DDB4255DA26C8750B0A4B7DE86F14BECA889D76D6261A49345EFE51AD9E326F758AF6F406C');

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
, reporter_tag BLOB) STRICT;
INSERT INTO part_set VALUES(2,X'5CA7E0537FE5B9BD4FE02CCDCF5F0895',X'982D30E4425AEE327BBF06C9F40E3293','telkomsel',2,'open',1795000000000,NULL,NULL,X'758ED762BF5803A5B85797FE0B8755A5');
-- Triggers and indices on  part_set
CREATE INDEX part_set_key ON part_set (key_tag);
CREATE INDEX part_set_open ON part_set (began_ms) WHERE state = 'open';
CREATE INDEX part_set_reporter ON part_set (reporter_tag) WHERE reporter_tag IS NOT NULL;

-- Table  person
DROP TABLE IF EXISTS person;
CREATE TABLE person (
    id         INTEGER PRIMARY KEY,
    sealed_key BLOB NOT NULL,          -- zeroes: destroyed
    began_ms   INTEGER NOT NULL
) STRICT;
INSERT INTO person VALUES(2,X'01770FC86724E02D95D367238DF7176841FC159E3D0A878461F52D0386495B23D1D5108007FF94620FEEEB402A7FEB931E113AA475CF8C42DD4D485CA3',1795000000000);
INSERT INTO person VALUES(3,X'01770FC86724E02D95D367239145C3D18CF766BE9C09D29519DAC7562ACFEBEF9BFBD2F244C0FDEF07EC813BCA95E572497CAF87E66F519B78A1E63A59',1795000001000);
INSERT INTO person VALUES(4,X'01770FC86724E02D95D3672395E5C15606F3BD4CEF35B77B3232B1F6E91E4955BB7E7EDB4E2F8E2F48074E9CFC4F94B1B9D276BBB2D6169EE8D10FD118',1795000002000);
INSERT INTO person VALUES(5,X'01770FC86724E02D95D3672399E42229039C3D6B8B6667BC20D90A00377A744B3DD10EB5398FB57E7CEFAFE64B282A42AE01E5887BC8E3A2F73571EDB6',1795000003000);
INSERT INTO person VALUES(6,X'01770FC86724E02D95D367239D12CC4CF3B7A66A9BC0E985EEDC44A3A3AC1D6A38D10EE8AABC96DC090A83ADADCA0F27127C406F1E007646531173366B',1795000000000);

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

-- Table  question
DROP TABLE IF EXISTS question;
CREATE TABLE question (
    complaint    INTEGER NOT NULL,
    turn         INTEGER NOT NULL,
    reporter_tag BLOB NOT NULL,
    asked        TEXT NOT NULL,
    choices      TEXT NOT NULL,
    reply        INTEGER NOT NULL,
    asked_ms     INTEGER NOT NULL,
    until_ms     INTEGER NOT NULL,
    sent         INTEGER NOT NULL DEFAULT 0,
    ended        TEXT,
    PRIMARY KEY (complaint, turn)
) STRICT, WITHOUT ROWID;
-- Triggers and indices on  question
CREATE INDEX question_due ON question (until_ms) WHERE ended IS NULL;
CREATE UNIQUE INDEX question_open ON question (reporter_tag) WHERE ended IS NULL;
CREATE INDEX question_reply ON question (reply) WHERE ended IS NULL;

-- Table  raw
DROP TABLE IF EXISTS raw;
CREATE TABLE raw (
    message     INTEGER PRIMARY KEY,
    received_ms INTEGER NOT NULL,
    sealed_pdu  BLOB NOT NULL
) STRICT;
INSERT INTO raw VALUES(2,1795000000000,X'000000000000000002770FC86724E02D95D36723902476CDE28AE848A1E6ED0887ED4DE671F0A4A8CEB488FB2EA722B42F08F942FCA61DAA479D11E67DAC1A46C85174AC7AF389E7CD936F0B9FF16D77B9760125');
INSERT INTO raw VALUES(3,1795000001000,X'000000000000000003770FC86724E02D95D3672394D50814915FB01251CD71BCA2DB813B8B102B092E2E2C73598990AA9FE3A876AF253FBF9962C38CE3F2602BE4E3EC4244749B3EB428632279B85F29133702CB');
INSERT INTO raw VALUES(4,1795000002000,X'000000000000000004770FC86724E02D95D36723982302365A081D46A0A47E576B3C0DE16391BCC1E9F88B21C03E081A6753D473345F01C3874A9C6126FAC8DA61077770563F832EA95994B54937CF320DC0ADB3');
INSERT INTO raw VALUES(5,1795000003000,X'000000000000000005770FC86724E02D95D367239C6841D48A5D2B0347CED4B62C06D3021D65EAFD355880D216C8BFE46084E41A7D28A62F6CDA3A6B1BB196A9152F1362A2634DBBA8E88E736836F4E39291EF5D');

-- Table  redelivery
DROP TABLE IF EXISTS redelivery;
CREATE TABLE redelivery (
    day      INTEGER NOT NULL,
    operator TEXT NOT NULL,
    copies   INTEGER NOT NULL,
    PRIMARY KEY (day, operator)
) STRICT, WITHOUT ROWID;

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
INSERT INTO run VALUES(1,28780,1795000000000,1795000004000,NULL,'the first',1795000004000,1004.0,0,0);

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

pragma user_version=10;
pragma application_id=1279348815;

COMMIT TRANSACTION;
