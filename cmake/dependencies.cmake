# What astrom3 links, found where the user has it (Debian, conda-forge, ...). Nothing is downloaded.
set(astrom3_missing "")
macro(astrom3_find debian_package package)
  find_package(${package} QUIET ${ARGN})
  if(NOT ${package}_FOUND)
    string(APPEND astrom3_missing " ${debian_package}")
  endif()
endmacro()

find_package(Threads REQUIRED)
astrom3_find(zlib1g-dev ZLIB)                      # gzip light curves
astrom3_find(libzstd-dev zstd)                     # Zstandard light curves
astrom3_find(libssl-dev OpenSSL COMPONENTS Crypto)  # SHA-256 of checkpoints, at the CPU's speed
astrom3_find(libfmt-dev fmt)                       # messages: GCC 12 has no <format>
astrom3_find(nlohmann-json3-dev nlohmann_json)     # config.json, safetensors headers, reject files
if(ASTROM3_BUILD_APPS)
  astrom3_find(libcli11-dev CLI11)                 # the command line
endif()
if(astrom3_missing)
  message(FATAL_ERROR "astrom3 needs packages that are not installed. On Debian and its relatives:\n"
    "  sudo apt-get update && sudo apt-get install -y --no-install-recommends${astrom3_missing}")
endif()

set(ASTROM3_FMT fmt::fmt)
set(ASTROM3_ZSTD zstd::libzstd_shared)
if(ASTROM3_WHEEL)  # no shared library that a wheel's user may not have
  # FMT_SHARED: as against the shared one, so that a compiler cache knows our files.
  find_library(ASTROM3_FMT_STATIC libfmt.a)
  if(ASTROM3_FMT_STATIC)
    add_library(astrom3_fmt INTERFACE)
    target_link_libraries(astrom3_fmt INTERFACE "${ASTROM3_FMT_STATIC}")
    target_compile_definitions(astrom3_fmt INTERFACE FMT_SHARED)
    set(ASTROM3_FMT "$<BUILD_INTERFACE:astrom3_fmt>")
  elseif(fmt_VERSION MATCHES "^9\\.")
    add_library(astrom3_fmt STATIC "${PROJECT_SOURCE_DIR}/cmake/fmt_in_one_file.cpp")
    set_target_properties(astrom3_fmt PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_compile_definitions(astrom3_fmt PUBLIC FMT_SHARED)
    set(ASTROM3_FMT "$<BUILD_INTERFACE:astrom3_fmt>")
  else()
    set(ASTROM3_FMT fmt::fmt-header-only)
  endif()
  set(ASTROM3_ZSTD zstd::libzstd_static)
endif()
