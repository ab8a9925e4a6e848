#include "wire/diagnose.h"

#include <algorithm>
#include <array>
#include <functional>

#include "base/gbk.h"
#include "base/text.h"
#include "base/time.h"
#include "codec/json.h"
#include "crypto/digest.h"

namespace leadbridge::wire {
namespace {

using std::string_view;

// How secret and base string become a digest.
enum class Hash { md5, md5_behind, md5_before, hmac, hmac_sha256, sha256_behind, sha256_before };
constexpr std::array<std::pair<Hash, string_view>, 7> kHashes = {
    {{Hash::md5, "MD5 with the secret at both ends"},
     {Hash::md5_behind, "MD5 with the secret at the end only"},
     {Hash::md5_before, "MD5 with the secret at the front only"},
     {Hash::hmac, "HMAC-MD5"},
     {Hash::hmac_sha256, "HMAC-SHA256"},
     {Hash::sha256_behind, "SHA-256 with the secret at the end"},
     {Hash::sha256_before, "SHA-256 with the secret at the front"}}};

bool of_tanma(Protocol protocol) { return protocol == Protocol::tanma || protocol == Protocol::tanma_push; }

Hash hash_of(const SignedCall& call) {
    if (of_tanma(call.protocol)) return Hash::sha256_behind;
    static constexpr std::array<Hash, 4> kMethods = {Hash::md5, Hash::hmac, Hash::hmac_sha256,
                                                     Hash::md5_behind};
    return kMethods[static_cast<std::size_t>(call.method)];
}

std::string digest_of(Hash hash, string_view secret, const std::string& base) {
    const std::string key(secret);
    switch (hash) {
        case Hash::md5:
            return crypto::md5(key + base + key);
        case Hash::md5_behind:
            return crypto::md5(base + key);
        case Hash::md5_before:
            return crypto::md5(key + base);
        case Hash::hmac:
            return crypto::hmac_md5(key, base);
        case Hash::hmac_sha256:
            return crypto::hmac_sha256(key, base);
        case Hash::sha256_behind:
            return crypto::sha256(base + key);
        case Hash::sha256_before:
            break;
    }
    return crypto::sha256(key + base);
}

// What can go wrong with the base string besides its content.
enum class Order { right, as_given, ignoring_case };
struct Layout {
    Order order = Order::right;
    bool other_empties = false;  // kept where they are dropped, dropped where they are kept
    bool separators = false;
};

std::vector<const std::pair<std::string, std::string>*> signed_params(const SignedCall& call,
                                                                      const Layout& layout = {}) {
    std::vector<const std::pair<std::string, std::string>*> pairs;
    const bool keep_empty = (call.protocol != Protocol::top) != layout.other_empties;
    for (const auto& pair : call.params) {
        if (pair.first == "sign") continue;
        if (keep_empty || (sendable(pair.second) && sendable(pair.first))) pairs.push_back(&pair);
    }
    if (of_tanma(call.protocol) || layout.order == Order::as_given) return pairs;
    std::stable_sort(pairs.begin(), pairs.end(), [&](const auto* a, const auto* b) {
        return layout.order == Order::ignoring_case
                   ? base::lower_ascii(a->first) < base::lower_ascii(b->first)
                   : base::utf16_less(a->first, b->first);
    });
    return pairs;
}

std::string base_of(const SignedCall& call, const Layout& layout = {}) {
    std::string text;
    for (const auto* pair : signed_params(call, layout)) {
        if (layout.separators && !text.empty()) text += '&';
        if (layout.separators || !of_tanma(call.protocol)) text += pair->first;
        if (layout.separators) text += '=';
        text += pair->second;
    }
    if (call.body && call.protocol != Protocol::tanma_push) text += *call.body;
    return call.gbk ? base::utf8_to_gbk(text) : text;
}

// ---- bodies that were written again
// JSON with other blanks between its tokens; strings stay as they are.
std::string respaced(string_view json, string_view behind_comma, string_view behind_colon) {
    std::string out;
    bool quoted = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (!quoted && (c == ' ' || c == '\n' || c == '\r' || c == '\t')) continue;
        out += c;
        if (c == '"') quoted = !quoted;
        if (quoted && c == '\\' && i + 1 < json.size()) out += json[++i];
        if (!quoted && c == ',') out += behind_comma;
        if (!quoted && c == ':') out += behind_colon;
    }
    return out;
}

// As Python and PHP write other characters than ASCII.
std::string escaped(string_view text) {
    std::string out;
    const auto unit = [&out](char32_t u) {
        static constexpr string_view kDigits = "0123456789abcdef";
        out += "\\u";
        for (unsigned shift = 16; shift > 0;) out += kDigits[(u >> (shift -= 4)) & 15U];
    };
    for (const char32_t c : base::to_code_points(text)) {
        if (c < 0x80) {
            out += static_cast<char>(c);
        } else if (c < 0x10000) {
            unit(c);
        } else {
            unit(0xD800 + ((c - 0x10000) >> 10U));
            unit(0xDC00 + ((c - 0x10000) & 0x3FFU));
        }
    }
    return out;
}

std::string percent_encoded(string_view text) {
    std::string out;
    for (const char c : base::form_encode(text)) {
        if (c == '+') {
            out += "%20";
        } else {
            out += c;
        }
    }
    return out;
}

std::string replaced(std::string text, char from, string_view to) {
    std::string out;
    for (const char c : text) {
        if (c == from) {
            out += to;
        } else {
            out += c;
        }
    }
    return out;
}

std::string shifted(const std::string& timestamp, int hours) {
    const base::Millis by = hours * base::Millis{3'600'000};
    if (const auto number = base::parse_int64(timestamp)) return std::to_string(*number + by);
    const auto at = base::parse_china_text(timestamp);
    return at ? base::china_text(*at + by) : timestamp;
}

class Search {
  public:
    Search(const SignedCall& call, string_view given)
        : call_(call), given_(base::trim(given)), secret_(call.secret.use()) {
        for (char& c : given_) {
            if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 32);
        }
    }

    [[nodiscard]] bool matches(Hash hash, string_view secret, const std::string& base) const {
        return base::hex_upper(digest_of(hash, secret, base)) == given_;
    }
    void try_base(const std::string& base, string_view code, string_view detail) {
        if (matches(hash_of(call_), secret_, base)) add(code, std::string(detail));
    }
    void try_call(const SignedCall& call, string_view code, string_view detail) {
        try_base(base_of(call), code, detail);
    }
    void try_layout(const Layout& layout, string_view code, string_view detail) {
        try_base(base_of(call_, layout), code, detail);
    }
    void try_body(std::optional<std::string> body, string_view code, string_view detail) {
        if (body == call_.body) return;
        SignedCall other = call_;
        other.body = std::move(body);
        try_call(other, code, detail);
    }
    void try_values(
        const std::function<std::string(const std::string& name, const std::string& value)>& change,
        string_view code, string_view detail) {
        SignedCall other = call_;
        bool changed = false;
        for (auto& [name, value] : other.params) {
            std::string text = change(name, value);
            changed = changed || text != value;
            value = std::move(text);
        }
        if (changed) try_call(other, code, detail);
    }
    void add(string_view code, std::string detail) {
        const bool known =
            std::any_of(causes.begin(), causes.end(), [&](const Cause& c) { return c.code == code; });
        if (!known) causes.push_back({std::string(code), std::move(detail)});
    }

    void methods();
    void secrets(Hash hash);
    void timestamps();
    void values();
    void parameters();
    void left_out();
    void bodies();
    void other_secrets(const std::vector<crypto::Secret>& others);
    void tanma();

    std::vector<Cause> causes;

  private:
    const SignedCall& call_;
    std::string given_;
    std::string secret_;
};

void Search::methods() {
    const std::string base = base_of(call_);
    for (const auto& [hash, name] : kHashes) {
        if (hash == hash_of(call_) || !matches(hash, secret_, base)) continue;
        const bool tanma = of_tanma(call_.protocol);
        add("other_method", "it was made as " + std::string(name) +
                                (tanma ? ", but Tanma wants plain SHA-256 with the key at the end"
                                 : call_.protocol == Protocol::spi
                                     ? ", but a platform's call is always MD5 with the secret at both ends"
                                     : ", but sign_method says otherwise: make both agree"));
    }
}

void Search::secrets(Hash hash) {
    static constexpr std::array<std::pair<string_view, string_view>, 4> kEnds = {
        {{"\n", "a line break"}, {"\r\n", "a Windows line break"}, {" ", "a blank"}, {"\t", "a tab"}}};
    const std::string base = base_of(call_);
    for (const auto& [end, word] : kEnds) {
        // Behind Tanma's body it would be the body's line break.
        if (matches(hash, secret_ + std::string(end), base) ||
            (!of_tanma(call_.protocol) && matches(hash, std::string(end) + secret_, base)))
            add("secret_line_break",
                "it was made with " + std::string(word) + " around the secret: trim the secret");
    }
    if (const std::string trimmed = base::trim(secret_); trimmed != secret_ && matches(hash, trimmed, base))
        add("secret_blank", "the secret given here has a blank or line break at an end: trim it");
}

void Search::timestamps() {
    for (const int hours : {8, -8}) {
        try_values(
            [&](const auto& name, const auto& v) { return name == "timestamp" ? shifted(v, hours) : v; },
            "time_zone",
            hours > 0 ? "it was made with a timestamp 8 hours later: the timestamp must be +08:00, and the "
                        "one signed must be the one sent"
                      : "it was made with a timestamp 8 hours earlier: the timestamp must be +08:00, and "
                        "the one signed must be the one sent");
    }
}

void Search::values() {
    const auto each = [this](std::string (*change)(const std::string&), string_view code,
                             string_view detail) {
        try_values([change](const auto&, const auto& v) { return change(v); }, code, detail);
    };
    each([](const std::string& v) { return replaced(v, ' ', "+"); }, "plus_and_space",
         "it was made over '+' where the value has a blank: sign the decoded values");
    each([](const std::string& v) { return replaced(v, '+', " "); }, "plus_and_space",
         "it was made over a blank where the value has '+': encode '+' as %2B when sending");
    each([](const std::string& v) { return replaced(v, ' ', "%20"); }, "plus_and_space",
         "it was made over '%20' where the value has a blank: sign the decoded values");
    constexpr string_view encoded = "it was made over URL-encoded values: sign the decoded ones";
    each([](const std::string& v) { return base::form_encode(v); }, "signed_encoded", encoded);
    each([](const std::string& v) { return percent_encoded(v); }, "signed_encoded", encoded);
    each([](const std::string& v) { return base::trim(v); }, "trimmed_values",
         "it was made over trimmed values: sign exactly what is sent");
}

void Search::parameters() {
    try_layout({Order::right, true, false}, "empty_value",
               call_.protocol == Protocol::top
                   ? "it includes the name of an empty parameter: neither sign nor send empty ones"
                   : "it was made without the names of empty parameters: a platform's call keeps them");
    try_layout({Order::as_given, false, false}, "order",
               "the parameters were not sorted by name before signing");
    try_layout({Order::ignoring_case, false, false}, "order",
               "the parameters were sorted without regard to upper and lower case: capitals come first");
    constexpr string_view separators =
        "it was made with '=' and '&' between names and values: join them without";
    try_layout({Order::right, false, true}, "separators", separators);
    try_layout({Order::as_given, false, true}, "separators", separators);
}

void Search::left_out() {
    // A text for each parameter: only while that is little work.
    constexpr std::size_t kMostBytes = 64U << 20U;
    if (call_.params.size() * base_of(call_).size() > kMostBytes) return;
    for (const auto& [name, value] : call_.params) {
        if (name == "sign" || value.empty()) continue;
        SignedCall other = call_;
        const std::string& left_out = name;
        std::erase_if(other.params, [&](const auto& pair) { return pair.first == left_out; });
        try_call(other, "param_left_out",
                 "it was made without the parameter " + base::printable(name, 60) +
                     ": everything that is sent takes part, except `sign`");
    }
}

void Search::bodies() {
    if (!call_.body) return;
    const std::string& body = *call_.body;
    try_body(std::nullopt, "body_left_out",
             "it was made without the body: a JSON, XML or text body is part of what is signed");
    try_body(base::trim(body), "body_trimmed",
             "it was made over the trimmed body: sign the bytes that are sent");
    try_body(body + "\n", "body_line_break",
             "it was made over the body with a line break behind it: sign the bytes that are sent");
    constexpr string_view again =
        "it was made over the body parsed and written again: sign the bytes that are sent";
    const auto json = codec::parse_json(body);
    if (!json) return;
    const std::string sorted = codec::dump_json(json.value());
    for (const std::string& text : {std::string(base::trim(body)), sorted}) {
        for (const bool blanks : {false, true}) {
            const std::string spaced = respaced(text, blanks ? " " : "", blanks ? " " : "");
            try_body(spaced, "body_reserialised", again);
            try_body(escaped(spaced), "body_reserialised", again);
            try_body(replaced(spaced, '/', "\\/"), "body_reserialised", again);
        }
    }
}

void Search::other_secrets(const std::vector<crypto::Secret>& others) {
    const std::string base = base_of(call_);
    for (std::size_t i = 0; i < others.size(); ++i) {
        const std::string trimmed = base::trim(others[i].use());
        const std::string number = std::to_string(i + 1);
        for (const auto& [hash, name] : kHashes) {
            if (trimmed.empty() || (!matches(hash, trimmed, base) && !matches(hash, others[i].use(), base)))
                continue;
            add("other_secret", "it was made with the other secret no. " + number +
                                    ": the secret of another app, or a former one");
            if (hash != hash_of(call_))
                add("other_method", "it was made as " + std::string(name) + ", and with another secret");
        }
    }
}

// Four texts without names: their order, and what is among them, is all there is.
void Search::tanma() {
    const bool push = call_.protocol == Protocol::tanma_push;
    std::vector<std::string> parts;
    for (const auto* pair : signed_params(call_)) parts.push_back(pair->second);
    if (!push) parts.push_back(call_.body.value_or(""));
    parts.emplace_back(secret_);
    std::vector<std::size_t> order(parts.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    while (std::next_permutation(order.begin(), order.end())) {
        std::string text;
        for (const std::size_t i : order) text += parts[i];
        if (base::hex_upper(crypto::sha256(text)) == given_)
            add("order", push ? "its parts were in another order: app id, version, timestamp, app key"
                              : "its parts were in another order: app id, timestamp, body, app key");
    }
    if (push && call_.body)
        try_base(base_of(call_) + *call_.body, "body_signed",
                 "it was made over the body too: a push's body is not signed");
    const auto at_timestamp = [this](std::string (*change)(const std::string&), string_view detail) {
        try_values([change](const auto& name, const auto& v) { return name == "timestamp" ? change(v) : v; },
                   "timestamp_unit", detail);
    };
    at_timestamp([](const std::string& v) { return v.substr(0, v.size() > 3 ? v.size() - 3 : 0); },
                 "it was made with seconds: the timestamp is milliseconds, and the one signed the one sent");
    at_timestamp([](const std::string& v) { return v + "000"; },
                 "it was made with milliseconds, but seconds were sent: send milliseconds");
    at_timestamp(
        [](const std::string& v) {
            const auto number = base::parse_int64(v);
            return number ? base::china_text(*number) : v;
        },
        "it was made with the time as text: the timestamp is milliseconds since 1970");
}

}  // namespace

std::string base_string_of(const SignedCall& call) { return base_of(call); }

std::string sign_of(const SignedCall& call) {
    const std::string digest = digest_of(hash_of(call), call.secret.use(), base_of(call));
    return of_tanma(call.protocol) ? base::hex_lower(digest) : base::hex_upper(digest);
}

std::vector<Piece> pieces_of(const SignedCall& call) {
    std::vector<Piece> out;
    const Hash hash = hash_of(call);
    if (hash == Hash::md5) out.push_back({"secret", "", ""});
    for (const auto* pair : signed_params(call)) {
        if (!of_tanma(call.protocol)) out.push_back({"name", pair->first, pair->first});
        out.push_back({"value", pair->first, pair->second});
    }
    if (call.body && call.protocol != Protocol::tanma_push) out.push_back({"body", "", *call.body});
    if (hash == Hash::md5 || hash == Hash::md5_behind || hash == Hash::sha256_behind)
        out.push_back({"secret", "", ""});
    return out;
}

std::vector<Cause> diagnose(const SignedCall& call, string_view given,
                            const std::vector<crypto::Secret>& others) {
    Search search(call, given);
    const std::string right = base_of(call);
    if (search.matches(hash_of(call), call.secret.use(), right)) {
        if (sign_of(call) == given) return {};
        if (of_tanma(call.protocol)) {
            return {{"upper_case",
                     "the signature is right but not in lower-case hex (or has blanks around it): "
                     "send it in lower case"}};
        }
        return {{"lower_case",
                 "the signature is right but not in upper-case hex (or has blanks around it): "
                 "send it in upper case"}};
    }
    search.methods();
    search.secrets(hash_of(call));
    search.timestamps();
    search.values();
    if (of_tanma(call.protocol)) {
        search.tanma();
    } else {
        search.parameters();
    }
    search.left_out();
    if (call.protocol != Protocol::tanma_push) search.bodies();
    if (!call.gbk) {
        if (const std::string gbk = base::utf8_to_gbk(right); gbk != right)
            search.try_base(gbk, "charset_gbk",
                            "it was made over GBK bytes: sign the bytes that are sent, in UTF-8");
    } else {
        SignedCall utf8 = call;
        utf8.gbk = false;
        search.try_call(utf8, "charset_utf8",
                        "it was made over UTF-8 bytes, but the call says GBK: make both agree");
    }
    search.other_secrets(others);
    if (!search.causes.empty()) return std::move(search.causes);
    // Two at once, of those that go together: the secret and the method.
    for (const auto& [hash, name] : kHashes) {
        const std::size_t before = search.causes.size();
        if (hash == hash_of(call)) continue;
        search.secrets(hash);
        if (search.causes.size() > before)
            search.add("other_method", "and it was made as " + std::string(name) + ": two mistakes at once");
    }
    return std::move(search.causes);
}

}  // namespace leadbridge::wire
