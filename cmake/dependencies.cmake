# third_party::{cryptopp,pugixml,json} for the core; ::{sqlite,curl,cli11,catch2} for native hosts and tests.
# Debian packages, except what infra/dev/deps.sh compiles from Debian's source packages into a cache outside
# this tree. It is asked here, so that a plain `cmake --preset dev` works too; when all is cached it is quick.
if(NOT LEADBRIDGE_DEPS_FILE)
    execute_process(
        COMMAND ${PROJECT_SOURCE_DIR}/infra/dev/deps.sh --print
        OUTPUT_VARIABLE deps_lines COMMAND_ERROR_IS_FATAL ANY)
    set(LEADBRIDGE_DEPS_FILE ${PROJECT_BINARY_DIR}/deps.txt)
    file(CONFIGURE OUTPUT ${LEADBRIDGE_DEPS_FILE} CONTENT "${deps_lines}" @ONLY)
endif()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/infra/dev/deps.sh ${LEADBRIDGE_DEPS_FILE})
file(STRINGS ${LEADBRIDGE_DEPS_FILE} deps_lines)
foreach(line IN LISTS deps_lines)
    string(REGEX MATCH "^([^=]+)=(.*)$" _ "${line}")
    set(dep_${CMAKE_MATCH_1} ${CMAKE_MATCH_2})
endforeach()

# NAME ARCHIVE INCLUDE-DIRECTORY: a static library whose headers are system headers.
function(third_party name archive include)
    foreach(path IN ITEMS ${archive} ${include})
        if(NOT EXISTS ${path})
            message(FATAL_ERROR "${name}: ${path} is missing. Run ./dev setup")
        endif()
    endforeach()
    add_library(third_party::${name} STATIC IMPORTED GLOBAL)
    set_target_properties(third_party::${name} PROPERTIES IMPORTED_LOCATION ${archive})
    # /usr/include needs no flag, and as one it would hide the compiler's own headers.
    if(NOT include STREQUAL "/usr/include")
        target_include_directories(third_party::${name} SYSTEM INTERFACE ${include})
    endif()
endfunction()

# Header-only json: through a link, because em++ must not see the rest of /usr/include.
if(NOT EXISTS /usr/include/nlohmann/json.hpp)
    message(FATAL_ERROR "nlohmann-json3-dev is missing. Run ./dev setup")
endif()
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/third_party)
file(CREATE_LINK /usr/include/nlohmann ${PROJECT_BINARY_DIR}/third_party/nlohmann SYMBOLIC)
add_library(third_party_json INTERFACE)
add_library(third_party::json ALIAS third_party_json)
target_include_directories(third_party_json SYSTEM INTERFACE ${PROJECT_BINARY_DIR}/third_party)

if(LEADBRIDGE_WASM)
    third_party(cryptopp ${dep_cryptopp-wasm}/lib/libcryptopp.a ${dep_cryptopp-wasm}/include)
    target_compile_definitions(third_party::cryptopp INTERFACE CRYPTOPP_DISABLE_ASM NO_OS_DEPENDENCE)
    third_party(pugixml ${dep_pugixml-wasm}/lib/libpugixml.a ${dep_pugixml-wasm}/include)
else()
    find_library(cryptopp_archive libcryptopp.a REQUIRED)
    third_party(cryptopp ${cryptopp_archive} /usr/include)
    third_party(pugixml ${dep_pugixml-native}/lib/libpugixml.a ${dep_pugixml-native}/include)

    find_library(sqlite_archive libsqlite3.a REQUIRED)
    third_party(sqlite ${sqlite_archive} /usr/include)
    target_link_libraries(third_party::sqlite INTERFACE m)

    set(OPENSSL_USE_STATIC_LIBS ON)
    find_package(OpenSSL REQUIRED)
    set(THREADS_PREFER_PTHREAD_FLAG ON)
    find_package(Threads REQUIRED)
    third_party(curl ${dep_curl-native}/lib/libcurl.a ${dep_curl-native}/include)
    target_compile_definitions(third_party::curl INTERFACE CURL_STATICLIB)
    target_link_libraries(third_party::curl INTERFACE OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
endif()
# The same switches as in infra/dev/deps.sh.
target_compile_definitions(third_party::pugixml INTERFACE PUGIXML_NO_XPATH PUGIXML_NO_STL)
