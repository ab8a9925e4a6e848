// build/tests/wycheproof.wasm: the same for the module's objects, driven by wycheproof.mjs.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "conformance/wycheproof.h"

extern "C" __attribute__((used, export_name("take"))) char* take(std::uint32_t length) noexcept {
    return static_cast<char*>(std::malloc(length));
}

// "passed failed not_offered\n" and the failures, ended by a zero; valid until the next call.
extern "C" __attribute__((used, export_name("judge"))) const char* judge(const char* json,
                                                                         std::uint32_t length) noexcept {
    static std::string said;
    const auto verdicts = leadbridge::wycheproof::judge({json, length});
    said = std::to_string(verdicts.passed) + " " + std::to_string(verdicts.failed) + " " +
           std::to_string(verdicts.not_offered) + "\n" + verdicts.failures;
    return said.c_str();
}
