#pragma once
// Why does this signature not match? Tries the usual mistakes and names those that reproduce the given sign.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/top_sign.h"

namespace leadbridge::wire {

struct Cause {
    std::string code;    // secret_line_break, other_method, ...
    std::string detail;  // sentence with what to change
};

// Empty when nothing usual explains it. `params` without `sign`.
std::vector<Cause> diagnose_top(SignMethod method, const crypto::Secret& secret, const Params& params,
                                const std::optional<std::string>& body, std::string_view given);

}  // namespace leadbridge::wire
