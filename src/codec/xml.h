#pragma once
// XML answers as JSON shapes, so that a platform reads one structure: well-formed XML 1.0 (codec/xml_scan.h; pugixml behind
// it), no DTD, the five entities, no attributes' meaning. Text keeps its blanks; beside elements it is not read.
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

// With line and column: xml_empty, xml_too_{large,deep,many}, xml_not_utf8, xml_dtd, xml_entity, xml_malformed.
base::Result<XmlDocument> parse_xml(std::string_view text, const XmlLimits& limits = {});

}  // namespace leadbridge::codec
