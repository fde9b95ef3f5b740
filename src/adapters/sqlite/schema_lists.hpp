#pragma once

// A step of the schema (schema.cpp).

namespace wrapup::sqlite {

// The calls of campaigns. `data` has what is not looked for.
inline constexpr const char* step_lists = R"sql(
CREATE TABLE dial_lists (
    id TEXT PRIMARY KEY, -- the campaign's
    state TEXT NOT NULL,
    data TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE list_rows (
    no INTEGER PRIMARY KEY,
    list_id TEXT NOT NULL,
    to_number TEXT NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT NOT NULL,
    due_at_ms INTEGER,
    data TEXT NOT NULL,
    UNIQUE (list_id, to_number)
) STRICT;
CREATE INDEX list_rows_due ON list_rows (list_id, due_at_ms) WHERE due_at_ms IS NOT NULL;
CREATE INDEX list_rows_in_order ON list_rows (list_id, no);
CREATE TABLE list_batches (key TEXT PRIMARY KEY, hash TEXT NOT NULL) STRICT, WITHOUT ROWID;
)sql";

}  // namespace wrapup::sqlite
