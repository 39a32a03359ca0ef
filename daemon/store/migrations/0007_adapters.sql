-- LoRA adapters: what each was trained from, what the gate said of it, and whether it is worn. The
-- weights are files, named by their hash.

-- `base_sha256` is of the model's file. `dataset` is a version's name, held by a pin while the adapter
-- exists; none where it came from elsewhere. `workspace` is never given twice, so it may outlive the
-- folder's row. `replaced` is the one that was live when this one became so: the one to go back to.
CREATE TABLE adapter (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT    NOT NULL UNIQUE,
    sha256      BLOB    NOT NULL CHECK (length(sha256) = 32),
    bytes       INTEGER NOT NULL,
    base_model  TEXT    NOT NULL,
    base_sha256 BLOB    NOT NULL CHECK (length(base_sha256) = 32),
    language    TEXT,
    genre       TEXT,
    workspace   INTEGER,
    dataset     BLOB CHECK (length(dataset) = 32),
    parent      INTEGER REFERENCES adapter (id) ON DELETE SET NULL,
    made_at_s   INTEGER NOT NULL, -- seconds since 1970, UTC
    config      TEXT    NOT NULL, -- JSON
    metrics     TEXT    NOT NULL, -- JSON
    reasons     TEXT    NOT NULL, -- JSON
    state       TEXT    NOT NULL CHECK (state IN ('live', 'off', 'refused', 'rolled_back')),
    replaced    INTEGER
) STRICT;

-- Two live ones of one scope cannot be told apart.
CREATE UNIQUE INDEX adapter_live
    ON adapter (base_sha256, coalesce(language, ''), coalesce(genre, ''), coalesce(workspace, 0))
    WHERE state = 'live';

-- The last number that was given to a name, so that it is never given to another adapter.
CREATE TABLE adapter_number (
    prefix TEXT    PRIMARY KEY,
    last   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What was learned of a folder is not worn once its owner has removed it.
CREATE TRIGGER workspace_removed_adapter AFTER DELETE ON workspaces BEGIN
    UPDATE adapter SET state = 'off' WHERE workspace = OLD.id AND state = 'live';
END;
