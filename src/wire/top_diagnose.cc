#include "wire/top_diagnose.h"

#include <algorithm>
#include <array>
#include <functional>

#include "base/insertion_sort.h"
#include "base/text.h"
#include "base/time.h"
#include "codec/json.h"

namespace leadbridge::wire {
namespace {

using Body = std::optional<std::string>;

struct Attempt {
    SignMethod method;
    std::string secret;
    Params params;
    Body body;
};

std::string sign_of(const Attempt& attempt) {
    const Body& body = attempt.body;
    return top_sign(
        attempt.method, crypto::Secret(attempt.secret),
        top_base_string(attempt.params, body ? std::optional<std::string_view>(*body) : std::nullopt));
}

std::string replaced(std::string text, char from, char to) {
    std::replace(text.begin(), text.end(), from, to);
    return text;
}

Attempt with_values(Attempt attempt,
                    const std::function<std::string(const std::string&, const std::string&)>& change) {
    for (auto& [name, value] : attempt.params) value = change(name, value);
    return attempt;
}

Attempt shifted_hours(const Attempt& attempt, int hours) {
    return with_values(attempt, [hours](const std::string& name, const std::string& value) {
        const auto at = name == "timestamp" ? base::parse_china_text(value) : std::nullopt;
        return at ? base::china_text(*at + hours * base::Millis{3'600'000}) : value;
    });
}

// Some clients (PHP, Python, Node) sign the name of an empty parameter; the official Java code drops the
// pair.
std::string base_with_empty_names(const Attempt& attempt) {
    std::vector<std::string> pieces;
    for (const auto& [name, value] : attempt.params) {
        if (name != "sign") pieces.push_back(name + value);
    }
    base::insertion_sort(pieces, std::less<>());
    std::string text;
    for (const auto& piece : pieces) text += piece;
    return text + attempt.body.value_or("");
}

std::string base_in_given_order(const Attempt& attempt) {
    std::string text;
    for (const auto& [name, value] : attempt.params) {
        if (name != "sign" && sendable(value)) text += name + value;
    }
    return text + attempt.body.value_or("");
}

std::string base_with_separators(const Attempt& attempt) {
    Params sorted = attempt.params;
    base::insertion_sort(sorted, std::less<>());
    std::string text;
    for (const auto& [name, value] : sorted) {
        if (name != "sign" && sendable(value)) text += (text.empty() ? "" : "&") + name + "=" + value;
    }
    return text + attempt.body.value_or("");
}

}  // namespace

std::vector<Cause> diagnose_top(SignMethod method, const crypto::Secret& secret, const Params& params,
                                const Body& body, std::string_view given) {
    std::vector<Cause> causes;
    const Attempt plain{method, std::string(secret.use()), params, body};
    const std::string upper = [&] {
        std::string text(base::trim(given));
        std::transform(text.begin(), text.end(), text.begin(),
                       [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
        return text;
    }();
    const auto try_sign = [&](const std::string& sign, std::string_view code, std::string detail) {
        if (sign == upper) causes.push_back({std::string(code), std::move(detail)});
    };
    const auto try_attempt = [&](const Attempt& attempt, std::string_view code, std::string detail) {
        try_sign(sign_of(attempt), code, std::move(detail));
    };

    if (sign_of(plain) == upper && upper != given) {
        return {{"lower_case",
                 "the signature is right but not in upper-case hex (or has blanks around it): send it in "
                 "upper case"}};
    }
    for (const SignMethod other :
         {SignMethod::md5, SignMethod::hmac, SignMethod::hmac_sha256, SignMethod::legacy}) {
        if (other == method) continue;
        Attempt attempt = plain;
        attempt.method = other;
        const std::string name = other == SignMethod::legacy ? "MD5 with the secret at the end only"
                                                             : std::string(sign_method_name(other));
        try_attempt(attempt, "other_method",
                    "it was made as " + name + ", but sign_method says otherwise: make both agree");
    }
    const std::array<std::pair<std::string, std::string>, 4> ends = {
        {{"\n", "a line break"}, {"\r\n", "a Windows line break"}, {" ", "a blank"}, {"\t", "a tab"}}};
    for (const auto& [suffix, word] : ends) {
        Attempt attempt = plain;
        attempt.secret += suffix;
        try_attempt(attempt, "secret_line_break",
                    "it was made with " + word + " behind the secret: trim the secret");
    }
    if (const std::string trimmed = base::trim(secret.use()); trimmed != secret.use()) {
        Attempt attempt = plain;
        attempt.secret = trimmed;
        try_attempt(attempt, "secret_blank",
                    "the secret given here has a blank or line break at an end: trim it");
    }
    for (const int hours : {8, -8}) {
        try_attempt(shifted_hours(plain, hours), "time_zone",
                    "it was made with a timestamp 8 hours " + std::string(hours > 0 ? "later" : "earlier") +
                        ": the timestamp must be +08:00, and the one signed must be the one sent");
    }
    try_attempt(with_values(plain, [](const auto&, const auto& v) { return replaced(v, ' ', '+'); }),
                "plus_and_space",
                "it was made over '+' where the value has a blank: sign the decoded values");
    try_attempt(with_values(plain, [](const auto&, const auto& v) { return replaced(v, '+', ' '); }),
                "plus_and_space",
                "it was made over a blank where the value has '+': encode '+' as %2B when sending");
    try_attempt(with_values(plain, [](const auto&, const auto& v) { return base::form_encode(v); }),
                "signed_encoded", "it was made over URL-encoded values: sign the decoded ones");
    try_attempt(with_values(plain, [](const auto&, const auto& v) { return base::trim(v); }),
                "trimmed_values", "it was made over trimmed values: sign exactly what is sent");
    const auto over = [&](const std::string& base_string) { return top_sign(method, secret, base_string); };
    try_sign(over(base_with_empty_names(plain)), "empty_value",
             "it includes the name of an empty parameter: neither sign nor send empty ones");
    try_sign(over(base_in_given_order(plain)), "order",
             "the parameters were not sorted by name before signing");
    try_sign(over(base_with_separators(plain)), "separators",
             "it was made with '=' and '&' between names and values: join them without");
    if (body) {
        Attempt without = plain;
        without.body.reset();
        try_attempt(without, "body_left_out",
                    "it was made without the body: a JSON, XML or text body is part of what is signed");
        Attempt trimmed = plain;
        trimmed.body = base::trim(*body);
        if (*trimmed.body != *body)
            try_attempt(trimmed, "body_trimmed",
                        "it was made over the trimmed body: sign the bytes that are sent");
        if (const auto json = codec::parse_json(*body)) {
            Attempt compact = plain;
            compact.body = codec::dump_json(json.value());
            if (*compact.body != *body)
                try_attempt(
                    compact, "body_reserialised",
                    "it was made over the body parsed and written again: sign the bytes that are sent");
        }
    }
    return causes;
}

}  // namespace leadbridge::wire
