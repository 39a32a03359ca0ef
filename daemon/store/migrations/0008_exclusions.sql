-- An exclusion is of a text, not only of a place: it goes with a file that is renamed, and holds for a
-- copy as long as that says the same.

-- What the file held when it was last read, also after it has gone; null for a folder.
ALTER TABLE excluded ADD COLUMN content_hash BLOB;
UPDATE excluded SET content_hash = (
    SELECT d.content_hash FROM document d
    WHERE d.workspace = excluded.workspace AND d.path = excluded.prefix
);
CREATE INDEX excluded_content ON excluded (content_hash) WHERE content_hash IS NOT NULL;
CREATE INDEX document_content ON document (content_hash);
UPDATE document SET pending = 1 WHERE content_hash IN (
    SELECT content_hash FROM excluded WHERE content_hash IS NOT NULL
);

-- What a file held while it was excluded, before it was changed: a copy that was made of it then may be
-- found only later.
CREATE TABLE excluded_former (
    content_hash BLOB NOT NULL,
    -- Of the exclusion.
    workspace INTEGER NOT NULL,
    prefix BLOB NOT NULL,
    PRIMARY KEY (content_hash, workspace, prefix)
) WITHOUT ROWID;
CREATE INDEX excluded_former_place ON excluded_former (workspace, prefix);
