#include "platforms/preview.h"

namespace leadbridge::platforms {

using codec::Json;

Json* envelope(PreviewDocument& document, std::string_view name) {
    if (document.root == name) return &document.value;
    if (document.value.size() != 1 || document.value.begin().key() != name) return nullptr;
    return &*document.value.begin();
}

Json unfolded(const Json& row, std::initializer_list<std::string_view> columns) {
    Json out = row;
    for (const auto column : columns) {
        const auto found = out.find(column);
        if (found == out.end() || !found->is_string()) continue;
        const auto& text = found->get_ref<const std::string&>();
        if (text.empty() || (text[0] != '[' && text[0] != '{')) continue;
        if (auto read = codec::parse_json(text, {1 << 20, 16})) *found = std::move(read).value();
    }
    return out;
}

}  // namespace leadbridge::platforms
