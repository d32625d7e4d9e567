# Vector code is written once, in src/kernels/*.isa.cpp, and compiled once per instruction set into
# an object library of its own. Each copy sees ASTROM3_KERNEL_NAMESPACE (scalar, avx2, avx512) and
# ASTROM3_KERNEL_ISA (0, 1, 2). Such a file includes no header that defines inline functions
# (no standard library beyond <cstddef>, <cstdint> and intrinsics): the linker could otherwise
# pick an AVX-512 copy of one for everybody. A test checks that.
set(ASTROM3_ISA_FLAGS_scalar "")
set(ASTROM3_ISA_FLAGS_avx2 -mavx2 -mfma -mf16c)
set(ASTROM3_ISA_FLAGS_avx512 -mavx512f -mavx512dq -mavx512bw -mavx512vl -mavx2 -mfma -mf16c
    -mprefer-vector-width=512)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False alarm of GCC's own header: the undefined merge operand of unmasked intrinsics (GCC bug 105593).
  list(APPEND ASTROM3_ISA_FLAGS_avx512 -Wno-maybe-uninitialized -Wno-uninitialized)
endif()

function(astrom3_add_kernels target)
  file(GLOB kernel_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/kernels/*.isa.cpp")
  if(NOT kernel_sources)
    return()
  endif()
  set(index 0)
  foreach(isa scalar avx2 avx512)
    set(library astrom3_kernels_${isa})
    add_library(${library} OBJECT ${kernel_sources})
    target_include_directories(${library} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/include")
    target_compile_definitions(${library} PRIVATE ASTROM3_KERNEL_NAMESPACE=${isa} ASTROM3_KERNEL_ISA=${index})
    # Kernels must be optimised even in a debug build: the tests run a full-size network.
    # (sqrt is an instruction there: nobody asks a kernel for errno.)
    target_compile_options(${library} PRIVATE ${ASTROM3_ISA_FLAGS_${isa}} -O3 -fno-math-errno)
    target_link_libraries(${library} PRIVATE astrom3_flags)
    set_target_properties(${library} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${library}>)
    math(EXPR index "${index} + 1")
  endforeach()
endfunction()
