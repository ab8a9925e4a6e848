#pragma once
// The store contract in one SQLite file (infra/sql). Write-ahead log with synchronous = FULL: an answer "ok"
// means that the records survive a power cut, because platforms are told "stored" on its strength (NORMAL may
// lose the newest commits). One fsync a commit; a page of 100 leads is one commit.
#include <memory>
#include <string>

#include "functions/native/store/store.h"

namespace leadbridge::native {

// `busy_ms`: how long to wait for another process before "locked".
// Creates the file (mode 0600: it holds personal data) and its tables when they are missing.
// Error codes: store_directory, store_permission, store_read_only, store_locked, store_full,
// store_not_a_database, store_damaged, store_newer, store_failed. The same situations later appear as
// `reason` of a result.
base::Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, int busy_ms = 5000);
const char* sqlite_version();

}  // namespace leadbridge::native
