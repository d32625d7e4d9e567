# Sourced by tools/macos.sh and tools/wasm.sh: Debian's libraries of headers, for zig's compiler, which must see no other header
# of this machine.

# A package of CMake for a library of headers: headers TOOLS NAME TARGET FOLDER [DEFINITION LIBRARY]
headers() {
  local tools=$1 name=$2 target=$3 folder=$4 definition=${5:-} library=${6:-}
  mkdir -p "$tools/include-$name" "$tools/lib/cmake/$name"
  ln -sfn "/usr/include/$folder" "$tools/include-$name/$folder"
  cat > "$tools/lib/cmake/$name/${name}Config.cmake" <<PACKAGE
if(NOT TARGET $target)
  add_library($target INTERFACE IMPORTED)
  target_include_directories($target INTERFACE "$tools/include-$name")
  target_compile_definitions($target INTERFACE $definition)
  target_link_libraries($target INTERFACE $library)
endif()
PACKAGE
}

# All that astrom3 needs, and libfmt.a, which is compiled once and not in every object: header_libraries TOOLS
header_libraries() {
  local tools=$1
  headers "$tools" fmt fmt::fmt fmt "" "$tools/lib/libfmt.a"
  headers "$tools" nlohmann_json nlohmann_json::nlohmann_json nlohmann
  headers "$tools" CLI11 CLI11::CLI11 CLI
  [[ $tools/lib/libfmt.a -nt cmake/fmt_in_one_file.cpp ]] && return
  "$tools/c++" -std=c++20 -O1 -fvisibility=hidden -isystem "$tools/include-fmt" -w -c cmake/fmt_in_one_file.cpp -o "$tools/lib/fmt.o"
  rm -f "$tools/lib/libfmt.a"
  "$tools/ar" rcs "$tools/lib/libfmt.a" "$tools/lib/fmt.o"
}
