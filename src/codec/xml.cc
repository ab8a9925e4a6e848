#include "codec/xml.h"

#include <algorithm>
#include <charconv>
#include <pugixml.hpp>
#include <utility>

#include "base/text.h"
#include "codec/xml_scan.h"

namespace leadbridge::codec {
namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";
constexpr std::size_t kMostNodes = 400'000;   // elements, attributes and texts of a document
constexpr std::size_t kMostMembers = 50'000;  // names in one element

// Text with its references, which scan_xml has looked at.
void append_decoded(std::string& out, std::string_view text) {
    static constexpr std::pair<std::string_view, char> kEntities[] = {
        {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    for (;;) {
        const auto run = text.substr(0, text.find('&'));
        out += run;
        if (run.size() == text.size()) return;
        text.remove_prefix(run.size() + 1);
        const auto name = text.substr(0, text.find(';'));
        text.remove_prefix(std::min(name.size() + 1, text.size()));
        for (const auto& [known, sign] : kEntities) {
            if (name == known) out += sign;
        }
        if (name.substr(0, 1) != "#") continue;
        const bool hex = name.substr(0, 2) == "#x";
        std::uint32_t code = 0;
        const auto digits = name.substr(hex ? 2 : 1);
        std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
        base::append_utf8(out, code);
    }
}

class Converter {
  public:
    [[nodiscard]] bool too_many() const { return too_many_; }

    Json convert(const pugi::xml_node& element) {  // NOLINT(misc-no-recursion): scan_xml bounds the depth
        Json object = Json::object();
        std::string text;
        for (const auto& child : element.children()) {
            if (child.type() == pugi::node_element) {
                add(object, child.name(), convert(child));
            } else if (child.type() == pugi::node_cdata) {
                text += child.value();
            } else if (child.type() == pugi::node_pcdata) {
                append_decoded(text, child.value());
            }
        }
        if (object.empty()) return Json(std::move(text));
        return object;
    }

  private:
    void add(Json& object, const char* name, Json value) {
        const auto found = object.find(name);
        if (found == object.end()) {
            too_many_ = too_many_ || object.size() >= kMostMembers;
            if (!too_many_) object[name] = std::move(value);
        } else if (found->is_array()) {
            found->push_back(std::move(value));
        } else {
            Json list = Json::array({std::move(*found), std::move(value)});
            *found = std::move(list);
        }
    }

    bool too_many_ = false;
};

// Lines and characters from 1.
std::string place(std::string_view text, std::size_t at) {
    const auto before = text.substr(0, at);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const auto last = before.substr(before.rfind('\n') + 1);  // npos + 1 is 0
    const auto column =
        std::count_if(last.begin(), last.end(), [](char c) { return (c & 0xC0) != 0x80; }) + 1;
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

}  // namespace

base::Result<XmlDocument> parse_xml(std::string_view text, const XmlLimits& limits) {
    if (text.substr(0, kBom.size()) == kBom) text.remove_prefix(kBom.size());
    if (text.size() > limits.max_bytes) {
        return base::fail("xml_too_large", "XML of " + std::to_string(text.size()) + " bytes, at most " +
                                               std::to_string(limits.max_bytes) + " are read");
    }
    if (base::trim(text).empty()) return base::fail("xml_empty", "empty where XML was expected");
    if (!base::valid_utf8(text)) return base::fail("xml_not_utf8", "the XML is not valid UTF-8");
    if (const auto fault = scan_xml(text, limits.max_depth, kMostNodes); !fault.code.empty()) {
        const std::string why = fault.code == "xml_too_deep"
                                    ? "nested deeper than " + std::to_string(limits.max_depth) + " levels"
                                    : std::string(fault.what);
        return base::fail(fault.code, "malformed XML at " + place(text, fault.at) + ": " + why);
    }
    pugi::xml_document document;
    const unsigned flags = pugi::parse_cdata | pugi::parse_eol | pugi::parse_ws_pcdata;
    const auto result = document.load_buffer(text.data(), text.size(), flags, pugi::encoding_utf8);
    const pugi::xml_node root = document.document_element();
    if (!result || !root)
        return base::fail("xml_malformed",
                          "malformed XML at " + place(text, static_cast<std::size_t>(result.offset)));
    Converter converter;
    Json value = converter.convert(root);
    if (converter.too_many()) {
        return base::fail("xml_too_many", "XML of more than " + std::to_string(kMostMembers) +
                                              " elements of different names in one");
    }
    return XmlDocument{root.name(), std::move(value)};
}

}  // namespace leadbridge::codec
