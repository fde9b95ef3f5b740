#!/usr/bin/env python3
"""Makes of a store that bench_load filled one as after thirty days: calls of twenty campaigns and
of none, of all outcomes but voicemail, one of a thousand parked, one of a hundred made long before
it was heard of. What is counted is counted anew, by the store's own views."""

import sqlite3
import sys
import time

DAYS_MS = 30 * 86_400_000

store = sqlite3.connect(sys.argv[1], isolation_level=None)
store.create_function("wrapup_fingerprint", -1, lambda *_: "")
store.create_function("wrapup_cause", -1, lambda *_: "")
(count,) = store.execute("SELECT count(*) FROM calls").fetchone()
step = DAYS_MS // count
start = int(time.time() * 1000) - DAYS_MS
store.execute("BEGIN")
store.execute(
    """UPDATE calls SET first_event_at_ms = :start + no * :step,
        last_event_at_ms = :start + no * :step + 60000,
        created_at_ms = iif(no % 100 = 0, :start + no * :step - 1200000, NULL),
        campaign = iif(no % 5 = 0, '', 'campaign ' || (no % 20)),
        outcome = CASE no % 7 WHEN 0 THEN 'held' WHEN 1 THEN 'no connection' ELSE 'no answer' END,
        state = iif(no % 1000 = 0, 'parked', state),
        parked = iif(no % 1000 = 0, iif(no % 3000 = 0, 'dead', 'rejected'), NULL)""",
    {"start": start, "step": step},
)
store.execute(
    """UPDATE deliveries SET state = 'parked', accepted_at_ms = NULL,
        parked = iif(call_no % 3000 = 0, 'dead', 'rejected'),
        fingerprint = printf('%016x', call_no / 1000 % 300 + 1)
    WHERE call_no % 1000 = 0"""
)
store.execute(
    """INSERT INTO failures SELECT fingerprint, 'crm', 'refused', 422, 'unknown field', open, 0, 0
    FROM failures_recounted"""
)
for table in ("ledger", "outcomes", "counters"):
    store.execute(f"DELETE FROM {table}")
    store.execute(f"INSERT INTO {table} SELECT * FROM {table}_recounted")
store.execute("COMMIT")
store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
print(f"{count} calls of 30 days")
