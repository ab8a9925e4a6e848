#include "platforms/labels.h"

namespace leadbridge::platforms {

Labels Labels::read(codec::Settings settings) {
    Labels labels;
    for (const auto& field : settings.keys()) {
        codec::Settings values = settings.child(field);
        for (const auto& raw : values.keys()) labels.fields_[field][raw] = values.text(raw, "");
    }
    return labels;
}

lead::Labelled Labels::of(std::string_view field, std::string raw) const {
    lead::Labelled out{std::move(raw), ""};
    if (const auto values = fields_.find(field); values != fields_.end()) {
        if (const auto label = values->second.find(out.raw); label != values->second.end())
            out.label = label->second;
    }
    return out;
}

}  // namespace leadbridge::platforms
