# What astrom3 links, found where the user has it (Debian, conda-forge, ...). Nothing is downloaded.
set(astrom3_missing "")
macro(astrom3_find debian_package package)
  find_package(${package} QUIET ${ARGN})
  if(NOT ${package}_FOUND)
    string(APPEND astrom3_missing " ${debian_package}")
  endif()
endmacro()

find_package(Threads REQUIRED)
set(ASTROM3_HAS_GZIP TRUE)
set(ASTROM3_ZLIB ZLIB::ZLIB)                       # gzip light curves
if(ASTROM3_HAS_WASM)  # the page decompresses files itself
  set(ASTROM3_HAS_GZIP FALSE)
  set(ASTROM3_ZLIB "")
else()
  astrom3_find(zlib1g-dev ZLIB)
endif()
set(ASTROM3_CRYPTO "")  # SHA-256 of checkpoints, at the CPU's speed; on macOS the system has it, for WebAssembly we have
if(NOT APPLE AND NOT ASTROM3_HAS_WASM)
  astrom3_find(libssl-dev OpenSSL COMPONENTS Crypto)
  set(ASTROM3_CRYPTO OpenSSL::Crypto)
endif()
astrom3_find(libfmt-dev fmt)                       # messages: GCC 12 has no <format>
astrom3_find(nlohmann-json3-dev nlohmann_json)     # config.json, safetensors headers, reject files
if(ASTROM3_BUILD_APPS)
  astrom3_find(libcli11-dev CLI11)                 # the command line
endif()
if(astrom3_missing)
  message(FATAL_ERROR "astrom3 needs packages that are not installed. On Debian and its relatives:\n"
    "  sudo apt-get update && sudo apt-get install -y --no-install-recommends${astrom3_missing}")
endif()

# An optional part is built where what it needs is found (AUTO); one line says where it is not. ON asks for it, OFF does
# without. Sets ASTROM3_HAS_<part>.
function(astrom3_optional_part part found needs loses debian_packages)
  set(has FALSE)
  if(ASTROM3_WITH_${part} AND NOT "${found}" STREQUAL "")
    set(has TRUE)
  elseif(NOT ASTROM3_WITH_${part})
    message(STATUS "without ${part}, as asked: ${loses}")
  elseif(ASTROM3_WITH_${part} STREQUAL "AUTO")
    message(STATUS "without ${part}, since ${needs} was not found: ${loses} (Debian: ${debian_packages})")
  else()
    message(FATAL_ERROR "ASTROM3_WITH_${part} is ON and ${needs} was not found. One of:\n"
      "  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${debian_packages}\n"
      "  cmake -DASTROM3_WITH_${part}=OFF      do without: ${loses}")
  endif()
  set(ASTROM3_HAS_${part} ${has} PARENT_SCOPE)
endfunction()

set(ASTROM3_FMT fmt::fmt)

# Zstandard light curves. conda-forge and Debian have CMake packages of zstd, others pkg-config's file.
set(ASTROM3_ZSTD "")
find_package(zstd QUIET)
foreach(target zstd::libzstd_shared zstd::libzstd zstd::libzstd_static)
  if(TARGET ${target} AND NOT ASTROM3_ZSTD)
    set(ASTROM3_ZSTD ${target})
  endif()
endforeach()
if(NOT ASTROM3_ZSTD)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(libzstd QUIET IMPORTED_TARGET GLOBAL libzstd)
  endif()
  if(TARGET PkgConfig::libzstd)
    set(ASTROM3_ZSTD PkgConfig::libzstd)
  endif()
endif()
astrom3_optional_part(ZSTD "${ASTROM3_ZSTD}" "libzstd" "files compressed with Zstandard are refused" "libzstd-dev")
if(NOT ASTROM3_HAS_ZSTD)
  set(ASTROM3_ZSTD "")
endif()
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
  if(TARGET zstd::libzstd_static AND ASTROM3_HAS_ZSTD)
    set(ASTROM3_ZSTD zstd::libzstd_static)
  endif()
endif()
