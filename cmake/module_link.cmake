# leadbridge.wasm: the core behind the C functions of wasm/ (docs/abi.md), with no imports (wasm/shims.cc).
file(GLOB door_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/wasm/*.cc)
file(STRINGS ${PROJECT_SOURCE_DIR}/wasm/exports.txt exports REGEX "^[a-z_]+$")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/wasm/exports.txt)
list(TRANSFORM exports PREPEND "-Wl,--export=")

# The stack lies below the data: an overflow runs into address 0 and traps, instead of overwriting data.
set(stack_bytes 524288)

add_executable(leadbridge ${door_sources})
target_link_libraries(leadbridge PRIVATE leadbridge_core leadbridge_warnings)
set_target_properties(leadbridge PROPERTIES SUFFIX .wasm RUNTIME_OUTPUT_DIRECTORY ${LEADBRIDGE_MODULE_DIR})
target_link_options(leadbridge PRIVATE
    -O2 -flto -fwasm-exceptions -sSTANDALONE_WASM --no-entry ${exports}
    # emmalloc is 4 KB smaller than dlmalloc (gzip) and as fast.
    -sMALLOC=emmalloc -sALLOW_MEMORY_GROWTH -sINITIAL_MEMORY=2MB -sMAXIMUM_MEMORY=64MB
    -sTOTAL_STACK=${stack_bytes} -sGLOBAL_BASE=${stack_bytes} -Wl,--stack-first)
