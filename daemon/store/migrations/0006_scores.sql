-- What language models said of the texts of pieces, by the hash of the text: no text.

-- A piece that can be scored, with what it is compared within. `outlier` is what it came to: 0 nothing;
-- 1 far more surprising than others, 2 far more predictable, both of which stay; 3 and 4 the same, and
-- it stays out.
CREATE TABLE passage (
    document INTEGER NOT NULL,
    ordinal  INTEGER NOT NULL,
    text     BLOB    NOT NULL,
    language TEXT    NOT NULL,
    genre    TEXT    NOT NULL,
    outlier  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (document, ordinal)
) WITHOUT ROWID;
CREATE INDEX passage_text ON passage (text);
CREATE INDEX passage_group ON passage (language, genre);

-- What a model said of a text: the sum over its tokens in thousandths of a nat. `left_ms` is when its last
-- passage went, in milliseconds since 1970: a branch that is switched back needs no second asking.
CREATE TABLE score (
    text       BLOB    NOT NULL,
    model      TEXT    NOT NULL,
    millinats  INTEGER NOT NULL,
    tokens     INTEGER NOT NULL,
    characters INTEGER NOT NULL,
    left_ms    INTEGER,
    PRIMARY KEY (text, model)
) WITHOUT ROWID;

-- Whose scores count in a language: the model that answered last. `hash` names its file.
CREATE TABLE scorer (
    language TEXT PRIMARY KEY,
    model    TEXT NOT NULL,
    hash     TEXT NOT NULL
) WITHOUT ROWID;

-- The models whose scores decided what is in a version, as JSON; none where nothing was scored.
ALTER TABLE version ADD COLUMN scored_by TEXT;
