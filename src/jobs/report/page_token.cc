#include "jobs/report/page_token.h"

#include "base/text.h"
#include "crypto/digest.h"

namespace leadbridge::jobs {
namespace {

constexpr std::size_t kCheckBytes = 6;

// Against mistakes, not against attackers: who asks with a token may read everything anyway.
std::string check(std::string_view query, std::string_view stored) {
    return crypto::sha256(std::string(query) + '\n' + std::string(stored)).substr(0, kCheckBytes);
}

}  // namespace

std::string page_token(std::string_view query, const std::string& stored) {
    return stored.empty() ? "" : base::hex_lower(check(query, stored) + stored);
}

std::optional<std::string> stored_token(std::string_view query, std::string_view token) {
    const std::string bytes = base::hex_decode(token).value_or("");
    if (bytes.size() <= kCheckBytes) return std::nullopt;
    std::string stored = bytes.substr(kCheckBytes);
    if (check(query, stored) != std::string_view(bytes).substr(0, kCheckBytes)) return std::nullopt;
    return stored;
}

}  // namespace leadbridge::jobs
