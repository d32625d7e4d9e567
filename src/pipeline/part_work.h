// SPDX-License-Identifier: MIT
//
// What a run in parts computes, as its folder sees it: objects one after the other, and files of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "astrom3/pipeline/pipeline.h"
#include "astrom3/pipeline/run_parts.h"
#include "astrom3/source/source.h"
#include "base/atomic_file.h"

namespace astrom3 {

class PartWork {
 public:
  virtual ~PartWork() = default;

  /// Goes to the objects from `begin` on; `n_before` come before them.
  virtual void begin_at(SourcePosition begin, std::uint64_t n_before) = 0;
  /// Prepares a part of at most `n` objects; false where there is no object left.
  virtual bool begin_part(std::uint64_t n) = 0;
  /// The file of the part's first object.
  virtual std::string first_input() const = 0;
  /// Writes the part and commits its file. Counts and seconds are added to `summary`, lines to `rejects`.
  virtual void write_part(AtomicFile file, RunSummary& summary, std::string& rejects) = 0;
  /// Where the object behind the last part stands.
  virtual SourcePosition position() const = 0;
  /// What the inputs warn of, once all is read.
  virtual std::vector<Diagnostic> take_warnings() = 0;
};

/// A run into a folder, whatever it computes.
struct PartsSetup {
  std::vector<std::filesystem::path> inputs;  ///< everything whose content decides a row
  /// How many of them, the first ones, are read in the order of the objects. When another one can be read
  /// again, all parts are made again.
  std::size_t n_in_order = 0;
  Identity described;  ///< what decides whether the run can be resumed, beside the inputs
  Identity identity;   ///< of the rows
  PartsOptions parts;
};

/// Makes the missing parts; see run_parts().
RunSummary make_parts(const PartsSetup& setup, PartWork& work, const std::atomic<bool>* stop);

}  // namespace astrom3
