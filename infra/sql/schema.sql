-- The schema of the SQLite and D1 stores (docs/store.md). Pieces are separated by `-- name:` lines, not by `;`, because
-- triggers contain those. `vN_...` belongs to schema version N; a store runs every piece above its own version in one
-- transaction, then `schema_move` of statements.sql. Never change a released piece: add v2_... instead.

-- name: v1_meta
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- name: v1_checkpoints
-- The named constraint is how a commit says `conflict` inside one transaction (statement commit_checkpoints).
CREATE TABLE IF NOT EXISTS checkpoints (
    key TEXT PRIMARY KEY,
    version INTEGER NOT NULL CONSTRAINT checkpoint_conflict CHECK (version > 0),
    value TEXT NOT NULL
) STRICT;

-- name: v1_leads
CREATE TABLE IF NOT EXISTS leads (
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    platform TEXT NOT NULL,
    account TEXT NOT NULL,
    lead_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    sort_at INTEGER NOT NULL,      -- UTC milliseconds, as every *_at
    person_key TEXT,
    expires_at INTEGER,
    doc TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    first_commit TEXT NOT NULL,    -- the commit that inserted it
    last_commit TEXT NOT NULL      -- the commit that inserted or last replaced it
) STRICT;

-- name: v1_leads_newest
CREATE INDEX IF NOT EXISTS leads_newest ON leads (sort_at, id);

-- name: v1_leads_source
CREATE INDEX IF NOT EXISTS leads_source ON leads (source, sort_at, id);

-- name: v1_leads_person
CREATE INDEX IF NOT EXISTS leads_person ON leads (person_key, sort_at, id) WHERE person_key IS NOT NULL;

-- name: v1_leads_expiry
CREATE INDEX IF NOT EXISTS leads_expiry ON leads (expires_at) WHERE expires_at IS NOT NULL;

-- name: v1_lead_counts
-- Kept exact by the three triggers: counting a million rows for a status page would cost D1 a million reads.
CREATE TABLE IF NOT EXISTS lead_counts (
    source TEXT PRIMARY KEY,
    leads INTEGER NOT NULL,
    unread INTEGER NOT NULL        -- revision 0: the phone could not be read yet
) STRICT, WITHOUT ROWID;

-- name: v1_lead_counts_insert
CREATE TRIGGER IF NOT EXISTS lead_counts_insert AFTER INSERT ON leads BEGIN
    INSERT INTO lead_counts (source, leads, unread) VALUES (new.source, 1, new.revision = 0)
    ON CONFLICT (source) DO UPDATE SET leads = leads + 1, unread = unread + excluded.unread;
END;

-- name: v1_lead_counts_update
CREATE TRIGGER IF NOT EXISTS lead_counts_update AFTER UPDATE OF source, revision ON leads
WHEN old.source <> new.source OR (old.revision = 0) <> (new.revision = 0) BEGIN
    UPDATE lead_counts SET leads = leads - 1, unread = unread - (old.revision = 0) WHERE source = old.source;
    INSERT INTO lead_counts (source, leads, unread) VALUES (new.source, 1, new.revision = 0)
    ON CONFLICT (source) DO UPDATE SET leads = leads + 1, unread = unread + excluded.unread;
END;

-- name: v1_lead_counts_delete
CREATE TRIGGER IF NOT EXISTS lead_counts_delete AFTER DELETE ON leads BEGIN
    UPDATE lead_counts SET leads = leads - 1, unread = unread - (old.revision = 0) WHERE source = old.source;
END;

-- name: v1_outbox
-- Dead letters stay in the table: their id stays taken.
CREATE TABLE IF NOT EXISTS outbox (
    id TEXT PRIMARY KEY,
    queue TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    payload TEXT NOT NULL,
    lead TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    lease TEXT,
    lease_until INTEGER,
    reason TEXT NOT NULL DEFAULT '',
    dead_at INTEGER
) STRICT;

-- name: v1_outbox_due
CREATE INDEX IF NOT EXISTS outbox_due ON outbox (queue, due_at, id) WHERE dead_at IS NULL;

-- name: v1_outbox_dead
CREATE INDEX IF NOT EXISTS outbox_dead ON outbox (id) WHERE dead_at IS NOT NULL;

-- name: v1_marks
CREATE TABLE IF NOT EXISTS marks (key TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- name: v1_marks_expiry
CREATE INDEX IF NOT EXISTS marks_expiry ON marks (expires_at);

-- name: v1_audit
CREATE TABLE IF NOT EXISTS audit (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

-- name: v1_raw
CREATE TABLE IF NOT EXISTS raw (
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    expires_at INTEGER,
    content_type TEXT NOT NULL,
    body_base64 TEXT NOT NULL
) STRICT;

-- name: v1_raw_expiry
CREATE INDEX IF NOT EXISTS raw_expiry ON raw (expires_at) WHERE expires_at IS NOT NULL;

-- name: v2_set_rows
-- Rows that are served in pages or carry an outcome. `set` and `rows` are words of SQL, hence the names.
CREATE TABLE IF NOT EXISTS set_rows (
    set_name TEXT NOT NULL,
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    expires_at INTEGER,
    updated_at INTEGER NOT NULL,
    first_commit TEXT NOT NULL,
    last_commit TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (set_name, id)
) STRICT;

-- name: v2_set_rows_newest
CREATE INDEX IF NOT EXISTS set_rows_newest ON set_rows (set_name, at);

-- name: v2_set_rows_expiry
CREATE INDEX IF NOT EXISTS set_rows_expiry ON set_rows (expires_at) WHERE expires_at IS NOT NULL;

-- name: v2_set_counts
-- Kept exact by the two triggers, as lead_counts is.
CREATE TABLE IF NOT EXISTS set_counts (
    set_name TEXT PRIMARY KEY,
    row_count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- name: v2_set_counts_insert
CREATE TRIGGER IF NOT EXISTS set_counts_insert AFTER INSERT ON set_rows BEGIN
    INSERT INTO set_counts (set_name, row_count) VALUES (new.set_name, 1)
    ON CONFLICT (set_name) DO UPDATE SET row_count = row_count + 1;
END;

-- name: v2_set_counts_delete
CREATE TRIGGER IF NOT EXISTS set_counts_delete AFTER DELETE ON set_rows BEGIN
    UPDATE set_counts SET row_count = row_count - 1 WHERE set_name = old.set_name;
END;

-- name: v2_outbox_dead_queue
CREATE INDEX IF NOT EXISTS outbox_dead_queue ON outbox (queue) WHERE dead_at IS NOT NULL;
