#pragma once
// Public test vectors of C2SP/wycheproof, as far as src/crypto offers what they are for.
#include <string>
#include <string_view>

namespace leadbridge::wycheproof {

struct Verdicts {
    int passed = 0;
    int failed = 0;
    int not_offered = 0;
    std::string failures;  // a line each
};

// One file of vectors, its JSON text.
Verdicts judge(std::string_view json);

}  // namespace leadbridge::wycheproof
