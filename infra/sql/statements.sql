-- The statements of the SQLite and D1 stores (docs/store.md). Each takes at most one parameter, ?1, a JSON text:
-- D1 binds every JavaScript number as REAL, and one text for a page of 100 leads is one statement, not 100.
-- Statements of one operation run in one transaction, in the order in which the store names them.

-- name: schema_version
SELECT value FROM meta WHERE key = 'schema_version';

-- name: schema_move
-- {"from", "to"}. Two first requests race: the loser gets a NULL value, its whole batch is undone, and it looks again.
INSERT INTO meta (key, value) VALUES ('schema_version', ?1 ->> 'to')
ON CONFLICT (key) DO UPDATE SET value = CASE WHEN value = ?1 ->> 'from' THEN excluded.value END;

-- name: load
-- {"keys", "now"}
SELECT c.key AS key, c.version AS version, c.value AS value, k.key AS position
FROM json_each(?1, '$.keys') AS k JOIN checkpoints AS c ON c.key = k.value
WHERE substr(k.value, 1, 5) <> 'mark/'
UNION ALL
SELECT k.value, 1, CAST(m.expires_at AS TEXT), k.key
FROM json_each(?1, '$.keys') AS k JOIN marks AS m ON m.key = substr(k.value, 6)
WHERE substr(k.value, 1, 5) = 'mark/' AND m.expires_at > ?1 ->> 'now'
ORDER BY position;

-- name: commit_checkpoints
-- {"checkpoints"}. An unexpected version becomes -1, which the constraint `checkpoint_conflict` refuses: the
-- transaction (on D1: the batch) is undone as a whole.
INSERT INTO checkpoints (key, version, value)
SELECT k.value ->> 'key',
       CASE WHEN COALESCE((SELECT c.version FROM checkpoints AS c WHERE c.key = k.value ->> 'key'), 0)
                 = k.value ->> 'expected'
            THEN (k.value ->> 'expected') + 1 ELSE -1 END,
       k.value ->> 'value'
FROM json_each(?1, '$.checkpoints') AS k WHERE true
ON CONFLICT (key) DO UPDATE SET version = excluded.version, value = excluded.value;

-- name: commit_marks
-- ?1 of every other commit_* and count_*: {"commit", "now", "records"}, the records of one list, in order.
-- A live mark that was to be set `once` becomes NULL, which refuses the whole transaction as commit_checkpoints does;
-- a record without its time is text in an INTEGER column, another refusal.
INSERT INTO marks (key, expires_at)
SELECT m.value ->> 'key',
       CASE WHEN m.value ->> 'once' AND EXISTS (SELECT 1 FROM marks AS k WHERE k.key = m.value ->> 'key'
                                                                          AND k.expires_at > ?1 ->> 'now')
            THEN NULL ELSE COALESCE(m.value ->> 'expires_at', 'missing') END
FROM json_each(?1, '$.records') AS m WHERE true
ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at WHERE marks.expires_at <= ?1 ->> 'now';

-- name: commit_leads
-- Rows are applied in order, so of two with one id the greater stays. What was written is returned: of a single record
-- that says what a count would say.
INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc,
                   received_at, updated_at, first_commit, last_commit)
SELECT l.value ->> 'id', l.value ->> 'source', l.value ->> 'platform', l.value ->> 'account', l.value ->> 'lead_id',
       l.value ->> 'version', l.value ->> 'revision', l.value ->> 'sort_at', l.value ->> 'person_key',
       l.value ->> 'expires_at', l.value ->> 'doc',
       ?1 ->> 'now', ?1 ->> 'now', ?1 ->> 'commit', ?1 ->> 'commit'
FROM json_each(?1, '$.records') AS l WHERE true
ON CONFLICT (id) DO UPDATE SET
    source = excluded.source, platform = excluded.platform, account = excluded.account, lead_id = excluded.lead_id,
    version = excluded.version, revision = excluded.revision, sort_at = excluded.sort_at,
    person_key = excluded.person_key, expires_at = excluded.expires_at, doc = excluded.doc,
    updated_at = excluded.updated_at, last_commit = excluded.last_commit
WHERE (excluded.version, excluded.revision) > (leads.version, leads.revision)
RETURNING first_commit = last_commit AS inserted;

-- name: count_leads
SELECT COALESCE(SUM(s.last_commit = ?1 ->> 'commit' AND s.first_commit = ?1 ->> 'commit'), 0) AS inserted,
       COALESCE(SUM(s.last_commit = ?1 ->> 'commit' AND s.first_commit <> ?1 ->> 'commit'), 0) AS updated,
       COALESCE(SUM(s.last_commit <> ?1 ->> 'commit'), 0) AS unchanged
FROM (SELECT DISTINCT g.value ->> 'id' AS id FROM json_each(?1, '$.records') AS g) AS given
JOIN leads AS s ON s.id = given.id;

-- name: commit_rows
-- Applied in order and returned, as leads are.
INSERT INTO set_rows (set_name, id, at, expires_at, updated_at, first_commit, last_commit, doc)
SELECT r.value ->> 'set', r.value ->> 'id', r.value ->> 'at', r.value ->> 'expires_at',
       ?1 ->> 'now', ?1 ->> 'commit', ?1 ->> 'commit', r.value ->> 'doc'
FROM json_each(?1, '$.records') AS r WHERE true
ON CONFLICT (set_name, id) DO UPDATE SET
    at = excluded.at, expires_at = excluded.expires_at, updated_at = excluded.updated_at,
    last_commit = excluded.last_commit, doc = excluded.doc
WHERE excluded.at > set_rows.at OR (excluded.at = set_rows.at AND excluded.doc <> set_rows.doc)
RETURNING first_commit = last_commit AS inserted;

-- name: count_rows
SELECT COALESCE(SUM(s.last_commit = ?1 ->> 'commit' AND s.first_commit = ?1 ->> 'commit'), 0) AS inserted,
       COALESCE(SUM(s.last_commit = ?1 ->> 'commit' AND s.first_commit <> ?1 ->> 'commit'), 0) AS updated,
       COALESCE(SUM(s.last_commit <> ?1 ->> 'commit'), 0) AS unchanged
FROM (SELECT DISTINCT g.value ->> 'set' AS set_name, g.value ->> 'id' AS id
      FROM json_each(?1, '$.records') AS g) AS given
JOIN set_rows AS s ON s.set_name = given.set_name AND s.id = given.id;

-- name: commit_outbox
-- After commit_leads: an entry may ask for a lead that this commit wrote.
INSERT INTO outbox (id, queue, due_at, payload, lead)
SELECT o.value ->> 'id', o.value ->> 'queue', o.value ->> 'due_at', o.value ->> 'payload', o.value ->> 'lead'
FROM json_each(?1, '$.records') AS o
WHERE o.value ->> 'lead' IS NULL
   OR EXISTS (SELECT 1 FROM leads AS l WHERE l.id = o.value ->> 'lead' AND l.last_commit = ?1 ->> 'commit')
ON CONFLICT (id) DO NOTHING;

-- name: commit_audit
INSERT INTO audit (at, action, subject, detail)
SELECT a.value ->> 'at', a.value ->> 'action', COALESCE(a.value ->> 'subject', ''), COALESCE(a.value ->> 'detail', '')
FROM json_each(?1, '$.records') AS a;

-- name: commit_raw
INSERT INTO raw (id, source, received_at, expires_at, content_type, body_base64)
SELECT r.value ->> 'id', r.value ->> 'source', r.value ->> 'received_at', r.value ->> 'expires_at',
       COALESCE(r.value ->> 'content_type', ''), r.value ->> 'body_base64'
FROM json_each(?1, '$.records') AS r WHERE true
ON CONFLICT (id) DO NOTHING;

-- name: scan_leads
-- ?1 of every scan_*: {"query", "page", "limit"}; one row more than `limit` says that there is a next page. The
-- columns are an item's members, the last one its page token.
-- A page token is `sort_at:id` of the last item; the first page starts at `until`. All bounds are constants for the
-- planner, so each page is one walk along an index (tests/unit/store_sqlite_test.cc looks at the plan).
SELECT id, source, version, revision, received_at, updated_at, doc, sort_at || ':' || id AS token
FROM leads
WHERE (sort_at, id) < (
          CASE ?1 ->> 'page' WHEN '' THEN COALESCE(?1 ->> '$.query.until', 9223372036854775807)
               ELSE CAST(substr(?1 ->> 'page', 1, instr(?1 ->> 'page', ':') - 1) AS INTEGER) END,
          substr(?1 ->> 'page', instr(?1 ->> 'page', ':') + 1))
  AND sort_at >= COALESCE(?1 ->> '$.query.since', -9223372036854775807)
  AND (?1 ->> '$.query.revision' IS NULL OR revision = ?1 ->> '$.query.revision')
ORDER BY sort_at DESC, id DESC LIMIT (?1 ->> 'limit') + 1;

-- name: scan_leads_source
SELECT id, source, version, revision, received_at, updated_at, doc, sort_at || ':' || id AS token
FROM leads
WHERE source = ?1 ->> '$.query.source'
  AND (sort_at, id) < (
          CASE ?1 ->> 'page' WHEN '' THEN COALESCE(?1 ->> '$.query.until', 9223372036854775807)
               ELSE CAST(substr(?1 ->> 'page', 1, instr(?1 ->> 'page', ':') - 1) AS INTEGER) END,
          substr(?1 ->> 'page', instr(?1 ->> 'page', ':') + 1))
  AND sort_at >= COALESCE(?1 ->> '$.query.since', -9223372036854775807)
  AND (?1 ->> '$.query.revision' IS NULL OR revision = ?1 ->> '$.query.revision')
ORDER BY sort_at DESC, id DESC LIMIT (?1 ->> 'limit') + 1;

-- name: scan_leads_person
SELECT id, source, version, revision, received_at, updated_at, doc, sort_at || ':' || id AS token
FROM leads
WHERE person_key = ?1 ->> '$.query.person_key'
  AND (?1 ->> '$.query.source' IS NULL OR +source = ?1 ->> '$.query.source')
  AND (sort_at, id) < (
          CASE ?1 ->> 'page' WHEN '' THEN COALESCE(?1 ->> '$.query.until', 9223372036854775807)
               ELSE CAST(substr(?1 ->> 'page', 1, instr(?1 ->> 'page', ':') - 1) AS INTEGER) END,
          substr(?1 ->> 'page', instr(?1 ->> 'page', ':') + 1))
  AND sort_at >= COALESCE(?1 ->> '$.query.since', -9223372036854775807)
  AND (?1 ->> '$.query.revision' IS NULL OR revision = ?1 ->> '$.query.revision')
ORDER BY sort_at DESC, id DESC LIMIT (?1 ->> 'limit') + 1;

-- name: scan_counts
SELECT c.source AS source, c.leads AS leads, c.unread AS unread,
       (SELECT MAX(l.sort_at) FROM leads AS l WHERE l.source = c.source) AS newest, c.source AS token
FROM lead_counts AS c
WHERE c.leads > 0 AND c.source > ?1 ->> 'page'
ORDER BY c.source LIMIT (?1 ->> 'limit') + 1;

-- name: scan_dead
SELECT id, queue, payload, attempts, reason, dead_at AS at, id AS token
FROM outbox
WHERE dead_at IS NOT NULL AND id > ?1 ->> 'page'
  AND (?1 ->> '$.query.queue' IS NULL OR +queue = ?1 ->> '$.query.queue')
ORDER BY id LIMIT (?1 ->> 'limit') + 1;

-- name: scan_rows
-- A page token is the last id; `offset` counts only from the start. Skipped rows cost a step along the index each.
SELECT id, at, doc, updated_at, id AS token
FROM set_rows
WHERE set_name = ?1 ->> '$.query.set' AND id > ?1 ->> 'page'
  AND (?1 ->> '$.query.since' IS NULL OR at >= ?1 ->> '$.query.since')
ORDER BY id LIMIT (?1 ->> 'limit') + 1
OFFSET CASE ?1 ->> 'page' WHEN '' THEN COALESCE(?1 ->> '$.query.offset', 0) ELSE 0 END;

-- name: scan_row_counts
SELECT c.set_name AS "set", c.row_count AS "rows",
       (SELECT MAX(r.at) FROM set_rows AS r WHERE r.set_name = c.set_name) AS newest, c.set_name AS token
FROM set_counts AS c
WHERE c.row_count > 0 AND c.set_name > ?1 ->> 'page'
ORDER BY c.set_name LIMIT (?1 ->> 'limit') + 1;

-- name: scan_queues
-- Two partial indexes, one for what waits and one for the dead: payloads are not read.
SELECT q.queue AS queue, SUM(q.waiting) AS waiting, SUM(q.dead) AS dead, MIN(q.next_at) AS next_at,
       q.queue AS token
FROM (
    SELECT queue, COUNT(*) AS waiting, 0 AS dead, MIN(due_at) AS next_at
    FROM outbox WHERE dead_at IS NULL AND queue > ?1 ->> 'page' GROUP BY queue
    UNION ALL
    SELECT queue, 0, COUNT(*), NULL
    FROM outbox WHERE dead_at IS NOT NULL AND queue > ?1 ->> 'page' GROUP BY queue
) AS q
GROUP BY q.queue ORDER BY q.queue LIMIT (?1 ->> 'limit') + 1;

-- name: claim_pick
-- ?1 of both: {"queue", "limit", "lease_ms", "lease", "now"}. Both name the same rows, since they share a transaction.
SELECT id, payload, attempts + 1 AS attempts, ?1 ->> 'lease' AS lease
FROM outbox
WHERE queue = ?1 ->> 'queue' AND dead_at IS NULL AND due_at <= ?1 ->> 'now'
  AND (lease_until IS NULL OR lease_until <= ?1 ->> 'now')
ORDER BY due_at, id LIMIT ?1 ->> 'limit';

-- name: claim_mark
UPDATE outbox SET attempts = attempts + 1, lease = ?1 ->> 'lease', lease_until = (?1 ->> 'now') + (?1 ->> 'lease_ms')
WHERE id IN (
    SELECT o.id FROM outbox AS o
    WHERE o.queue = ?1 ->> 'queue' AND o.dead_at IS NULL AND o.due_at <= ?1 ->> 'now'
      AND (o.lease_until IS NULL OR o.lease_until <= ?1 ->> 'now')
    ORDER BY o.due_at, o.id LIMIT ?1 ->> 'limit');

-- name: settle_done
-- ?1 of every settle_*: {"queue", "entries", "now"}. An entry whose lease was taken over in the meantime is left alone.
DELETE FROM outbox
WHERE +queue = ?1 ->> 'queue' AND dead_at IS NULL
  AND (id, lease) IN (SELECT e.value ->> 'id', e.value ->> 'lease' FROM json_each(?1, '$.entries') AS e
                      WHERE e.value ->> 'outcome' = 'done');

-- name: settle_retry
UPDATE outbox SET due_at = e.value ->> 'retry_at', reason = COALESCE(e.value ->> 'reason', ''),
                  lease = NULL, lease_until = NULL
FROM json_each(?1, '$.entries') AS e
WHERE outbox.id = e.value ->> 'id' AND outbox.lease = e.value ->> 'lease' AND +outbox.queue = ?1 ->> 'queue'
  AND outbox.dead_at IS NULL AND e.value ->> 'outcome' = 'retry';

-- name: settle_dead
UPDATE outbox SET dead_at = ?1 ->> 'now', reason = COALESCE(e.value ->> 'reason', ''), lease = NULL, lease_until = NULL
FROM json_each(?1, '$.entries') AS e
WHERE outbox.id = e.value ->> 'id' AND outbox.lease = e.value ->> 'lease' AND +outbox.queue = ?1 ->> 'queue'
  AND outbox.dead_at IS NULL AND e.value ->> 'outcome' = 'dead';

-- name: purge_outbox
-- ?1 of every purge_*: {"now", "limit"}, at most `limit` rows a call. Outbox first: what still waits for (or died on)
-- the delivery of an expired lead carries the same personal data.
DELETE FROM outbox
WHERE lead IN (SELECT l.id FROM leads AS l WHERE l.expires_at <= ?1 ->> 'now' ORDER BY l.expires_at, l.id
               LIMIT ?1 ->> 'limit')
RETURNING 1;

-- name: purge_leads
DELETE FROM leads
WHERE id IN (SELECT l.id FROM leads AS l WHERE l.expires_at <= ?1 ->> 'now' ORDER BY l.expires_at, l.id
             LIMIT ?1 ->> 'limit')
RETURNING 1;

-- name: purge_rows
DELETE FROM set_rows
WHERE rowid IN (SELECT r.rowid FROM set_rows AS r WHERE r.expires_at <= ?1 ->> 'now' ORDER BY r.expires_at, r.rowid
                LIMIT ?1 ->> 'limit')
RETURNING 1;

-- name: purge_marks
DELETE FROM marks
WHERE key IN (SELECT m.key FROM marks AS m WHERE m.expires_at <= ?1 ->> 'now' ORDER BY m.expires_at, m.key
              LIMIT ?1 ->> 'limit')
RETURNING 1;

-- name: purge_raw
DELETE FROM raw
WHERE id IN (SELECT r.id FROM raw AS r WHERE r.expires_at <= ?1 ->> 'now' ORDER BY r.expires_at, r.id
             LIMIT ?1 ->> 'limit')
RETURNING 1;
