// SPDX-License-Identifier: MIT
#include "command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "file_claims.h"

namespace astrom3::cli {

Command& Command::subcommand(std::string name, std::string summary) {
  return subcommands_.emplace_back(std::move(name), std::move(summary));
}

void Command::positionals(std::string name, std::vector<std::string>& values, std::string help) {
  positionals_.push_back(
      {.name = std::move(name), .help = std::move(help), .is_required = true, .several = &values});
}

void Command::optional_positionals(std::string name, std::vector<std::string>& values, std::string help) {
  positionals_.push_back({.name = std::move(name), .help = std::move(help), .several = &values});
}

void Command::positional(std::string name, std::string& value, std::string help) {
  positionals_.push_back(
      {.name = std::move(name), .help = std::move(help), .is_required = true, .one = &value});
}

void Command::optional_positional(std::string name, std::string& value, std::string help) {
  positionals_.push_back({.name = std::move(name), .help = std::move(help), .one = &value});
}

void Command::exclude(std::string option, std::string other) {
  exclusions_.emplace_back(std::move(option), std::move(other));
}

std::vector<OutputFile> derived_outputs(std::vector<std::filesystem::path> files) {
  std::vector<OutputFile> outputs;
  for (std::filesystem::path& file : files) outputs.push_back({.path = std::move(file)});
  return outputs;
}

std::vector<GivenText> Command::given() const {
  std::vector<GivenText> all = given_;
  for (const Positional& place : positionals_) {
    if (place.one != nullptr && !place.one->empty()) all.push_back({place.name, *place.one});
    if (place.several == nullptr) continue;
    for (const std::string& text : *place.several) all.push_back({place.name, text});
  }
  return all;
}

namespace {

/// A flag that is on by default can only be turned off.
bool is_negated(const Option& option) {
  return option.kind() == OptionKind::flag && option.default_text() == "true";
}

}  // namespace

std::string spelled(const Option& option) {
  if (option.name().size() == 1) return "-" + option.name();
  return (is_negated(option) ? "--no-" : "--") + option.name();
}

namespace {

/// "TEXT:{reject,drop}", "UINT in [2, 10000000]", "FLOAT:POSITIVE": the text after the name in --help.
std::string value_notation(const Option& option) {
  switch (option.kind()) {
    case OptionKind::flag:
      return {};
    case OptionKind::choice: {
      std::string words;
      for (const std::string& word : option.words()) words += (words.empty() ? "" : ",") + word;
      return fmt::format("TEXT:{{{}}}", words);
    }
    case OptionKind::text:
      return "TEXT";
    case OptionKind::whole_number:
    case OptionKind::number:
      break;
  }
  std::string out = option.kind() == OptionKind::number ? "FLOAT" : "UINT";
  const std::string range = option.range();
  if (range == "> 0") return out + ":POSITIVE";
  if (range == ">= 0") return out + ":NONNEGATIVE";
  return range.empty() ? out : fmt::format("{} in {}", out, range);
}

std::string help_of(const Option& option) {
  return is_negated(option) ? "do not " + option.help() : option.help();
}

/// Standard output has one name from here on, for whatever asks whether it is taken.
std::string plain_output(const std::string& text) {
  return text == "/dev/stdout" || text == "/dev/fd/1" || text == "/proc/self/fd/1" ? "-" : text;
}

CLI::Option* declare(Option& option, Command& command, CLI::App& app) {
  std::string names = spelled(option);
  if (option.short_name() != 0) names = fmt::format("-{},{}", option.short_name(), names);
  if (option.kind() == OptionKind::flag) {
    const auto turn = [&option, negated = is_negated(option)](std::int64_t count) {
      option.set((count > 0) != negated ? "true" : "false");
    };
    return app.add_flag_function(names, turn, help_of(option));
  }
  // Hints name one more column for those who named some already: what is given twice is one list.
  const bool is_one_list = option.name() == "columns";
  const bool is_output = option.kind() == OptionKind::text && file_use(option.name()) == FileUse::output;
  CLI::Option* declared = app.add_option(
      names,
      [&option, &command, is_one_list, is_output](const CLI::results_t& texts) {
        for (const std::string& given :
             is_one_list ? CLI::results_t{fmt::format("{}", fmt::join(texts, ","))} : texts) {
          const std::string text = is_output ? plain_output(given) : given;
          option.set(text);
          if (option.kind() == OptionKind::text) command.note_given(option.name(), text);
        }
        return true;
      },
      help_of(option));
  if (option.is_repeatable() || is_one_list)
    declared->expected(1, CLI::detail::expected_max_vector_size)->allow_extra_args(option.takes_several());
  declared->type_name(value_notation(option));
  if (!option.is_required()) declared->default_str(option.default_text());
  return declared->required(option.is_required());
}

void declare(Command& command, CLI::App& app) {
  app.footer(command.footer());
  for (const Positional& place : command.positionals()) {
    CLI::Option* declared = place.several != nullptr ? app.add_option(place.name, *place.several, place.help)
                                                     : app.add_option(place.name, *place.one, place.help);
    declared->required(place.is_required);
    // As of an option: an unset variable in quotes is not the default.
    declared->check([](const std::string& text) { return text.empty() ? "expected a name, found \"\"" : ""; },
                    "");
    (void)file_use(place.name);
  }
  std::vector<std::pair<std::string, CLI::Option*>> declared;
  for (Option& option : command.options.options()) {
    if (option.kind() == OptionKind::text) (void)file_use(option.name());  // throws where it is not known
    declared.emplace_back(option.name(), declare(option, command, app));
    if (!option.group().title.empty()) declared.back().second->group(std::string(option.group().title));
  }
  const auto find = [&](const std::string& name) {
    return std::find_if(declared.begin(), declared.end(), [&](const auto& d) { return d.first == name; })
        ->second;
  };
  for (const auto& [option, other] : command.exclusions()) find(option)->excludes(find(other));
  for (Command& sub : command.subcommands()) declare(sub, *app.add_subcommand(sub.name(), sub.summary()));
  if (!command.subcommands().empty()) app.require_subcommand(1);
}

// ---- what was meant ---------------------------------------------------------------------------------------

/// Levenshtein distance, one row at a time.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

/// The nearest of `candidates`, "" where none is near.
std::string closest(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  // Two neighbouring letters exchanged are two edits.
  std::size_t best_distance = std::max(word.size() / 3, std::size_t{word.size() >= 4 ? 2u : 0u}) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

/// The command that was named last, and its names above: "astrom3 study precision".
std::pair<Command*, std::string> named_command(Command& command, const CLI::App& app) {
  Command* found = &command;
  std::string names = command.name();
  for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    for (Command& sub : found->subcommands()) {
      if (sub.name() != at->get_name()) continue;
      found = &sub;
      names += " " + sub.name();
      break;
    }
  }
  return {found, names};
}

[[noreturn]] void fail(Command& command, const CLI::App& app, const CLI::ParseError& error) {
  const auto [named, names] = named_command(command, app);
  std::string message = error.what(), better;
  const std::vector<std::string> left = app.remaining(true);
  // CLI11 asks for a subcommand before it looks at the words it did not understand.
  if (!named->subcommands().empty() && !left.empty() && !left.front().starts_with('-')) {
    message = fmt::format("there is no command \"{}\"", escaped(left.front()));
    std::vector<std::string> there;
    for (const Command& sub : named->subcommands()) there.push_back(sub.name());
    better = closest(left.front(), there);
  } else if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError) && !left.empty()) {
    std::vector<std::string> there;
    for (const Option& option : named->options.options()) there.push_back(spelled(option));
    better = closest(std::string_view(left.front()).substr(0, left.front().find('=')), there);
  }
  throw Error(Status::usage, message,
              better.empty() ? names + " --help" : fmt::format("did you mean {}?", better));
}

/// CLI11 takes `--` before a control character for an option up to version 2.3, for the name of a file later.
void refuse_control_characters(std::span<char* const> words) {
  for (const std::string_view word : words) {
    if (word == "--") return;  // what follows are names of files
    const std::size_t dashes = word.starts_with("--") ? 2 : word.starts_with('-') ? 1 : word.size();
    if (dashes < word.size() && std::iscntrl(static_cast<unsigned char>(word[dashes])) != 0)
      throw Error(Status::usage, fmt::format("there is no option \"{}\"", escaped(word)));
  }
}

}  // namespace

int run_command_line(Command& command, const std::string& version, int argc, char** argv) {
  constexpr std::size_t kColumnOfHelp = 34;
  CLI::App app(command.summary(), command.name());
  app.set_version_flag("--version", version);
  app.get_formatter()->column_width(kColumnOfHelp);
  declare(command, app);
  try {
    refuse_control_characters(std::span(argv, static_cast<std::size_t>(argc)).subspan(argc > 0 ? 1 : 0));
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    fail(command, app, error);
  } catch (const Error& error) {
    Diagnostic diagnostic = error.diagnostic();
    if (diagnostic.hint.empty()) diagnostic.hint = named_command(command, app).second + " --help";
    throw Error(std::move(diagnostic));
  }
  const Command& chosen = *named_command(command, app).first;
  claim_files(chosen);
  return chosen.work()();
}

}  // namespace astrom3::cli
