// SPDX-License-Identifier: MIT
//
// Everything that a command prints. Everything but data goes to stderr. No other file of the command
// prints: here, control characters of any text that came from outside are escaped.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "astrom3/astrom3.h"

namespace astrom3::cli {

enum class Verbosity { quiet, normal, verbose };

/// "--nonfinite drop", "--resume", "-o DIR/": an option as the command line writes it.
std::string spelled(const NamedOption& option);

/// to_string() with options as the command line writes them.
std::string text_of(const Diagnostic& diagnostic, std::string_view severity = "error");

/// "astrom3: error[...]: ..." on stderr.
void print_error(const Diagnostic& diagnostic);
void print_warning(const Diagnostic& diagnostic, Verbosity verbosity);
void print_note(std::string_view text, Verbosity verbosity);
/// Lines for people on stdout.
void print_lines(std::string_view text);
/// Replaces the last line on the terminal that stderr is; "" removes it.
void print_status(std::string_view line);
/// JSON on stdout, or on stderr if stdout holds data. It is printed unchanged: its writer has escaped control
/// characters.
void print_json_line(std::string_view json, bool to_stderr = false);

/// How far a run is: a line that is rewritten in place on a terminal, or, for batch systems, a JSON object
/// per line every few seconds; on stderr.
class ProgressLine {
 public:
  /// mode  "auto", "json" or "none"
  ProgressLine(Verbosity verbosity, const std::string& mode);
  ~ProgressLine();
  void show(const RunProgress& progress);

 private:
  enum class Mode { none, line, json };
  void show_line(const RunProgress& progress, double elapsed);
  void show_json(const RunProgress& progress, double elapsed);

  Mode mode_ = Mode::none;
  bool shown_ = false;
  double start_seconds_;
  double last_json_ = 0;
  bool has_first_ = false;
  RunProgress first_;  ///< a resumed run begins with what is done
};

/// Bytes received of a file, likewise; not more than ten times a second.
class DownloadLine {
 public:
  explicit DownloadLine(Verbosity verbosity);
  ~DownloadLine();
  void show(std::string_view file, std::uint64_t received, std::uint64_t total);

 private:
  bool enabled_;
  bool shown_ = false;
  double last_seconds_ = 0;
};

/// The table at the end of a run: objects, rejects by code, dropped observations, time per stage.
std::string summary_text(const RunSummary& summary, std::string_view output);

}  // namespace astrom3::cli
