#include "jobs/backflow/stats_state.h"

#include "base/text.h"
#include "crypto/digest.h"

namespace leadbridge::jobs {

using codec::Json;

std::string stats_queue(const std::string& name) { return "stats/" + name; }

std::string stats_entry(const std::string& name, const std::string& key, const std::string& text) {
    return name + "/" + key + "/" + base::hex_lower(crypto::sha256(text)).substr(0, 16);
}

std::string stats_entry_without_turn(const std::string& id) {
    return id.substr(0, id.find('~', id.rfind('/') + 1));
}

NewestStats NewestStats::parse(const std::string& value) {
    NewestStats out;
    const auto json = codec::parse_json(value);
    if (!json) return out;
    out.turn = codec::member_int(json.value(), "turn").value_or(0);
    for (const auto& [key, entry] : codec::member(json.value(), "newest").items()) {
        out.by_key[key] = {codec::member_text(entry, "id").value_or(""),
                           codec::member_int(entry, "at").value_or(0)};
    }
    return out;
}

std::string NewestStats::text(base::Millis now) const {
    Json newest = Json::object();
    for (const auto& [key, entry] : by_key) {
        if (entry.at + (kStatsMarkDays + 1) * base::kDay < now) continue;
        newest[key] = codec::object({{"id", entry.id}, {"at", entry.at}});
    }
    return codec::dump_json(codec::object({{"v", 1}, {"turn", turn}, {"newest", std::move(newest)}}));
}

effect::Row stats_row(const std::string& name, const std::string& key, const Json& doc, base::Millis now) {
    return {stats_queue(name), key, now, codec::dump_json(doc), now + kStatsRowDays * base::kDay};
}

effect::Mark stats_mark(const std::string& key, base::Millis now) {
    return {key, now + kStatsMarkDays * base::kDay, false};
}

}  // namespace leadbridge::jobs
