-- The way back for what was left out, and rules that are off in one place.

-- `left_out`: the reason's word of a text that was left out, null for one that was in; `is_theirs`: its
-- owner said that the words are theirs.
ALTER TABLE review_decision ADD COLUMN left_out TEXT;
ALTER TABLE review_decision ADD COLUMN is_theirs INTEGER NOT NULL DEFAULT 0;

-- Whether a person wants the text although it is boilerplate or stands in an older version.
ALTER TABLE wording ADD COLUMN wanted INTEGER NOT NULL DEFAULT 0;

-- `prefix`: a folder or a file, relative to its workspace; empty for all of it.
CREATE TABLE rule_off (
    workspace INTEGER NOT NULL,
    prefix    BLOB    NOT NULL,
    rule      TEXT    NOT NULL,
    made      INTEGER NOT NULL,
    PRIMARY KEY (workspace, prefix, rule)
) WITHOUT ROWID;
