# leadbridge.wasm: the core behind the C functions of wasm/ (docs/abi.md), with no imports (wasm/shims.cc).
file(GLOB door_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/wasm/*.cc)
set_source_files_properties(${door_sources} PROPERTIES COMPILE_OPTIONS -Oz)
# The fast objects come first: of the template functions that several objects hold, the linker keeps the first.
add_executable(leadbridge ${fast_sources} ${door_sources})
target_link_libraries(leadbridge PRIVATE leadbridge_core third_party::cryptopp third_party::pugixml
                                         leadbridge_warnings)
set_target_properties(leadbridge PROPERTIES SUFFIX .wasm RUNTIME_OUTPUT_DIRECTORY ${LEADBRIDGE_MODULE_DIR})

file(STRINGS ${PROJECT_SOURCE_DIR}/wasm/exports.txt exports REGEX "^[a-z_]+$")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/wasm/exports.txt)
list(TRANSFORM exports PREPEND "-Wl,--export=")

# The stack lies below the data: an overflow runs into address 0 and traps, instead of overwriting data.
set(stack_bytes 524288)
target_link_options(leadbridge PRIVATE
    -O3 -flto -sSTANDALONE_WASM --no-entry ${exports}
    # Inlining across files beyond this only adds size; emmalloc is 4 KB smaller than dlmalloc (gzip) and as fast.
    -Wl,-mllvm,-inline-threshold=5 -sMALLOC=emmalloc
    -sALLOW_MEMORY_GROWTH -sINITIAL_MEMORY=2MB -sMAXIMUM_MEMORY=64MB
    -sTOTAL_STACK=${stack_bytes} -sGLOBAL_BASE=${stack_bytes} -Wl,--stack-first)

# Binaryen's pass for size over the finished module: 2 KB less (gzip), as fast as before.
find_program(WASM_OPT wasm-opt REQUIRED)
add_custom_command(TARGET leadbridge POST_BUILD
    COMMAND ${WASM_OPT} --detect-features -Oz $<TARGET_FILE:leadbridge> -o $<TARGET_FILE:leadbridge> VERBATIM)
