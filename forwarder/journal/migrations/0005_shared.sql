-- What several gateways know of each other's messages. Nothing of it is written where there is one gateway.

-- What a complaint is claimed by in the shared index. The tags are made with the queue's key, which all gateways have; the others of this
-- file with this gateway's own.
CREATE TABLE claim (
    complaint INTEGER NOT NULL,
    tag       BLOB NOT NULL,
    part      INTEGER NOT NULL,        -- 1 … of a long message; 0: of the whole
    PRIMARY KEY (complaint, tag)
) STRICT, WITHOUT ROWID;

-- The number of the complaint at another gateway that this one repeats.
ALTER TABLE complaint ADD COLUMN elsewhere TEXT;

-- What a reply says of a complaint of another gateway.
CREATE TABLE abroad (
    reply         INTEGER PRIMARY KEY,
    number        TEXT NOT NULL,
    tracking_id   TEXT,
    instansi_name TEXT NOT NULL,
    rahasia       INTEGER NOT NULL
) STRICT;
