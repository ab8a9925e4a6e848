#include "functions/native/store/sqlite/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "engine/store_text.h"
#include "sql_files.h"

namespace leadbridge::native {
namespace {

// Pieces between `-- name: xyz` lines, in file order.
std::vector<std::pair<std::string, std::string>> sections(std::string_view text) {
    constexpr std::string_view kMark = "-- name: ";
    std::vector<std::pair<std::string, std::string>> found;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = text.substr(at, end - at);
        if (line.starts_with(kMark)) {
            const std::string_view name = line.substr(kMark.size());
            found.emplace_back(name.substr(0, name.find_last_not_of(" \r") + 1), "");
        } else if (!found.empty()) {
            found.back().second.append(line).push_back('\n');
        }
        at = end + 1;
    }
    return found;
}

const std::map<std::string, std::string, std::less<>>& statements() {
    static const auto all = [] {
        const auto list = sections(sql::statements_sql);
        return std::map<std::string, std::string, std::less<>>(list.begin(), list.end());
    }();
    return all;
}

struct SchemaPiece {
    std::int64_t version = 0;  // N of the name vN_...
    std::string sql;
};

const std::vector<SchemaPiece>& schema() {
    static const auto all = [] {
        std::vector<SchemaPiece> pieces;
        for (const auto& [name, text] : sections(sql::schema_sql)) {
            pieces.push_back({std::strtoll(name.c_str() + 1, nullptr, 10), text});
        }
        return pieces;
    }();
    return all;
}

std::int64_t newest_schema() {
    std::int64_t newest = 0;
    for (const SchemaPiece& piece : schema()) newest = std::max(newest, piece.version);
    return newest;
}

// Never leaves the room: public functions turn it into a value.
struct Failed {
    base::Error error;
    bool conflict = false;
    bool no_table = false;
};

// The parameter of a statement: an object whose members `put` writes.
template <typename Put>
std::string parameter(const Put& put) {
    std::string text;
    codec::JsonWriter json(text);
    json.begin_object();
    put(json);
    json.end_object();
    return text;
}

template <typename Record>
std::string list_parameter(const effect::Records& records, const std::vector<Record>& list) {
    return parameter([&](codec::JsonWriter& json) {
        engine::put_commit(json, records);
        json.name("records");
        json.begin_array();
        for (const Record& record : list) engine::put_record(json, record);
        json.end_array();
    });
}

class SqliteStore final : public Store {
  public:
    SqliteStore(std::string path, int busy_ms) : path_(std::move(path)) {
        try {
            open(busy_ms);
        } catch (...) {
            close();
            throw;
        }
    }
    ~SqliteStore() override { close(); }

    effect::StoreResult load(const effect::StoreLoad& load) override {
        return guarded("load", [&](effect::StoreResult& result) {
            const std::string asked =
                parameter([&](codec::JsonWriter& json) { engine::put_load(json, load); });
            run("load", asked, [&](sqlite3_stmt* row) {
                result.records.push_back({text(row, 0), number(row, 1), text(row, 2)});
            });
        });
    }

    effect::StoreResult commit(const effect::StoreCommit& commit) override {
        return guarded("commit", [&](effect::StoreResult& result) {
            const effect::Records& records = commit.records;
            transaction([&] {
                if (!commit.checkpoints.empty()) {
                    run("commit_checkpoints", parameter([&](codec::JsonWriter& json) {
                            engine::put_checkpoints(json, commit.checkpoints);
                        }));
                }
                write("commit_marks", records, records.marks);
                write("commit_leads", records, records.leads, "count_leads", &result);
                write("commit_rows", records, records.rows, "count_rows", &result);
                write("commit_outbox", records, records.outbox);
                write("commit_audit", records, records.audit);
                write("commit_raw", records, records.raw);
            });
        });
    }

    effect::StoreResult scan(const effect::StoreScan& scan) override {
        if (const std::string_view bad = bad_scan(scan); !bad.empty()) return store_error(bad);
        return guarded("scan", [&](effect::StoreResult& result) {
            std::visit([&](const auto& query) { find(query, scan, result); }, scan.query);
        });
    }

    effect::StoreResult claim(const effect::StoreClaim& claim) override {
        return guarded("claim", [&](effect::StoreResult& result) {
            effect::StoreClaim most = claim;
            most.limit = std::clamp<std::int64_t>(claim.limit, 0, kPageLimit);
            const std::string asked =
                parameter([&](codec::JsonWriter& json) { engine::put_claim(json, most); });
            transaction([&] {
                run("claim_pick", asked, [&](sqlite3_stmt* row) {
                    result.entries.push_back({text(row, 0), text(row, 1), number(row, 2), text(row, 3)});
                });
                run("claim_mark", asked);
            });
        });
    }

    effect::StoreResult settle(const effect::StoreSettle& settle) override {
        return guarded("settle", [&](effect::StoreResult&) {
            const std::string asked =
                parameter([&](codec::JsonWriter& json) { engine::put_settle(json, settle); });
            transaction([&] {
                for (const char* name : {"settle_done", "settle_retry", "settle_dead"}) run(name, asked);
            });
        });
    }

    base::Result<Purged> purge(base::Millis now) override {
        Purged purged;
        const effect::StoreResult result = guarded("purge", [&](effect::StoreResult&) {
            const std::string asked = parameter([&](codec::JsonWriter& json) {
                json.number("now", now);
                json.number("limit", kPurgeLimit);
            });
            transaction([&] {
                purged.outbox = count("purge_outbox", asked);
                purged.leads = count("purge_leads", asked);
                purged.rows = count("purge_rows", asked);
                purged.marks = count("purge_marks", asked);
                purged.raw = count("purge_raw", asked);
            });
        });
        if (!result.ok()) return base::fail("store_failed", result.reason);
        return purged;
    }

  private:
    // One statement for one list of a commit; a list that holds nothing asks none.
    template <typename Record>
    void write(const char* name, const effect::Records& records, const std::vector<Record>& list,
               const char* count = nullptr, effect::StoreResult* result = nullptr) {
        if (list.empty()) return;
        const std::string asked = list_parameter(records, list);
        run(name, asked);
        if (count == nullptr) return;
        run(count, asked, [&](sqlite3_stmt* row) {
            result->inserted += number(row, 0);
            result->updated += number(row, 1);
            result->unchanged += number(row, 2);
        });
    }

    // Each statement says the columns of an item, then the page token behind it.
    template <typename Item, typename Read>
    void find_page(std::string_view name, const effect::StoreScan& scan, effect::StoreResult& result,
                   const Read& read) {
        effect::StoreScan most = scan;
        most.limit = std::min(scan.limit, kPageLimit);
        const std::string asked = parameter([&](codec::JsonWriter& json) { engine::put_scan(json, most); });
        Page<Item> page(most.limit);
        run(name, asked,
            [&](sqlite3_stmt* row) { page.add(read(row), text(row, sqlite3_column_count(row) - 1)); });
        page.finish(result);
    }

    void find(const effect::LeadQuery& query, const effect::StoreScan& scan, effect::StoreResult& result) {
        const char* name = query.person_key ? "scan_leads_person"
                           : query.source   ? "scan_leads_source"
                                            : "scan_leads";
        find_page<effect::StoredLead>(name, scan, result, [](sqlite3_stmt* row) {
            return effect::StoredLead{text(row, 0),   text(row, 1),   number(row, 2), number(row, 3),
                                      number(row, 4), number(row, 5), text(row, 6)};
        });
    }
    void find(const effect::CountQuery&, const effect::StoreScan& scan, effect::StoreResult& result) {
        find_page<effect::SourceCount>("scan_counts", scan, result, [](sqlite3_stmt* row) {
            return effect::SourceCount{text(row, 0), number(row, 1), number(row, 2), number(row, 3)};
        });
    }
    void find(const effect::RowQuery&, const effect::StoreScan& scan, effect::StoreResult& result) {
        find_page<effect::StoredRow>("scan_rows", scan, result, [](sqlite3_stmt* row) {
            return effect::StoredRow{text(row, 0), number(row, 1), text(row, 2), number(row, 3)};
        });
    }
    void find(const effect::RowCountQuery&, const effect::StoreScan& scan, effect::StoreResult& result) {
        find_page<effect::SetCount>("scan_row_counts", scan, result, [](sqlite3_stmt* row) {
            return effect::SetCount{text(row, 0), number(row, 1), number(row, 2)};
        });
    }
    void find(const effect::QueueQuery&, const effect::StoreScan& scan, effect::StoreResult& result) {
        find_page<effect::QueueCount>("scan_queues", scan, result, [](sqlite3_stmt* row) {
            effect::QueueCount count{text(row, 0), number(row, 1), number(row, 2), std::nullopt};
            if (sqlite3_column_type(row, 3) != SQLITE_NULL) count.next_at = number(row, 3);
            return count;
        });
    }
    void find(const effect::DeadQuery&, const effect::StoreScan& scan, effect::StoreResult& result) {
        find_page<effect::DeadLetter>("scan_dead", scan, result, [](sqlite3_stmt* row) {
            return effect::DeadLetter{text(row, 0),   text(row, 1), text(row, 2),
                                      number(row, 3), text(row, 4), number(row, 5)};
        });
    }

    void open(int busy_ms) {
        create_file();
        const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
        if (sqlite3_open_v2(path_.c_str(), &db_, flags, nullptr) != SQLITE_OK) throw failure();
        sqlite3_extended_result_codes(db_, 1);
        sqlite3_busy_timeout(db_, busy_ms);
        // SQLite opens a file it may not write without complaint.
        if (sqlite3_db_readonly(db_, "main") == 1) throw failure(SQLITE_READONLY);
        switch_to_wal(busy_ms);
        execute("PRAGMA synchronous = FULL");
        migrate();
    }

    // Two processes that open a new file at once: the switch needs it alone, and for that SQLite does not
    // wait as it waits for everything else.
    void switch_to_wal(int busy_ms) {
        constexpr int kStepMs = 5;
        for (int waited = 0;; waited += kStepMs) {
            const int code = sqlite3_exec(db_, "PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr);
            if (code == SQLITE_OK) return;
            if ((code & 0xff) != SQLITE_BUSY || waited >= busy_ms) throw failure();
            sqlite3_sleep(kStepMs);
        }
    }

    // Also tells apart what SQLite only calls "unable to open database file". O_EXCL: closing a descriptor of
    // an existing database would drop the locks this process holds on it.
    void create_file() const {
        const int file = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (file >= 0) {
            ::close(file);
            return;
        }
        const int why = errno;
        const std::string parent = std::filesystem::path(path_).parent_path().string();
        if (why == EEXIST) {
            std::error_code ignored;
            if (std::filesystem::is_directory(path_, ignored)) {
                throw Failed{
                    base::fail("store_directory", path_ + " is a directory: name a file in store.path")};
            }
            return;
        }
        if (why == ENOENT || why == ENOTDIR) {
            throw Failed{
                base::fail("store_directory", "the directory " + parent + " of " + path_ +
                                                  " does not exist: create it or change store.path")};
        }
        throw failure(why == EROFS ? SQLITE_READONLY : why == ENOSPC ? SQLITE_FULL : SQLITE_CANTOPEN, why);
    }

    void close() {
        for (auto& [name, statement] : prepared_) sqlite3_finalize(statement);
        prepared_.clear();
        sqlite3_close(db_);
        db_ = nullptr;
    }

    void migrate() {
        const std::int64_t newest = newest_schema();
        if (schema_version() == newest) return;
        execute("BEGIN IMMEDIATE");
        try {
            const std::int64_t stored = schema_version();  // again: another process may have been first
            if (stored > newest) {
                throw Failed{base::fail("store_newer", path_ + " has schema version " +
                                                           std::to_string(stored) + ", this program knows " +
                                                           std::to_string(newest) +
                                                           ": use the newer program that wrote it")};
            }
            for (const SchemaPiece& piece : schema()) {
                if (piece.version > stored) execute(piece.sql.c_str());
            }
            if (stored < newest) {
                run("schema_move", parameter([&](codec::JsonWriter& json) {
                        json.number("from", stored);
                        json.number("to", newest);
                    }));
            }
            execute("COMMIT");
        } catch (...) {
            rollback();
            throw;
        }
    }

    std::int64_t schema_version() {
        std::int64_t version = 0;
        try {
            run("schema_version", "", [&](sqlite3_stmt* row) { version = number(row, 0); });
        } catch (const Failed& failed) {
            if (!failed.no_table) throw;
        }
        return version;
    }

    void execute(const char* sql) {
        if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) throw failure();
    }

    template <typename Work>
    void transaction(const Work& work) {
        execute("BEGIN IMMEDIATE");
        try {
            work();
            execute("COMMIT");
        } catch (...) {
            rollback();
            throw;
        }
    }

    void rollback() {
        if (sqlite3_get_autocommit(db_) == 0) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
    }

    template <typename Row>
    void run(std::string_view name, const std::string& json, const Row& on_row) {
        sqlite3_stmt* statement = prepare(name);
        struct Reset {
            sqlite3_stmt* statement;
            ~Reset() {
                sqlite3_reset(statement);
                sqlite3_clear_bindings(statement);
            }
        } reset{statement};
        if (sqlite3_bind_parameter_count(statement) == 1 &&
            sqlite3_bind_text64(statement, 1, json.data(), json.size(), SQLITE_STATIC, SQLITE_UTF8) !=
                SQLITE_OK) {
            throw failure();
        }
        int code = sqlite3_step(statement);
        for (; code == SQLITE_ROW; code = sqlite3_step(statement)) on_row(statement);
        if (code != SQLITE_DONE) throw failure();
    }
    void run(std::string_view name, const std::string& json) {
        run(name, json, [](sqlite3_stmt*) {});
    }
    std::int64_t count(std::string_view name, const std::string& json) {
        std::int64_t rows = 0;
        run(name, json, [&rows](sqlite3_stmt*) { rows += 1; });
        return rows;
    }

    sqlite3_stmt* prepare(std::string_view name) {
        if (const auto found = prepared_.find(name); found != prepared_.end()) return found->second;
        const auto source = statements().find(name);
        if (source == statements().end()) {
            throw Failed{base::fail("store_failed", "no statement named " + std::string(name))};
        }
        sqlite3_stmt* statement = nullptr;
        const std::string& sql = source->second;
        if (sqlite3_prepare_v3(db_, sql.c_str(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                               &statement, nullptr) != SQLITE_OK) {
            throw failure();
        }
        prepared_.emplace(name, statement);
        return statement;
    }

    static std::int64_t number(sqlite3_stmt* row, int column) { return sqlite3_column_int64(row, column); }
    static std::string text(sqlite3_stmt* row, int column) {
        const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
        return bytes == nullptr
                   ? ""
                   : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(row, column)));
    }

    Failed failure() const { return failure(sqlite3_extended_errcode(db_), sqlite3_system_errno(db_)); }

    // What happened, and what to do about it. Codes: sqlite.org/rescode.html.
    Failed failure(int code, int system = 0) const {
        const std::string message = db_ == nullptr ? "" : sqlite3_errmsg(db_);
        const std::string because = system == 0 ? "" : std::string(" (") + std::strerror(system) + ")";
        const auto say = [&](std::string_view name, const std::string& reason) {
            return Failed{base::fail(name, path_ + reason)};
        };
        const int primary = code & 0xff;
        if ((code == SQLITE_CONSTRAINT_CHECK && message.find("checkpoint_conflict") != std::string::npos) ||
            (code == SQLITE_CONSTRAINT_NOTNULL && message.find("marks.expires_at") != std::string::npos)) {
            return Failed{base::fail("conflict", message), true};
        }
        if (primary == SQLITE_ERROR && message.starts_with("no such table: meta")) {
            Failed failed = say("store_failed", ": " + message);
            failed.no_table = true;
            return failed;
        }
        if (primary == SQLITE_FULL || (primary == SQLITE_IOERR && system == ENOSPC)) {
            return say("store_full", ": the disk is full: free some space; nothing of this was written");
        }
        if (code == SQLITE_IOERR_WRITE) {  // SQLite keeps only ENOSPC apart
            return say("store_full", " could not be written" + because +
                                         ": a quota or file size limit is reached (or the disk fails): free "
                                         "some space; nothing of this was written");
        }
        switch (primary) {
            case SQLITE_READONLY:
                return say("store_read_only",
                           " cannot be written: check the owner and mode of the file and its "
                           "directory, and that the disk is not mounted read-only");
            case SQLITE_BUSY:
            case SQLITE_LOCKED:
                return say("store_locked", " is locked by another process: try again when that has finished");
            case SQLITE_NOTADB:
                return say(
                    "store_not_a_database",
                    " is not a SQLite database: name another file in store.path, this one was left alone");
            case SQLITE_CORRUPT:
                return say("store_damaged", " is damaged: restore a backup (or try `sqlite3 FILE .recover`)");
            case SQLITE_CANTOPEN:
            case SQLITE_PERM:
            case SQLITE_AUTH:
                return say("store_permission", " cannot be opened" + because +
                                                   ": check the permissions of the file and its directory");
            case SQLITE_TOOBIG:
                return say("store_failed", ": a record is larger than SQLite allows (1 GB)");
            default:
                return say("store_failed", ": " + message + because);
        }
    }

    template <typename Work>
    static effect::StoreResult guarded(const char* what, const Work& work) {
        try {
            effect::StoreResult result;
            result.outcome = effect::Outcome::ok;
            work(result);
            return result;
        } catch (const Failed& failed) {
            return failed.conflict ? store_conflict() : store_error(failed.error.reason);
        } catch (const std::exception& error) {
            return store_error(std::string(what) + ": " + error.what());
        }
    }

    std::string path_;
    sqlite3* db_ = nullptr;
    std::map<std::string, sqlite3_stmt*, std::less<>> prepared_;
};

}  // namespace

base::Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, int busy_ms) {
    try {
        return std::unique_ptr<Store>(std::make_unique<SqliteStore>(path, busy_ms));
    } catch (const Failed& failed) {
        return failed.error;
    } catch (const std::exception& error) {
        return base::fail("store_failed", path + ": " + error.what());
    }
}

const char* sqlite_version() { return sqlite3_libversion(); }

}  // namespace leadbridge::native
