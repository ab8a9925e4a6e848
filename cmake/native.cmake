# leadbridge_native: the native host (stores, HTTP, command line, Lambda) without its main.
# leadbridge: the command line, which is also the Lambda bootstrap: one static file.
set(native_dir ${PROJECT_SOURCE_DIR}/functions/native)
file(GLOB_RECURSE native_sources CONFIGURE_DEPENDS ${native_dir}/*.cc ${PROJECT_SOURCE_DIR}/functions/lambda/*.cc)
list(REMOVE_ITEM native_sources ${native_dir}/main.cc)

# sql_files.h: infra/sql/*.sql as constants, the same text the Worker applies.
file(GLOB sql_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/infra/sql/*.sql)
set(generated_dir ${PROJECT_BINARY_DIR}/generated)
add_custom_command(
    OUTPUT ${generated_dir}/sql_files.h
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${generated_dir}/sql_files.h "-DFILES=${sql_files}"
            -P ${PROJECT_SOURCE_DIR}/cmake/embed_sql.cmake
    DEPENDS ${sql_files} ${PROJECT_SOURCE_DIR}/cmake/embed_sql.cmake
    COMMENT "Embedding infra/sql" VERBATIM)

if(native_sources AND TARGET leadbridge_core)
    add_library(leadbridge_native STATIC ${native_sources} ${generated_dir}/sql_files.h)
    target_include_directories(leadbridge_native
        PUBLIC ${PROJECT_SOURCE_DIR} ${native_dir} ${generated_dir})
    target_compile_definitions(leadbridge_native PRIVATE LEADBRIDGE_VERSION="${PROJECT_VERSION}")
    target_link_libraries(leadbridge_native
        PUBLIC leadbridge_core third_party::sqlite third_party::curl
        PRIVATE $<BUILD_INTERFACE:leadbridge_warnings>)
endif()

if(TARGET leadbridge_native AND EXISTS ${native_dir}/main.cc)
    add_executable(leadbridge ${native_dir}/main.cc)
    target_link_libraries(leadbridge PRIVATE leadbridge_native leadbridge_warnings)
    if(NOT LEADBRIDGE_ASAN)
        # glibc warns that name look-ups in a static program want its shared libraries at run time. The C
        # library falls back to files and DNS, which is all we need; the linker has no finer switch.
        target_link_options(leadbridge PRIVATE -static -s -Wl,--no-warnings)
    endif()
endif()
