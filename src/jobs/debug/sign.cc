#include "jobs/debug/sign.h"

#include <algorithm>

#include "base/gbk.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "jobs/backflow/row_intake.h"
#include "wire/call.h"
#include "wire/tanma.h"

namespace leadbridge::jobs {
namespace {

using codec::Json;
using wire::Protocol;

constexpr std::int64_t kClockWindow = 600;  // what the platforms allow
constexpr base::Millis kHour = 3'600'000;

// Says nothing about the signature, but is what a platform refuses next.
base::Status time_hint(const wire::SignedCall& call, base::Millis now) {
    const std::string text(wire::spi_param(call.params, "timestamp"));
    const bool digits = text.size() == 13 && base::parse_int64(text);
    const bool tanma = call.protocol == Protocol::tanma || call.protocol == Protocol::tanma_push;
    base::Status status = base::Ok{};
    if (tanma && !digits) {
        status = base::fail(text.empty() ? "timestamp_missing" : "timestamp_unreadable",
                            "the timestamp must be 13 digits: milliseconds since 1970");
    } else {
        // The gateway takes milliseconds too, a platform's own calls are text.
        const bool as_text = digits && call.protocol != Protocol::spi;
        status = wire::check_spi_time(
            {{"timestamp", as_text ? base::china_text(*base::parse_int64(text)) : text}}, now, kClockWindow);
    }
    const auto at = base::parse_platform_time(text);
    if (status || !at) return status;
    const base::Millis off = *at - now;
    const base::Millis hours = (off + (off < 0 ? -kHour : kHour) / 2) / kHour;
    const base::Millis rest = off - hours * kHour;
    if (hours != 0 && std::abs(hours) <= 14 && std::abs(rest) <= kClockWindow * base::kSecond) {
        return base::fail("time_zone",
                          "the timestamp is " + std::to_string(std::abs(hours)) + " hours " +
                              (off < 0 ? "behind" : "ahead of") +
                              " now: it must be the time in +08:00, whatever the zone of the host");
    }
    return status;
}

std::string secret_position(const wire::SignedCall& call) {
    const auto pieces = wire::pieces_of(call);
    const auto secrets =
        std::count_if(pieces.begin(), pieces.end(), [](const auto& piece) { return piece.what == "secret"; });
    return secrets == 2 ? "before and after the base string" : secrets == 1 ? "after the base string" : "key";
}

class Signing {
  public:
    explicit Signing(SignRequest request) : request_(std::move(request)) {}
    Outcome run(base::Millis now);

  private:
    void describe();
    void read_spi();
    void verify(base::Millis now);
    void add_cause(const std::string& code, const std::string& detail);
    void open_push();

    SignRequest request_;
    wire::SpiCheck check_;  // of spi
    Json summary_;
    int exit_ = 0;
};

void Signing::add_cause(const std::string& code, const std::string& detail) {
    summary_["causes"].push_back(codec::object({{"code", code}, {"detail", detail}}));
}

// The call as the official checker reads it.
void Signing::read_spi() {
    auto& call = request_.call;
    check_ = wire::check_spi({request_.query, &request_.headers, request_.body}, request_.app);
    call.secret = request_.app.app_secret;
    if (check_.kind != wire::SpiBody::form && check_.kind != wire::SpiBody::none) call.body = check_.body;
    call.gbk = check_.gbk;
    request_.given_sign = check_.given;
    // In the order they came, so that it can be tried.
    for (const auto& pair : base::split(request_.query, '&')) {
        const auto name = base::form_decode(pair.substr(0, pair.find('=')));
        const auto found = std::find_if(check_.params.begin(), check_.params.end(),
                                        [&](const auto& param) { return name && param.first == *name; });
        const bool known = std::any_of(call.params.begin(), call.params.end(),
                                       [&](const auto& param) { return name && param.first == *name; });
        if (found != check_.params.end() && !known) call.params.push_back(*found);
    }
    for (const auto& param : check_.params) {
        const bool known = std::any_of(call.params.begin(), call.params.end(),
                                       [&](const auto& other) { return other.first == param.first; });
        if (!known) call.params.push_back(param);
    }
}

void Signing::describe() {
    auto& call = request_.call;
    const bool spi = call.protocol == Protocol::spi;
    if (spi) read_spi();
    const std::string base_string = spi ? check_.base_string : wire::base_string_of(call);
    const bool readable = base::valid_utf8(base_string);
    // The secret stands around or behind the base string; it is never shown.
    summary_ = codec::object({{"job", request_.verify ? "verify" : "sign"},
                              {"base_string", readable ? base_string : base::gbk_to_utf8(base_string)},
                              {"secret_position", secret_position(call)}});
    if (!request_.sign_method.empty() || call.protocol == Protocol::top)
        summary_["sign_method"] = request_.sign_method;
    if (!readable) summary_["base_string_base64"] = base::base64_encode(base_string);
    const auto* list = wire::header(request_.headers, "top-sign-list");
    const auto listed = list == nullptr ? std::vector<std::string>() : base::split(*list, ',');
    Json pieces = Json::array();
    for (const auto& piece : wire::pieces_of(call)) {
        Json out = codec::object({{"what", std::string(piece.what)}});
        const bool header = std::find(listed.begin(), listed.end(), piece.name) != listed.end();
        if (header && piece.what == "value") out["what"] = "header";
        if (piece.what != "secret") out["text"] = piece.text;
        if (!piece.name.empty() && piece.what != "name") out["name"] = piece.name;
        pieces.push_back(std::move(out));
    }
    summary_["pieces"] = std::move(pieces);
    const bool unusable = spi && check_.expected.empty();
    if (spi && (request_.verify || unusable)) {
        summary_["kind"] = std::string(wire::spi_body_name(check_.kind));
        summary_["valid"] = check_.valid;
        summary_["code"] = check_.code;
        summary_["reason"] = check_.reason;
    }
}

Outcome Signing::run(base::Millis now) {
    describe();
    const bool spi = request_.call.protocol == Protocol::spi;
    if (request_.verify) {
        verify(now);
    } else if (spi && check_.expected.empty()) {
        exit_ = 1;
        summary_["error"] = error_json(base::fail(check_.code, check_.reason));
    } else {
        summary_["sign"] = spi ? check_.expected : wire::sign_of(request_.call);
    }
    return {exit_, codec::dump_json(summary_), std::nullopt};
}

void Signing::verify(base::Millis now) {
    const auto& call = request_.call;
    const bool spi = call.protocol == Protocol::spi;
    const std::string expected = spi ? check_.expected : wire::sign_of(call);
    const bool valid = spi ? check_.valid : crypto::equal_constant_time(expected, request_.given_sign);
    summary_["valid"] = valid;
    summary_["expected"] = expected;
    summary_["given"] = request_.given_sign;
    summary_["causes"] = Json::array();
    if (spi) summary_["by_previous_secret"] = check_.by_previous_secret;
    if (!valid) {
        exit_ = 2;
        if (spi) add_cause(check_.code, check_.reason);
        if (!spi || check_.code == "sign_mismatch") {
            for (const auto& cause : wire::diagnose(call, request_.given_sign, request_.other_secrets))
                add_cause(cause.code, cause.detail);
        }
        if (spi && check_.code == "sign_mismatch" && check_.kind == wire::SpiBody::form &&
            wire::top_sign(wire::SignMethod::md5, call.secret, check_.base_string + request_.body) ==
                check_.given) {
            add_cause(
                "form_body_signed",
                "it was made with the raw form behind the parameters: a form takes part by its fields only");
        }
    }
    if (const auto time = time_hint(call, now); !time) {
        summary_["time"] = error_json(time.error());
    }
    if (call.protocol == Protocol::tanma_push && !request_.body.empty()) open_push();
}

void Signing::open_push() {
    wire::TanmaApp app;
    app.app_key = request_.call.secret;
    app.corpid = request_.corpid;
    const auto bytes = base::base64_decode(request_.body);
    const std::string text = bytes ? wire::tanma_push_cipher(app, *bytes) : "";
    const auto message = codec::parse_json(text);
    summary_["opened"] = message ? Json(text) : Json(nullptr);
    if (message) return;
    summary_["opened_problem"] = bytes ? "the body does not decrypt to JSON under this app key and corpid (" +
                                             base::printable(app.corpid, 60) + "): check both"
                                       : std::string("the body is not base64");
}

}  // namespace

Outcome sign(SignRequest request, base::Millis now) { return Signing(std::move(request)).run(now); }

}  // namespace leadbridge::jobs
