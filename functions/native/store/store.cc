#include "functions/native/store/store.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace leadbridge::native {

namespace {

constexpr std::string_view kKinds[] = {"leads", "counts", "rows", "row_counts", "queues", "dead"};
constexpr std::int64_t kMaxInteger = (std::int64_t{1} << 53) - 1;  // what a JavaScript host can hold

}  // namespace

std::string_view bad_scan(const effect::StoreScan& scan) {
    if (std::find(std::begin(kKinds), std::end(kKinds), scan.kind) == std::end(kKinds)) {
        return "scan: kind must be leads, counts, rows, row_counts, queues or dead";
    }
    if (scan.limit < 1) return "scan: limit must be 1 or more";
    if (scan.kind == "leads" && !scan.page.empty()) {
        const std::size_t digits = scan.page.starts_with('-') ? 1 : 0;
        const std::size_t colon = scan.page.find_first_not_of("0123456789", digits);
        if (colon == digits || colon == std::string::npos || colon - digits > 18 || scan.page[colon] != ':') {
            return "scan: page is not a token of an earlier page";
        }
    }
    return {};
}

std::string_view bad_query(const effect::StoreScan& scan, const nlohmann::json& query) {
    if (scan.kind != "rows") return {};
    const auto set = query.find("set");
    if (set == query.end() || !set->is_string()) return "scan: rows needs the name of a set (text)";
    const auto integer = [&query](const char* name, std::int64_t least) {
        const auto found = query.find(name);
        if (found == query.end() || found->is_null()) return true;
        if (!found->is_number_integer()) return false;
        if (found->is_number_unsigned() && found->get<std::uint64_t>() > kMaxInteger) return false;
        return found->get<std::int64_t>() >= least;
    };
    if (!integer("since", -kMaxInteger)) return "scan: since must be an integer";
    if (!integer("offset", 0)) return "scan: offset must be an integer of 0 or more";
    return {};
}

std::string_view bad_settle(const effect::StoreSettle& settle) {
    for (const effect::Settlement& entry : settle.entries) {
        if (entry.outcome != "done" && entry.outcome != "retry" && entry.outcome != "dead") {
            return "settle: outcome must be done, retry or dead";
        }
    }
    return {};
}

effect::StoreResult store_error(std::string_view reason) {
    effect::StoreResult result;
    result.outcome = "error";
    result.reason = reason;
    return result;
}

Page::Page(std::int64_t limit)
    : limit_(static_cast<std::size_t>(std::clamp<std::int64_t>(limit, 1, kPageLimit))) {}

bool Page::add(std::string item, std::string token) {
    items_.push_back(std::move(item));
    tokens_.push_back(std::move(token));
    return items_.size() <= limit_;
}

void Page::finish(effect::StoreResult& result) {
    if (items_.size() > limit_) {
        items_.pop_back();
        result.next = tokens_[limit_ - 1];
    }
    result.items = std::move(items_);
}

}  // namespace leadbridge::native
