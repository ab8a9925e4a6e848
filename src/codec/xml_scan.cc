#include "codec/xml_scan.h"

#include <algorithm>
#include <vector>

namespace leadbridge::codec {
namespace {

constexpr std::string_view kBlank = " \t\r\n";
constexpr std::string_view kMalformed = "xml_malformed";

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

struct Range {
    char32_t first, last;
};

// XML 1.0 (fifth edition), production 4, beyond ASCII.
constexpr Range kNameStart[] = {{0xC0, 0xD6},     {0xD8, 0xF6},     {0xF8, 0x2FF},    {0x370, 0x37D},
                                {0x37F, 0x1FFF},  {0x200C, 0x200D}, {0x2070, 0x218F}, {0x2C00, 0x2FEF},
                                {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF}};
constexpr Range kNameMore[] = {{0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}};

template <std::size_t N>
bool within(const Range (&ranges)[N], char32_t c) {
    return std::any_of(std::begin(ranges), std::end(ranges),
                       [c](const Range& range) { return c >= range.first && c <= range.last; });
}

// Production 2.
bool is_char(char32_t c) {
    if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
    return c <= 0xD7FF || (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

bool is_name_char(char32_t c, bool first) {
    if (c < 0x80) {
        const auto ascii = static_cast<char>(c);
        return letter(ascii) || c == '_' || c == ':' || (!first && (digit(ascii) || c == '-' || c == '.'));
    }
    return within(kNameStart, c) || (!first && within(kNameMore, c));
}

// Every function reads on from `at_` and is false where something is wrong; `fault_` then says what.
class Scanner {
  public:
    Scanner(std::string_view text, std::size_t max_depth, std::size_t max_nodes)
        : text_(text), max_depth_(max_depth), nodes_left_(max_nodes) {}

    XmlFault scan() {
        (void)document();
        return fault_;
    }

  private:
    bool wrong(std::string_view what, std::string_view code = kMalformed) {
        fault_ = {code, what, std::min(at_, text_.size())};
        return false;
    }
    [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
    [[nodiscard]] char here() const { return at_end() ? '\0' : text_[at_]; }
    [[nodiscard]] bool ahead(std::string_view word) const { return text_.substr(at_, word.size()) == word; }
    bool take(std::string_view word) {
        if (!ahead(word)) return false;
        at_ += word.size();
        return true;
    }
    bool blanks() {
        const std::size_t from = at_;
        at_ = std::min(text_.find_first_not_of(kBlank, at_), text_.size());
        return at_ != from;
    }
    bool node() {
        if (nodes_left_ == 0) return wrong("too many elements, attributes and texts", "xml_too_many");
        --nodes_left_;
        return true;
    }

    // The character here and its length; `text_` is UTF-8.
    [[nodiscard]] char32_t character(std::size_t& size) const {
        const auto byte = [this](std::size_t i) { return static_cast<unsigned char>(text_[at_ + i]); };
        const unsigned lead = byte(0);
        size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        char32_t c = size == 1 ? lead : lead & (0xFFU >> (size + 1));
        for (std::size_t i = 1; i < size; ++i) c = (c << 6U) | (byte(i) & 0x3FU);
        return c;
    }
    bool one_char() {
        if (const auto c = static_cast<unsigned char>(here()); c >= 0x20 && c < 0x80) return ++at_ != 0;
        std::size_t size = 1;
        if (!is_char(character(size))) return wrong("a character that XML does not have");
        at_ += size;
        return true;
    }
    // Up to the first `end`, all of it characters of XML.
    bool until(std::string_view end, std::string_view missing) {
        while (!at_end()) {
            if (take(end)) return true;
            if (!one_char()) return false;
        }
        return wrong(missing);
    }

    bool name(std::string_view& out) {
        const std::size_t from = at_;
        std::size_t size = 1;
        while (!at_end() && is_name_char(character(size), at_ == from)) at_ += size;
        out = text_.substr(from, at_ - from);
        return !out.empty() || wrong("no name where one must be");
    }

    // `&name;` or `&#...;`
    bool reference() {
        const std::size_t from = at_;
        const auto unknown = [&](std::string_view what) {
            at_ = from;
            return wrong(what, "xml_entity");
        };
        ++at_;
        if (!take("#")) {
            for (const std::string_view known : {"amp;", "lt;", "gt;", "quot;", "apos;"}) {
                if (take(known)) return true;
            }
            return unknown("an entity that is not predefined, or an & that stands alone");
        }
        const bool hex = take("x");
        char32_t code = 0;
        const std::size_t digits = at_;
        for (; !at_end(); ++at_) {
            const char c = here();
            const int value = digit(c)                              ? c - '0'
                              : hex && letter(c) && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                                    : -1;
            if (value < 0) break;
            code = std::min<char32_t>(code * (hex ? 16 : 10) + static_cast<char32_t>(value), 0x110000);
        }
        if (at_ == digits || !take(";") || !is_char(code))
            return unknown("a reference to a character that XML does not have");
        return true;
    }

    bool comment() {  // behind <!--
        if (!until("--", "a comment that does not end")) return false;
        return take(">") || wrong("two hyphens inside a comment");
    }

    bool instruction() {  // behind <?
        std::string_view target;
        if (!name(target)) return false;
        if (target.size() == 3 && (target[0] | 32) == 'x' && (target[1] | 32) == 'm' &&
            (target[2] | 32) == 'l')
            return wrong("an XML declaration that is not the very beginning");
        if (!ahead("?>") && !blanks()) return wrong("no blank behind a processing instruction's name");
        return until("?>", "a processing instruction that does not end");
    }

    // `name = "value"` of the declaration; `fits` looks at the value.
    template <typename Fits>
    bool pseudo_attribute(std::string_view wanted, Fits fits) {
        if (!take(wanted)) return false;
        blanks();
        if (!take("=")) return false;
        blanks();
        const char quote = here();
        if (quote != '"' && quote != '\'') return false;
        const auto end = text_.find(quote, at_ + 1);
        if (end == std::string_view::npos) return false;
        const std::string_view value = text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
        return fits(value);
    }
    bool declaration() {  // behind <?xml
        const auto version = [](std::string_view value) {
            return value.size() > 2 && value.substr(0, 2) == "1." &&
                   std::all_of(value.begin() + 2, value.end(), digit);
        };
        const auto encoding = [](std::string_view value) {
            return !value.empty() && letter(value[0]) && std::all_of(value.begin(), value.end(), [](char c) {
                return letter(c) || digit(c) || c == '.' || c == '_' || c == '-';
            });
        };
        const auto standalone = [](std::string_view value) { return value == "yes" || value == "no"; };
        constexpr std::string_view kBroken = "a broken XML declaration";
        if (!blanks() || !pseudo_attribute("version", version)) return wrong(kBroken);
        bool blank = blanks();
        if (ahead("encoding")) {
            if (!blank || !pseudo_attribute("encoding", encoding)) return wrong(kBroken);
            blank = blanks();
        }
        if (ahead("standalone")) {
            if (!blank || !pseudo_attribute("standalone", standalone)) return wrong(kBroken);
            blanks();
        }
        return take("?>") || wrong(kBroken);
    }

    // Comments, instructions and blanks before or behind the root element.
    bool around_root() {
        for (;;) {
            blanks();
            if (take("<!--")) {
                if (!comment()) return false;
            } else if (take("<?")) {
                if (!instruction()) return false;
            } else {
                return true;
            }
        }
    }

    bool attribute() {
        std::string_view key;
        if (!node() || !name(key)) return false;
        if (std::find(attributes_.begin(), attributes_.end(), key) != attributes_.end())
            return wrong("an attribute that stands twice");
        // Looked through one by one: no answer of a platform has many.
        if (attributes_.size() == kMostAttributes) return wrong("too many attributes", "xml_too_many");
        attributes_.push_back(key);
        blanks();
        if (!take("=")) return wrong("an attribute without a value");
        blanks();
        const char quote = here();
        if (quote != '"' && quote != '\'') return wrong("an attribute's value without quotes");
        for (++at_; !at_end() && here() != quote;) {
            if (here() == '<') return wrong("a < inside an attribute");
            if (!(here() == '&' ? reference() : one_char())) return false;
        }
        return take({&quote, 1}) || wrong("an attribute's value that does not end");
    }

    bool start_tag() {  // behind <
        if (open_.size() >= max_depth_) return wrong("", "xml_too_deep");
        std::string_view tag;
        if (!node() || !name(tag)) return false;
        attributes_.clear();
        for (;;) {
            const bool blank = blanks();
            if (take("/>")) return true;
            if (take(">")) {
                open_.push_back(tag);
                return true;
            }
            if (at_end()) return wrong("a tag that does not end");
            if (!blank) return wrong("no blank before an attribute");
            if (!attribute()) return false;
        }
    }

    bool end_tag() {  // behind </
        const std::size_t from = at_;
        std::string_view tag;
        if (!name(tag)) return false;
        if (open_.empty() || tag != open_.back()) {
            at_ = from;
            return wrong("an end tag that does not belong to the open element");
        }
        blanks();
        open_.pop_back();
        return take(">") || wrong("an end tag that does not end");
    }

    bool content() {
        bool in_text = false;
        while (!open_.empty()) {
            if (at_end()) return wrong("an element that is not closed");
            if (here() != '<') {
                if (!in_text && !node()) return false;
                in_text = true;
                if (here() == ']' && ahead("]]>")) return wrong("]]> in text");
                if (!(here() == '&' ? reference() : one_char())) return false;
                continue;
            }
            in_text = false;
            if (take("<!--")) {
                if (!comment()) return false;
            } else if (take("<![CDATA[")) {
                if (!node() || !until("]]>", "a CDATA section that does not end")) return false;
            } else if (take("<?")) {
                if (!instruction()) return false;
            } else if (take("</")) {
                if (!end_tag()) return false;
            } else {
                ++at_;
                if (!start_tag()) return false;
            }
        }
        return true;
    }

    bool document() {
        if (ahead("<?xml") && text_.size() > 5 && kBlank.find(text_[5]) != std::string_view::npos) {
            at_ = 5;
            if (!declaration()) return false;
        }
        if (!around_root()) return false;
        if (ahead("<!DOCTYPE")) return wrong("a DTD, which is refused", "xml_dtd");
        if (at_end()) return wrong("no root element");
        if (!take("<")) return wrong("text before the root element");
        if (!start_tag() || !content() || !around_root()) return false;
        if (at_end()) return true;
        const bool second =
            here() == '<' && at_ + 1 < text_.size() && text_[at_ + 1] != '/' && text_[at_ + 1] != '!';
        return wrong(second ? "more than one root element" : "text behind the root element");
    }

    static constexpr std::size_t kMostAttributes = 64;

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t max_depth_;
    std::size_t nodes_left_;
    std::vector<std::string_view> open_;
    std::vector<std::string_view> attributes_;
    XmlFault fault_;
};

}  // namespace

XmlFault scan_xml(std::string_view text, std::size_t max_depth, std::size_t max_nodes) {
    return Scanner(text, max_depth, max_nodes).scan();
}

}  // namespace leadbridge::codec
