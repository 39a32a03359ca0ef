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
