
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
    message   INTEGER NOT NULL, turn INTEGER, state TEXT, reason TEXT, since_ms INTEGER, next_ms INTEGER, attempts INTEGER NOT NULL DEFAULT 0, absent_ms INTEGER, more INTEGER NOT NULL DEFAULT 0, tracking_id TEXT,
    PRIMARY KEY (complaint, message)
) STRICT, WITHOUT ROWID;
-- Triggers and indices on  addition
CREATE INDEX addition_message ON addition (message);
CREATE INDEX addition_open ON addition (state, next_ms) WHERE next_ms IS NOT NULL;
CREATE INDEX addition_tracking ON addition (tracking_id) WHERE tracking_id IS NOT NULL;
CREATE UNIQUE INDEX addition_turn ON addition (complaint, turn) WHERE turn IS NOT NULL;

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
INSERT INTO message VALUES(2,'SMS 1708','telkomsel','a','1708',1795000000000,NULL,'gsm7',0,1,0,0,NULL,2,NULL,X'A633489A282A07A330FDF6E0220D0828',1,1795000000000,0,X'E75EA7FBF9E6595E51FC61B373E7AA65',X'000000000000000002DC46B179ADA18E397925F516540585CFD8D0B668C5FA2EB22494609B80ABEA8A7ECAA280BD3BDD2005114E3A1B34B35D6D437B029A46854E5927165847FBA8E0975A81E94BF2A16D7EBEB9',X'000000000000000002DC46B179ADA18E397925F51722538BAEC62FB9DD927000CA917CBDC6E14D76800827AED6B34440B7977B3684F606E0D2638EF383D7F6EE14CA12E9030743C37F61DB35AC7F91DDC7F60D0905DB99977C0BD0674AB9928935EDB988B05410BC23DEC8BFA8489D900669C303F0ED3760BAB9BC6625B769CB17E3E98BFE6C7FCBEF1D159797E8C8C383C34574E79FE28811942EBCE41692D6AA9E43FF576CD933FB41B0C47B15F776D119A8DA546C678168B1562DC1ED7557004492FC5A72C731494AF16EC47F0D6E6087604E14FB05625E5F840FB5D6E9A74D51C27B27CEF900AEE205CD7E69767DD299F3DD283DCA',NULL);
INSERT INTO message VALUES(3,'SMS 1708','telkomsel','a','1708',1795000001000,NULL,'gsm7',0,1,0,0,NULL,3,NULL,X'6C63EF139F943AB22D2358C221DBBB93',1,1795000001000,0,X'231E1365BF8F951D2C53B326C22A59D1',X'000000000000000003DC46B179ADA18E397925F51A4554AA67D3EADAC99700EFE21A4BC029083D77599BF9C90DEEC4813565F46237B6FEA760F2C8B0585F74ADE37CB71607559A6F93B597C2F91DE31849C12761',X'000000000000000003DC46B179ADA18E397925F51B0508A2D550A3A54CF39E77E53727A5E01E8C6A4D77C7B3A947A2262F42D854977DFEE6D5081B13EE25344622B538E1D95BC5AA260195EED78DFA2E6B00BC7C2F6BE757683F41B745AA7AD7962484EEE681779C3C5923FBD4ECCBBC70929D8C5FC08352D14E6F0DA9EDF5F46D1DAB87F169C01296649ED5C07840B4E4A9E071CFF2F0C883ECC20837B7FFD2EA3D6ED48CD8782CF3EDDA3E31133C046DA7F84353B199D97B5271B345E1C24BB2510C1312F3B035C95896E522FA6434E176902BBC4801EB6C33FD9C5DBFFC5A41EE9B5229689C449FC418870FC5DE22A1FF276C4AFD85',NULL);
INSERT INTO message VALUES(4,'SMS 1708','telkomsel','a','1708',1795000002000,NULL,'gsm7',0,1,0,0,NULL,4,NULL,X'4A2D757544B6A8D1D7A8BB11DE1009A2',1,1795000002000,0,X'312F934BF6B6C0552E79495C6C621E96',X'000000000000000004DC46B179ADA18E397925F51EDBA016A650E62EE59111B1F040D7D3643FA3A2AE20EE352BE146E80A572EAA4252AB1715A676611CB77A4A615F7725E66355F861073B90C79DB96DB9196186',X'000000000000000004DC46B179ADA18E397925F51F32EBA1F1660C2F7AF05E0B42503D07E623651874BF60BC8C053844BD5145AAC006EAB1C194D065C80BAFC6BC9F307022816AFDFF0B37BC3BF9BDE8F705FDD98A2776A4AF9E1A1EA849F01FF276A73F2D525AE9AA09D56680F6FDD6ABE72EB8A7AB0E0936F563CF2E1F7388B9D1523B258A208A9BC4AD72D2822FC1777567B56E1E78DD1654B96880E122F60B189CC7C91F2AA54A092C72B713BE5E45CCF94D58213CE9F42BB648E4639AFCA4871A7DE892499A4272F0379EDE86988B95BE709C5EF2B29ED69CACAE9309C738D260399BC4566F66511F666E49BAF8BDAAB4276F987A',NULL);
INSERT INTO message VALUES(5,'SMS 1708','telkomsel','a','1708',1795000003000,NULL,'gsm7',0,1,0,0,NULL,5,NULL,X'1F91B4BCC4ED6B8C5CBDCDC8278D2345',1,1795000003000,0,X'E3E6591B364574BDDF1FD1E599E1B555',X'000000000000000005DC46B179ADA18E397925F522A2527869B392C6F0F137C294EE39DD770644D945FF3A91E8A05265FFBEF4D5EA00CEA65E382146A444C810CBC24375B1AF27E7BD4D10D1A3C98C517432AA5B',X'000000000000000005DC46B179ADA18E397925F523596FA5E75E2C3B16A034484013D78C3104FEE4C5F6D72A655978D5B42BB1175AC3AF769CC66CB26FE10FA3C13856CB5A704ACFE190319D6CC4A125474C7C40FE38E7921A243CE7EA8E9CA696184C1A2667439B836C5AF935AFE90732FC86449CD10C4F602D2AE0306F1A8A83D7E472A0BACF6F25FD61229DBE5D7C1C88BAF61E982C381F25FFCAC6E3A94228804CF456455BD9D5F2088CDCE693323499CCF7E8B7EB38998F18C2D2CE1D7F6722C606D652B0646A16BFF1A8C378904FD4763CCA0B6CC097902437C22F04A6CE918385B7789BF7DBC895581409D85ECD2EC8923E597A',NULL);
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
INSERT INTO meta VALUES('key_check',X'01DC46B179ADA18E397925F513BE9615EB42CC56B2CF877C10F110AC6A6E3E2DEDA6AF84624C2E6FA3CC');
INSERT INTO meta VALUES('master_keys',X'31');
INSERT INTO meta VALUES('roots',X'01DC46B179ADA18E397925F514270B09525B9DBF430227D92CAF11054E8ECA2E114CA2D391D8A76DA7A2B4362C2C9236494735C2D0493318BAD43D63C5869D02C52FEB5CC558CE39FCC9681974B463A88607F08EC96F0DD5F5A7192334');

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
INSERT INTO part VALUES(2,1,X'1A1DA32DA4C709AB6B00E3DC7ED01410',1795000000000,X'000000000000000006DC46B179ADA18E397925F5261A8604169CE39456808EDFE565F23AFE1425B8A22493239A8B015B8D8BF42ABCD807CF086FE563CE0B4AD67DE9BAA883C938406A1CB9C9A062E8CB7DEA7802CC10C461C34996567BD3B8940660BB166C19A053F5290F21EAD65EF5D36DC38E26D4DFF9CC658F85932F92B1B33E6D1C3198F928562ED4D1FE62A996B60058ED83259E6FF710C560D5268C37B718BFC9CBA37FBD9D776293015EB648CCBF64DAB72710F9FF5FDE6217FD4D3B75D37FF38ECCD77B397D3495DC275E80FC1396E2D6016EBDB492');

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
INSERT INTO person VALUES(2,X'01DC46B179ADA18E397925F5151DFAFDCA45D00DFDFD2B1C7F953BA4D07329C6EBD909B64CE1CD30F93DB3FF828842AEB993C7098F5E2ECF0145C23240',1795000000000);
INSERT INTO person VALUES(3,X'01DC46B179ADA18E397925F519CE94D4579AD8DF1B6D8DA6DE3B724642D4D67B7B889755B6A77CC75560869C3B75D812D2AADDA000DFDD72FD7767619D',1795000001000);
INSERT INTO person VALUES(4,X'01DC46B179ADA18E397925F51D013013D45FD5926B657D7FAA89A3EFC3F27BFE0EBEF1618FA8DAD7999C5806A563FE2E996ADF914EACA7E4F2E0513737',1795000002000);
INSERT INTO person VALUES(5,X'01DC46B179ADA18E397925F52101DEB549D3441855930A2F61FA6A80FCD9E96FD1950FD19AE0BEB3D949AE0165B9BC1E64341757477070C305CE66B75C',1795000003000);
INSERT INTO person VALUES(6,X'01DC46B179ADA18E397925F5259374C41B4DC0B4985F0123EF318D1F73CD725C3824DA9E5DEE97C12643B3F89F49E6D0725EDE75A5DE7A20F332ECADA4',1795000000000);

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
INSERT INTO raw VALUES(2,1795000000000,X'000000000000000002DC46B179ADA18E397925F51886EE1736AD26D9D2886F8025740CE1D9BDB0F4A32DA0AF8A113D0B8F1DA14B8E58B3AEE03E9DFCAD26B62C997B917F5D22B9F83A3DFD31AA16F79DF8459DBF');
INSERT INTO raw VALUES(3,1795000001000,X'000000000000000003DC46B179ADA18E397925F51C355D8619EA149E013B7C06C9D6290D296ED8C1F58B2028064603E3A5A3CF074C0A94AAFDED1DDAB8CC1783284E111FEA408F07ACAF96E0B5EC4310B6CA3F88');
INSERT INTO raw VALUES(4,1795000002000,X'000000000000000004DC46B179ADA18E397925F520DF612FB3A5CF1A7EF42E39A7B29F39F5ECBB361ACFAF23FDF6983DDC78738E54B43508C2A99D58414E3FCECEFDCBE7953C71571EDD04FE35CBED700B11A159');
INSERT INTO raw VALUES(5,1795000003000,X'000000000000000005DC46B179ADA18E397925F52485E3C495925AEC87E9A61B9A67A62287B70276AF55C8DD8BAE4AD42D52870F8837182DCB3CB081B6D8E5CBD884780DD000A32A06DECE0D6781EDFBA9944C25');

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
INSERT INTO run VALUES(1,10135,1795000000000,1795000004000,NULL,'the first',1795000004000,1004.0,0,0);

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
