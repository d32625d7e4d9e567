# Language level, warnings, hardening and sanitizers for every target of ours.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# Kernels, where the time of a run goes, are compiled with -O3 (cmake/kernels.cmake); the rest compiles faster without it.
string(REPLACE "-O3" "-O2" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
if(APPLE)  # its linkers know no version script: what a library does not export is hidden where it is compiled
  set(CMAKE_CXX_VISIBILITY_PRESET hidden)
  set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
endif()

# The files of a room are compiled together, eight at a time: what they include is read once for all eight, and so are the inline
# functions compiled that all of them call. So each name in an unnamed namespace stands once in a room. Files that are compiled alone
# show which include is missing: the preset `dev` does that.
option(ASTROM3_COMPILE_TOGETHER "Compile the files of a room together, eight at a time" ON)
set(ASTROM3_TOGETHER 8 CACHE STRING "How many files of a room are compiled together: more are quicker on one core")
function(astrom3_compile_together target)
  if(NOT ASTROM3_COMPILE_TOGETHER)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  # GCC takes the eight files for headers, whose types must not have members of unnamed namespaces.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    string(REPLACE "${PROJECT_SOURCE_DIR}/" "" path "${source}")
    if(path MATCHES "^(src/)?([a-z_]+)/.*\\.cpp$")
      set(room "${CMAKE_MATCH_2}")
      list(APPEND files_of_${room} "${source}")
      list(LENGTH files_of_${room} n)
      math(EXPR group "(${n} - 1) / ${ASTROM3_TOGETHER} + 1")
      set_source_files_properties("${source}" PROPERTIES UNITY_GROUP "${room}_${group}")
    endif()
  endforeach()
endfunction()

# Where a build folder has no compiler cache, it has precompiled headers, which save a third of a cold build. Both together would
# miss each other, so what was chosen first stays.
find_program(ASTROM3_CCACHE ccache)
if(ASTROM3_CCACHE)
  option(ASTROM3_PRECOMPILE "Precompile the headers of the standard library (without a compiler cache)" OFF)
else()
  option(ASTROM3_PRECOMPILE "Precompile the headers of the standard library (without a compiler cache)" ON)
endif()
function(astrom3_precompile target)
  if(ASTROM3_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE <algorithm> <array> <cmath> <cstdint> <filesystem> <functional> <map> <memory>
      <optional> <span> <string> <string_view> <system_error> <utility> <vector> <fmt/format.h> ${ARGN})
    # As -Wno-restrict below: from precompiled headers GCC 12 gives this false alarm, too.
    target_compile_options(${target} PRIVATE
      $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-array-bounds>)
  endif()
endfunction()
if(ASTROM3_CCACHE AND NOT ASTROM3_PRECOMPILE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Paths relative to the tree: what one clone or the wheel has compiled, the next need not.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1
      "${ASTROM3_CCACHE}")
endif()

add_library(astrom3_flags INTERFACE)
target_compile_features(astrom3_flags INTERFACE cxx_std_20)
# A multiplication and an addition are fused where the code says std::fma and nowhere else:
# otherwise the compiler, not the source, would decide the bits of a result.
target_compile_options(astrom3_flags INTERFACE
  -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wpedantic -ffp-contract=off
  # GCC 12 sees overlapping copies in std::string where there are none (GCC bug 105651).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
  $<$<AND:$<NOT:$<BOOL:${ASTROM3_HAS_WASM}>>,$<CONFIG:Release,RelWithDebInfo>>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2;-fstack-protector-strong>
  $<$<AND:$<NOT:$<BOOL:${APPLE}>>,$<NOT:$<BOOL:${ASTROM3_HAS_WASM}>>,$<CONFIG:Release,RelWithDebInfo>>:-fstack-clash-protection>
  $<$<CONFIG:Debug>:-D_GLIBCXX_ASSERTIONS>)

if(ASTROM3_SANITIZE)
  add_compile_options(-fsanitize=${ASTROM3_SANITIZE} -fno-omit-frame-pointer -g)
  add_link_options(-fsanitize=${ASTROM3_SANITIZE})
  if(ASTROM3_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()
if(ASTROM3_BUILD_FUZZ AND CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_compile_options(-fsanitize=fuzzer-no-link)  # coverage feedback from the library itself
endif()
