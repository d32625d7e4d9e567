// SPDX-License-Identifier: MIT
#include "source/unused_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/source/source.h"
#include "source/column_names.h"
#include "source/columns.h"
#include "source/table_plan.h"

namespace astrom3 {
namespace {

constexpr std::array<std::string_view, 4> kMagnitudes{"mag", "mags", "magnitude", "magnitudes"};
constexpr std::array<std::string_view, 3> kFluxes{"flux", "fluxes", "fnu"};
/// A name with one of these is not that of a measurement, but of its error, its place or its meaning.
constexpr std::array<std::string_view, 29> kOthers{
    "err",  "error", "errors",   "e",     "d",   "sigma", "unc",   "uncertainty", "std",    "rms",
    "sys",  "zp",    "limiting", "limit", "lim", "min",   "max",   "mean",        "median", "avg",
    "flag", "ref",   "sky",      "n",     "id",  "fit",   "model", "bias",        "ratio"};

/// Whether one of the words of the name is of `known`, and none says that it is something else.
bool has_word_of(const std::string& name, std::span<const std::string_view> known) {
  const auto is_in_name = [&](std::string_view word) { return has_word(name, word); };
  return std::any_of(known.begin(), known.end(), is_in_name) &&
         std::none_of(kOthers.begin(), kOthers.end(), is_in_name);
}

bool was_chosen(const SourceOptions& options, ColumnRole role) {
  return options.columns.contains(std::string(role_name(role)));
}

/// `names` and the option that reads the first of them.
struct Unused {
  std::string role;
  std::vector<std::string> names{};
};

std::vector<Unused> find_unused(const TablePlan& plan, const SourceOptions& options) {
  const bool is_magnitude = plan.columns().is_magnitude;
  const ColumnRole value = is_magnitude ? ColumnRole::mag : ColumnRole::flux;
  const std::span<const std::string_view> values =
      is_magnitude ? std::span<const std::string_view>(kMagnitudes) : kFluxes;
  std::vector<Unused> unused{{std::string(role_name(ColumnRole::time))}, {std::string(role_name(value))}};
  const std::vector<ColumnUse> uses = uses_of_columns(plan);
  for (std::size_t i = 0; i < plan.names.size(); ++i) {
    const std::string& name = plan.names[i];
    if (i < uses.size() && uses[i].is_read) continue;
    if (!was_chosen(options, ColumnRole::time) && is_time(name, options))
      unused[0].names.push_back(name);
    else if (!was_chosen(options, value) && has_word_of(parse_column_name(name).base, values))
      unused[1].names.push_back(name);
  }
  std::erase_if(unused, [](const Unused& of_role) { return of_role.names.empty(); });
  return unused;
}

std::string first_of(std::span<const std::string> names) {
  constexpr std::size_t kMostNamed = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMostNamed); ++i)
    text += (i == 0 ? "" : ", ") + escaped(names[i], 40);
  if (names.size() > kMostNamed) text += fmt::format(" and {} more", names.size() - kMostNamed);
  return text;
}

}  // namespace

std::optional<Diagnostic> remark_on_unused(const TablePlan& plan, const SourceOptions& options) {
  if (plan.survey != nullptr || plan.measurements.size() != 1) return std::nullopt;
  const std::vector<Unused> unused = find_unused(plan, options);
  if (unused.empty()) return std::nullopt;
  const ColumnMap& map = plan.columns();
  const std::string_view value = role_name(map.is_magnitude ? ColumnRole::mag : ColumnRole::flux);
  std::vector<std::string> names;
  for (const Unused& of_role : unused) names.insert(names.end(), of_role.names.begin(), of_role.names.end());
  return Diagnostic{
      .message =
          fmt::format("time is read from {}, {} from {}; not used: {}", escaped(plan.name_of(map.time), 40),
                      value, escaped(plan.name_of(map.value), 40), first_of(names)),
      .hint = {"{} reads another",
               {{"columns", fmt::format("{}={}", unused.front().role, unused.front().names.front())}}}};
}

}  // namespace astrom3
