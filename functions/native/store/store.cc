#include "functions/native/store/store.h"

#include <algorithm>
#include <string>

namespace leadbridge::native {

namespace {

constexpr std::int64_t kMaxInteger = (std::int64_t{1} << 53) - 1;  // what a JavaScript host can hold

bool is_lead_token(const std::string& page) {
    const std::size_t digits = page.starts_with('-') ? 1 : 0;
    const std::size_t colon = page.find_first_not_of("0123456789", digits);
    return colon != digits && colon != std::string::npos && colon - digits <= 18 && page[colon] == ':';
}

}  // namespace

std::string_view bad_scan(const effect::StoreScan& scan) {
    if (scan.limit < 1) return "scan: limit must be 1 or more";
    if (std::holds_alternative<effect::LeadQuery>(scan.query) && !scan.page.empty() &&
        !is_lead_token(scan.page)) {
        return "scan: page is not a token of an earlier page";
    }
    if (const auto* rows = std::get_if<effect::RowQuery>(&scan.query)) {
        if (rows->since && (*rows->since < -kMaxInteger || *rows->since > kMaxInteger))
            return "scan: since must be an integer";
        if (rows->offset < 0 || rows->offset > kMaxInteger)
            return "scan: offset must be an integer of 0 or more";
    }
    return {};
}

effect::StoreResult store_error(std::string_view reason) {
    effect::StoreResult result;
    result.outcome = effect::Outcome::error;
    result.reason = reason;
    return result;
}

effect::StoreResult store_conflict() {
    effect::StoreResult result;
    result.outcome = effect::Outcome::conflict;
    result.reason = "another run moved a checkpoint or set a mark first";
    return result;
}

std::size_t page_limit(std::int64_t asked) {
    return static_cast<std::size_t>(std::clamp<std::int64_t>(asked, 1, kPageLimit));
}

std::string lead_token(base::Millis sort_at, const std::string& id) {
    return std::to_string(sort_at) + ":" + id;
}

LeadToken read_lead_token(const std::string& page) {
    const std::size_t colon = page.find(':');
    return {std::stoll(page.substr(0, colon)), page.substr(colon + 1)};
}

}  // namespace leadbridge::native
