-- Sources that their owner had forgotten, and what follows for adapters.

-- Files and folders that are never read, until that is taken back. Absolute, so that it holds however
-- folders are added and removed. Nothing of their text stands here, no hash either.
CREATE TABLE forgotten (
    path      TEXT PRIMARY KEY, -- canonical when it was there
    made_at_s INTEGER NOT NULL  -- seconds since 1970, UTC
) STRICT, WITHOUT ROWID;

-- An adapter that learned from such a source is retired: off for ever, its file gone. Its row stays as
-- the record of that.
ALTER TABLE adapter ADD COLUMN retired_at_s INTEGER;
CREATE TRIGGER adapter_retired BEFORE UPDATE OF state ON adapter
WHEN OLD.retired_at_s IS NOT NULL AND NEW.state <> 'off' BEGIN
    SELECT RAISE(ABORT, 'a retired adapter is never worn again');
END;

-- Languages and folders (0: all) whose adapter was retired and is to be trained anew, however little
-- is new.
CREATE TABLE retraining (
    language  TEXT    NOT NULL,
    workspace INTEGER NOT NULL,
    PRIMARY KEY (language, workspace)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER workspace_removed_retraining AFTER DELETE ON workspaces BEGIN
    DELETE FROM retraining WHERE workspace = OLD.id;
END;
