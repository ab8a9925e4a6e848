// What only the SQLite store can get wrong: crashes, files it may not use, several writers, and query plans.
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "functions/native/store/sqlite/sqlite.h"
#include "sql_files.h"
#include "store/store_json.h"

namespace {

using leadbridge::native::open_sqlite_store;
using leadbridge::native::Store;
namespace base = leadbridge::base;
namespace effect = leadbridge::effect;
namespace fs = std::filesystem;
using leadbridge::testing::items_json;
using Json = nlohmann::json;

constexpr base::Millis kNow = 1'700'000'000'000;

class Folder {
  public:
    Folder() {
        char name[] = "/tmp/leadbridge-sqlite-XXXXXX";
        path_ = mkdtemp(name);
        fs::permissions(path_, fs::perms::all);  // another user works in it
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    std::string operator/(const char* name) const { return path_ / name; }

  private:
    fs::path path_;
};

std::unique_ptr<Store> open_or_fail(const std::string& path, int busy_ms = 5000) {
    auto store = open_sqlite_store(path, busy_ms);
    if (!store.ok()) throw std::runtime_error(store.error().reason);
    return std::move(store).value();
}

std::string code_of(const std::string& path, std::string* reason = nullptr, int busy_ms = 50) {
    const auto store = open_sqlite_store(path, busy_ms);
    if (store.ok()) return "ok";
    if (reason != nullptr) *reason = store.error().reason;
    return store.error().code;
}

effect::Records records(const std::string& commit, int leads, std::size_t doc_bytes = 200) {
    effect::Records all;
    all.commit = commit;
    all.now = kNow;
    for (int i = 0; i < leads; ++i) {
        effect::LeadRecord lead;
        lead.id = lead.lead_id = commit + "/" + std::to_string(i);
        lead.source = "ads";
        lead.platform = "alimama";
        lead.account = "main";
        lead.version = lead.revision = 1;
        lead.sort_at = i;
        lead.doc = std::string(doc_bytes, 'x');
        all.leads.push_back(std::move(lead));
    }
    return all;
}

effect::StoreResult walk(Store& store, std::int64_t expected, const std::string& commit, int leads,
                         std::size_t doc_bytes = 200) {
    return store.commit({{{"walk", expected, commit}}, records(commit, leads, doc_bytes)});
}

std::int64_t version(Store& store) {
    const auto result = store.load({{"walk"}, kNow});
    if (!result.ok()) throw std::runtime_error(result.reason);
    return result.records.empty() ? 0 : result.records.front().version;
}

std::int64_t lead_count(Store& store) {
    const auto result = store.scan({effect::CountQuery{}, 10, ""});
    if (!result.ok()) throw std::runtime_error(result.reason);
    const auto& counts = effect::items_of<effect::SourceCount>(result);
    return counts.empty() ? 0 : counts.front().leads;
}

// Runs `work` in a process of its own; its return value is the exit status.
pid_t start(const std::function<int()>& work) {
    const pid_t child = fork();
    if (child != 0) return child;
    int status = 99;
    try {
        status = work();
    } catch (...) {
    }
    _exit(status);
}

int finish(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void run_sql(const std::string& path, const char* sql) {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    CHECK(sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(db);
}

}  // namespace

TEST_CASE("sqlite: everything is there after closing; the file is private", "[store]") {
    const Folder folder;
    const std::string path = folder / "a.db";
    CHECK(walk(*open_or_fail(path), 0, "c0", 3).inserted == 3);
    const auto store = open_or_fail(path);
    CHECK(version(*store) == 1);
    CHECK(lead_count(*store) == 3);
    struct stat info {};
    REQUIRE(stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    REQUIRE(stat((path + "-wal").c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("sqlite: kill -9 at any moment leaves whole commits", "[store]") {
    const Folder folder;
    const std::string path = folder / "a.db";
    constexpr int kLeads = 150;
    std::int64_t done = 0;
    for (int round = 0; round < 12; ++round) {
        int ready[2];
        REQUIRE(pipe(ready) == 0);
        const pid_t child = start([&] {
            const auto store = open_or_fail(path);
            for (std::int64_t at = version(*store); at < 100'000; ++at) {
                if (walk(*store, at, "c" + std::to_string(at), kLeads).outcome != effect::Outcome::ok)
                    return 1;
                if (write(ready[1], "c", 1) != 1) return 2;
            }
            return 0;
        });
        char byte = 0;
        REQUIRE(read(ready[0], &byte, 1) == 1);
        std::this_thread::sleep_for(std::chrono::microseconds(1'700 * round));
        kill(child, SIGKILL);
        CHECK(finish(child) == 1000 + SIGKILL);
        for (const int end : ready) close(end);
        const auto store = open_or_fail(path);
        CHECK(version(*store) > done);
        done = version(*store);
        CHECK(lead_count(*store) == done * kLeads);
    }
}

TEST_CASE("sqlite: a transaction cut in the middle is undone", "[store]") {
    const Folder folder;
    const std::string path = folder / "a.db";
    (void)walk(*open_or_fail(path), 0, "c0", 2);
    const pid_t child = start([&] {
        sqlite3* db = nullptr;
        sqlite3_open(path.c_str(), &db);
        // A cache of one page forces the unfinished transaction into the log file.
        sqlite3_exec(db,
                     "PRAGMA cache_size = 1; BEGIN IMMEDIATE; UPDATE checkpoints SET version = 9; "
                     "UPDATE leads SET doc = hex(randomblob(40000))",
                     nullptr, nullptr, nullptr);
        return raise(SIGKILL);
    });
    CHECK(finish(child) == 1000 + SIGKILL);
    CHECK(fs::file_size(path + "-wal") > 60'000);
    const auto store = open_or_fail(path);
    CHECK(version(*store) == 1);
    CHECK(walk(*store, 1, "c1", 2).outcome == effect::Outcome::ok);
    CHECK(lead_count(*store) == 4);
}

TEST_CASE("sqlite: places that cannot hold a store", "[store]") {
    const Folder folder;
    std::string reason;
    CHECK(code_of(folder / "missing/a.db", &reason) == "store_directory");
    CHECK_THAT(reason, Catch::Contains("missing of ") && Catch::Contains("does not exist"));
    fs::create_directory(folder / "dir");
    CHECK(code_of(folder / "dir", &reason) == "store_directory");
    CHECK_THAT(reason, Catch::Contains("is a directory"));
    std::ofstream(folder / "file") << "x";
    CHECK(code_of(folder / "file/a.db") == "store_directory");
}

TEST_CASE("sqlite: a file that is not a database is left alone", "[store]") {
    const Folder folder;
    const std::string path = folder / "leads.csv";
    const std::string text = "id,phone\n" + std::string(5000, 'x');
    std::ofstream(path) << text;
    std::string reason;
    CHECK(code_of(path, &reason) == "store_not_a_database");
    CHECK_THAT(reason, Catch::Contains("is not a SQLite database"));
    CHECK(bytes_of(path) == text);
}

TEST_CASE("sqlite: an empty file becomes a store", "[store]") {
    const Folder folder;
    std::ofstream(folder / "a.db").close();
    CHECK(code_of(folder / "a.db") == "ok");
}

TEST_CASE("sqlite: a damaged file is an error, not a crash", "[store]") {
    const Folder folder;
    const std::string path = folder / "a.db";
    (void)walk(*open_or_fail(path), 0, "c0", 2000);
    {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        const std::string noise(4096, '\x5a');
        const auto pages = static_cast<long>(fs::file_size(path) / 4096);
        for (long page = 3; page < pages; ++page) {
            file.seekp(page * 4096);
            file.write(noise.data(), 4096);
        }
    }
    auto store = open_sqlite_store(path);
    if (store.ok()) {
        const auto result = walk(*store.value(), 1, "c1", 10);
        CHECK(result.outcome == effect::Outcome::error);
        CHECK_THAT(result.reason, Catch::Contains("damaged"));
    } else {
        CHECK(store.error().code == "store_damaged");
    }
}

TEST_CASE("sqlite: a newer schema is refused", "[store]") {
    const Folder folder;
    const std::string path = folder / "a.db";
    (void)open_or_fail(path);
    run_sql(path, "UPDATE meta SET value = 7");
    std::string reason;
    CHECK(code_of(path, &reason) == "store_newer");
    CHECK_THAT(reason, Catch::Contains("schema version 7"));
}

namespace {

void make_version_1(const std::string& path) {
    const std::string_view schema = leadbridge::native::sql::schema_sql;
    const std::size_t second = schema.find("-- name: v2_");
    REQUIRE(second != std::string_view::npos);
    run_sql(path, std::string(schema.substr(0, second)).c_str());
    run_sql(
        path,
        "INSERT INTO meta VALUES ('schema_version', 1);"
        "INSERT INTO checkpoints VALUES ('walk', 4, 'old');"
        "INSERT INTO leads VALUES ('l1', 'ads', 'alimama', 'main', 'l1', 1, 1, 5, NULL, NULL, '{}', 5, 5, "
        "'c0', 'c0');"
        "INSERT INTO outbox (id, queue, due_at, payload) VALUES ('o1', 'q', 7, 'p')");
}

effect::StoreResult commit_row(Store& store, const std::string& id) {
    effect::Records records;
    records.commit = "of " + id;
    records.now = kNow;
    records.rows.push_back({"s", id, 1, "{}", std::nullopt});
    return store.commit({{}, records});
}

}  // namespace

TEST_CASE("sqlite: a database of schema version 1 moves to version 2 and keeps what it holds", "[store]") {
    const Folder folder;
    const std::string path = folder / "a.db";
    make_version_1(path);
    const auto check = [](Store& store, std::int64_t rows) {
        CHECK(version(store) == 4);
        CHECK(lead_count(store) == 1);
        CHECK(items_json(store.scan({effect::RowCountQuery{}, 10, ""}).items) ==
              Json{{{"set", "s"}, {"rows", rows}, {"newest", 1}}});
        CHECK(items_json(store.scan({effect::QueueQuery{}, 10, ""}).items) ==
              Json{{{"queue", "q"}, {"waiting", 1}, {"dead", 0}, {"next_at", 7}}});
    };
    SECTION("once") {
        CHECK(commit_row(*open_or_fail(path), "r1").inserted == 1);
        run_sql(path,
                "CREATE TABLE looked (value CHECK (value = 2)); INSERT INTO looked SELECT value FROM meta");
        const auto store = open_or_fail(path);  // a second opening finds nothing to do
        CHECK(commit_row(*store, "r2").inserted == 1);
        check(*store, 2);
    }
    SECTION("by several at once") {
        std::vector<pid_t> children;
        for (int i = 0; i < 4; ++i) {
            children.push_back(start([&path, i] {
                return commit_row(*open_or_fail(path), "r" + std::to_string(i)).inserted == 1 ? 0 : 1;
            }));
        }
        for (const pid_t child : children) CHECK(finish(child) == 0);
        check(*open_or_fail(path), 4);
    }
}

TEST_CASE("sqlite: permission and read-only", "[store]") {
    const Folder folder;
    const std::string path = folder / "a.db";
    (void)open_or_fail(path);
    fs::create_directory(folder / "locked");
    const auto as_nobody = [&](const std::string& target, fs::perms file, fs::perms directory) {
        fs::permissions(path, file);
        fs::permissions(folder / "locked", directory);
        int out[2];
        REQUIRE(pipe(out) == 0);
        const pid_t child = start([&] {
            if (geteuid() == 0 && setuid(65534) != 0) return 1;  // permissions do not stop root
            std::string reason;
            const std::string said = code_of(target, &reason) + "|" + reason;
            return write(out[1], said.data(), said.size()) > 0 ? 0 : 2;
        });
        CHECK(finish(child) == 0);
        close(out[1]);
        char said[600] = {};
        CHECK(read(out[0], said, sizeof said - 1) > 0);
        close(out[0]);
        return std::string(said);
    };
    using fs::perms;
    const auto readable = perms::owner_read | perms::group_read | perms::others_read;
    const auto visible = readable | perms::owner_exec | perms::group_exec | perms::others_exec;
    CHECK_THAT(as_nobody(path, readable, perms::all), Catch::StartsWith("store_read_only|" + path));
    CHECK_THAT(as_nobody(path, perms::none, perms::all), Catch::StartsWith("store_permission|" + path));
    CHECK_THAT(as_nobody(folder / "locked/b.db", readable, visible),
               Catch::StartsWith("store_permission|") && Catch::Contains("Permission denied"));
}

TEST_CASE("sqlite: locked by another process", "[store]") {
    const Folder folder;
    const std::string path = folder / "a.db";
    const auto store = open_or_fail(path, 50);
    int ready[2], stop[2];
    REQUIRE(pipe(ready) == 0);
    REQUIRE(pipe(stop) == 0);
    const pid_t child = start([&] {
        close(stop[1]);
        sqlite3* db = nullptr;
        sqlite3_open(path.c_str(), &db);
        if (sqlite3_exec(db, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) != SQLITE_OK) return 1;
        char byte = 'r';
        return write(ready[1], &byte, 1) == 1 && read(stop[0], &byte, 1) == 0 ? 0 : 2;
    });
    char byte = 0;
    REQUIRE(read(ready[0], &byte, 1) == 1);
    const auto refused = walk(*store, 0, "c0", 1);
    CHECK(refused.outcome == effect::Outcome::error);
    CHECK_THAT(refused.reason, Catch::Contains("locked by another process"));
    CHECK(version(*store) == 0);  // reading goes on
    CHECK(code_of(path) == "ok");
    close(stop[1]);
    CHECK(finish(child) == 0);
    CHECK(walk(*store, 0, "c0", 1).outcome == effect::Outcome::ok);
    for (const int end : {ready[0], ready[1], stop[0]}) close(end);
}

TEST_CASE("sqlite: a writer waits for a short lock", "[store]") {
    const Folder folder;
    const std::string path = folder / "a.db";
    const auto store = open_or_fail(path);
    const pid_t child = start([&] {
        sqlite3* db = nullptr;
        sqlite3_open(path.c_str(), &db);
        sqlite3_exec(db, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        return sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr);
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    CHECK(walk(*store, 0, "c0", 1).outcome == effect::Outcome::ok);
    CHECK(finish(child) == 0);
}

TEST_CASE("sqlite: a full disk says so, loses nothing, and the next run goes on", "[store]") {
    const Folder folder;
    const auto fill = [](Store& store, const char* reason) {
        for (int at = 0; at < 200; ++at) {
            const auto result = walk(store, at, "c" + std::to_string(at), 50, 2000);
            if (result.outcome == effect::Outcome::ok) continue;
            if (result.outcome != effect::Outcome::error || result.reason.find(reason) == std::string::npos)
                return 3;
            if (at == 0 || version(store) != at || lead_count(store) != at * 50) return 4;
            return walk(store, at, "small", 0).outcome == effect::Outcome::conflict ? 5 : 0;
        }
        return 6;
    };
    SECTION("file size limit") {
        const std::string path = folder / "a.db";
        const pid_t child = start([&] {
            signal(SIGXFSZ, SIG_IGN);
            const rlimit limit{4'000'000, 4'000'000};
            if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 2;
            return fill(*open_or_fail(path), "file size limit");
        });
        CHECK(finish(child) == 0);
        const auto store = open_or_fail(path);
        CHECK(walk(*store, version(*store), "later", 50).outcome == effect::Outcome::ok);
    }
    SECTION("no space left on the device") {
        const std::string disk = folder / "disk";
        fs::create_directory(disk);
        if (mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=3m") != 0) {
            WARN("not allowed to mount a small disk: skipped");
            return;
        }
        CHECK(finish(start([&] { return fill(*open_or_fail(disk + "/a.db"), "disk is full"); })) == 0);
        CHECK(umount(disk.c_str()) == 0);
    }
}

TEST_CASE("sqlite: many open a new file at once", "[store]") {
    const Folder folder;
    const std::string path = folder / "a.db";
    std::vector<pid_t> children;
    for (int i = 0; i < 6; ++i) {
        children.push_back(start([&, i] {
            return open_or_fail(path)->commit({{}, records("c" + std::to_string(i), 5)}).inserted == 5 ? 0
                                                                                                       : 1;
        }));
    }
    for (const pid_t child : children) CHECK(finish(child) == 0);
    CHECK(lead_count(*open_or_fail(path)) == 30);
}

// Everybody tries each version; exactly one wins it, and what the others brought is nowhere.
namespace {

constexpr int kVersions = 40;

int compete(const std::string& path, int who) {
    const auto store = open_or_fail(path);
    int won = 0;
    for (std::int64_t at = version(*store); at < kVersions; at = version(*store)) {
        const auto result = walk(*store, at, std::to_string(at) + "by" + std::to_string(who), 3);
        if (result.outcome == effect::Outcome::error) return 250;
        if (result.outcome == effect::Outcome::ok) won += 1;
    }
    return won;
}

}  // namespace

TEST_CASE("sqlite: of two writers exactly one wins each version", "[store]") {
    const Folder folder;
    const std::string path = folder / "a.db";
    (void)open_or_fail(path);
    int won = 0;
    SECTION("threads") {
        std::atomic<int> sum = 0;
        std::thread other([&] { sum += compete(path, 1); });
        sum += compete(path, 2);
        other.join();
        won = sum;
    }
    SECTION("processes") {
        std::vector<pid_t> children;
        for (int i = 0; i < 3; ++i) children.push_back(start([&, i] { return compete(path, i); }));
        for (const pid_t child : children) won += finish(child);
    }
    CHECK(won == kVersions);
    CHECK(lead_count(*open_or_fail(path)) == kVersions * 3);
}

TEST_CASE("sqlite: pages, claims and purges walk an index", "[store]") {
    const Folder folder;
    const std::string path = folder / "a.db";
    (void)open_or_fail(path);
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    const auto plan = [&](const std::string& name) {
        const std::string_view all = leadbridge::native::sql::statements_sql;
        const std::string mark = "-- name: " + name + "\n";
        const std::size_t from = all.find(mark) + mark.size();
        const std::string sql =
            "EXPLAIN QUERY PLAN " + std::string(all.substr(from, all.find("-- name:", from) - from));
        sqlite3_stmt* statement = nullptr;
        REQUIRE(sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
        std::string text;
        while (sqlite3_step(statement) == SQLITE_ROW) {
            text += reinterpret_cast<const char*>(sqlite3_column_text(statement, 3));
            text += '\n';
        }
        sqlite3_finalize(statement);
        return text;
    };
    const auto walks = [&](const char* name, const char* index) {
        const std::string text = plan(name);
        INFO(name << "\n" << text);
        CHECK_THAT(text, Catch::Contains(index) && !Catch::Contains("TEMP B-TREE"));
    };
    walks("scan_leads", "SEARCH leads USING INDEX leads_newest (sort_at>? AND (sort_at,id)<(?,?))");
    walks("scan_leads_source",
          "SEARCH leads USING INDEX leads_source (source=? AND sort_at>? AND (sort_at,id)<(?,?))");
    walks("scan_leads_person",
          "SEARCH leads USING INDEX leads_person (person_key=? AND sort_at>? AND (sort_at,id)<(?,?))");
    walks("scan_counts", "SEARCH l USING COVERING INDEX leads_source");
    walks("scan_dead", "outbox_dead");
    walks("scan_rows", "SEARCH set_rows USING INDEX sqlite_autoindex_set_rows_1 (set_name=? AND id>?)");
    walks("scan_row_counts", "SEARCH r USING COVERING INDEX set_rows_newest (set_name=?)");
    CHECK_THAT(plan("scan_queues"),
               Catch::Contains("outbox_due (queue>?)") && Catch::Contains("outbox_dead_queue (queue>?)"));
    walks("claim_pick", "SEARCH outbox USING INDEX outbox_due (queue=? AND due_at<?)");
    walks("claim_mark", "SEARCH o USING INDEX outbox_due (queue=? AND due_at<?)");
    walks("purge_marks", "marks_expiry");
    CHECK_THAT(plan("purge_leads"), Catch::Contains("leads_expiry (expires_at<?)"));
    CHECK_THAT(plan("purge_rows"), Catch::Contains("set_rows_expiry (expires_at<?)"));
    CHECK_THAT(plan("purge_raw"), Catch::Contains("raw_expiry (expires_at<?)"));
    for (const char* name : {"settle_done", "settle_retry", "settle_dead"}) {
        CHECK_THAT(plan(name), Catch::Contains("SEARCH outbox USING INDEX sqlite_autoindex_outbox_1"));
    }
    sqlite3_close(db);
}
