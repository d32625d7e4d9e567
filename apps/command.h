// SPDX-License-Identifier: MIT
//
// The interface of a subcommand to main(): it declares its options and its work.
#pragma once

#include <string>

#include "command_line.h"
#include "report.h"

namespace astrom3::cli {

/// Options every subcommand has.
struct CommonOptions {
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  std::string isa;  ///< empty: the best there is

  Verbosity verbosity() const {
    return quiet ? Verbosity::quiet : verbose ? Verbosity::verbose : Verbosity::normal;
  }
};

// One function per file; each adds its subcommand.
void add_embed(Command& astrom3);
void add_features(Command& astrom3);
void add_preprocess(Command& astrom3);
void add_encode(Command& astrom3);
void add_classify(Command& astrom3);
void add_fetch(Command& astrom3);
void add_info(Command& astrom3);
void add_init(Command& astrom3);
void add_export(Command& astrom3);
void add_import(Command& astrom3);
void add_periodogram(Command& astrom3);
void add_inspect(Command& astrom3);
void add_study(Command& astrom3);
void add_train(Command& astrom3);
void add_search(Command& astrom3);
void add_outliers(Command& astrom3);
void add_evaluate(Command& astrom3);
void add_map(Command& astrom3);
void add_metadata(Command& astrom3);

}  // namespace astrom3::cli
