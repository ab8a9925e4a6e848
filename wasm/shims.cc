// What the C and C++ libraries would ask a WASI host for, answered inside the module, so that it has no
// imports (docs/abi.md). Nothing here reaches the outside: output is swallowed, there is no environment, no
// clock and no random device, and ending the program is a trap (the host drops the instance).
//
// tests/rules/wasm.test.mjs asserts the empty import list: a new dependency on the outside fails there.
#include <cstddef>
#include <cstdint>

// These are the names the libraries call; they are reserved on purpose.
extern "C" {

using WasiErrno = std::uint16_t;
constexpr WasiErrno kSuccess = 0;
constexpr WasiErrno kBadFd = 8;   // __WASI_ERRNO_BADF
constexpr WasiErrno kNoSys = 52;  // __WASI_ERRNO_NOSYS

struct WasiCiovec {
    const std::uint8_t* buf;
    std::size_t len;
};

// Also how abort() ends.
[[noreturn]] void __wasi_proc_exit(std::uint32_t) { __builtin_trap(); }

// What the C++ library says before it aborts: nobody could read it, and its formatter is 5 KB of the module.
[[noreturn]] void abort_message(const char*, ...) { __builtin_trap(); }

// Memory grew. Hosts derive their views anew after every call, so nobody has to be told.
void emscripten_notify_memory_growth(std::size_t) {}

WasiErrno __wasi_fd_write(std::uint32_t, const WasiCiovec* parts, std::size_t count, std::size_t* written) {
    std::size_t total = 0;
    for (std::size_t i = 0; i < count; ++i) total += parts[i].len;
    *written = total;  // "written": otherwise stdio would try again for ever
    return kSuccess;
}
WasiErrno __wasi_fd_read(std::uint32_t, const WasiCiovec*, std::size_t, std::size_t* read) {
    *read = 0;
    return kSuccess;
}
WasiErrno __wasi_fd_seek(std::uint32_t, std::int64_t, std::uint8_t, std::uint64_t*) { return kBadFd; }
WasiErrno __wasi_fd_close(std::uint32_t) { return kBadFd; }
WasiErrno __wasi_fd_fdstat_get(std::uint32_t, void*) { return kBadFd; }

WasiErrno __wasi_environ_sizes_get(std::size_t* count, std::size_t* size) {
    *count = 0;
    *size = 0;
    return kSuccess;
}
WasiErrno __wasi_environ_get(std::uint8_t**, std::uint8_t*) { return kSuccess; }

WasiErrno __wasi_clock_time_get(std::uint32_t, std::uint64_t, std::uint64_t*) { return kNoSys; }
WasiErrno __wasi_clock_res_get(std::uint32_t, std::uint64_t*) { return kNoSys; }

}  // extern "C"
