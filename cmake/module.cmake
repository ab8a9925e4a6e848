# build/leadbridge.wasm: a nested build of this tree with em++, so that only changed objects are compiled.
include(ExternalProject)
file(GLOB door_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/wasm/*.cc)
list(REMOVE_ITEM door_sources ${PROJECT_SOURCE_DIR}/wasm/shims.cc)
if(TARGET leadbridge_core AND door_sources)
    ExternalProject_Add(module
        SOURCE_DIR ${PROJECT_SOURCE_DIR}
        BINARY_DIR ${PROJECT_BINARY_DIR}/wasm
        PREFIX ${PROJECT_BINARY_DIR}/wasm-project
        CMAKE_GENERATOR Ninja
        CMAKE_CACHE_ARGS
            -DCMAKE_TOOLCHAIN_FILE:FILEPATH=${PROJECT_SOURCE_DIR}/cmake/wasm_toolchain.cmake
            -DCMAKE_BUILD_TYPE:STRING=Release
            -DLEADBRIDGE_WASM:BOOL=ON
            -DLEADBRIDGE_DEPS_FILE:FILEPATH=${LEADBRIDGE_DEPS_FILE}
            -DLEADBRIDGE_MODULE_DIR:PATH=${PROJECT_BINARY_DIR}
        BUILD_ALWAYS ON
        BUILD_BYPRODUCTS ${PROJECT_BINARY_DIR}/leadbridge.wasm
        INSTALL_COMMAND ""
        USES_TERMINAL_BUILD ON)
else()
    message(STATUS "wasm/ holds no door yet: leadbridge.wasm is not built")
endif()
