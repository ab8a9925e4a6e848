#include "engine/messages.h"

#include "base/text.h"
#include "codec/json_writer.h"
#include "engine/store_text.h"

namespace leadbridge::engine {
namespace {

using codec::Json;
using codec::JsonWriter;
using codec::member;
using codec::member_text;

void put_u32(std::string& out, std::size_t at, std::size_t value) {
    for (std::size_t i = 0; i < 4; ++i) out[at + i] = static_cast<char>((value >> (8 * i)) & 0xFFU);
}

std::optional<std::uint32_t> get_u32(std::string_view bytes, std::size_t at) {
    if (at + 4 > bytes.size()) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;) value = (value << 8) | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

void put_headers(JsonWriter& json, const effect::Headers& headers) {
    json.name("headers");
    json.begin_array();
    for (const auto& [name, value] : headers) {
        json.begin_array();
        json.text(name);
        json.text(value);
        json.end_array();
    }
    json.end_array();
}

std::string text(const Json& head, std::string_view key) { return member_text(head, key).value_or(""); }
std::int64_t number(const Json& head, std::string_view key) {
    return codec::member_int(head, key).value_or(0);
}

effect::HttpResult http_result(const Json& head, std::string_view body) {
    effect::HttpResult result;
    result.id = static_cast<effect::Id>(number(head, "id"));
    result.status = static_cast<int>(number(head, "status"));
    for (const auto& header : member(head, "headers")) {
        if (header.is_array() && header.size() == 2 && header[0].is_string() && header[1].is_string()) {
            result.headers.emplace_back(header[0].get<std::string>(), header[1].get<std::string>());
        }
    }
    if (const Json& error = member(head, "error"); error.is_object()) {
        result.error_kind = member_text(error, "kind").value_or("other");
        result.error_message = text(error, "message");
    }
    result.body = std::string(body);
    return result;
}

template <typename Item, typename Read>
std::vector<Item> list_of(const Json& items, const Read& read) {
    std::vector<Item> out;
    out.reserve(items.size());
    for (const auto& item : items) {
        if (item.is_object()) out.push_back(read(item));
    }
    return out;
}

effect::Items scanned(const Json& items, std::size_t kind) {
    switch (kind) {
        case 0:
            return list_of<effect::StoredLead>(items, [](const Json& item) {
                return effect::StoredLead{
                    text(item, "id"),         text(item, "source"),        number(item, "version"),
                    number(item, "revision"), number(item, "received_at"), number(item, "updated_at"),
                    text(item, "doc")};
            });
        case 1:
            return list_of<effect::SourceCount>(items, [](const Json& item) {
                return effect::SourceCount{text(item, "source"), number(item, "leads"),
                                           number(item, "unread"), number(item, "newest")};
            });
        case 2:
            return list_of<effect::StoredRow>(items, [](const Json& item) {
                return effect::StoredRow{text(item, "id"), number(item, "at"), text(item, "doc"),
                                         number(item, "updated_at")};
            });
        case 3:
            return list_of<effect::SetCount>(items, [](const Json& item) {
                return effect::SetCount{text(item, "set"), number(item, "rows"), number(item, "newest")};
            });
        case 4:
            return list_of<effect::QueueCount>(items, [](const Json& item) {
                return effect::QueueCount{text(item, "queue"), number(item, "waiting"), number(item, "dead"),
                                          codec::member_int(item, "next_at")};
            });
        default:
            return list_of<effect::DeadLetter>(items, [](const Json& item) {
                return effect::DeadLetter{text(item, "id"),      text(item, "queue"),
                                          text(item, "payload"), number(item, "attempts"),
                                          text(item, "reason"),  number(item, "at")};
            });
    }
}

// A store that answers what this version does not know has not done what it was asked to do.
effect::StoreResult not_understood(effect::Id id, std::string_view what, const std::string& came) {
    effect::StoreResult result;
    result.id = id;
    result.outcome = effect::Outcome::error;
    result.reason = "the host's store answered with an unknown " + std::string(what) + " (" +
                    base::printable(came, 40) + "): host and module are of different versions";
    return result;
}

effect::StoreResult store_result(const Json& head) {
    effect::StoreResult result;
    result.id = static_cast<effect::Id>(number(head, "id"));
    const std::string outcome = text(head, "outcome");
    if (outcome == "ok") {
        result.outcome = effect::Outcome::ok;
    } else if (outcome == "conflict") {
        result.outcome = effect::Outcome::conflict;
    } else if (outcome != "error") {
        return not_understood(result.id, "outcome", outcome);
    }
    result.reason = text(head, "reason");
    for (const auto& record : member(head, "records")) {
        result.records.push_back({text(record, "key"), number(record, "version"), text(record, "value")});
    }
    result.inserted = number(head, "inserted");
    result.updated = number(head, "updated");
    result.unchanged = number(head, "unchanged");
    if (const Json& items = member(head, "items"); items.is_array()) {
        const std::string kind = text(head, "kind");
        const auto index = scan_kind_index(kind);
        if (!index) return not_understood(result.id, "kind of list", kind);
        result.items = scanned(items, *index);
    }
    result.next = text(head, "next");
    for (const auto& entry : member(head, "entries")) {
        result.entries.push_back(
            {text(entry, "id"), text(entry, "payload"), number(entry, "attempts"), text(entry, "lease")});
    }
    return result;
}

// Writes the members of an effect's head but its version, and gives its body.
struct HeadMembers {
    JsonWriter& json;
    effect::Id id;

    void begin(std::string_view type) const {
        json.text("type", type);
        json.number("id", id);
    }
    void put_log(const effect::Log& log) const {
        json.text("level", log.level);
        json.text("code", log.code);
        json.text("message", log.message);
    }
    std::string operator()(const effect::Http& e) const {
        begin("http");
        json.text("method", e.method);
        json.text("url", e.url);
        put_headers(json, e.headers);
        json.number("timeout_ms", e.timeout_ms);
        json.number("max_bytes", e.max_bytes);
        return e.body;
    }
    std::string operator()(const effect::Wait& e) const {
        begin("wait");
        json.number("ms", e.ms);
        return {};
    }
    std::string operator()(const effect::StoreLoad& e) const {
        begin("store.load");
        put_load(json, e);
        return {};
    }
    std::string operator()(const effect::StoreCommit& e) const {
        begin("store.commit");
        put_checkpoints(json, e.checkpoints);
        return record_lines(e.records);
    }
    std::string operator()(const effect::StoreScan& e) const {
        begin("store.scan");
        json.text("kind", scan_kind(e.query));
        put_scan(json, e);
        return {};
    }
    std::string operator()(const effect::StoreClaim& e) const {
        begin("store.claim");
        put_claim(json, e);
        return {};
    }
    std::string operator()(const effect::StoreSettle& e) const {
        begin("store.settle");
        put_settle(json, e);
        return {};
    }
    std::string operator()(const effect::StorePurge& e) const {
        begin("store.purge");
        json.number("now", e.now);
        return {};
    }
    std::string operator()(const effect::Respond& e) const {
        json.text("type", "respond");
        json.number("status", e.status);
        put_headers(json, e.headers);
        return e.body;
    }
    std::string operator()(const effect::Log& e) const {
        json.text("type", "log");
        put_log(e);
        return {};
    }
    std::string operator()(const effect::Done& e) const {
        json.text("type", "done");
        json.number("exit", e.exit);
        if (!e.log.code.empty()) {
            json.name("log");
            json.begin_object();
            put_log(e.log);
            json.end_object();
        }
        json.name("summary");
        // JSON already, and of a preview megabytes.
        const bool object = !e.summary.empty() && e.summary.front() == '{' && e.summary.back() == '}';
        json.json(object ? std::string_view(e.summary) : "null");
        return {};
    }
};

}  // namespace

std::string encode(const effect::Effect& effect) {
    constexpr std::size_t kLengths = 8;
    std::string out(kLengths, '\0');
    JsonWriter json(out);
    json.begin_object();
    json.number("v", kAbiVersion);
    const std::string body = std::visit(HeadMembers{json, effect.id}, effect.what);
    json.end_object();
    const std::size_t head = out.size() - kLengths;
    out += body;
    put_u32(out, 0, out.size() - 4);
    put_u32(out, 4, head);
    return out;
}

base::Result<TimedInput> decode_input(std::string_view message) {
    const auto total = get_u32(message, 0);
    const auto head_length = get_u32(message, 4);
    if (!total || !head_length || *total != message.size() - 4 || *head_length > message.size() - 8) {
        return base::fail("bad_message", "the message's lengths do not fit");
    }
    const auto parsed = codec::parse_json(message.substr(8, *head_length), {64U << 20U, 32});
    if (!parsed)
        return base::fail("bad_message", "the message's head is unreadable: " + parsed.error().reason);
    const Json& head = parsed.value();
    if (number(head, "v") != kAbiVersion)
        return base::fail("bad_message", "the message has another version than this module");
    const std::string_view body = message.substr(8 + *head_length);
    const std::string type = text(head, "type");
    TimedInput out;
    out.now = number(head, "now");
    if (type == "start") {
        effect::Start start;
        start.event = codec::dump_json(member(head, "event"));
        start.random = base::hex_decode(text(head, "random")).value_or("");
        start.body = std::string(body);
        out.input = std::move(start);
    } else if (type == "http_result") {
        out.input = http_result(head, body);
    } else if (type == "wait_result") {
        out.input = effect::WaitResult{static_cast<effect::Id>(number(head, "id"))};
    } else if (type == "store_result") {
        out.input = store_result(head);
    } else if (type == "cpu_warning") {
        out.input = effect::CpuWarning{};
    } else {
        return base::fail("bad_message", "unknown message type: " + base::printable(type, 40));
    }
    return out;
}

}  // namespace leadbridge::engine
