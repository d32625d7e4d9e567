# Toolchain: from Linux to macOS, with the compiler, the C++ library and the headers of the system that the ziglang wheel of PyPI
# holds. What is built is linked, and cannot be run here. tools/macos.sh sets ASTROM3_MACOS_CPU and ASTROM3_MACOS_TOOLS,
# a folder of programs that call zig, and of what stands for libraries.
set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_SYSTEM_PROCESSOR "${ASTROM3_MACOS_CPU}")
set(CMAKE_CXX_COMPILER "${ASTROM3_MACOS_TOOLS}/c++")
set(CMAKE_AR "${ASTROM3_MACOS_TOOLS}/ar")
set(CMAKE_RANLIB "${ASTROM3_MACOS_TOOLS}/ranlib")
set(CMAKE_INSTALL_NAME_TOOL "/bin/true")  # asked for, and called at installation alone
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES ASTROM3_MACOS_CPU ASTROM3_MACOS_TOOLS)

# Nothing of Linux is found: neither libraries nor headers.
set(CMAKE_FIND_ROOT_PATH "${ASTROM3_MACOS_TOOLS}")
foreach(kind LIBRARY INCLUDE PACKAGE)
  set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)
endforeach()
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_PREFIX_PATH "/")
set(ZLIB_INCLUDE_DIR "${ASTROM3_MACOS_TOOLS}/zlib" CACHE PATH "")
set(ZLIB_LIBRARY "${ASTROM3_MACOS_TOOLS}/lib/libz.tbd" CACHE FILEPATH "")
