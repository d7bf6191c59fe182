-- SQLite dump (by APSW 3.54.1.0)
-- SQLite version 3.54.1
-- Date: Wed Nov 25 19:54:09 2026
-- Tables like: (All)
-- Database: /tmp/tmppaedax45/journal.db
-- User: root @ vm

-- The values of various per-database settings
PRAGMA page_size=4096;
-- PRAGMA encoding='UTF-8';
-- PRAGMA auto_vacuum=INCREMENTAL;
-- PRAGMA max_page_count=4294967294;

BEGIN TRANSACTION;

-- Table  alarm
DROP TABLE IF EXISTS alarm;
CREATE TABLE alarm (
    id        INTEGER PRIMARY KEY,
    at_ms     INTEGER NOT NULL,
    complaint INTEGER,
    what      TEXT NOT NULL
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
) STRICT;
INSERT INTO complaint VALUES(2,2,'CAQ6VS',NULL,'filed',NULL,NULL,1795000004000,NULL,1,NULL,'T2',NULL,'13.06','agam','Kab. Agam','dinas pu','explicit','AGAM','agam-1','v1','jalan','aspirasi','id',1,0);
INSERT INTO complaint VALUES(3,3,'BA36X9',NULL,'filed',NULL,NULL,1795000004000,NULL,1,NULL,'T3',NULL,'13.06','agam','Kab. Agam','dinas pu','explicit','AGAM','agam-1','v1','jalan','aspirasi','id',1,0);
INSERT INTO complaint VALUES(4,4,'QAKQW7',NULL,'ready',NULL,NULL,1795000002000,1795000002000,0,NULL,NULL,NULL,'13.06','agam','Kab. Agam','dinas pu','explicit','AGAM','agam-1','v1','jalan','aspirasi','id',1,0);
INSERT INTO complaint VALUES(5,5,'NAQVKR',NULL,'sending',NULL,NULL,1795000004000,1795000004000,1,NULL,NULL,NULL,'13.06','agam','Kab. Agam','dinas pu','explicit','AGAM','agam-1','v1','jalan','aspirasi','id',1,0);
-- Triggers and indices on  complaint
CREATE INDEX complaint_attention ON complaint (since_ms) WHERE attention IS NOT NULL;
CREATE INDEX complaint_first ON complaint (first) WHERE first IS NOT NULL;
CREATE UNIQUE INDEX complaint_number ON complaint (number) WHERE number IS NOT NULL;
CREATE INDEX complaint_open ON complaint (state, next_ms) WHERE next_ms IS NOT NULL;
CREATE UNIQUE INDEX complaint_tracking ON complaint (tracking_id) WHERE tracking_id IS NOT NULL;

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
) STRICT;
INSERT INTO message VALUES(2,'SMS 1708','telkomsel','a','1708',1795000000000,NULL,'gsm7',0,1,0,0,NULL,2,NULL,X'A633489A282A07A330FDF6E0220D0828',1,1795000000000,0,X'E75EA7FBF9E6595E51FC61B373E7AA65',X'0159EBF2BB62AB592F000000019F37F70884232FC0CACC57E8F14B87CA6CFB5980179A01CA1960F2296AD0B800AB1ACF43EA06432360C81E1F97EC209B04F5233B846FE215665E2C939834C7',X'0159EBF2BB62AB592F00000002BC5E9E15F82854E2ADE39161555C094933DB8B28098DB60BEA0006201EDF167B5A9436E9AD79DDB3136DF553BE715763FB08EB08F2983656D19C254E5C6A7BFE96CAEA0CBF9EB1A39BAF60257EAC901F1F328AAFF156534763023559AE0435034DA78E97A316F6799E57B46D5EC1161986D0DDBE78FEFB6505FC901280E127C49C089A7065C0C2EFF813EF50EEFE49F39F1656C8F30E6B36C0496A7D5B36C7070F96F5C6AF9FD5670AC377DC27C1192865693DF59B1116680F9CF5459730EC48E9A6265428612055280C062DEB5293828743BDE849BA52BF872AC12F0EFEB807A2BB');
INSERT INTO message VALUES(3,'SMS 1708','telkomsel','a','1708',1795000001000,NULL,'gsm7',0,1,0,0,NULL,3,NULL,X'6C63EF139F943AB22D2358C221DBBB93',1,1795000001000,0,X'231E1365BF8F951D2C53B326C22A59D1',X'0159EBF2BB62AB592F0000000447F55EC79BA277102D7B5BDECED76AD61AE75A1BD8D0AA4E528203A80EA11E78817C49E51677E34C0090415F346EE7EB479720B5BA3F6E2F8A9D2FCFBBD66E',X'0159EBF2BB62AB592F000000055A56403AB7E2C3BAA073225258A0CDFB504967213329EB1D945729E7FAAF523711B7DCE783D82F1C2AA21BE325B127914CA57C55917A958577EFA8647D39432425C4E8AF75E94613D5B4B3FB0A5A00A26E8BD67FE581103336280B6147870FC586BEFE2E15DD09F58C98D1BD8BCE8246CAFD727556909BD9CA900715211A149D4C61E2DCADA9F63BF37418550D7D595E87F90593EFBCCCAB3475DA22ADC8B878D74DC3EA63D3554E3FF61BC61C54E5F884C7E9C713C54878C6C9AB89C4226BE07F80A9B60DE33F074315C922E7AA898F9C182051B06C4ABD664863ABD929D247B4B7');
INSERT INTO message VALUES(4,'SMS 1708','telkomsel','a','1708',1795000002000,NULL,'gsm7',0,1,0,0,NULL,4,NULL,X'4A2D757544B6A8D1D7A8BB11DE1009A2',1,1795000002000,0,X'312F934BF6B6C0552E79495C6C621E96',X'0159EBF2BB62AB592F00000007504A924571784068D117ECAAD43013BD422A4B0C6A0DE29D94EC156AED0011674FD0D0A84E541EE5589FE6BD5F0178B5758D8203F6C4CAFD942701D8F53044',X'0159EBF2BB62AB592F00000008BBC8C3B0490A6A66995AA4F33FF217E77C80EA54B9D34B1B3EFE135DA8CF9E7005DB6089E4F1799F3D6B701CF1C466CE1A772C35C6377B7F23B07ACF28362651E0D899BD776E2DD4AF07989BBC616988FF372A4A2B4E793FC2BFD85D90D364F882E1F5A4B9F6C361C1B68824C78675BB9214D49010D4E3E314077E2415F7A2672BA128E93AEFD63C334E69F6780347A15D8FDF9DA449EC313F45ACD9FF731D75CE2609B96F6593D6E370526D9F3D8BCB08A1FAD4035116932436023F0D0AA6D5A8E83306B4CB9E03460FF345FEBA37B7F63AC87BE6C16807E5202F103629E572A5ED');
INSERT INTO message VALUES(5,'SMS 1708','telkomsel','a','1708',1795000003000,NULL,'gsm7',0,1,0,0,NULL,5,NULL,X'1F91B4BCC4ED6B8C5CBDCDC8278D2345',1,1795000003000,0,X'E3E6591B364574BDDF1FD1E599E1B555',X'0159EBF2BB62AB592F0000000AC531505BC2EE1E5AE5FDC81C0E78DB85A76F09A7AB911876EC2CC104CB7B0DDF3EDCDF0C2F75CB7E9E7C6770EFC529BB08DFA1BD1BCEFC2056D71A67DF9F5B',X'0159EBF2BB62AB592F0000000BA6B406D86DE0C1B8F14D18CE5923E13873F2720186C727EF52CA0BAF10CA47C647D7EA6E85E385BBB256799BB24B4B577BD4DE82F690B3C23B02F13D2A0A7C33F655A03DF589B62E4D7FB7105F989C2AE2ED1B2B648DD0F7ABD5E5224A23F877789EF8B6A42428258164B069B079EB88D67305DDDAC792ACA1C3F7A50EF0CAB6CF57D38CE9CCA1B59FA7CACAE9F3BD3367340011C31D116DA21E1ADE3627823A8E02F2EC6ECC0AE573B47FC9141D9F4D24278609A43F90FCCEEFFC458A50F62402139869CF7ABD4812DAD7AE921F35366C6A2AAF58933993571DF85D22460FDAA23D');
-- Triggers and indices on  message
CREATE INDEX message_digest ON message (digest_tag) WHERE digest_tag IS NOT NULL;
CREATE INDEX message_reporter ON message (reporter_tag) WHERE reporter_tag IS NOT NULL;

-- Table  meta
DROP TABLE IF EXISTS meta;
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES('key_check',X'0159EBF2BB62AB592F00000000146BB58B47FE8D990540C10CD4B7D7B35AFE21C5338DF9E779F3681C86');

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
INSERT INTO part VALUES(2,1,X'1A1DA32DA4C709AB6B00E3DC7ED01410',1795000000000,X'0159EBF2BB62AB592F0000000D200FBC90A987C3A05A2158C50AEF904C3B4DE1EF404AECD0DAB4B41A8BBFDF440CBC8C82BF6B66FC72A26865246464C1729EB699AE1177DAC8B2F434E052C04832609B77A2756C4D62DA31F4163B984DFFCC8FEBFA1549340166662AD4C862DDACA2C1023A939421EFA9810F28763616B333DA5E2DAFF3788A669A48F85560ED6A6870D388E6CDE665D621430102D48D83AB24A824B77B90EABBE2985291B7158C3C6627D41241D172D1BF33CBC350E024C0A8359944FA9AE3BB8340A914ACB394E7B1F765');

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
INSERT INTO raw VALUES(2,1795000000000,X'0159EBF2BB62AB592F00000003A70933A0B89AE214BB76B50A90E8C3C354D42D6D8014F5F34941DA7E30927F04574642EFA17E3AF0C33F20CC3EC352E636849B523A7AAE340AD23DE316CF36');
INSERT INTO raw VALUES(3,1795000001000,X'0159EBF2BB62AB592F00000006293465F543EB47BCCD5251E371CA40401AF5D6BFCE78F55D6B83835DD3CE32A76F07E1E6F6F65D1DC12D93C9DD4207396A4BBE9CC80995A104D064B19EB28A');
INSERT INTO raw VALUES(4,1795000002000,X'0159EBF2BB62AB592F000000095C10615BA23EB93EF3AE9EC2A84C161BE2950AF218684FE463FCCF2698A45600CD31F49FB26F6544823197C7B15E18BD43B8BFDC4D75B36FE9517DD6324DB1');
INSERT INTO raw VALUES(5,1795000003000,X'0159EBF2BB62AB592F0000000CC209D1FB6E11EBBA8F708B6C6FE54C7815A39A7F39A865AB844ACFFDEB8228AD7A40817ABB23EF8CE30C3D81D46ACE969DF099F3D643CDFE58B2951C6E86D6');

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
) STRICT;
INSERT INTO run VALUES(1,16888,1795000000000,1795000004000,NULL);

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

-- Database header
pragma user_version=3;
pragma application_id=1279348815;

COMMIT TRANSACTION;
