#!/bin/bash
# Compiles what C++ code for WebAssembly needs from the sources in the ziglang wheel: tools/wasm_runtime.sh ZIG TOOLS
#
# zig's own libc++ for WebAssembly has neither exceptions nor mutexes. TOOLS/c++ becomes a compiler with both (exceptions are
# WebAssembly's; a thread cannot be started, which the library takes for a limit of the system), TOOLS/lib/libc++.a what it links:
# libc++, libc++abi and the unwinder, all of LLVM. The C library is zig's: WASI, as a page offers it to the program.
set -euo pipefail
zig=$1 tools=$2
lib=$zig/lib runtime=$2/runtime

# What zig gives its own libc++ on the command line, too; of it threads and exceptions differ.
has() { printf -- '-D_LIBCPP_HAS_%s ' "$@"; }
flags="--target=wasm32-wasip1 -nostdinc -fwasm-exceptions -mllvm -wasm-use-legacy-eh=true \
  -isystem $lib/libcxx/include -isystem $lib/libcxxabi/include -isystem $lib/include \
  -isystem $lib/libc/include/wasm-wasi-musl -isystem $lib/libc/include/generic-musl \
  $(has THREADS=1 THREAD_API_PTHREAD=1 THREAD_API_{EXTERNAL,WIN32,C11}=0 {FILESYSTEM,LOCALIZATION,MONOTONIC_CLOCK}=1 \
        {RANDOM_DEVICE,UNICODE,WIDE_CHARACTERS,LIBRARY_ALIGNED_ALLOCATION}=1 \
        {MUSL_LIBC,TERMINAL,TIME_ZONE_DATABASE,VENDOR_AVAILABILITY_ANNOTATIONS}=0) \
  -D_LIBCPP_ABI_VERSION=1 -D_LIBCPP_ABI_NAMESPACE=__1 -D_LIBCPP_PSTL_BACKEND_SERIAL \
  -D_LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_NONE -D_LIBCPP_ASSERTION_SEMANTIC_DEFAULT=_LIBCPP_ASSERTION_SEMANTIC_IGNORE \
  $(printf -- '-D_WASI_EMULATED_%s ' SIGNAL MMAN PROCESS_CLOCKS GETPID)"
emulated=$(printf -- '-lwasi-emulated-%s ' signal mman process-clocks getpid)

mkdir -p "$tools/lib" "$runtime"
cat > "$tools/c++.new" <<COMPILER
#!/bin/sh
for argument in "\$@"; do
  case \$argument in -c|-E|-S) exec "$zig/zig" clang $flags "\$@" ;; esac
done
exec "$zig/zig" cc -target wasm32-wasi -s -Wl,-z,stack-size=8388608 "\$@" "$tools/lib/libc++.a" $emulated
COMPILER
for program in ar ranlib; do printf '#!/bin/sh\nexec "%s/zig" %s "$@"\n' "$zig" "$program" > "$tools/$program"; done
chmod +x "$tools"/{c++.new,ar,ranlib}
cmp -s "$tools/c++.new" "$tools/c++" && [[ -f $tools/lib/libc++.a ]] && { rm "$tools/c++.new"; exit 0; }
mv "$tools/c++.new" "$tools/c++"

# The list of zig, less what is for other systems.
libcxx=({algorithm,any,atomic,barrier,bind,call_once,charconv,chrono,condition_variable,condition_variable_destructor}
        {error_category,exception,expected,fstream,functional,future,hash,ios,ios.instantiations,iostream,locale,memory}
        {memory_resource,mutex,mutex_destructor,new,new_handler,new_helpers,optional,ostream,print,random,random_shuffle,regex}
        {shared_mutex,stdexcept,string,system_error,thread,typeinfo,valarray,variant,vector,verbose_abort}
        ryu/{d2fixed,d2s,f2s}
        filesystem/{directory_entry,directory_iterator,filesystem_clock,filesystem_error,int128_builtins,operations,path})
libcxxabi=({abort_message,cxa_aux_runtime,cxa_default_handlers,cxa_exception,cxa_exception_storage,cxa_guard,cxa_handlers}
           {cxa_personality,cxa_vector,cxa_virtual,fallback_malloc,private_typeinfo,stdlib_exception,stdlib_new_delete}
           {stdlib_stdexcept,stdlib_typeinfo,cxa_demangle})
# An exception is a number that the tag __cpp_exception marks as one of C++.
printf '.globl __cpp_exception\n.tagtype __cpp_exception i32\n__cpp_exception:\n' > "$runtime/tag.s"
# What the headers declare and this C library does not have; whoever calls it goes on as on any system that cannot.
cat > "$runtime/absent.c" <<'ABSENT'
#include <errno.h>
#include <stddef.h>
int flock(int descriptor, int how) { return errno = ENOSYS, -1; }
int gethostname(char* name, size_t n) { return errno = ENOSYS, -1; }
long sendfile(int to, int from, long long* offset, size_t n) { return errno = ENOSYS, -1; }
ABSENT
{
  for name in "${libcxx[@]}"; do echo "$lib/libcxx/src/$name.cpp"; done
  for name in "${libcxxabi[@]}"; do echo "$lib/libcxxabi/src/$name.cpp"; done
  echo "$lib/libunwind/src/Unwind-wasm.c"
  echo "$runtime/tag.s" "$runtime/absent.c" | tr ' ' '\n'
} > "$runtime/sources"
compile() {
  local object=$2/$(tr / _ <<< "${1##*/lib}").o more=()
  [[ $1 != *.cpp ]] || more=(-std=c++23 -D_LIBCPP_BUILDING_LIBRARY -DLIBCXX_BUILDING_LIBCXXABI -D_LIBCXXABI_BUILDING_LIBRARY
                             "-I$3/libcxx/src" "-I$3/libcxxabi/src" "-I$3/libcxx/libc")
  [[ $1 != *.c ]] || more=(-DNDEBUG -D_LIBUNWIND_HIDE_SYMBOLS "-I$3/libunwind/src")
  "$4" -O2 -w -fvisibility=hidden "${more[@]}" "-I$3/libunwind/include" -c "$1" -o "$object"
  echo "$object"
}
export -f compile
xargs -P 2 -I{} bash -c 'compile "$@"' - {} "$runtime" "$lib" "$tools/c++" < "$runtime/sources" > "$runtime/objects"
rm -f "$tools/lib/libc++.a"
"$tools/ar" rcs "$tools/lib/libc++.a" $(sort "$runtime/objects")
