
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
INSERT INTO message VALUES(2,'SMS 1708','telkomsel','a','1708',1795000000000,NULL,'gsm7',0,1,0,0,NULL,2,NULL,X'A633489A282A07A330FDF6E0220D0828',1,1795000000000,0,X'E75EA7FBF9E6595E51FC61B373E7AA65',X'0000000000000000022AE70E5E337B153D6AF1BF6733B48AAFF6AAEB749803A5F83FDF062844DDEB62B74BB9960B9661813D31FECE7378599EF7B05511EFACA9AE4C3058E86E3F717C35472B1544CC7485CE9EC4',X'0000000000000000022AE70E5E337B153D6AF1BF686BE7C35457B67EE7C486D607FB4B8533963A6D23CE950C177742DD05F915E18240E3F13DF0FA44C185E4EB53C13E8C82F8A2A001D05C05D65BB9381518DA6BA87DA7E89CFC439D851BF40B16A53B2BEF2D437D2A473A745D9348F7B3D82EA6E326A9B847B9F133CAB92AF715EA04F42131DC96446135D9E35853FB53EA24F5EA38361D7A95FAA77D305298D2E22DC63CA8ACD9108A59AAE8B5855C6077D220154691FE8670DD0E49A568B46AA0ECC48841FF196A9DF82FE055D8078A4677C1C0215CE67E7F1A5060E56A1C4A65B3D43FC3726586069BF831451AF8E2485186C86858',NULL);
INSERT INTO message VALUES(3,'SMS 1708','telkomsel','a','1708',1795000001000,NULL,'gsm7',0,1,0,0,NULL,3,NULL,X'6C63EF139F943AB22D2358C221DBBB93',1,1795000001000,0,X'231E1365BF8F951D2C53B326C22A59D1',X'0000000000000000032AE70E5E337B153D6AF1BF6BA5FDCE10A5B04D7CC4B0B09D7A242CDF8AC16008471399550ED5ECA399ACC8FED1CAD583C6C3BFC928C91CD37CA7934748ADB3D0D13E38EDAD4528A8393C3B',X'0000000000000000032AE70E5E337B153D6AF1BF6C6B617EDFA08513B4456AF69FCD03705DD8AB569223BDDF1AEAB5A8BE1B97428B3DC9B0AABD2A2279FE4C5474A484D4E63B0FA0AE4C2ABE9908D1D00FA2DBB994F08A6B51D256625B9251A4C011AC93EDC10EAA2D3F98E8CD79D73ED205917F83D14057FA31AEDAABDDECBAAC2D610D3F0A480D9674972DC4E49E2C834DEE9A702BBB5301CBC00B27F4846FF482F4E68924D6684EB1CAA42F8631678180EB37B7D931EF897FE816EC915950D148542EAB03E22AEE290EB528B1A78D3D51246DC81DFBDF51841B96A2EC2C0EA8D8B71A3D2E99F0DEF1F73723776F59E7131E40B860A1',NULL);
INSERT INTO message VALUES(4,'SMS 1708','telkomsel','a','1708',1795000002000,NULL,'gsm7',0,1,0,0,NULL,4,NULL,X'4A2D757544B6A8D1D7A8BB11DE1009A2',1,1795000002000,0,X'312F934BF6B6C0552E79495C6C621E96',X'0000000000000000042AE70E5E337B153D6AF1BF6F0B97B8CA0BFA2C525F364F05DE297795C30EE30D1C3BFD9162501DC02B5FB7223E26A302020E92F3F6D28FA4189D725146E9791EC9374BB99B9FF19F0305FF',X'0000000000000000042AE70E5E337B153D6AF1BF7068A956FF19A6A40D828662CEE54A49052A1A03FA270BFD21E6C09C7D860C5267E8E84A03762FF4292081139739E43939A6BB5426E8EBDD7ADC2A8956A09C5E210236DC6EE2B62BCF3C5E8F17F68475339548776F0A81CBFF31FB26ECB48C940A0FE8E1257115421FAA40B7AAB787423A1AE29AC04AF4F7E49F13EBB143CA6DAF06E5F953E0A31A8E3BE562CB42165495F3CD47C4F0E1359800BC60BE21F0C0142285206DAC79C4A2B5FEEFF5E4227F6CED1E579B3DB43C28D216820996EDD30B0D0D9A32E89B509A5393274EF382C65313256B1A5B8B1A217D03BD4C306443780B1D',NULL);
INSERT INTO message VALUES(5,'SMS 1708','telkomsel','a','1708',1795000003000,NULL,'gsm7',0,1,0,0,NULL,5,NULL,X'1F91B4BCC4ED6B8C5CBDCDC8278D2345',1,1795000003000,0,X'E3E6591B364574BDDF1FD1E599E1B555',X'0000000000000000052AE70E5E337B153D6AF1BF7353E1B7EDCB007CF9F46FDACBB1CE0F0CDC341B78DADF9F08EF3003E5C04ECB25AF7B17136F23B21B3E0DB388602693DFD611F840CEE40130A816F61749B7ED',X'0000000000000000052AE70E5E337B153D6AF1BF74FFC67858C317175B473A361A6106776D4B8EBE62E7375315D735D9EE3B741EA51B81A86FAB60160F8A65B830831B5AD8C1B792BAC1B537691B2DB5BD76A304B6013D4BF86A82852837BC2F427B8C6D44C19E9F69B2573585A6AD6C2C4ED29FE62ED8327EC5BF00D774E7FF0C867D1CF799017D623E6762C046E29D1E65F08B6DE6980F069266D0050AACFD877C36E8845611955B3F296C530A88DFECDDF140BD8F9A8F40682212E9C90004FE92BE20A0DEBE928545A425D91862536D1D39DF42C5CF1087CE7C8CF2204B15C06481E0F40C0015A17DF8C77B70CB2710C35691002A06',NULL);
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
INSERT INTO meta VALUES('key_check',X'012AE70E5E337B153D6AF1BF6435060159B7371F78A60A3D1A713394DF2226A093101C489157610EEDDE');
INSERT INTO meta VALUES('master_keys',X'31');
INSERT INTO meta VALUES('roots',X'012AE70E5E337B153D6AF1BF65144DF59C15633A08498382735DF0943A8AC379938F97A3E20505F7A1E929E7A80FC2123894D9019DE31CE791997866D3138C26DE956355D12077D3B1B18AC463FF89B7290C0448771F4AD3C3AEAC1DDA');

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
INSERT INTO part VALUES(2,1,X'1A1DA32DA4C709AB6B00E3DC7ED01410',1795000000000,X'0000000000000000062AE70E5E337B153D6AF1BF7716FE7CE063F4A5CCB6C3B01949F95EF7B25E0F255614FC65B20F175FA8BA0A781C89D6BD8F77517197689E090A3E5CE1944AC5008450EB9B98C46EC0AEA27359DE2E1822EF3D66F3ADFC8550573CE4139CB4E4D60CB107CFE3C4333DC9B601A83F1E6A97A9DF22480218ED6B9E1159B30C4881FEF173C1792E498B191A7DD65FA532F8AD6B050B028EA57B67707064C831844683DA22EE30B4FAE324F8C3A0FF010B4227230F587CD6E5070B7AF86A50210CECF7AC112C2C0E8F18A501232DE5E7E12D0391');

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
INSERT INTO person VALUES(2,X'012AE70E5E337B153D6AF1BF66B25428557D983945B77135332D3D30BA9AFD216B78D2A81F316A643BA44A3FD75BD8814A4775CAAB959C0902D8499496',1795000000000);
INSERT INTO person VALUES(3,X'012AE70E5E337B153D6AF1BF6ABC7BF20AC858773D7C10D1D80AAE33C7583EF9987D71B2443E8B28032C678B00E9F886DEAE41B05D7B1DBD6A4A29EF12',1795000001000);
INSERT INTO person VALUES(4,X'012AE70E5E337B153D6AF1BF6E159C564CD74A351449F7983FC1ACD4C166662DA9BFDDBAA06BB34F132F104611D94C0E1CFC4245CAC63B87CBD72984A5',1795000002000);
INSERT INTO person VALUES(5,X'012AE70E5E337B153D6AF1BF721E9765EE1DB3E0DEFDD9995109DE11512FC1E97E4E6E4C5FFF6BFDD08695754C93A5E63A49AE8D659AE7DB8CC9493B47',1795000003000);
INSERT INTO person VALUES(6,X'012AE70E5E337B153D6AF1BF76E8B8C76203D0FBCDD026D2632B88B2E41A3B159836194DE527FAF890E26ACDAFF63CE758D22873CA55E146641C244C87',1795000000000);

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
INSERT INTO raw VALUES(2,1795000000000,X'0000000000000000022AE70E5E337B153D6AF1BF691A53CCF2713A65A3F03726040B87537ABEF99E6BA3AAD377D5010C53032B7A96D252C00C8D57C8665AC8A00A405A3DCD0E0B656D9CE994ED437736D2D11F11');
INSERT INTO raw VALUES(3,1795000001000,X'0000000000000000032AE70E5E337B153D6AF1BF6DBF51CD74318AD3637222A7866C2FE72D175543DDF468A7CFD757C743B7F5A8229C55236979A52C2ECFDAB042C2E70422C25DD0B92FCAA002869EBC96D84964');
INSERT INTO raw VALUES(4,1795000002000,X'0000000000000000042AE70E5E337B153D6AF1BF714A89C62752D33F52DB6A2D6C6D393F611CBC7D526CD68A3878E500D35F175B16CFC75A2DF1AFBD173A537A1DF6B6507C740FB9176599D21C2E447996F39089');
INSERT INTO raw VALUES(5,1795000003000,X'0000000000000000052AE70E5E337B153D6AF1BF7527DCD3E24FFDE7CAB3AF8450EEDAF9CE2107B88C24A6425E66B58B405DCDDDA4774E7F81C5E7EC566068539D8E9B35C134B78E966C69386F5E67202ECD3100');

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
INSERT INTO run VALUES(1,24266,1795000000000,1795000004000,NULL,'the first',1795000004000,1004.0,0,0);

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
