-- The files of the workspaces as they were when they were last read, so that a look at them all opens
-- only what may have changed. `place` sorts as a walk goes: the path with 1 for `/`. `read_by` names
-- what they were read by; with another name they are read again.
CREATE TABLE file (
    workspace INTEGER NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    place     BLOB    NOT NULL,
    hash      BLOB    NOT NULL,
    read_by   BLOB    NOT NULL,
    bytes     INTEGER,
    modified  INTEGER,
    changed   INTEGER,
    inode     INTEGER,
    born      INTEGER,
    PRIMARY KEY (workspace, place)
) WITHOUT ROWID;
CREATE INDEX file_hash ON file (workspace, hash);
CREATE INDEX file_inode ON file (workspace, inode) WHERE inode IS NOT NULL;
