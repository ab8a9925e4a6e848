#include "engine/messages.h"

#include "base/text.h"
#include "codec/json.h"

namespace leadbridge::engine {
namespace {

using codec::Json;
using codec::member;
using codec::member_text;

template <typename... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <typename... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

void put_u32(std::string& out, std::size_t value) {
    for (unsigned shift = 0; shift < 32; shift += 8) out += static_cast<char>((value >> shift) & 0xFFU);
}

std::optional<std::uint32_t> get_u32(std::string_view bytes, std::size_t at) {
    if (at + 4 > bytes.size()) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;) value = (value << 8) | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

Json headers_json(const effect::Headers& headers) {
    Json list = Json::array();
    for (const auto& [name, value] : headers) list.push_back({name, value});
    return list;
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

effect::StoreResult store_result(const Json& head) {
    effect::StoreResult result;
    result.id = static_cast<effect::Id>(number(head, "id"));
    result.outcome = text(head, "outcome");
    result.reason = text(head, "reason");
    for (const auto& record : member(head, "records")) {
        result.records.push_back({text(record, "key"), number(record, "version"), text(record, "value")});
    }
    result.inserted = number(head, "inserted");
    result.updated = number(head, "updated");
    result.unchanged = number(head, "unchanged");
    for (const auto& item : member(head, "items")) {
        if (item.is_string()) result.items.push_back(item.get<std::string>());
    }
    result.next = text(head, "next");
    for (const auto& entry : member(head, "entries")) {
        result.entries.push_back(
            {text(entry, "id"), text(entry, "payload"), number(entry, "attempts"), text(entry, "lease")});
    }
    return result;
}

}  // namespace

std::string encode(const effect::Effect& effect) {
    Json head = codec::object({{"v", kAbiVersion}});
    const std::string* summary = nullptr;
    std::string body;
    std::visit(
        Overloaded{
            [&](const effect::Http& e) {
                head.update(codec::object({{"type", "http"},
                                           {"id", effect.id},
                                           {"method", e.method},
                                           {"url", e.url},
                                           {"headers", headers_json(e.headers)},
                                           {"timeout_ms", e.timeout_ms},
                                           {"max_bytes", e.max_bytes}}));
                body = e.body;
            },
            [&](const effect::Wait& e) {
                head.update(codec::object({{"type", "wait"}, {"id", effect.id}, {"ms", e.ms}}));
            },
            [&](const effect::StoreLoad& e) {
                head.update(codec::object(
                    {{"type", "store.load"}, {"id", effect.id}, {"keys", e.keys}, {"now", e.now}}));
            },
            [&](const effect::StoreCommit& e) {
                Json moves = Json::array();
                for (const auto& m : e.checkpoints) {
                    moves.push_back(
                        codec::object({{"key", m.key}, {"expected", m.expected}, {"value", m.value}}));
                }
                head.update(codec::object(
                    {{"type", "store.commit"}, {"id", effect.id}, {"checkpoints", std::move(moves)}}));
                body = e.records;
            },
            [&](const effect::StoreScan& e) {
                head.update(codec::object({{"type", "store.scan"},
                                           {"id", effect.id},
                                           {"kind", e.kind},
                                           {"query", e.query},
                                           {"limit", e.limit},
                                           {"page", e.page}}));
            },
            [&](const effect::StoreClaim& e) {
                head.update(codec::object({{"type", "store.claim"},
                                           {"id", effect.id},
                                           {"queue", e.queue},
                                           {"limit", e.limit},
                                           {"lease_ms", e.lease_ms},
                                           {"lease", e.lease},
                                           {"now", e.now}}));
            },
            [&](const effect::StoreSettle& e) {
                Json entries = Json::array();
                for (const auto& s : e.entries) {
                    entries.push_back(codec::object({{"id", s.id},
                                                     {"lease", s.lease},
                                                     {"outcome", s.outcome},
                                                     {"retry_at", s.retry_at},
                                                     {"reason", s.reason}}));
                }
                head.update(codec::object({{"type", "store.settle"},
                                           {"id", effect.id},
                                           {"queue", e.queue},
                                           {"entries", std::move(entries)},
                                           {"now", e.now}}));
            },
            [&](const effect::StorePurge& e) {
                head.update(codec::object({{"type", "store.purge"}, {"id", effect.id}, {"now", e.now}}));
            },
            [&](const effect::Respond& e) {
                head.update(codec::object(
                    {{"type", "respond"}, {"status", e.status}, {"headers", headers_json(e.headers)}}));
                body = e.body;
            },
            [&](const effect::Log& e) {
                head.update(codec::object(
                    {{"type", "log"}, {"level", e.level}, {"code", e.code}, {"message", e.message}}));
            },
            [&](const effect::Done& e) {
                head.update(codec::object({{"type", "done"}, {"exit", e.exit}, {"summary", nullptr}}));
                if (!e.log.code.empty()) {
                    head["log"] = codec::object(
                        {{"level", e.log.level}, {"code", e.log.code}, {"message", e.log.message}});
                }
                if (!e.summary.empty() && e.summary.front() == '{' && e.summary.back() == '}')
                    summary = &e.summary;
            },
        },
        effect.what);
    std::string head_text = codec::dump_json(head);
    // JSON already, and of a preview megabytes: put in as it is.
    constexpr std::string_view kNoSummary = "\"summary\":null";
    if (summary != nullptr)
        head_text.replace(head_text.find(kNoSummary) + kNoSummary.size() - 4, 4, *summary);
    std::string out;
    out.reserve(8 + head_text.size() + body.size());
    put_u32(out, 4 + head_text.size() + body.size());
    put_u32(out, head_text.size());
    out += head_text;
    out += body;
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
