// SPDX-License-Identifier: MIT
//
// What a person or a machine reads while and after a command runs. Everything but data goes to stderr.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "astrom3/astrom3.h"

namespace astrom3::cli {

enum class Verbosity { quiet, normal, verbose };

/// "astrom3: error[...]: ..." on stderr.
void print_error(const Diagnostic& diagnostic);
void print_warning(const Diagnostic& diagnostic, Verbosity verbosity);
void print_note(std::string_view text, Verbosity verbosity);

/// A line that is rewritten in place, on a terminal only; nothing elsewhere or when quiet.
class ProgressLine {
 public:
  explicit ProgressLine(Verbosity verbosity);
  ~ProgressLine();
  void show(const RunProgress& progress);

 private:
  bool enabled_;
  bool shown_ = false;
  double start_seconds_;
};

/// The table at the end of a run: objects, rejects by code, dropped observations, time per stage.
std::string summary_text(const RunSummary& summary, std::string_view output);
/// The same as one JSON object.
std::string summary_json(const RunSummary& summary, std::string_view output, const Identity& identity);

/// Text as a JSON string, quotes included; invalid UTF-8 becomes U+FFFD.
std::string json_string(std::string_view text);

}  // namespace astrom3::cli
