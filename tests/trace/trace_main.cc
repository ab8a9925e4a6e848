// trace: plays the cases of tests/cases (its README is the format) on the native engine and memory store, the
// same way every time, and checks what they expect.
//
//   trace [--trace DIRECTORY] FILE...
//
// --trace writes DIRECTORY/<case>.trace: every effect as its message (docs/abi.md), one after the other.
// tests/cases/play.mjs does the same with leadbridge.wasm; the bytes must be equal.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/text.h"
#include "engine/engine.h"
#include "engine/messages.h"
#include "functions/native/store/memory.h"
#include "test_data.h"
#include "wire/spi.h"
#include "wire/tanma.h"

namespace {

using namespace leadbridge;
using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;  // answers keep the order of their keys

constexpr int kMostEffects = 10'000;
const std::string kTests = LEADBRIDGE_TEST_DATA;

std::string file_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error(path + " cannot be read");
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// ---- what differs -----------------------------------------------------------------------------------------

std::string has_parts(const Json& parts, const Json& actual, bool wanted, const std::string& path) {
    const std::string text = actual.is_string() ? actual.get<std::string>() : actual.dump();
    for (const auto& part : parts) {
        if ((text.find(part.get<std::string>()) != std::string::npos) == wanted) continue;
        return path + (wanted ? ": lacks " : ": has ") + part.dump() + " in " + text.substr(0, 400) + "\n";
    }
    return "";
}

// Empty = `actual` has everything that is wanted.
std::string difference(const Json& wanted, const Json& actual, const std::string& path, bool only = false) {
    std::string found;
    if (wanted.is_object() && wanted.contains("$has")) return has_parts(wanted["$has"], actual, true, path);
    if (wanted.is_object() && wanted.contains("$lacks"))
        return has_parts(wanted["$lacks"], actual, false, path);
    if (wanted.is_object() && wanted.contains("$only"))
        return difference(wanted["$only"], actual, path, true);
    if (wanted.is_object() && actual.is_object()) {
        for (const auto& [key, value] : wanted.items())
            found += difference(value, actual.contains(key) ? actual[key] : Json("(absent)"),
                                path + "." + key, only);
        for (const auto& [key, value] : actual.items()) {
            if (only && !wanted.contains(key))
                found += path + "." + key + ": not expected: " + value.dump() + "\n";
        }
        return found;
    }
    if (wanted.is_array() && actual.is_array() && wanted.size() == actual.size()) {
        for (std::size_t i = 0; i < wanted.size(); ++i)
            found += difference(wanted[i], actual[i], path + "[" + std::to_string(i) + "]", only);
        return found;
    }
    if (wanted == actual) return "";
    return path + ": wanted " + wanted.dump().substr(0, 400) + ", came " + actual.dump().substr(0, 400) +
           "\n";
}

// ---- http -------------------------------------------------------------------------------------------------

void decode_pairs(std::string_view text, Json& out) {
    for (const auto& pair : base::split(text, '&')) {
        const auto at = pair.find('=');
        if (at == std::string::npos) continue;
        out[base::form_decode(pair.substr(0, at)).value_or("?")] =
            base::form_decode(pair.substr(at + 1)).value_or("?");
    }
}

void decode_members(const std::string& text, Json& out) {
    const Json object = Json::parse(text, nullptr, false);
    if (!object.is_object()) return;
    for (const auto& [key, value] : object.items())
        out[key] = value.is_string() ? value.get<std::string>() : value.dump();
}

// Path, headers, query, form or JSON body, and the members of the structured parameters, as text.
Json decoded(const effect::Http& request) {
    Json out = Json::object();
    const auto at = std::min(request.url.find('?'), request.url.size());
    const auto host = request.url.find("//") + 2;
    out["path"] = request.url.substr(request.url.find('/', host), at - request.url.find('/', host));
    for (const auto& [name, value] : request.headers) out["header." + base::lower_ascii(name)] = value;
    if (at < request.url.size()) decode_pairs(std::string_view(request.url).substr(at + 1), out);
    if (request.body.substr(0, 1) == "{") {
        decode_members(request.body, out);
    } else {
        decode_pairs(request.body, out);
    }
    for (const char* name : {"lead_external_query_dto", "req"}) decode_members(out.value(name, ""), out);
    return out;
}

// The `request` of a step as an event. The signature is what the core's own checker expects: whether that is
// right, the JavaScript player decides, which computes it on its own and must come to the same bytes.
OrderedJson request_event(const OrderedJson& step, const std::string& body, const std::string& secret) {
    const OrderedJson& request = step.at("request");
    effect::Headers headers;
    for (const auto& header : request.value("headers", OrderedJson::array()))
        headers.emplace_back(header[0].get<std::string>(), header[1].get<std::string>());
    std::string query = request.value("query", "");
    const auto fill = [&query](const std::string& place, const std::string& value) {
        if (const auto at = query.find(place); at != std::string::npos)
            query.replace(at, place.size(), value);
    };
    if (query.find("{{sign") != std::string::npos) {
        wire::TopApp app;
        app.app_secret = crypto::Secret(secret);
        std::string unsigned_query = query;
        const auto at = unsigned_query.find("sign={{");
        unsigned_query.replace(at, unsigned_query.find("}}", at) + 2 - at, "sign=X");
        const std::string sign = wire::check_spi({unsigned_query, &headers, body}, app).expected;
        fill("{{sign}}", sign);
        fill("{{sign_lower}}", base::lower_ascii(sign));
    }
    return {{"kind", "request"},
            {"method", request.value("method", "POST")},
            {"path", request.at("path")},
            {"headers", request.value("headers", OrderedJson::array())},
            {"query", query}};
}

std::string body_of(const OrderedJson& answer) {
    if (answer.contains("body_push")) {
        wire::TanmaApp app{"zc_test", crypto::Secret("zc_test"), "zc_test"};
        return base::base64_encode(wire::tanma_push_cipher(app, answer["body_push"].get<std::string>()));
    }
    if (answer.contains("body")) return answer["body"].get<std::string>();
    if (answer.contains("body_file"))
        return file_text(kTests + "/cases/" + answer["body_file"].get<std::string>());
    if (answer.contains("body_base64")) {
        const auto bytes = base::base64_decode(answer["body_base64"].get<std::string>());
        if (!bytes) throw std::runtime_error("body_base64 is not base64");
        return *bytes;
    }
    if (answer.contains("body_repeat")) {
        const auto& parts = answer["body_repeat"];
        std::string body = parts.value("head", "");
        const std::string text = parts.at("text").get<std::string>();
        const auto times = parts.at("times").get<std::size_t>();
        body.reserve(body.size() + text.size() * times);
        const std::string count = "{{n}}";
        const auto at = text.find(count);
        for (std::size_t i = 0; i < times; ++i) {
            body += at == std::string::npos ? text
                                            : std::string(text).replace(at, count.size(), std::to_string(i));
        }
        return body + parts.value("tail", "");
    }
    if (answer.contains("rows")) {
        OrderedJson page;
        page["mama_crm_lead_list_response"]["result_data"]["result"] = answer["rows"];
        page["mama_crm_lead_list_response"]["result_ok"] = true;
        return page.dump();
    }
    return answer.contains("json") ? answer["json"].dump() : "";
}

effect::HttpResult answer_of(const OrderedJson& answer, std::int64_t max_bytes) {
    effect::HttpResult result;
    if (answer.contains("error")) {
        result.error_kind = answer["error"].at("kind").get<std::string>();
        result.error_message = answer["error"].value("message", "");
        return result;
    }
    result.body = body_of(answer);
    if (static_cast<std::int64_t>(result.body.size()) > max_bytes) {
        result.body.clear();
        result.error_kind = "too_large";
        result.error_message = "the answer is longer than " + std::to_string(max_bytes) + " bytes";
        return result;
    }
    result.status = answer.value("status", 200);
    for (const auto& header : answer.value("headers", OrderedJson::array()))
        result.headers.emplace_back(header[0].get<std::string>(), header[1].get<std::string>());
    return result;
}

// ---- configuration ----------------------------------------------------------------------------------------

std::string secret_text(const Json& secret) {
    if (secret.is_string()) return secret.get<std::string>();
    return file_text(kTests + "/" + secret.at("file").get<std::string>());
}

// {"env": NAME} as a host resolves it (docs/abi.md).
void resolve(Json& node, const Json& secrets) {
    if (node.is_object() && node.size() == 1 && node.contains("env") && node["env"].is_string()) {
        const auto found = secrets.find(node["env"].get<std::string>());
        if (found != secrets.end()) {
            node["value"] = secret_text(*found);
        } else {
            node["missing"] = "not set";
        }
        return;
    }
    if (!node.is_structured()) return;
    for (auto& child : node) resolve(child, secrets);
}

Json merged(Json node, const OrderedJson& patch) {
    node.merge_patch(Json::parse(patch.dump()));
    return node;
}

// ---- one case ---------------------------------------------------------------------------------------------

class Player {
  public:
    Player(const OrderedJson& entry, const Json& base)
        : entry_(entry),
          config_(base.at("config")),
          secrets_(base.at("secrets")),
          now_(entry.value("now", base.at("now").get<std::int64_t>())),
          store_(native::open_memory_store()) {
        if (entry.contains("secrets")) secrets_ = merged(secrets_, entry["secrets"]);
        if (entry.contains("config")) take_config(entry["config"], config_, raw_config_);
    }

    void play() {
        for (const auto& step : entry_.at("steps")) {
            now_ += step.value("after_s", std::int64_t{0}) * base::kSecond;
            invoke(step);
            ++number_;
        }
    }

    std::string trace;
    std::string failures;

  private:
    static void take_config(const OrderedJson& given, Json& config, std::string& raw) {
        if (given.is_string()) {
            raw = given.get<std::string>();
        } else {
            raw.clear();
            config = merged(config, given);
        }
    }

    void wrong(const std::string& what) {
        if (!what.empty())
            failures += "  step " + std::to_string(number_) + " " + what + (what.back() == '\n' ? "" : "\n");
    }

    void invoke(const OrderedJson& step) {
        Json config = config_;
        std::string raw = raw_config_;
        if (step.contains("config")) take_config(step["config"], config, raw);
        const Json secrets = step.contains("secrets") ? merged(secrets_, step["secrets"]) : secrets_;
        resolve(config, secrets);
        const std::string body = body_of(step);
        const OrderedJson event =
            step.contains("request")
                ? request_event(step, body,
                                secret_text(secrets.at(step["request"].value("secret", "FAKE_APP_SECRET"))))
                : step.value("event", OrderedJson{{"kind", "pull"}});
        response_ = Json(nullptr);
        answers_ = step.value("http", OrderedJson::array());
        answered_ = 0;
        codes_ = Json::array();
        shown_.clear();

        engine::Engine engine(raw.empty() ? config.dump() : raw);
        std::string random(32, '\x5a');  // differs between steps: commits are told apart by it
        random[0] = static_cast<char>(number_);
        std::vector<effect::Input> inputs{effect::Start{event.dump(), body, random}};
        std::optional<effect::Done> done;
        int effects = 0;
        for (std::size_t next = 0; next < inputs.size() && !done; ++next) {
            const effect::Input input = std::move(inputs[next]);
            engine.feed(input, now_);
            while (const auto effect = engine.next()) {
                if (++effects > kMostEffects)
                    throw std::runtime_error("the core asks for effects without end");
                trace += engine::encode(*effect);
                if (const auto* end = std::get_if<effect::Done>(&effect->what)) done = *end;
                perform(*effect, inputs);
            }
        }
        if (!done) return wrong("the core waits for nothing and is not done");
        shown_ += done->summary;
        check(step, *done, secrets);
    }

    void perform(const effect::Effect& effect, std::vector<effect::Input>& inputs) {
        const auto& what = effect.what;
        if (const auto* log = std::get_if<effect::Log>(&what)) {
            codes_.push_back(log->code);
            shown_ += log->code + " " + log->message + "\n";
        } else if (const auto* respond = std::get_if<effect::Respond>(&what)) {
            Json headers = Json::object();
            for (const auto& [name, value] : respond->headers) headers[base::lower_ascii(name)] = value;
            response_ = {{"status", respond->status}, {"headers", headers}, {"body", respond->body}};
            if (const auto type = codec::member_text(headers, "content-type");
                type && type->find("json") != std::string::npos)
                response_["json"] = Json::parse(respond->body, nullptr, false);
        } else if (const auto* wait = std::get_if<effect::Wait>(&what)) {
            now_ += wait->ms;
            inputs.emplace_back(effect::WaitResult{effect.id});
        } else if (const auto* http = std::get_if<effect::Http>(&what)) {
            auto result = answer(*http);
            result.id = effect.id;
            inputs.emplace_back(std::move(result));
        } else if (!std::holds_alternative<effect::Done>(what)) {
            effect::StoreResult result;
            if (const auto* load = std::get_if<effect::StoreLoad>(&what)) result = store_->load(*load);
            if (const auto* commit = std::get_if<effect::StoreCommit>(&what))
                result = store_->commit(*commit);
            if (const auto* scan = std::get_if<effect::StoreScan>(&what)) result = store_->scan(*scan);
            if (const auto* claim = std::get_if<effect::StoreClaim>(&what)) result = store_->claim(*claim);
            if (const auto* settle = std::get_if<effect::StoreSettle>(&what))
                result = store_->settle(*settle);
            if (const auto* purge = std::get_if<effect::StorePurge>(&what))
                result.outcome =
                    store_->purge(purge->now).ok() ? effect::Outcome::ok : effect::Outcome::error;
            result.id = effect.id;
            inputs.emplace_back(std::move(result));
        }
    }

    effect::HttpResult answer(const effect::Http& request) {
        if (answered_ >= answers_.size()) {
            wrong("http: a request more than the case answers: " + decoded(request).dump());
            effect::HttpResult none;
            none.error_kind = "other";
            none.error_message = "no answer is left in this case";
            return none;
        }
        const OrderedJson& planned = answers_[answered_++];
        const Json actual = decoded(request);
        const OrderedJson wanted = planned.value("expect", OrderedJson::object());
        for (const auto& [key, value] : wanted.items()) {
            const Json came = actual.contains(key) ? actual[key] : Json(nullptr);
            if (came != Json(value))
                wrong("http " + std::to_string(answered_) + ": " + key + " wanted " + value.dump() +
                      ", came " + came.dump());
        }
        const OrderedJson& given = planned.at("answer");
        now_ += given.value("takes_ms", std::int64_t{0});
        return answer_of(given, request.max_bytes);
    }

    Json stored_rows(const std::string& set) {
        Json rows = Json::array();
        const auto result = store_->scan(effect::StoreScan{effect::RowQuery{set, std::nullopt, 0}, 1000, ""});
        for (const auto& row : effect::items_of<effect::StoredRow>(result))
            rows.push_back(Json::parse(row.doc));
        return rows;
    }

    Json stored_leads() {
        Json leads = Json::array();
        std::string page;
        do {
            const auto result = store_->scan(effect::StoreScan{effect::LeadQuery{}, 500, page});
            for (const auto& lead : effect::items_of<effect::StoredLead>(result))
                leads.push_back(Json::parse(lead.doc));
            page = result.next;
        } while (!page.empty());
        return leads;
    }

    void check(const OrderedJson& step, const effect::Done& done, const Json& secrets) {
        if (answered_ < answers_.size())
            wrong("http: only " + std::to_string(answered_) + " of " + std::to_string(answers_.size()) +
                  " requests came");
        const Json expect = Json::parse(step.value("expect", OrderedJson::object()).dump());
        if (expect.contains("exit")) wrong(difference(expect["exit"], done.exit, "exit"));
        if (expect.contains("summary"))
            wrong(difference(expect["summary"], Json::parse(done.summary), "summary"));
        if (expect.contains("log")) wrong(difference(expect["log"], codes_, "log"));
        if (expect.contains("response")) wrong(difference(expect["response"], response_, "response"));
        const Json sets = expect.value("rows", Json::object());
        for (const auto& [set, rows] : sets.items()) wrong(difference(rows, stored_rows(set), "rows." + set));
        const Json leads = stored_leads();
        if (expect.contains("leads")) wrong(difference(expect["leads"], leads, "leads"));
        if (expect.contains("leads_count"))
            wrong(difference(expect["leads_count"], leads.size(), "leads_count"));
        for (const auto& [name, secret] : secrets.items()) {
            const std::string text = secret_text(secret);
            if (text.size() >= 6 && shown_.find(text) != std::string::npos) wrong("shows the secret " + name);
        }
        for (const auto& text : entry_.value("never", OrderedJson::array())) {
            if (shown_.find(text.get<std::string>()) != std::string::npos) wrong("shows " + text.dump());
        }
    }

    const OrderedJson& entry_;
    Json config_, secrets_;
    std::string raw_config_;
    base::Millis now_;
    std::unique_ptr<native::Store> store_;
    int number_ = 1;
    OrderedJson answers_;
    std::size_t answered_ = 0;
    Json codes_;
    Json response_;
    std::string shown_;  // everything people would see
};

}  // namespace

int main(int argc, char** argv) {
    std::string directory;
    std::vector<std::string> paths;
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        if (argument == "--trace" && i + 1 < argc) {
            directory = argv[++i];
        } else {
            paths.push_back(argument);
        }
    }
    int passed = 0;
    int failed = 0;
    try {
        const Json base = Json::parse(file_text(kTests + "/cases/common/base.json"));
        for (const auto& path : paths) {
            const OrderedJson cases = OrderedJson::parse(file_text(path));
            for (const auto& entry : cases) {
                const auto name = entry.at("name").get<std::string>();
                Player player(entry, base);
                player.play();
                if (player.failures.empty()) {
                    ++passed;
                } else {
                    ++failed;
                    std::printf("FAILED %s\n%s", name.c_str(), player.failures.c_str());
                }
                if (!directory.empty()) {
                    std::ofstream out(directory + "/" + name + ".trace", std::ios::binary);
                    out << player.trace;
                }
            }
        }
    } catch (const std::exception& problem) {
        std::printf("%s\n", problem.what());
        ++failed;
    }
    std::printf("%d passed, %d failed\n", passed, failed);
    return failed == 0 ? 0 : 1;
}
