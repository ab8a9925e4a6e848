#pragma once
// `sign` and `verify`: the signature base string piece by piece and, on a mismatch, the likely causes.
#include <string>
#include <vector>

#include "jobs/task.h"
#include "wire/diagnose.h"
#include "wire/spi.h"

namespace leadbridge::jobs {

struct SignRequest {
    bool verify = false;
    std::string sign_method;  // as the event names it
    wire::SignedCall call;    // of spi only the secret: the rest is read from what follows
    std::string given_sign;
    std::vector<crypto::Secret> other_secrets;
    // spi: the call as it came; of a push of Tanma the body only.
    std::string query;
    effect::Headers headers;
    std::string body;
    wire::TopApp app;
    std::string corpid;
};

Outcome sign(SignRequest request, base::Millis now);

}  // namespace leadbridge::jobs
