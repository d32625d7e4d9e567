// SPDX-License-Identifier: MIT
//
// What every subcommand looks like to main(): it declares its options and leaves a function to run.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "report.h"

namespace astrom3::cli {

/// The chosen subcommand's work; returns the exit code.
using Action = std::function<int()>;

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

// One function a file; each adds its subcommand and sets `action` when it was chosen.
void add_embed(CLI::App& app, Action& action);
void add_features(CLI::App& app, Action& action);
void add_preprocess(CLI::App& app, Action& action);
void add_encode(CLI::App& app, Action& action);
void add_classify(CLI::App& app, Action& action);
void add_fetch(CLI::App& app, Action& action);
void add_info(CLI::App& app, Action& action);
void add_init(CLI::App& app, Action& action);
void add_export(CLI::App& app, Action& action);
void add_import(CLI::App& app, Action& action);
void add_periodogram(CLI::App& app, Action& action);
void add_inspect(CLI::App& app, Action& action);
void add_study(CLI::App& app, Action& action);
void add_train(CLI::App& app, Action& action);
void add_search(CLI::App& app, Action& action);
void add_outliers(CLI::App& app, Action& action);
void add_evaluate(CLI::App& app, Action& action);
void add_map(CLI::App& app, Action& action);

}  // namespace astrom3::cli
