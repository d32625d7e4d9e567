# Vector code is written once, in src/kernels/*.isa.cpp, and compiled once per instruction set into an object
# library of its own. src/kernels/isa_list.h says which sets there are and what flags they take. Each copy sees
# ASTROM3_KERNEL_NAMESPACE, the name of its set, and ASTROM3_KERNEL_VEC and ASTROM3_KERNEL_INT_VEC, the headers of
# its set. Such a file includes no header that defines inline functions (no standard library beyond <cstddef>,
# <cstdint> and intrinsics): the linker could otherwise pick an AVX-512 copy of one for everybody. A test checks that.

# Each set's flags to astrom3_isa_flags_<set>, the sets to `sets`: what the list expands to for this compiler's target.
function(astrom3_read_isa_list sets)
  set(list "${PROJECT_SOURCE_DIR}/src/kernels/isa_list.h")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${list}")
  set(expansion "${PROJECT_BINARY_DIR}/isa_list.cpp")
  file(WRITE "${expansion}" "#include \"${list}\"\n#define ASTROM3_SET(name, test, flags) @name@flags\n"
                            "ASTROM3_ISA_LIST(ASTROM3_SET)\n")
  set(target_option "")
  if(CMAKE_CXX_COMPILER_TARGET)
    set(target_option "${CMAKE_CXX_COMPILE_OPTIONS_TARGET}${CMAKE_CXX_COMPILER_TARGET}")
  endif()
  execute_process(COMMAND "${CMAKE_CXX_COMPILER}" ${target_option} -E -P "${expansion}"
                  OUTPUT_VARIABLE expanded RESULT_VARIABLE result ERROR_VARIABLE complaint)
  string(REGEX MATCHALL "@[a-z0-9_]+@ *\"[^\"]*\"" entries "${expanded}")
  if(NOT result EQUAL 0 OR NOT entries)
    message(FATAL_ERROR "the preprocessor cannot read ${list}\n${complaint}")
  endif()
  set(names "")
  foreach(entry IN LISTS entries)
    string(REGEX MATCH "@([a-z0-9_]+)@ *\"([^\"]*)\"" entry "${entry}")
    list(APPEND names "${CMAKE_MATCH_1}")
    string(REPLACE " " ";" flags "${CMAKE_MATCH_2}")
    set(astrom3_isa_flags_${CMAKE_MATCH_1} "${flags}" PARENT_SCOPE)
  endforeach()
  set(${sets} "${names}" PARENT_SCOPE)
endfunction()
astrom3_read_isa_list(ASTROM3_ISAS)
message(STATUS "instruction sets: ${ASTROM3_ISAS}")

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False alarm of GCC's own header: the undefined merge operand of unmasked intrinsics (GCC bug 105593).
  list(APPEND astrom3_isa_flags_avx512 -Wno-maybe-uninitialized -Wno-uninitialized)
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Scheduled before registers are given out, the loads of a tile's step are all moved to its front and do not fit any more.
  list(APPEND astrom3_isa_flags_neon -fno-schedule-insns)
  list(APPEND astrom3_isa_flags_dotprod -fno-schedule-insns)
endif()

# Kernels must be optimised even in a debug build: the tests run a full-size network. tools/macos.sh, which runs nothing, does without.
set(ASTROM3_KERNEL_OPTIMISATION "-O3" CACHE STRING "How kernels are optimised")

function(astrom3_add_kernels target)
  file(GLOB kernel_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/kernels/*.isa.cpp")
  foreach(isa IN LISTS ASTROM3_ISAS)
    set(library astrom3_kernels_${isa})
    add_library(${library} OBJECT ${kernel_sources})
    target_include_directories(${library} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/include")
    target_compile_definitions(${library} PRIVATE ASTROM3_KERNEL_NAMESPACE=${isa}
      ASTROM3_KERNEL_VEC="kernels/vec_${isa}.h" ASTROM3_KERNEL_INT_VEC="kernels/int_vec_${isa}.h")
    # sqrt is an instruction there: nobody asks a kernel for errno.
    target_compile_options(${library} PRIVATE ${astrom3_isa_flags_${isa}} ${ASTROM3_KERNEL_OPTIMISATION} -fno-math-errno)
    target_link_libraries(${library} PRIVATE astrom3_flags)
    set_target_properties(${library} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${library}>)
  endforeach()
endfunction()
