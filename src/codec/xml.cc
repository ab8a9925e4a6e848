#include "codec/xml.h"

#include <optional>
#include <pugixml.hpp>

#include "base/text.h"

namespace leadbridge::codec {
namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";

// Entities are decoded here and not by the parser, which would let unknown ones pass as text.
std::optional<std::string> decode_entities(std::string_view text) {
    if (text.find('&') == std::string_view::npos) return std::string(text);
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '&') {
            out += text[i];
            continue;
        }
        const auto end = text.find(';', i);
        if (end == std::string_view::npos || end - i > 10) return std::nullopt;
        const std::string_view name = text.substr(i + 1, end - i - 1);
        if (name == "amp") {
            out += '&';
        } else if (name == "lt") {
            out += '<';
        } else if (name == "gt") {
            out += '>';
        } else if (name == "quot") {
            out += '"';
        } else if (name == "apos") {
            out += '\'';
        } else if (name.size() > 1 && name[0] == '#') {
            const bool hex = name[1] == 'x';
            char32_t code = 0;
            const std::string_view digits = name.substr(hex ? 2 : 1);
            if (digits.empty()) return std::nullopt;
            for (const char c : digits) {
                const auto value = base::hex_decode(std::string{'0', c});
                if (!value || (!hex && (c < '0' || c > '9'))) return std::nullopt;
                code = code * (hex ? 16 : 10) + static_cast<unsigned char>(value->front());
                if (code > 0x10FFFF) return std::nullopt;
            }
            if (code == 0 || (code >= 0xD800 && code <= 0xDFFF)) return std::nullopt;
            base::append_utf8(out, code);
        } else {
            return std::nullopt;
        }
        i = end;
    }
    return out;
}

class Converter {
  public:
    explicit Converter(std::size_t max_depth) : max_depth_(max_depth) {}

    base::Result<Json> convert(const pugi::xml_node& element, std::size_t depth) const {
        if (depth > max_depth_) {
            return base::fail("xml_too_deep",
                              "XML nested deeper than " + std::to_string(max_depth_) + " levels");
        }
        Json object = Json::object();
        std::string text;
        for (const auto& child : element.children()) {
            if (child.type() == pugi::node_element) {
                auto value = convert(child, depth + 1);
                if (!value) return value;
                add(object, child.name(), std::move(value).value());
            } else if (child.type() == pugi::node_cdata) {
                text += child.value();
            } else if (child.type() == pugi::node_pcdata) {
                const auto decoded = decode_entities(child.value());
                if (!decoded)
                    return base::fail("xml_entity", "the XML uses an entity that is not predefined");
                text += *decoded;
            }
        }
        if (object.empty()) return Json(std::move(text));
        return object;
    }

  private:
    static void add(Json& object, const char* name, Json value) {
        const auto found = object.find(name);
        if (found == object.end()) {
            object[name] = std::move(value);
        } else if (found->is_array()) {
            found->push_back(std::move(value));
        } else {
            Json list = Json::array({std::move(*found), std::move(value)});
            *found = std::move(list);
        }
    }

    std::size_t max_depth_;
};

}  // namespace

base::Result<XmlDocument> parse_xml(std::string_view text, const XmlLimits& limits) {
    if (text.substr(0, kBom.size()) == kBom) text.remove_prefix(kBom.size());
    if (text.size() > limits.max_bytes) {
        return base::fail("xml_too_large", "XML of " + std::to_string(text.size()) + " bytes, at most " +
                                               std::to_string(limits.max_bytes) + " are read");
    }
    if (base::trim(text).empty()) return base::fail("xml_empty", "empty where XML was expected");
    if (!base::valid_utf8(text)) return base::fail("xml_not_utf8", "the XML is not valid UTF-8");
    // To the parser a NUL is the end of the text.
    if (const auto nul = text.find('\0'); nul != std::string_view::npos)
        return base::fail("xml_malformed", "malformed XML at byte " + std::to_string(nul));
    pugi::xml_document document;
    const unsigned flags =
        pugi::parse_cdata | pugi::parse_eol | pugi::parse_doctype | pugi::parse_ws_pcdata_single;
    const auto result = document.load_buffer(text.data(), text.size(), flags, pugi::encoding_utf8);
    // Looked at first: pugixml may stop inside a DTD.
    for (const auto& child : document.children()) {
        if (child.type() == pugi::node_doctype)
            return base::fail("xml_dtd", "the XML has a DTD, which is refused");
    }
    if (!result) {
        if (text.find("<!DOCTYPE") != std::string_view::npos) {
            return base::fail("xml_dtd", "the XML has a DTD, which is refused");
        }
        return base::fail("xml_malformed", "malformed XML at byte " + std::to_string(result.offset));
    }
    pugi::xml_node root;
    for (const auto& child : document.children()) {
        if (child.type() != pugi::node_element) continue;
        if (root) return base::fail("xml_malformed", "the XML has more than one root element");
        root = child;
    }
    if (!root) return base::fail("xml_malformed", "the XML has no root element");
    auto value = Converter(limits.max_depth).convert(root, 1);
    if (!value) return value.error();
    return XmlDocument{root.name(), std::move(value).value()};
}

}  // namespace leadbridge::codec
