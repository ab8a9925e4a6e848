#include "platforms/page_bounds.h"

namespace leadbridge::platforms {

using codec::Json;

std::size_t text_size(const Json& value) {  // NOLINT(misc-no-recursion): a reader bounded the depth
    if (value.is_string()) return value.get_ref<const std::string&>().size();
    std::size_t sum = 1;
    if (!value.is_structured()) return sum;
    for (const auto& [name, inner] : value.items()) sum += name.size() + text_size(inner);
    return sum;
}

wire::CallFailure row_too_large() {
    return wire::call_failure(wire::Remedy::retry, "row_too_large",
                              "a row of more than 1 MB, and no lead is that large; nothing of the page is "
                              "stored, it is read again on the next run");
}

}  // namespace leadbridge::platforms
