// SPDX-License-Identifier: MIT
//
// The command line, as subcommands declare it; only command_line.cpp knows how it is parsed.
#pragma once

#include <filesystem>
#include <functional>
#include <list>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/option.h"

namespace astrom3::cli {

/// An argument without a name, known by its position.
struct Positional {
  std::string name, help;
  bool is_required = false;
  std::vector<std::string>* several = nullptr;  ///< one of these two
  std::string* one = nullptr;
};

/// A text that the command line gave to an option or a positional.
struct GivenText {
  std::string name, text;
};

/// A file that a command writes.
struct OutputFile {
  std::filesystem::path path;
  bool is_named = false;  ///< by the user: links are followed; else the name follows from another one
};

/// Files whose names follow from the name of a folder.
std::vector<OutputFile> derived_outputs(std::vector<std::filesystem::path> files);

/// A command: its options, and what it does.
class Command {
 public:
  Command(std::string name, std::string summary) : name_(std::move(name)), summary_(std::move(summary)) {}

  // Declaring. The variables that options are bound to must live until the command has run.
  OptionTable options;
  Command& subcommand(std::string name, std::string summary);
  void positionals(std::string name, std::vector<std::string>& values, std::string help);  ///< at least one
  void optional_positionals(std::string name, std::vector<std::string>& values, std::string help);
  void positional(std::string name, std::string& value, std::string help);
  void optional_positional(std::string name, std::string& value, std::string help);
  void exclude(std::string option, std::string other);
  void footer(std::string text) { footer_ = std::move(text); }
  void runs(std::function<int()> work) { work_ = std::move(work); }  ///< gives the exit code
  /// Says which files -o makes, if it is not the one file of this name. Called before the work, and
  /// may throw what the work would.
  void writes(std::function<std::vector<OutputFile>()> outputs) { outputs_ = std::move(outputs); }
  /// Its outputs cannot go to standard output: "-" is refused, and no file of this name is made.
  void writes_files_only() { has_files_only_ = true; }

  // For the parser.
  const std::string& name() const { return name_; }
  const std::string& summary() const { return summary_; }
  const std::string& footer() const { return footer_; }
  const std::vector<Positional>& positionals() const { return positionals_; }
  const std::vector<std::pair<std::string, std::string>>& exclusions() const { return exclusions_; }
  std::list<Command>& subcommands() { return subcommands_; }
  const std::function<int()>& work() const { return work_; }
  const std::function<std::vector<OutputFile>()>& derived_outputs() const { return outputs_; }
  bool has_files_only() const { return has_files_only_; }
  void note_given(std::string option, std::string text) {
    given_.push_back({std::move(option), std::move(text)});
  }
  /// The texts given to options of text and to positionals.
  std::vector<GivenText> given() const;

 private:
  std::string name_, summary_, footer_;
  std::vector<Positional> positionals_;
  std::vector<std::pair<std::string, std::string>> exclusions_;
  std::list<Command> subcommands_;  // elements stay in place, and may be of a type that is not finished here
  std::function<int()> work_;
  std::function<std::vector<OutputFile>()> outputs_;
  std::vector<GivenText> given_;
  bool has_files_only_ = false;
};

/// How the command line writes an option: "--min-points", "-o", "--no-lock" for a flag that is on by default.
std::string spelled(const Option& option);

/// Parses the command line and does the work of the subcommand that was chosen. --help and --version are
/// printed. Throws Error usage, with a hint if an unknown option or command is similar to an existing one.
int run_command_line(Command& command, const std::string& version, int argc, char** argv);

}  // namespace astrom3::cli
