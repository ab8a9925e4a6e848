#pragma once
// What data the core was built with, for hosts to show.
#include <string_view>
#include <vector>

namespace leadbridge::engine {

struct Edition {
    std::string_view what;
    std::string_view text;
};
std::vector<Edition> editions();

}  // namespace leadbridge::engine
