# leadbridge.wasm: the core behind the C functions of wasm/ (docs/abi.md), with no imports (wasm/shims.cc).
file(GLOB door_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/wasm/*.cc)
file(STRINGS ${PROJECT_SOURCE_DIR}/wasm/exports.txt exports REGEX "^[a-z_]+$")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/wasm/exports.txt)
list(TRANSFORM exports PREPEND "-Wl,--export=")

# The stack lies below the data: an overflow runs into address 0 and traps, instead of overwriting data.
set(stack_bytes 524288)

# NAME DIRECTORY SOURCES...: DIRECTORY/NAME.wasm
function(module name directory)
    add_executable(${name} ${ARGN})
    target_link_libraries(${name} PRIVATE leadbridge_core leadbridge_warnings)
    set_target_properties(${name} PROPERTIES SUFFIX .wasm RUNTIME_OUTPUT_DIRECTORY ${directory})
    target_link_options(${name} PRIVATE
        -O2 -flto -fwasm-exceptions -sSTANDALONE_WASM --no-entry
        # Inlining across files beyond this only adds size.
        -Wl,-mllvm,-inline-threshold=5
        # emmalloc is 4 KB smaller than dlmalloc (gzip) and as fast.
        -sMALLOC=emmalloc -sALLOW_MEMORY_GROWTH -sINITIAL_MEMORY=2MB -sMAXIMUM_MEMORY=64MB
        -sTOTAL_STACK=${stack_bytes} -sGLOBAL_BASE=${stack_bytes} -Wl,--stack-first)
endfunction()

module(leadbridge ${LEADBRIDGE_MODULE_DIR} ${door_sources})
target_link_options(leadbridge PRIVATE ${exports})

# The public test vectors against the same objects (tests/conformance/wycheproof.mjs).
set(conformance ${PROJECT_SOURCE_DIR}/tests/conformance)
module(wycheproof ${LEADBRIDGE_MODULE_DIR}/tests
    ${conformance}/wycheproof.cc ${conformance}/wycheproof_door.cc ${PROJECT_SOURCE_DIR}/wasm/shims.cc)
target_include_directories(wycheproof PRIVATE ${PROJECT_SOURCE_DIR}/tests)
