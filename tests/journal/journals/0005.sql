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
    message   INTEGER NOT NULL,
    PRIMARY KEY (complaint, message)
) STRICT, WITHOUT ROWID;

-- Table  alarm
DROP TABLE IF EXISTS alarm;
CREATE TABLE alarm (
    id        INTEGER PRIMARY KEY,
    at_ms     INTEGER NOT NULL,
    complaint INTEGER,
    what      TEXT NOT NULL
) STRICT;

-- Table  claim
DROP TABLE IF EXISTS claim;
CREATE TABLE claim (
    complaint INTEGER NOT NULL,
    tag       BLOB NOT NULL,
    part      INTEGER NOT NULL,        -- 1 … of a long message; 0: of the whole
    PRIMARY KEY (complaint, tag)
) STRICT, WITHOUT ROWID;

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
INSERT INTO message VALUES(2,'SMS 1708','telkomsel','a','1708',1795000000000,NULL,'gsm7',0,1,0,0,NULL,2,NULL,X'A633489A282A07A330FDF6E0220D0828',1,1795000000000,0,X'E75EA7FBF9E6595E51FC61B373E7AA65',X'018C2A02CD9C88557A00000001EDCF5AD043F4BA64EA92301E57696F82247C3922984ED4FBB75126E4B63D9E648B6221EA9011E3F41E87B1E195D44DFD2A106591EBE23BD0054D09B53A86C4',X'018C2A02CD9C88557A0000000284BA153E4A34343DA53720671511579F8E4AF2952BC6B00188BCCDB1D19710226681CF61B91F2D6435A1C337C32B50235F58C4E78BC5C3A7609E03BFFE1D3991F540CA7495F6454258263287A7477A342E573CA1D3B52A1F59A67B7A3CC207E64AA0B1D256A7AB0B5185B25AEE05D5145303A96A1B295176F5028F31677AF011B6F3905A41C5526C94446569F3726A488B49492E6F7163F2070803C4613D65392C3ABB61163624007BAF51EF9314247E925E2DB866C4DBF97A692AE6F71D7CD1E46207E8D13E518649BCE292596CE159DDF1920A9D5339CE07563E2605EE3927D1C1');
INSERT INTO message VALUES(3,'SMS 1708','telkomsel','a','1708',1795000001000,NULL,'gsm7',0,1,0,0,NULL,3,NULL,X'6C63EF139F943AB22D2358C221DBBB93',1,1795000001000,0,X'231E1365BF8F951D2C53B326C22A59D1',X'018C2A02CD9C88557A000000048BFB93967C145A43646EDAA6D0955EAB7BA182A8075B1E63206609324EC2BEFBB8058024A24FA35034ADCEADFB0E9B9E44CB5F67EE629DAB12E24BD3E84C50',X'018C2A02CD9C88557A000000051262910073D67E92CE17740994FB4704A2B2AFBBE23009298626030EEEDF9773CF09823EAD4D3D280F991755BD537AE6A1B46DC4324BB3B72B717913E538E2343AD10B4F1D2AF02F13C2D148F159F4DA05C27E04A85CC30FB2D1AAD2AB9E846D50748099AA4AFBB45776BBE8E3290B4F881DEF53DD900151829F53168404AC150E239CA3870794219F4EF57C71A7F0637EDD168C82458CB14EDF7B6FACA5322A73032F55C8DB4F6DFEE1467DEC981352DB32A073B4831A8B6BB98AF31A324F63D44B41BB3E10EAB0B2203E0C3C0AEBEA86A3E20F2F89AC077287C9B5BE92E2534C55');
INSERT INTO message VALUES(4,'SMS 1708','telkomsel','a','1708',1795000002000,NULL,'gsm7',0,1,0,0,NULL,4,NULL,X'4A2D757544B6A8D1D7A8BB11DE1009A2',1,1795000002000,0,X'312F934BF6B6C0552E79495C6C621E96',X'018C2A02CD9C88557A0000000786829B61CDA9B7084BAFC57BF0C48D920876908D0AC662F44964C0BBC7F8DCA196F446A1B203312428146DC8E4775874EBEF20E2A6FAA61B0136F113A74EED',X'018C2A02CD9C88557A000000084E921678F6701323CA4851312CF4D8D2DD2391C94AE4F2CCFADE002EC40FB0E940FA64B2A26FB97BB83273DC65435BA934934125E822491544CF7A3850B1502ADFAD3C33E3B10A9EB647C4C721EFAB27D40C3BE4D78D67ED2C1320047FBED08E6A8650D929BFD864B91CA0F304C4A015BAE4D5E33F71DAFADD57EDFC1214B0533AC9E16E9F6247C7D50F6790EC38A014AEA030F9D58F9F8F6CD13A4C638ACD2A75AD5145B8CF5DFDCA3FD7956FFAF22C2194E25EBED9AFB3F48BEDB9263AD9D1FE5138C796BCEABA3F271D6C03345BFC1CBE7EA8DF81ACFA4FCF922FF6B2CCC4B3FA');
INSERT INTO message VALUES(5,'SMS 1708','telkomsel','a','1708',1795000003000,NULL,'gsm7',0,1,0,0,NULL,5,NULL,X'1F91B4BCC4ED6B8C5CBDCDC8278D2345',1,1795000003000,0,X'E3E6591B364574BDDF1FD1E599E1B555',X'018C2A02CD9C88557A0000000A437F53E73F982A05A3B925312DC4E0506E97EBF34FBB84A7374E2C2B1A6A49AEC37A5FE5ABCDBB467F6612D4E1F1437B99AB520877C70BD536B894DDE417E3',X'018C2A02CD9C88557A0000000B88A05B4A8857189AD41C9991EABA60D719402225FD68B40AE0496907D8F6597A1E24300AFE2298F0304378AE5E4B2D83C590F1BC6F8C44409F011BF5AB60385309F807220BDAD22C0532C04959EA9FF32E2ABF8B75FD5939D08D87E44DDF1D6413F69F3871EA9093D1805503902DEE7DAA1A56E11471F657FB1E5BA974E99F6E200BCE7066D7C2FCD1902361AB863A799602E48C5ACEF6B5CD48FFDD2B0F1B737E71D89069AC5396AE26E95F6C5AECD373B1566590834DE59D1537CD28A1C7881A10EE7AA8F73F1C4EAB4C8DAC64B469DA8815DF2B13ED94C6B8F3C26D8A155476DD');
-- Triggers and indices on  message
CREATE INDEX message_digest ON message (digest_tag) WHERE digest_tag IS NOT NULL;
CREATE INDEX message_reporter ON message (reporter_tag) WHERE reporter_tag IS NOT NULL;

-- Table  meta
DROP TABLE IF EXISTS meta;
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES('key_check',X'018C2A02CD9C88557A000000004F235D006041FECA30477FB2CA32FDE3B1E05753F4046574CE4C97A624');

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
INSERT INTO part VALUES(2,1,X'1A1DA32DA4C709AB6B00E3DC7ED01410',1795000000000,X'018C2A02CD9C88557A0000000DA669108F3F1E1B792FC913C64B4CE987E90F10175F4508454305C9FA9D2058AFC92EFBED4BE076AA0731DC0CBB77B04B54E01173A083543B51CF3346B24DC5B4C0E6ED12B73CA52D1F5231170A6CC39347295BABDC88E62FA31F12E825EDB963BBBC7BBEBC33079C88D98EF1DC58860B452F67C609D289784A399228AB7A91C4619C43B494782BB6879F988C25AE416ED45202B7EA97CC67F8B0A80974E62A99AC982EF063A0B0C9D5E9003256A285466C6CF7B380FBFEE55246519854A401E8BCA2A4DB1C');

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
INSERT INTO raw VALUES(2,1795000000000,X'018C2A02CD9C88557A000000034A3D92F64DD7D983395AE91FAE47656A5BE6CC9632822548B74CCC907CB90D7391ECFF19460A960290C9C06E5858E28214B5AD4084FBA6FB06B9EF06989F68');
INSERT INTO raw VALUES(3,1795000001000,X'018C2A02CD9C88557A000000065A66A5455D1585A74D428A06951C55D0680C6147D6F0210BFF7F73E5295D2CBCA59CCAFE6C250C081F720D6ED01CBFE05D41676D2D56332817E9257DBF7CE2');
INSERT INTO raw VALUES(4,1795000002000,X'018C2A02CD9C88557A000000096B6AF90C8735405E718EEFEDF79D6957448C2E526B0D688B34F81FFF634218376FA93A3F81DA1336685078E27EC935C4579EEC7208BD810C3D64F29C7AEBBD');
INSERT INTO raw VALUES(5,1795000003000,X'018C2A02CD9C88557A0000000C5B69B740FD170ABAC26EC02AC2528FCBA1E41EAC82073DFDD8D598BBDAB34C9D135087752E94C9DBEDC424219E2CA9835D62CD4374377D87795EAED9A0EE97');

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
INSERT INTO run VALUES(1,26117,1795000000000,1795000004000,NULL);

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

pragma user_version=5;
pragma application_id=1279348815;

COMMIT TRANSACTION;
