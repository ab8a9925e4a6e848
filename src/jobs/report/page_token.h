#pragma once
// Page tokens that leave the core: opaque, safe in a URL, and good for the query they were made for only.
#include <optional>
#include <string>
#include <string_view>

namespace leadbridge::jobs {

// `query`: any text that names the query; `stored`: the store's own token. Empty stays empty.
std::string page_token(std::string_view query, const std::string& stored);
// The store's token; nothing for a token of another query, a damaged one, or something else.
std::optional<std::string> stored_token(std::string_view query, std::string_view token);

}  // namespace leadbridge::jobs
