// SPDX-License-Identifier: MIT
#include "suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace astrom3::cli {
namespace {

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

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

/// What the message says was not understood: its last word.
std::string_view last_word(std::string_view message) {
  const std::size_t space = message.find_last_of(" :");
  return space == std::string_view::npos ? message : message.substr(space + 1);
}

}  // namespace

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

std::string unknown_command(const CLI::App& app) {
  // CLI11 asks for a subcommand before it looks at the words it did not understand.
  const std::vector<std::string> left = app.remaining();
  const bool is_command = app.get_subcommands().empty() && !left.empty() && !left.front().starts_with('-');
  return is_command ? left.front() : std::string{};
}

std::string suggestion(const CLI::App& app, const CLI::ParseError& error) {
  const std::string command = unknown_command(app);
  if (command.empty() && error.get_exit_code() != static_cast<int>(CLI::ExitCodes::ExtrasError)) return {};
  std::string_view word = command.empty() ? last_word(error.what()) : std::string_view(command);
  word = word.substr(0, word.find('='));
  std::vector<std::string> candidates;
  const auto chosen = app.get_subcommands();
  if (chosen.empty()) {
    for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
      candidates.push_back(sub->get_name());
    }
  } else {
    candidates = option_names(*chosen.front());
  }
  const std::string best = closest(word, candidates);
  return best.empty() ? std::string{} : fmt::format("did you mean {}?", best);
}

}  // namespace astrom3::cli
