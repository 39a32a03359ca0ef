-- The folders that their owner added, whose words count as theirs, and what they marked by hand.
-- Everything that is read of a folder refers to its row, so that removing the row removes it all.

CREATE TABLE workspaces (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice: a version of a dataset may name it
    path TEXT NOT NULL UNIQUE,            -- canonical, absolute
    added_at_s INTEGER NOT NULL           -- seconds since 1970, UTC
) STRICT;

CREATE TABLE identities (
    workspace INTEGER NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('email', 'name')),
    value TEXT NOT NULL,
    PRIMARY KEY (workspace, kind, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE author_marks (
    workspace INTEGER NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    path TEXT NOT NULL, -- relative, with `/`; empty for the whole folder
    mark TEXT NOT NULL CHECK (mark IN ('mine', 'not_mine')),
    PRIMARY KEY (workspace, path)
) STRICT, WITHOUT ROWID;

-- What a file was like when it was last read, so that it is opened again only when it may have changed.
-- `place` is the path with the character 1 for `/`: sorted by it, files come as a walk finds them.
CREATE TABLE seen_files (
    workspace INTEGER NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    place TEXT NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    read_by BLOB NOT NULL, -- names the manner in which it was read; in another one it is read again
    bytes INTEGER,       -- these five are null together: what was seen cannot be relied on
    modified_ns INTEGER,
    changed_ns INTEGER,
    inode INTEGER,
    born_ns INTEGER,
    PRIMARY KEY (workspace, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_files_hash ON seen_files (workspace, hash);
CREATE INDEX seen_files_inode ON seen_files (workspace, inode) WHERE inode IS NOT NULL;
