#include "functions/native/store.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace leadbridge::native {

Clock system_clock() {
    return [] {
        const auto since = std::chrono::system_clock::now().time_since_epoch();
        return static_cast<base::Millis>(
            std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
    };
}

std::string_view bad_scan(const effect::StoreScan& scan) {
    if (scan.kind != "leads" && scan.kind != "counts" && scan.kind != "dead") {
        return "scan: kind must be leads, counts or dead";
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
