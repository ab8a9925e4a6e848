#pragma once
// Is this text well-formed XML 1.0 without a DTD? Asked before pugixml reads it, which forgives too much: it
// skips text around the root, takes unknown entities for text and does not look into declarations.
#include <cstddef>
#include <string_view>

namespace leadbridge::codec {

struct XmlFault {
    std::string_view code;  // xml_malformed, xml_entity, xml_dtd, xml_too_deep, xml_too_many; empty: none
    std::string_view what;
    std::size_t at = 0;  // byte, from 0
};

// `text` is UTF-8. Elements, attributes, texts and references count for `max_nodes`.
XmlFault scan_xml(std::string_view text, std::size_t max_depth, std::size_t max_nodes);

}  // namespace leadbridge::codec
