# leadbridge_native: what the native hosts share (drive loop, HTTP, configuration, stores, AWS). leadbridge_cli and leadbridge_lambda
# stand on it side by side. leadbridge: both in one static file, which is also the Lambda bootstrap.
set(functions_dir ${PROJECT_SOURCE_DIR}/functions)
foreach(host IN ITEMS native cli lambda)
    file(GLOB_RECURSE ${host}_sources CONFIGURE_DEPENDS ${functions_dir}/${host}/*.cc)
endforeach()

# sql_files.h: infra/sql/*.sql as constants, the same text the Worker applies.
file(GLOB sql_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/infra/sql/*.sql)
set(generated_dir ${PROJECT_BINARY_DIR}/generated)
add_custom_command(
    OUTPUT ${generated_dir}/sql_files.h
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${generated_dir}/sql_files.h "-DFILES=${sql_files}"
            -P ${PROJECT_SOURCE_DIR}/cmake/embed_sql.cmake
    DEPENDS ${sql_files} ${PROJECT_SOURCE_DIR}/cmake/embed_sql.cmake
    COMMENT "Embedding infra/sql" VERBATIM)

function(host_library name)
    add_library(leadbridge_${name} STATIC ${ARGN})
    target_link_libraries(leadbridge_${name} PRIVATE $<BUILD_INTERFACE:leadbridge_warnings>)
endfunction()

host_library(native ${native_sources} ${generated_dir}/sql_files.h)
target_include_directories(leadbridge_native PUBLIC ${PROJECT_SOURCE_DIR} PRIVATE ${generated_dir})
target_link_libraries(leadbridge_native PUBLIC leadbridge_core third_party::sqlite third_party::curl)

host_library(cli ${cli_sources})
target_compile_definitions(leadbridge_cli PRIVATE LEADBRIDGE_VERSION="${PROJECT_VERSION}")
target_link_libraries(leadbridge_cli PUBLIC leadbridge_native)

host_library(lambda ${lambda_sources})
target_link_libraries(leadbridge_lambda PUBLIC leadbridge_native)

add_executable(leadbridge ${functions_dir}/main.cc)
target_link_libraries(leadbridge PRIVATE leadbridge_cli leadbridge_lambda leadbridge_warnings)
if(NOT LEADBRIDGE_ASAN)
    # glibc warns that name look-ups in a static program want its shared libraries at run time. The C
    # library falls back to files and DNS, which is all we need; the linker has no finer switch.
    target_link_options(leadbridge PRIVATE -static -s -Wl,--no-warnings)
endif()
