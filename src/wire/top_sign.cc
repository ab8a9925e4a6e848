#include "wire/top_sign.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/digest.h"

namespace leadbridge::wire {

SignMethod sign_method(std::string_view name) {
    if (name == "md5") return SignMethod::md5;
    if (name == "hmac") return SignMethod::hmac;
    if (name == "hmac-sha256") return SignMethod::hmac_sha256;
    return SignMethod::legacy;
}

std::string_view sign_method_name(SignMethod method) {
    switch (method) {
        case SignMethod::md5:
            return "md5";
        case SignMethod::hmac:
            return "hmac";
        case SignMethod::hmac_sha256:
            return "hmac-sha256";
        case SignMethod::legacy:
            break;
    }
    return "";
}

bool sendable(std::string_view value) { return !base::java_blank(value); }

std::string top_base_string(const Params& params, std::optional<std::string_view> body) {
    std::vector<const std::pair<std::string, std::string>*> pairs;
    for (const auto& pair : params) {
        if (pair.first != "sign" && sendable(pair.first) && sendable(pair.second)) pairs.push_back(&pair);
    }
    std::stable_sort(pairs.begin(), pairs.end(),
                     [](const auto* a, const auto* b) { return base::utf16_less(a->first, b->first); });
    std::string text;
    for (const auto* pair : pairs) text.append(pair->first).append(pair->second);
    if (body) text.append(*body);
    return text;
}

std::string top_sign(SignMethod method, const crypto::Secret& secret, std::string_view base_string) {
    const std::string key(secret.use());
    switch (method) {
        case SignMethod::md5:
            return base::hex_upper(crypto::md5(key + std::string(base_string) + key));
        case SignMethod::hmac:
            return base::hex_upper(crypto::hmac_md5(key, base_string));
        case SignMethod::hmac_sha256:
            return base::hex_upper(crypto::hmac_sha256(key, base_string));
        case SignMethod::legacy:
            break;
    }
    return base::hex_upper(crypto::md5(std::string(base_string) + key));
}

std::string form_body(const Params& params) {
    std::string text;
    for (const auto& [name, value] : params) {
        if (!text.empty()) text += '&';
        text += base::form_encode(name) + "=" + base::form_encode(value);
    }
    return text;
}

}  // namespace leadbridge::wire
