-- Folders that were removed, by the numbers that they had and that are never given again. Nothing of
-- them may be kept from then on, whoever was still reading; what was kept before is taken away by the
-- trainer (`is_swept`), also of a folder whose files had all gone before.
CREATE TABLE removed_workspaces (
    id INTEGER PRIMARY KEY,
    is_swept INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TRIGGER workspace_removed AFTER DELETE ON workspaces BEGIN
    INSERT OR IGNORE INTO removed_workspaces (id) VALUES (OLD.id);
END;

-- How many marks of others' text were ever added: with more of them, every file is judged anew.
CREATE TABLE known_sources (added INTEGER NOT NULL) STRICT;
INSERT INTO known_sources (added) SELECT count(*) FROM inserted WHERE origin = 3;
