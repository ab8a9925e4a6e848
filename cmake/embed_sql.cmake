# cmake -DOUTPUT=header -DFILES=a.sql;b.sql -P embed_sql.cmake
# `schema.sql` becomes `leadbridge::native::sql::schema_sql`; kFiles lists all of them by name.
list(SORT FILES)
list(LENGTH FILES count)
set(constants "")
set(entries "")
foreach(path IN LISTS FILES)
    get_filename_component(file ${path} NAME)
    string(MAKE_C_IDENTIFIER "${file}" name)
    file(READ ${path} text)
    string(APPEND constants "inline constexpr std::string_view ${name} = R\"LBSQL(${text})LBSQL\";\n")
    string(APPEND entries "    File{\"${file}\", ${name}},\n")
endforeach()
file(WRITE ${OUTPUT}.new "// Generated from infra/sql by cmake/embed_sql.cmake.
#pragma once
#include <array>
#include <string_view>

namespace leadbridge::native::sql {

${constants}
struct File {
    std::string_view name;
    std::string_view text;
};

inline constexpr std::array<File, ${count}> kFiles{{
${entries}}};

}  // namespace leadbridge::native::sql
")
file(RENAME ${OUTPUT}.new ${OUTPUT})
