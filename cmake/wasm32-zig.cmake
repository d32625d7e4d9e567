# Toolchain: from Linux to WebAssembly with the interface WASI, with the compiler and the sources of the ziglang wheel of PyPI.
# tools/wasm.sh sets ASTROM3_WASM_TOOLS, a folder of programs that call zig, and of what stands for libraries
# (tools/wasm_runtime.sh makes it).
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(ASTROM3_HAS_WASM TRUE)  # of the project only what the page needs is built
set(CMAKE_CXX_COMPILER "${ASTROM3_WASM_TOOLS}/c++")
set(CMAKE_AR "${ASTROM3_WASM_TOOLS}/ar")
set(CMAKE_RANLIB "${ASTROM3_WASM_TOOLS}/ranlib")
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES ASTROM3_WASM_TOOLS)
set(CMAKE_HAVE_LIBC_PTHREAD TRUE CACHE BOOL "")  # its functions are there; a thread cannot be started

# Nothing of Linux is found: neither libraries nor headers.
set(CMAKE_FIND_ROOT_PATH "${ASTROM3_WASM_TOOLS}")
foreach(kind LIBRARY INCLUDE PACKAGE)
  set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)
endforeach()
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_PREFIX_PATH "/")
