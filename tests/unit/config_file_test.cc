#include "functions/native/config_file.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

using namespace leadbridge;
using native::parse_config;
using Json = nlohmann::json;

namespace {

class Folder {
  public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "lb-config-XXXXXX").string();
        path_ = ::mkdtemp(name.data()) != nullptr ? name : "";
        REQUIRE_FALSE(path_.empty());
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::string write(const std::string& name, const std::string& text) const {
        const std::string path = path_ + "/" + name;
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }
    [[nodiscard]] std::string at(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_;
};

std::string code_of(const std::string& text) {
    auto config = parse_config(text, "lb.json");
    return config.ok() ? "ok" : config.error().code;
}

}  // namespace

TEST_CASE("config file: environment variables are resolved, missing ones said") {
    ::setenv("LB_TEST_SECRET", "not-a-real-secret", 1);
    ::setenv("LB_TEST_EMPTY", "", 1);
    ::unsetenv("LB_TEST_ABSENT");
    auto config = parse_config(
        R"({"apps":{"a/b":{"app_secret":{"env":"LB_TEST_SECRET"},"x":{"env":"LB_TEST_ABSENT"}}},"l":[{"env":"LB_TEST_EMPTY"}]})",
        "lb.json");
    REQUIRE(config.ok());
    const Json resolved = Json::parse(config.value().resolved);
    CHECK(resolved["apps"]["a/b"]["app_secret"] ==
          Json({{"env", "LB_TEST_SECRET"}, {"value", "not-a-real-secret"}}));
    CHECK(
        resolved["apps"]["a/b"]["x"] ==
        Json({{"env", "LB_TEST_ABSENT"}, {"missing", "the environment variable LB_TEST_ABSENT is not set"}}));
    CHECK(resolved["l"][0]["missing"] == "the environment variable LB_TEST_EMPTY is empty");
    REQUIRE(config.value().missing.size() == 2);
    CHECK(config.value().missing[0].code == "/apps/a~1b/x");
}

TEST_CASE(
    "config file: what AWS keeps, without a region or credentials; other objects are left to the core") {
    for (const char* name :
         {"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_CONTAINER_CREDENTIALS_FULL_URI"}) {
        ::unsetenv(name);
    }
    const char* text =
        R"({"a":{"ssm":"/x"},"b":{"secretsmanager":"s","key":"k"},"c":{"ssm":"/x","key":"k"},"d":{"ssm":5}})";
    auto config = parse_config(text, "lb.json");
    REQUIRE(config.ok());
    const Json resolved = Json::parse(config.value().resolved);
    CHECK(resolved["a"]["failed"] == "the SSM parameter /x was not fetched: no AWS region is named");
    CHECK(resolved["b"]["fix"] == "set AWS_REGION, or write /store/region");
    CHECK(resolved["c"] == Json({{"ssm", "/x"}, {"key", "k"}}));
    CHECK(resolved["d"] == Json({{"ssm", 5}}));
    CHECK(config.value().fetched == 0);
    REQUIRE(config.value().missing.size() == 2);
    CHECK(config.value().missing[1].code == "/b");
    config = parse_config(R"({"a":{"ssm":"/x"},"store":{"region":"eu-central-1"}})", "lb.json");
    REQUIRE(config.ok());
    CHECK(Json::parse(config.value().resolved)["a"]["failed"] == "the SSM parameter /x was not fetched");
}

TEST_CASE("config file: secret files, relative to the configuration, without their last line break") {
    const Folder folder;
    folder.write("key.txt", "line one\nline two\r\n");
    const std::string path = folder.write(
        "lb.json", R"({"k":{"file":"key.txt"},"n":{"file":"absent.txt"},"store":{"path":"data/l.db"}})");
    auto config = native::read_config_file(path);
    REQUIRE(config.ok());
    const Json resolved = Json::parse(config.value().resolved);
    CHECK(resolved["k"]["value"] == "line one\nline two");
    CHECK(resolved["n"]["missing"] == folder.at("absent.txt") + " does not exist");
    CHECK(config.value().store.kind == "sqlite");
    CHECK(config.value().store.path == folder.at("data/l.db"));
}

TEST_CASE("config file: defaults, budget, endpoints") {
    auto config = parse_config("{}", "dir/lb.json");
    REQUIRE(config.ok());
    CHECK(config.value().store.path == "dir/leadbridge.db");
    CHECK(config.value().budget_ms == 25'000);
    config = parse_config(R"({"budget":{"seconds":2},"sources":{"a":{"endpoint":"https://h.example/r"}}})",
                          "lb.json");
    REQUIRE(config.ok());
    CHECK(config.value().budget_ms == 2'000);
    REQUIRE(config.value().endpoints.size() == 1);
    CHECK(config.value().endpoints[0].path == "/sources/a/endpoint");
    config = parse_config(R"({"store":{"path":"/abs/x.db","kind":"memory"},"budget":[1]})", "dir/lb.json");
    REQUIRE(config.ok());
    CHECK(config.value().store.path == "/abs/x.db");
    CHECK(config.value().store.kind == "memory");
}

TEST_CASE("config file: 64-bit numbers survive") {
    auto config = parse_config(R"({"id":9223372036854775807})", "lb.json");
    REQUIRE(config.ok());
    CHECK(config.value().resolved == R"({"id":9223372036854775807})");
}

TEST_CASE("config file: what is refused, and why") {
    CHECK(code_of("\xEF\xBB\xBF{}") == "ok");  // byte order mark
    CHECK(code_of("") == "config_json");
    CHECK(code_of("[]") == "config_json");
    CHECK(code_of("{\"a\":1,}") == "config_json");
    CHECK(code_of("{\"a\":1} x") == "config_json");
    CHECK(code_of("{\"a\":1,\"a\":2}") == "config_json");
    CHECK(code_of("{\"a\":{\"b\":1},\"c\":{\"b\":1}}") == "ok");
    CHECK(code_of("{\"a\":\"\xFF\"}") == "config_encoding");
    CHECK(code_of(R"({"store":{"kind":"d1"}})") == "config_store");
    CHECK(code_of(R"({"store":{"path":""}})") == "config_store");
    CHECK(code_of(R"({"a":{"env":"X","value":"typed in"}})") == "config_secret");
    CHECK(code_of(R"({"a":{"ssm":"/x","value":"typed in"}})") == "config_secret");
    CHECK(code_of(R"({"a":{"secretsmanager":"x","failed":"typed in"}})") == "config_secret");
    const std::string deep(10'000, '[');
    CHECK(code_of("{\"a\":" + deep + std::string(10'000, ']') + "}") == "config_json");
    CHECK(code_of("{\"a\":" + deep) == "config_json");
    auto config = parse_config("{\n  \"a\": tru\n}", "lb.json");
    REQUIRE_FALSE(config.ok());
    CHECK(config.error().reason.find("lb.json: not valid JSON at line 2, column") == 0);
}

TEST_CASE("config file: files that are absent, too large or a folder") {
    const Folder folder;
    CHECK(native::read_config_file(folder.at("none.json")).error().code == "config_missing");
    CHECK(native::read_config_file(folder.at("")).error().code == "config_unreadable");
    const std::string large = folder.write("large.json", std::string(native::kMaxConfigBytes + 1, ' '));
    CHECK(native::read_config_file(large).error().code == "config_too_large");
}
