#pragma once
// XML answers as JSON shapes, so that a platform reads one structure. pugixml behind it. No DTD, no entities
// but the five predefined and numeric ones, no attributes' meaning, depth and size capped.
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"

namespace leadbridge::codec {

struct XmlLimits {
    std::size_t max_bytes = 8U << 20U;
    std::size_t max_depth = 32;
};

struct XmlDocument {
    std::string root;  // name of the root element
    Json value;        // element with children -> object, repeated children -> array, otherwise text
};

// Errors: xml_empty, xml_too_large, xml_too_deep, xml_not_utf8, xml_dtd, xml_entity, xml_malformed.
base::Result<XmlDocument> parse_xml(std::string_view text, const XmlLimits& limits = {});

}  // namespace leadbridge::codec
