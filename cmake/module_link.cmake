# leadbridge.wasm and leadbridge-preview.wasm: the core behind the C functions of wasm/ (docs/abi.md), with no
# imports (wasm/shims.cc). The same objects; what the one or the other does without is named in its own folder.
file(GLOB door_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/wasm/*.cc)
file(STRINGS ${PROJECT_SOURCE_DIR}/wasm/exports.txt exports REGEX "^[a-z_]+$")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/wasm/exports.txt)
list(TRANSFORM exports PREPEND "-Wl,--export=")
find_program(WASM_OPT wasm-opt REQUIRED)

# The fast objects come first: of the template functions that several objects hold, the linker keeps the first.
add_library(module_door OBJECT ${fast_sources} ${door_sources})
set_source_files_properties(${door_sources} PROPERTIES COMPILE_OPTIONS -Oz)
target_link_libraries(module_door PRIVATE leadbridge_core leadbridge_warnings)

# The stack lies below the data: an overflow runs into address 0 and traps, instead of overwriting data.
set(stack_bytes 524288)

function(module target folder)
    file(GLOB own_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/wasm/${folder}/*.cc)
    set_source_files_properties(${own_sources} PROPERTIES COMPILE_OPTIONS "-Oz;-fno-exceptions;-fno-rtti")
    add_executable(${target} $<TARGET_OBJECTS:module_door> ${own_sources})
    target_link_libraries(${target} PRIVATE leadbridge_core third_party::cryptopp third_party::pugixml
                                            leadbridge_warnings)
    set_target_properties(${target} PROPERTIES SUFFIX .wasm RUNTIME_OUTPUT_DIRECTORY ${LEADBRIDGE_MODULE_DIR})
    target_link_options(${target} PRIVATE
        -O3 -flto -sSTANDALONE_WASM --no-entry ${exports}
        # Inlining across files beyond this only adds size; emmalloc is 4 KB smaller than dlmalloc (gzip) and as fast.
        -Wl,-mllvm,-inline-threshold=5 -sMALLOC=emmalloc
        -sALLOW_MEMORY_GROWTH -sINITIAL_MEMORY=2MB -sMAXIMUM_MEMORY=64MB
        -sTOTAL_STACK=${stack_bytes} -sGLOBAL_BASE=${stack_bytes} -Wl,--stack-first)
    # Binaryen's pass for size over the finished module: 2 KB less (gzip), as fast as before. The lowest
    # addresses are the far end of the stack. (Not --ignore-implicit-traps: it loads through null pointers.)
    add_custom_command(TARGET ${target} POST_BUILD
        COMMAND ${WASM_OPT} --detect-features --low-memory-unused -Oz
                $<TARGET_FILE:${target}> -o $<TARGET_FILE:${target}> VERBATIM)
endfunction()

module(leadbridge bridge)
module(leadbridge-preview preview)
