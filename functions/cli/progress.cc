#include "functions/cli/progress.h"

#include <unistd.h>

#include <cstdio>

namespace leadbridge::native {

Progress::Progress(bool wanted)
    : enabled_(wanted && ::isatty(STDERR_FILENO) == 1), started_(std::chrono::steady_clock::now()) {}

void Progress::request() {
    ++requests_;
    draw();
}

void Progress::commit(std::int64_t inserted, std::int64_t updated, std::int64_t unchanged) {
    if (inserted + updated + unchanged > 0) ++pages_;
    inserted_ += inserted;
    updated_ += updated;
    draw();
}

void Progress::clear() {
    if (drawn_) std::fputs("\r\x1b[2K", stderr);
    drawn_ = false;
}

void Progress::draw() {
    const auto now = std::chrono::steady_clock::now();
    if (!enabled_ || now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    drawn_ = true;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - started_).count();
    std::fprintf(stderr, "\r\x1b[2K%lld requests, %lld pages, %lld new leads, %lld changed (%lld s)",
                 static_cast<long long>(requests_), static_cast<long long>(pages_),
                 static_cast<long long>(inserted_), static_cast<long long>(updated_),
                 static_cast<long long>(seconds));
}

}  // namespace leadbridge::native
