// Runs signature vectors (JSON files) against the native core: vectors FILE...
// Prints each failure and ends with `N passed, N failed`. Kinds this version does not know are counted as skipped.
#include <fstream>
#include <iostream>
#include <iterator>

#include "base/gbk.h"
#include "base/text.h"
#include "codec/json.h"
#include "wire/spi.h"
#include "wire/top_sign.h"

namespace {

using namespace leadbridge;
using codec::Json;
using codec::member;
using codec::member_text;

// Java hashes a lone surrogate as '?'. JSON readers refuse it, so it becomes that before reading.
std::string without_lone_surrogates(const std::string& text) {
    const auto unit_at = [&](std::size_t at) -> unsigned {
        if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return 0;
        const auto bytes = base::hex_decode(std::string_view(text).substr(at + 2, 4));
        return bytes
                   ? static_cast<unsigned char>((*bytes)[0]) * 256U + static_cast<unsigned char>((*bytes)[1])
                   : 0U;
    };
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        const unsigned unit = unit_at(i);
        const bool high = unit >= 0xD800 && unit <= 0xDBFF;
        const unsigned after = high ? unit_at(i + 6) : 0;
        if (high && after >= 0xDC00 && after <= 0xDFFF) {
            out += text.substr(i, 12);
            i += 11;
        } else if (unit >= 0xD800 && unit <= 0xDFFF) {
            out += '?';
            i += 5;
        } else {
            out += text.substr(i, 2);
            i += 1;
        }
    }
    return out;
}

// Empty = passed, otherwise what differs.
std::string check_top(const Json& vector) {
    wire::Params params;
    for (const auto& [name, value] : member(vector, "params").items()) {
        if (const auto text = codec::scalar_text(value)) params.emplace_back(name, *text);
    }
    std::optional<std::string> body = member_text(vector, "body");
    if (const auto base64 = member_text(vector, "body_base64")) body = base::base64_decode(*base64);
    if (member(vector, "body_in_sign") == Json(false)) body.reset();
    const auto method = wire::sign_method(member_text(vector, "sign_method").value_or(""));
    const crypto::Secret secret(member_text(vector, "secret").value_or(""));
    const std::string text =
        wire::top_base_string(params, body ? std::optional<std::string_view>(*body) : std::nullopt);
    const std::string sign = wire::top_sign(method, secret, text);

    if (const auto expected = member_text(vector, "base_string")) {
        const std::string key(secret.use());
        const bool around = method == wire::SignMethod::md5;
        const bool behind = around || method == wire::SignMethod::legacy;
        const std::string full = (around ? key : "") + text + (behind ? key : "");
        if (*expected != full && *expected != text) return "base string differs";
    }
    if (sign != member_text(vector, "expected_sign").value_or("")) return "sign is " + sign;
    const Json& valid = member(vector, "expected_valid");
    if (valid.is_boolean() && (member_text(vector, "given_sign").value_or("") == sign) != valid.get<bool>()) {
        return "the given sign is judged wrongly";
    }
    return "";
}

// A call of the platform: accepted or refused as the official checker does, over the same text.
std::string check_spi(const Json& vector) {
    effect::Headers headers;
    for (const auto& [name, value] : member(vector, "headers").items()) {
        if (const auto text = codec::scalar_text(value)) headers.emplace_back(name, *text);
    }
    if (const auto type = member_text(vector, "content_type")) headers.emplace_back("Content-Type", *type);
    const std::string query = member_text(vector, "query").value_or("");
    std::string body = member_text(vector, "body").value_or("");
    if (const auto base64 = member_text(vector, "body_base64"))
        body = base::base64_decode(*base64).value_or("");
    const std::string secret = member_text(vector, "secret").value_or("");
    wire::TopApp app;
    app.app_secret = crypto::Secret(secret);
    const auto check = wire::check_spi({query, &headers, body}, app);

    const auto expected = member_text(vector, "expected_sign");
    if (!expected) return check.valid ? "accepted, where the official checker throws" : "";
    if (check.expected != *expected) return "expects the sign " + check.expected + " " + check.code;
    if (check.valid != (member(vector, "expected_valid") == Json(true)))
        return "the sign is judged wrongly: " + check.code;
    // The vectors hold text; what is hashed are bytes, in GBK when the content type says so.
    const auto text = member_text(vector, "base_string");
    const std::string gbk_secret = base::utf8_to_gbk(secret);
    if (text && *text != secret + check.base_string + secret &&
        base::utf8_to_gbk(*text) != gbk_secret + check.base_string + gbk_secret)
        return "base string differs";
    return "";
}

}  // namespace

int main(int argc, char** argv) {
    int passed = 0;
    int failed = 0;
    int skipped = 0;
    if (argc < 2) {
        std::cerr << "usage: vectors FILE...\n";
        return 1;
    }
    for (int i = 1; i < argc; ++i) {
        std::ifstream file(argv[i], std::ios::binary);
        const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
        const auto vectors = codec::parse_json(without_lone_surrogates(text), {256U << 20U, 64});
        if (!vectors || !vectors.value().is_array()) {
            std::cerr << argv[i] << ": " << (vectors ? "not a JSON array" : vectors.error().reason) << "\n";
            ++failed;
            continue;
        }
        for (const auto& vector : vectors.value()) {
            const auto kind = member_text(vector, "kind");
            if (kind != "top" && kind != "spi") {
                ++skipped;
                continue;
            }
            const std::string problem = kind == "top" ? check_top(vector) : check_spi(vector);
            problem.empty() ? ++passed : ++failed;
            if (!problem.empty())
                std::cerr << member_text(vector, "name").value_or("?") << ": " << problem << "\n";
        }
    }
    std::cout << passed << " passed, " << failed << " failed";
    if (skipped > 0) std::cout << ", " << skipped << " skipped";
    std::cout << std::endl;
    return failed == 0 && passed > 0 ? 0 : 1;
}
