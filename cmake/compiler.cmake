set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

# Our code only: everything third-party is included as a system header.
add_library(leadbridge_warnings INTERFACE)
target_compile_options(leadbridge_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # g++'s -Wconversion leaves sign changes out for C++; ask the same of both.
    target_compile_options(leadbridge_warnings INTERFACE -Wno-sign-conversion)
endif()

if(LEADBRIDGE_WASM)
    # std::string's members are compiled with their callers: the ones in Emscripten's library were made for size, and
    # cost a page of leads a quarter of its time.
    add_compile_options(-D_LIBCPP_DISABLE_EXTERN_TEMPLATE)
    # The same for every object of the module, dependencies included (infra/dev/deps.sh). Virtual functions that
    # nobody calls are taken out of the tables (Crypto++ has hundreds).
    add_compile_options(-flto -fwasm-exceptions -fvisibility=hidden -fwhole-program-vtables
                        -fvirtual-function-elimination)
elseif(LEADBRIDGE_ASAN)
    # g++ 12 sees uninitialised values in its own <regex> (Catch2's main) under the sanitizers.
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g
                        -Wno-maybe-uninitialized)
    add_link_options(-fsanitize=address,undefined)
else()
    add_compile_options(-ffunction-sections -fdata-sections)
    add_link_options(-Wl,--gc-sections)
endif()
