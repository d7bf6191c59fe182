
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
INSERT INTO message VALUES(2,'SMS 1708','telkomsel','a','1708',1795000000000,NULL,'gsm7',0,1,0,0,NULL,2,NULL,X'A633489A282A07A330FDF6E0220D0828',1,1795000000000,0,X'E75EA7FBF9E6595E51FC61B373E7AA65',X'000000000000000002E5AB236530EC31306CB28DDF5C48F1E14083C5E4ED4961B511DA8352E44EC3E7AED7D70557FD92148935695474831183C244984CD8FE1B8865BEFB441C381BB50C12D7D5E4482AA9D32EFD',X'000000000000000002E5AB236530EC31306CB28DE06713480CA21898E9269E204B0B59E5FC3968F3E37F07144F91920D9A9F40771AD6DD8745FD5F94A29DBEC810D398659A7388626FAC9FE9B185B4B4D0814C7E48160C151D029C952D4F3FBFAB7BD4EDF77384B1FEAE4E7AB315C46CF1792F85208CA3E388DC4A6A6E5374EF99FCB870961FECB29C1C1FB2CC27696B6E6F1CC16EADAC36DC33A4A1B8A527FAF4E5E6742FD42042D63651375A74627F6DFB284D03AAC19D21095AF478F68FB53A5670AB77381899138350A8A3869662CEFA82D7B85109D4E0C4DE15E3A807F089E14CFD006A18CE19887604354BE159A0333917D96761',NULL);
INSERT INTO message VALUES(3,'SMS 1708','telkomsel','a','1708',1795000001000,NULL,'gsm7',0,1,0,0,NULL,3,NULL,X'6C63EF139F943AB22D2358C221DBBB93',1,1795000001000,0,X'231E1365BF8F951D2C53B326C22A59D1',X'000000000000000003E5AB236530EC31306CB28DE36558264A7CCC95F13DAE75E1FE0416DC8607B3C2267EEA5F8D4C64CA9D1BC95F37AD44CA993928A4832069A9A64BA5BC3F83AA787E9F3BBFB41A9AF45A9121',X'000000000000000003E5AB236530EC31306CB28DE4697C3C41879923731FD63134A66957BF336526A4C25DB3A9831BCDEB74B14278806EC5A0ECD1F8CCD0BF8497C84D123225FC332EC6B0B7F5A20E2DF35FFEE7463C00DDF0DED95445EA7FFD99E9C1F263AA489E6D88238A24B9882BB10685DDF84D6FE075084A358FBBFDF6D842456BAA7AD7596692D4A0AD668662C944FAFC88E6439DAB7B97DDA417DD854A04914FE702A7FAE191A9906F1DD5263413BAA2FF2D5AF343C59924722F8598BE4A04C7D547FA077971FE76C1D10FEC2B318CED73A0AB64197E8CF4A9CD73258AEDBB163A130E07E642C5EE15669895BF88EADBBF602E',NULL);
INSERT INTO message VALUES(4,'SMS 1708','telkomsel','a','1708',1795000002000,NULL,'gsm7',0,1,0,0,NULL,4,NULL,X'4A2D757544B6A8D1D7A8BB11DE1009A2',1,1795000002000,0,X'312F934BF6B6C0552E79495C6C621E96',X'000000000000000004E5AB236530EC31306CB28DE71EE5116AF9FA415486D73DEB4645A1091DEEA6BF186B834523A4637F401B12E193A5C6F0482F3763EF1ED7076217C40A270E1EBD085A816EE9D09AA4707AB0',X'000000000000000004E5AB236530EC31306CB28DE8BA4B5BCA08C937E86755F995E7AB21D21274F78C57047BE4C8B047385E7D8F6CCBF2D6498681FF1F2CBB4A792E1B6231EFE4F429BE18F35B98AB97FC09CEB31F5C85CFBFB182265BE088B206F8D4716AE29D9666969C25C5C29D2F5325C473DB50EE84CB43593B9209B4BC40231DA2F3EDF3D59D93D9A7556DEFB2E059AC325A7633B472C9DA504559E19EAA43EE3AF3CC51CAB8D6DC6311B738A73F83D22FA6683268CC6091B50B101EA13F27EBB7297B3B25C372F3277E394EF9B68573A6E6149C8CE9D2FB3370FD9EA8A4054C6D46E210DF48D0AFF409687D7A6F8D934F059415',NULL);
INSERT INTO message VALUES(5,'SMS 1708','telkomsel','a','1708',1795000003000,NULL,'gsm7',0,1,0,0,NULL,5,NULL,X'1F91B4BCC4ED6B8C5CBDCDC8278D2345',1,1795000003000,0,X'E3E6591B364574BDDF1FD1E599E1B555',X'000000000000000005E5AB236530EC31306CB28DEB96CA3E709F4F396E2A0A75F8AC2EC05C7BE0ED05850AAF1E393A193E325E31C8654177073661FFF8694A2C741453132B3D7A1AACE214639DBB9490D2024F74',X'000000000000000005E5AB236530EC31306CB28DEC3111B077B6514470A2B51DD6AC6AE477866F10ABE5C6EAD503F1ADCC95948EE3EA7DDD93CC808BB57BAD31D4076BB2921F3437C0DE7B2C52C6597559799D1BD90BC3F214E8F3AF6629755A277CBB382E67A9D8DDCDE7051E3351B7FDFA09BCA95E304C9D1983A9F2D0C959D1869E4B8312F990C1A9858C3EF270505A256050C83E240373CF7BA32A69B7B305FF12C1C4132D873F7F39D3D7A7768740FFADD01627376F73517662C6B6E6DB1C160901B341404B84BE90DB040FCCE288CD02DD8DB27CB7B433C87E6D01E92103D42FBBAE0A6C8888598C127D8C482090015E3F44479B',NULL);
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
INSERT INTO meta VALUES('key_check',X'01E5AB236530EC31306CB28DDCD3F8994C85F41D49E55B9B5A1E340F444DCCEBD8251D3C64B2964B1008');
INSERT INTO meta VALUES('master_keys',X'31');
INSERT INTO meta VALUES('roots',X'01E5AB236530EC31306CB28DDDBCBF9624D9D8C806E67E4525AC79BEAD0106A141D92A41A39B5BC9EE96B43FF46F0DD4ED3FAF9EDDFAD8AC9031926B0666BD612D74716C8779F29C5289700EA922AFEAD3B2CF00B33B2F9D886C2CEBC0');

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
INSERT INTO part VALUES(2,1,X'1A1DA32DA4C709AB6B00E3DC7ED01410',1795000000000,X'000000000000000006E5AB236530EC31306CB28DEF8B9D8A48D6E054CDD21BAC4103ECDE60A51C0BAF69A91AFF994E70CF76378DC83AEB05C3C2551006A1E96C116D16C5FA29600740106A612F44450D93969D88EE3B198ADBFC870C8EAF320FF7E08E01F3EA84C2B0B26619A81B9E403EBA456B9230E541168BB293B5BAF7F0124FD73C534094EBF5AD1343B0FDE52ED8BA9410FEDC13027552D3D506079C54D6181EC417EA0A407292E06E2F37647B64B4B4A3FF2ED660D2673FCD418137027F9FBE9BAB625C5F642D56FEB1559492E6F3F3E38FAD4506CE28');

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
INSERT INTO person VALUES(2,X'01E5AB236530EC31306CB28DDE90226E4EA138619143C79579EE1E7198D97F2F92AD62370BB8F3EC9623B2F265FF454FBF3B589C6FF17423D4685F47DD',1795000000000);
INSERT INTO person VALUES(3,X'01E5AB236530EC31306CB28DE20ABD3D3767DD48AFD4B82E1FB85245A809FEA39AC1963B05FC48A5CD6FA7215C6A23425CE4603D466AD6BE82ABED1E7B',1795000001000);
INSERT INTO person VALUES(4,X'01E5AB236530EC31306CB28DE6CFE10592A596CC48105F423AB60269BDE3ED3DABD46F6DC778B13F7B9B5C6C2CD2337F7BB402FA6C0045C07B31C216AF',1795000002000);
INSERT INTO person VALUES(5,X'01E5AB236530EC31306CB28DEA14FB6582E1E0BF1DD1E6626857505C6BDECF04DA381AC9B2FC54A671E826CE947C6184A9D6299C576DC39F11BF2812CE',1795000003000);
INSERT INTO person VALUES(6,X'01E5AB236530EC31306CB28DEEE3A493C06C17DF9964F27926DF66AE4C5C15898EAF0386C2F8B9B6AC7139505E8DA7B98730FF80625694B24F3C2D3D01',1795000000000);

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
INSERT INTO raw VALUES(2,1795000000000,X'000000000000000002E5AB236530EC31306CB28DE180A8C89B7132CB3E5B85F8FFB572AC5BE621DB7F3798697BED7758B359B4325C8CF27E3DE302C37321597D457DDB596AD87FDAD73F312790D33E6689CBC622');
INSERT INTO raw VALUES(3,1795000001000,X'000000000000000003E5AB236530EC31306CB28DE53C3F5638969CA5DEF96B98F317A5784B47036EDA2415E0AFEB39D8BB85C62CCA2DB04D65E9DE0BAC6AF1533B2917F5032F5B3C3456557DEC008343B13F644E');
INSERT INTO raw VALUES(4,1795000002000,X'000000000000000004E5AB236530EC31306CB28DE976A5121FAB1544A43ED854C0FE402F3CF1173E3E08342B083841108BE1FED2F3890436640E9564F8D6C4FC1C69CF36BD7C39411A68111ABFB1E5F30D993B52');
INSERT INTO raw VALUES(5,1795000003000,X'000000000000000005E5AB236530EC31306CB28DED916C5D199F7C844F1CE954FDDE9EFA9C1DDDCEB759ECC0F4AEA708776772D57FEADA0772EA91776D2B90B5D132A3D00EC1AEBFABCB47D5E35BF670551898E7');

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
INSERT INTO run VALUES(1,13258,1795000000000,1795000004000,NULL,'the first',1795000004000,1004.0,0,0);

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

pragma user_version=8;
pragma application_id=1279348815;

COMMIT TRANSACTION;
