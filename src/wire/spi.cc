#include "wire/spi.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "base/gbk.h"
#include "base/text.h"
#include "crypto/digest.h"

namespace leadbridge::wire {
namespace {

using std::string_view;

// Real calls have a dozen. More than this in one place is refused before anything is done about them.
constexpr std::ptrdiff_t kMostPairs = 1000;

enum class Charset { utf8, gbk };

struct KnownType {
    string_view start;
    SpiBody kind;
};
constexpr std::array<KnownType, 5> kTypes = {{{"application/json", SpiBody::json},
                                              {"text/xml", SpiBody::xml},
                                              {"application/xml", SpiBody::xml},
                                              {"text/plain", SpiBody::text},
                                              {"application/x-www-form-urlencoded", SpiBody::form}}};

bool starts_with(string_view text, string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

// Compared with case, as the checker does; but servlet containers hand it the usual spellings in lower case.
SpiBody kind_of(const std::string& type) {
    const std::string lower = base::lower_ascii(type);
    for (const auto& known : kTypes) {
        if (starts_with(type, known.start)) return known.kind;
        if (!starts_with(lower, known.start) || known.start == "application/xml") continue;
        const string_view rest = string_view(lower).substr(known.start.size());
        if (rest.empty() || rest == ";charset=utf-8" || rest == "; charset=utf-8") return known.kind;
    }
    return SpiBody::none;
}

// The first parameter that begins with "charset" decides, in lower case only; quotes belong to the name.
std::string charset_name(const std::string& type) {
    for (const auto& part : base::split(type, ';')) {
        const std::string param = base::trim(part);
        if (!starts_with(param, "charset")) continue;
        const auto equals = param.find('=');
        const std::string name =
            equals == std::string::npos ? "" : base::trim(string_view(param).substr(equals + 1));
        return name.empty() ? "utf-8" : name;
    }
    return "utf-8";
}

std::optional<Charset> charset_of(const std::string& name) {
    const std::string lower = base::lower_ascii(name);
    if (lower == "utf-8" || lower == "utf8") return Charset::utf8;
    if (lower == "gbk" || lower == "gb2312" || lower == "cp936") return Charset::gbk;
    return std::nullopt;
}

// One character at `at`, or what Java's decoder replaces by one U+FFFD: it takes an incomplete character, and
// a surrogate of three bytes, as one.
struct Utf8Piece {
    std::size_t length;
    bool valid;
};
Utf8Piece utf8_piece(string_view bytes, std::size_t at) {
    const auto byte = [&](std::size_t i) -> unsigned {
        return at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U;
    };
    const unsigned b0 = byte(0);
    if (b0 < 0x80) return {1, true};
    if (b0 < 0xC2 || b0 > 0xF4) return {1, false};
    const std::size_t length = b0 < 0xE0 ? 2 : b0 < 0xF0 ? 3 : 4;
    for (std::size_t i = 1; i < length; ++i) {
        const unsigned least = i > 1 ? 0x80U : b0 == 0xE0 ? 0xA0U : b0 == 0xF0 ? 0x90U : 0x80U;
        const unsigned most = i == 1 && b0 == 0xF4 ? 0x8FU : 0xBFU;
        if (byte(i) < least || byte(i) > most) return {i, false};
    }
    return {length, b0 != 0xED || byte(1) < 0xA0};
}

std::string java_utf8(string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    for (std::size_t i = 0; i < bytes.size();) {
        const Utf8Piece piece = utf8_piece(bytes, i);
        out.append(piece.valid ? bytes.substr(i, piece.length) : "\xEF\xBF\xBD");
        i += piece.length;
    }
    return out;
}

std::string decode(Charset charset, string_view bytes) {
    return charset == Charset::gbk ? base::gbk_to_utf8(bytes) : java_utf8(bytes);
}
std::string encode(Charset charset, string_view utf8) {
    return charset == Charset::gbk ? base::utf8_to_gbk(utf8) : std::string(utf8);
}

// java.net.URLDecoder: each run of %XX is decoded on its own; what stands unescaped is taken as UTF-8.
std::optional<std::string> url_decode(Charset charset, string_view text) {
    std::string out;
    while (!text.empty()) {
        std::size_t end = 0;
        while (end < text.size() && text[end] == '%') end += 3;
        const bool escaped = end > 0;
        if (!escaped) end = std::min(text.find('%'), text.size());
        if (end > text.size()) return std::nullopt;
        std::string run(text.substr(0, end));
        // Java reads the two characters as a number, and so takes a sign.
        for (std::size_t i = 1; escaped && i < end; i += 3) {
            if (run[i] == '+' || (run[i] == '-' && run[i + 1] == '0')) run[i] = '0';
        }
        const auto bytes = base::form_decode(run);
        if (!bytes) return std::nullopt;
        out += escaped ? decode(charset, *bytes) : java_utf8(*bytes);
        text.remove_prefix(end);
    }
    return out;
}

using Fields = std::map<std::string, std::string, std::less<>>;

// Java's String.split: empty parts at the end are dropped, but text without a separator is one part.
std::vector<string_view> java_split(string_view text, char separator) {
    std::vector<string_view> parts;
    for (string_view rest = text;;) {
        const auto at = rest.find(separator);
        parts.push_back(rest.substr(0, at));
        if (at == string_view::npos) break;
        rest.remove_prefix(at + 1);
    }
    if (parts.size() > 1) {
        while (!parts.empty() && parts.back().empty()) parts.pop_back();
    }
    return parts;
}

bool too_many(string_view text, char separator) {
    return std::count(text.begin(), text.end(), separator) >= kMostPairs;
}

// False = a broken % sequence. Later pairs replace earlier ones.
bool read_header_list(const effect::Headers& headers, Charset charset, string_view names, Fields& out) {
    if (base::java_blank(names)) return true;
    for (const string_view name : java_split(names, ',')) {
        const std::string* value = header(headers, base::lower_ascii(name));
        if (value == nullptr || base::java_blank(*value)) {
            out.insert_or_assign(java_utf8(name), "");
            continue;
        }
        auto text = url_decode(charset, *value);
        if (!text) return false;
        out.insert_or_assign(java_utf8(name), std::move(*text));
    }
    return true;
}

// A pair with an unescaped '=' inside its value vanishes; one at the end of the value is lost.
bool read_query(string_view query, Charset charset, Fields& out) {
    for (const string_view pair : java_split(query, '&')) {
        const auto parts = java_split(pair, '=');
        if (parts.empty() || parts.size() > 2) continue;
        auto name = url_decode(charset, parts[0]);
        auto value = url_decode(charset, parts.size() > 1 ? parts[1] : "");
        if (!name || !value) return false;
        out.insert_or_assign(std::move(*name), std::move(*value));
    }
    return true;
}

// As a servlet container reads a form: the first '=' separates, the first pair of a name counts.
bool read_form(string_view form, Charset charset, const Fields& query, Fields& out) {
    for (const string_view pair : java_split(form, '&')) {
        if (pair.empty()) continue;
        const auto raw = base::form_pair(pair);
        if (!raw) return false;
        std::string name = decode(charset, raw->first);
        if (query.contains(name) || out.contains(name)) continue;
        std::string value = decode(charset, raw->second);
        if (base::java_blank(value)) value.clear();
        out.emplace(std::move(name), std::move(value));
    }
    return true;
}

std::string sign_of(Charset charset, const crypto::Secret& secret, const std::string& base_string) {
    const std::string key = encode(charset, secret.use());
    return base::hex_upper(crypto::md5(key + base_string + key));
}

std::string upper_hex(std::string text) {
    for (char& c : text) {
        if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
}

SpiCheck& refuse(SpiCheck& check, string_view code, std::string reason) {
    check.valid = false;
    check.code = code;
    check.reason = std::move(reason);
    return check;
}

// Why a readable request does not match.
void explain(SpiCheck& check, bool matches_in_upper_case, bool no_query, bool sign_elsewhere) {
    if (no_query) {
        refuse(check, "no_query",
               "the address has no query: a platform sends its public parameters and `sign` there; check "
               "that no "
               "proxy in front drops the query");
    } else if (check.given.empty() && sign_elsewhere) {
        refuse(check, "sign_in_body",
               "`sign` is in the body or form, but it is read from the query only: send it in the address");
    } else if (check.given.empty()) {
        refuse(check, "sign_missing", "the query has no `sign`: this is not a signed call of the platform");
    } else if (matches_in_upper_case) {
        refuse(check, "sign_lower_case",
               "the signature is right but not in upper-case hex: send it in upper case");
    } else {
        refuse(check, "sign_mismatch",
               "the signature does not match: check that `app_secret` is the secret of the app this SPI is "
               "registered for, and that nothing in front rewrites query or body; `leadbridge verify --spi` "
               "shows "
               "what was signed");
    }
}

constexpr string_view kTimestampForm = "`yyyy-MM-dd HH:mm:ss` in +08:00";

bool is_platform_time(string_view text) {
    static constexpr string_view kForm = "0000-00-00 00:00:00";
    if (text.size() != kForm.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (kForm[i] == '0' ? !digit : text[i] != kForm[i]) return false;
    }
    return true;
}

}  // namespace

std::string_view spi_body_name(SpiBody kind) {
    static constexpr std::array<string_view, 5> kNames = {"none", "form", "json", "xml", "text"};
    return kNames[static_cast<std::size_t>(kind)];
}

SpiCheck check_spi(const SpiRequest& request, const TopApp& app) {
    const effect::Headers none;
    const effect::Headers& headers = request.headers != nullptr ? *request.headers : none;
    SpiCheck check;

    const std::string* type_header = header(headers, "content-type");
    const std::string type = type_header != nullptr ? base::trim(*type_header) : "";
    if (type.empty()) {
        return refuse(
            check, "no_content_type",
            "the request has no Content-Type: the platform sends one with every call, GET included");
    }
    const SpiBody kind = kind_of(type);
    if (kind == SpiBody::none) {
        return refuse(
            check, "content_type",
            "the Content-Type " + base::printable(type, 60) +
                " is none a platform sends: application/json, application/xml, text/xml, text/plain or "
                "application/x-www-form-urlencoded, in lower case");
    }
    const std::string charset_text = charset_name(type);
    const auto charset = charset_of(charset_text);
    if (!charset) {
        return refuse(check, "charset",
                      "the charset " + base::printable(charset_text, 40) +
                          " is not known: write utf-8 or gbk, without quotes");
    }
    check.kind = kind;
    check.gbk = *charset == Charset::gbk;

    const std::string* list = header(headers, "top-sign-list");
    const string_view names = list != nullptr ? string_view(*list) : string_view();
    const bool form = kind == SpiBody::form;
    if (too_many(names, ',') || too_many(request.query, '&') || (form && too_many(request.body, '&')))
        return refuse(check, "too_many_params", "more than 1000 parameters: no platform sends that many");
    Fields listed;
    Fields query;
    Fields fields;
    // The container's parameters hold the query too, and so what vanished from it above.
    if (!read_header_list(headers, *charset, names, listed) || !read_query(request.query, *charset, query) ||
        (form && (!read_form(request.query, *charset, query, fields) ||
                  !read_form(request.body, *charset, query, fields)))) {
        return refuse(
            check, "bad_escape",
            "a % in query, form or a listed header is not followed by two hexadecimal digits: encode % "
            "itself as %25");
    }
    for (const auto* more : {&query, &fields}) {
        for (const auto& [name, value] : *more) listed.insert_or_assign(name, value);
    }
    Params& params = check.params;
    params.assign(listed.begin(), listed.end());
    std::sort(params.begin(), params.end(),
              [](const auto& a, const auto& b) { return base::utf16_less(a.first, b.first); });

    for (const auto& [name, value] : params) {
        if (name != "sign") check.base_string += encode(*charset, name) + encode(*charset, value);
    }
    if (!form) {
        check.body = decode(*charset, request.body);
        check.base_string += encode(*charset, check.body);
    }

    if (const auto given = query.find("sign"); given != query.end()) check.given = given->second;
    check.expected = sign_of(*charset, app.app_secret, check.base_string);
    const std::string expected_before = sign_of(*charset, app.previous_app_secret, check.base_string);
    const auto matches = [&](const std::string& sign) {
        const bool now = crypto::equal_constant_time(check.expected, sign) && !app.app_secret.empty();
        const bool before =
            crypto::equal_constant_time(expected_before, sign) && !app.previous_app_secret.empty();
        check.by_previous_secret = before && !now;
        return now || before;
    };
    check.valid = !request.query.empty() && matches(check.given);
    if (!check.valid) {
        const bool in_upper_case = matches(upper_hex(check.given));
        check.by_previous_secret = false;
        const bool elsewhere = fields.contains("sign") || check.body.find("\"sign\"") != std::string::npos ||
                               check.body.find("<sign>") != std::string::npos;
        explain(check, in_upper_case, request.query.empty(), elsewhere);
    }
    return check;
}

base::Status check_spi_time(const Params& params, base::Millis now, std::int64_t window_s) {
    if (window_s <= 0) return base::Ok{};
    const string_view text = spi_param(params, "timestamp");
    if (text.empty()) {
        return base::fail("timestamp_missing",
                          "the request has no `timestamp`: expected " + std::string(kTimestampForm));
    }
    const auto at = is_platform_time(text) ? base::parse_china_text(text) : std::nullopt;
    if (!at) {
        const bool milliseconds = text.size() == 13 && base::parse_int64(text) && text[0] != '-';
        return base::fail("timestamp_unreadable",
                          "the `timestamp` " + base::printable(text, 40) + " is not " +
                              std::string(kTimestampForm) +
                              (milliseconds ? ": these are milliseconds since 1970" : ""));
    }
    const base::Millis window = std::min<std::int64_t>(window_s, base::kDay) * base::kSecond;
    const base::Millis age = now - *at;
    if (age <= window && age >= -window) return base::Ok{};
    const std::string seconds = std::to_string((age < 0 ? -age : age) / base::kSecond);
    if (age > 0) {
        return base::fail("timestamp_old", "the request was signed " + seconds + " s ago, more than " +
                                               std::to_string(window_s) +
                                               " s: it was delayed or repeated; check this host's clock");
    }
    return base::fail("timestamp_future", "the request was signed " + seconds +
                                              " s in the future, more than " + std::to_string(window_s) +
                                              " s: check the time zone (+08:00) and this host's clock");
}

std::string spi_replay_key(const SpiCheck& check) {
    return base::hex_lower(crypto::sha256(check.given + "\n" + check.base_string).substr(0, 16));
}

std::string_view spi_param(const Params& params, std::string_view name) {
    const auto same = [name](const auto& pair) { return pair.first == name; };
    const auto found = std::find_if(params.begin(), params.end(), same);
    return found != params.end() ? string_view(found->second) : string_view();
}

}  // namespace leadbridge::wire
