// SPDX-License-Identifier: MIT
//
// Loads our own shared objects when they are first needed: until then, a large dependency costs nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"

namespace astrom3 {

/// The first members of the table that a module exports.
struct ModuleIdentity {
  std::uint32_t abi_version;
  const char* astrom3_version;  ///< library and module must come from one build
};

struct ModuleRequest {
  const char* noun;                                     ///< for messages: "Parquet"
  const char* file_name;                                ///< "astrom3_parquet.so"
  const char* entry;                                    ///< the C function that returns the table
  const char* environment;                              ///< a variable that names the file
  std::uint32_t abi_version;                            ///< the one this build understands
  std::vector<std::filesystem::path> more_places = {};  ///< files tried last: the installation
  std::vector<std::string> libraries = {};  ///< loaded first: the module uses their symbols but is not linked
                                            ///< to them; found as the system finds libraries
};

/// `table` is null if no module could be loaded; `reason` then says why.
struct LoadedModule {
  const void* table = nullptr;
  std::string reason{};
};

/// The table of the first module that loads and fits: the file that `environment` names (then nothing else
/// is tried), ../lib and ../lib/astrom3 beside the executable, the folder of the shared library that this
/// code is in, then `more_places`. A loaded module is never unloaded: its objects may still be in use.
LoadedModule load_module(const ModuleRequest& request);

/// The table of one module, loaded by the first call that needs it; safe from several threads. A module that
/// could not be loaded is looked for again by the next call.
class ModuleTable {
 public:
  ModuleTable(ModuleRequest request, const char* hint) : request_(std::move(request)), hint_(hint) {}

  /// Throws Error `code` with the hint if there is no such module.
  const void* get(Status code);

 private:
  const ModuleRequest request_;
  const char* const hint_;
  std::mutex mutex_;
  const void* table_ = nullptr;
};

}  // namespace astrom3
