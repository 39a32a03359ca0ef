-- What was read of the writer's files, which of it is the same, and what training saw of it.
--
-- Hashes, signatures, records and keys are bytes that the trainer understands and this crate does not.

-- A file that was read. `folder` is its workspace's name, for people. `likeness` is compared with that of other documents. A document is `live`
-- while it is in `band`; `witness` is the one that it is an older version of; it is `counted` while
-- its pieces count for those of others. `pending`: 0 nothing to do; 1 compare it; 2 make its record.
CREATE TABLE document (
    id           INTEGER PRIMARY KEY,
    workspace    INTEGER NOT NULL,
    path         BLOB    NOT NULL,
    key          BLOB    NOT NULL UNIQUE,
    content_hash BLOB    NOT NULL,
    modified     INTEGER NOT NULL,
    made_by      BLOB    NOT NULL,
    folder       TEXT    NOT NULL,
    likeness     BLOB    NOT NULL,
    live         INTEGER NOT NULL DEFAULT 0,
    excluded     INTEGER NOT NULL DEFAULT 0,
    witness      INTEGER,
    counted      INTEGER NOT NULL DEFAULT 0,
    pending      INTEGER NOT NULL DEFAULT 1,
    record       INTEGER,
    UNIQUE (workspace, path)
);
CREATE INDEX document_witness ON document (witness) WHERE witness IS NOT NULL;
CREATE INDEX document_pending ON document (pending, id) WHERE pending > 0;
CREATE INDEX document_record ON document (record) WHERE record IS NOT NULL;

-- All that came of reading a document. Apart from it, so that lists of documents stay small.
CREATE TABLE reading (
    document INTEGER PRIMARY KEY,
    bytes    BLOB NOT NULL
);

-- A distinct text, standing in one piece or in ten thousand. The `lead` is the most senior of its
-- pieces that count. `witness` is the wording that it says the same as.
CREATE TABLE wording (
    id            INTEGER PRIMARY KEY,
    exact         BLOB    NOT NULL UNIQUE,
    words         INTEGER NOT NULL,
    lead_modified INTEGER,
    lead_key      BLOB,
    lead_document INTEGER,
    lead_ordinal  INTEGER,
    witness       INTEGER,
    boilerplate   INTEGER NOT NULL DEFAULT 0,
    reviewed      INTEGER NOT NULL DEFAULT 0,
    pending       INTEGER NOT NULL DEFAULT 1,
    signature     BLOB
);
CREATE INDEX wording_witness ON wording (witness) WHERE witness IS NOT NULL;
CREATE INDEX wording_pending ON wording (id) WHERE pending > 0;

CREATE TABLE piece (
    document INTEGER NOT NULL,
    ordinal  INTEGER NOT NULL,
    wording  INTEGER NOT NULL,
    PRIMARY KEY (document, ordinal)
) WITHOUT ROWID;
CREATE INDEX piece_wording ON piece (wording, document, ordinal);

-- Under which alike texts find each other. `kind`: 0 documents, 1 wordings, 2 decisions. In one key,
-- those that a newcomer could still drop stand first (`shut` 0), in each half the newest first.
CREATE TABLE band (
    kind INTEGER NOT NULL,
    key  INTEGER NOT NULL,
    shut INTEGER NOT NULL,
    age  INTEGER NOT NULL,
    node INTEGER NOT NULL,
    PRIMARY KEY (kind, key, shut, age, node)
) WITHOUT ROWID;

-- A file that is not read, and why.
CREATE TABLE skipped (
    workspace    INTEGER NOT NULL,
    path         BLOB    NOT NULL,
    content_hash BLOB    NOT NULL,
    made_by      BLOB    NOT NULL,
    why          TEXT    NOT NULL,
    PRIMARY KEY (workspace, path)
) WITHOUT ROWID;

-- What training sees of a document, by content. Versions share it while the document stays.
CREATE TABLE record (
    id         INTEGER PRIMARY KEY,
    hash       BLOB    NOT NULL UNIQUE,
    key        BLOB    NOT NULL,
    digest     BLOB,
    counted_by TEXT,
    statistics BLOB    NOT NULL,
    bytes      BLOB    NOT NULL
);

-- `turn` counts up with each publishing, so the newest is known without a clock.
CREATE TABLE version (
    id        INTEGER PRIMARY KEY,
    name      BLOB    NOT NULL UNIQUE,
    turn      INTEGER NOT NULL,
    published INTEGER NOT NULL
);
CREATE TABLE version_document (
    version INTEGER NOT NULL REFERENCES version (id) ON DELETE CASCADE,
    key     BLOB    NOT NULL,
    record  INTEGER NOT NULL REFERENCES record (id),
    PRIMARY KEY (version, key)
) WITHOUT ROWID;
CREATE INDEX version_document_record ON version_document (record);
CREATE TABLE pin (
    version INTEGER NOT NULL REFERENCES version (id),
    holder  TEXT    NOT NULL,
    PRIMARY KEY (version, holder)
) WITHOUT ROWID;

-- What a person decided in the review.
CREATE TABLE review_decision (
    id        INTEGER PRIMARY KEY,
    exact     BLOB    NOT NULL UNIQUE,
    words     INTEGER NOT NULL,
    signature BLOB,
    keep      INTEGER NOT NULL,
    rule      TEXT,
    made      INTEGER NOT NULL
);
CREATE TABLE excluded (
    workspace INTEGER NOT NULL,
    prefix    BLOB    NOT NULL,
    made      INTEGER NOT NULL,
    PRIMARY KEY (workspace, prefix)
) WITHOUT ROWID;
CREATE TABLE rule_state (
    rule     TEXT    PRIMARY KEY,
    enabled  INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    judged   INTEGER NOT NULL,
    notice   TEXT
) WITHOUT ROWID;

-- By which numbers the comparison was made, so that a change of one has all of it made again.
CREATE TABLE compared_by (
    name  TEXT    PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
