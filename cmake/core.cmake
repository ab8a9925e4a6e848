# leadbridge_core: everything under src/. It performs no I/O; tests/rules/ checks its undefined symbols.
file(GLOB_RECURSE core_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/*.cc)

# Size first in the module, except where it costs time: -Os parses JSON 5x slower than -O3. With this the module
# is a fifth smaller than with -O3 everywhere, and a page of encrypted leads takes 5 % longer.
if(LEADBRIDGE_WASM)
    set(fast_sources ${PROJECT_SOURCE_DIR}/src/codec/json.cc)
    # Nothing throws on purpose: a fault is a trap, which every host reports (decision 007). Crypto++ keeps its own
    # constructs, which the compiler is told to ignore (cmake/compiler.cmake).
    set(plain_sources ${core_sources})
    list(FILTER plain_sources EXCLUDE REGEX "/src/(crypto/|engine/engine\\.cc$)")
    set_source_files_properties(${core_sources} PROPERTIES COMPILE_OPTIONS -Oz)
    set_source_files_properties(${plain_sources} PROPERTIES COMPILE_OPTIONS "-Oz;-fno-exceptions;-fno-rtti")
    set_source_files_properties(${fast_sources} PROPERTIES COMPILE_OPTIONS "-O3;-fno-exceptions;-fno-rtti")
    # Linked by cmake/module_link.cmake, before everything else.
    list(REMOVE_ITEM core_sources ${fast_sources})
endif()

if(core_sources)
    add_library(leadbridge_core STATIC ${core_sources})
    target_include_directories(leadbridge_core PUBLIC ${PROJECT_SOURCE_DIR}/src)
    include(gbk_table)
    include(region_table)
    target_link_libraries(leadbridge_core
        PUBLIC third_party::json
        PRIVATE third_party::cryptopp third_party::pugixml $<BUILD_INTERFACE:leadbridge_warnings>)
else()
    message(STATUS "src/ holds no sources yet")
endif()
