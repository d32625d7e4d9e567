// SPDX-License-Identifier: MIT
#include "source/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/edit_distance.h"
#include "base/joined.h"
#include "base/number.h"
#include "formats/table_header.h"
#include "source/column_names.h"

namespace astrom3 {
namespace {

using Names = std::span<const std::string>;

struct RoleNames {
  std::string_view role;
  std::array<std::string_view, 14> recognised;  // in order of preference
};

// In the order of enum ColumnRole.
constexpr std::array<RoleNames, kColumnRoles> kRoles{{
    {"time",
     {"hjd", "bjd", "jd", "mjd", "hmjd", "time", "t", "btjd", "bkjd", "mjd_obs", "obsmjd", "midpointmjdtai"}},
    {"mag", {"mag", "m", "magnitude", "psfmag"}},
    {"mag_err",
     {"mag_err", "magerr", "mag_error", "merr", "e_mag", "emag", "magerror", "magnitude_error",
      "magnitude_err", "mag_unc", "mag_uncertainty", "sigma_mag", "dmag", "psfmagerr"}},
    {"flux", {"flux", "f"}},
    {"flux_err",
     {"flux_err", "fluxerr", "flux_error", "e_flux", "eflux", "fluxerror", "flux_unc", "flux_uncertainty",
      "sigma_flux", "dflux"}},
    {"band", {"band", "filter", "filtercode", "phot_filter"}},
    {"object_id", {"object_id"}},
}};

/// Names of the error of the only flux or magnitude there is.
constexpr std::array<std::string_view, 5> kErrorNames{"err", "error", "uncertainty", "unc", "sigma"};

/// Units in which a column called "time (s)" is no time in days.
constexpr std::array<std::string_view, 12> kNotDays{"s",    "sec", "second", "seconds", "min", "minutes",
                                                    "hour", "hr",  "hours",  "yr",      "h",   "years"};

Hint headerless_hint() {
  return {"name the columns by field number, e.g. {}", {{"columns", "time=1,mag=2,mag_err=3"}}};
}

const RoleNames& names_of(ColumnRole role) noexcept {
  return kRoles[static_cast<std::size_t>(role)];
}

/// What the options say about `role`; empty when nothing.
std::string_view requested(ColumnRole role, const SourceOptions& options) {
  if (role == ColumnRole::object_id) return options.id_column;
  const auto found = options.columns.find(std::string(role_name(role)));
  return found == options.columns.end() ? std::string_view{} : std::string_view(found->second);
}

std::optional<std::size_t> field_number(std::string_view text) {
  std::size_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || stop != text.data() + text.size() || number == 0) return std::nullopt;
  return number;
}

/// The column whose name is most like `wanted`, or empty when none is near.
std::string closest_name(std::string_view wanted, Names names) {
  std::string best;
  const std::size_t limit = wanted.size() <= 3 ? 1 : 2;
  std::size_t best_distance = limit + 1;
  for (const std::string& name : names) {
    const std::string folded = folded_name(name);
    if (folded.size() > 64) continue;
    const std::size_t distance = edit_distance(folded, wanted, limit);
    if (distance < best_distance && distance < folded.size()) {
      best_distance = distance;
      best = name;
    }
  }
  return best;
}

std::string list_of(Names names) {
  std::vector<std::string> shown;
  for (const std::string& name : names) {
    if (shown.size() == 40) {
      shown.push_back(fmt::format("... ({} in all)", names.size()));
      break;
    }
    shown.push_back(escaped(trimmed(name), 40));
  }
  return fmt::format("{}", joined(shown, ", "));
}

Error missing(std::string_view what, std::string_view wanted, Names names) {
  Diagnostic diagnostic{
      .code = Status::missing_column,
      .column = std::string(wanted),
      .message = fmt::format("no column for the {}; found: {}", what, list_of(names)),
      .hint = {"name it with {}, e.g. {}", {{"columns"}, {"columns", "time=...,flux=...,flux_err=..."}}}};
  if (const std::string closest = closest_name(wanted, names); !closest.empty())
    diagnostic.hint = {"name it with {}; did you mean \"" + escaped(closest) + "\"?", {{"columns"}}};
  return Error(std::move(diagnostic));
}

/// The name of a column without units and offsets, as find_role() compares it; empty where that is no name
/// by which a column is recognised.
std::string base_name(std::string_view column) {
  ColumnName name = parse_column_name(column);
  const bool is_no_day =
      std::find(kNotDays.begin(), kNotDays.end(), folded_name(name.unit)) != kNotDays.end();
  return name.base.size() > 1 && !is_no_day ? std::move(name.base) : std::string{};
}

/// The column of that base name. Throws Error ambiguous_column when there are two.
std::optional<std::size_t> find_base(std::string_view wanted, Names names) {
  std::vector<std::string> bases;
  for (const std::string& name : names) bases.push_back(base_name(name));
  return find_column(wanted, bases);
}

std::optional<std::size_t> find_role(ColumnRole role, Names names, const SourceOptions& options) {
  const std::string_view wanted = requested(role, options);
  if (!wanted.empty()) {
    if (const auto found = find_column(wanted, names)) return found;
    if (const auto number = field_number(wanted); number.has_value() && *number <= names.size()) {
      return *number - 1;
    }
    if (const auto found = find_base(folded_name(wanted), names)) return found;
    throw missing(role_name(role), wanted, names);
  }
  for (const std::string_view name : names_of(role).recognised) {
    if (name.empty()) break;
    if (const auto found = find_column(name, names)) return found;
  }
  if (role == ColumnRole::band || role == ColumnRole::object_id) return std::nullopt;
  std::vector<std::string> bases;
  for (const std::string& name : names) bases.push_back(base_name(name));
  for (const std::string_view name : names_of(role).recognised) {
    if (name.empty()) break;
    if (const auto found = find_column(name, bases)) return found;
  }
  return std::nullopt;
}

/// "err" and the like, where one measurement is there to which it can belong.
std::optional<std::size_t> find_error(Names names) {
  for (const std::string_view name : kErrorNames) {
    if (const auto found = find_column(name, names)) return found;
  }
  return std::nullopt;
}

/// Whether magnitudes are read although the table may have fluxes too: only when asked for.
bool wants_magnitudes(const SourceOptions& options) {
  if (options.magnitudes) return true;
  return !requested(ColumnRole::mag, options).empty() && requested(ColumnRole::flux, options).empty();
}

Error no_error_column(bool is_magnitude, Names names) {
  const std::string_view role = role_name(is_magnitude ? ColumnRole::mag_err : ColumnRole::flux_err);
  return Error(Diagnostic{.code = Status::missing_error_column,
                          .column = std::string(role),
                          .message = fmt::format("no error column; found: {}", list_of(names)),
                          .hint = {"name it with {}, or give one error for all observations with {}",
                                   {{"columns", fmt::format("{}=...", role)}, {"missing-error"}}}});
}

/// Whether a header field names `role`.
bool has_role(std::string_view field, ColumnRole role, const SourceOptions& options) {
  if (field.size() > 256) return false;
  const std::string name = folded_name(field);
  const std::string_view wanted = requested(role, options);
  if (!wanted.empty()) return folded_name(wanted) == name;
  const auto& recognised = names_of(role).recognised;
  const auto is_recognised = [&](const std::string& text) {
    return !text.empty() && std::find(recognised.begin(), recognised.end(), text) != recognised.end();
  };
  return is_recognised(name) || is_recognised(base_name(field));
}

}  // namespace

std::string_view role_name(ColumnRole role) noexcept {
  return names_of(role).role;
}

bool is_column_role(std::string_view name) noexcept {
  return name != role_name(ColumnRole::object_id) &&
         std::any_of(kRoles.begin(), kRoles.end(),
                     [&](const RoleNames& known) { return known.role == name; });
}

bool names_a_light_curve(std::span<const std::string_view> fields, const SourceOptions& options) {
  const auto any_is = [&](ColumnRole role) {
    return std::any_of(fields.begin(), fields.end(),
                       [&](std::string_view field) { return has_role(field, role, options); });
  };
  return any_is(ColumnRole::time) && (any_is(ColumnRole::flux) || any_is(ColumnRole::mag));
}

ColumnMap map_columns(Names names, const SourceOptions& options) {
  ColumnMap map;
  map.n_columns = names.size();
  const auto time = find_role(ColumnRole::time, names, options);
  if (!time.has_value()) throw missing("time", "hjd", names);
  map.time = *time;
  std::optional<std::size_t> value;
  if (!wants_magnitudes(options)) value = find_role(ColumnRole::flux, names, options);
  map.is_magnitude = !value.has_value();
  if (map.is_magnitude) value = find_role(ColumnRole::mag, names, options);
  if (!value.has_value()) throw missing("flux or magnitude", "flux", names);
  map.value = *value;
  map.has_magnitudes =
      map.is_magnitude || std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        return has_role(name, ColumnRole::mag, options);
      });
  map.error = find_role(map.is_magnitude ? ColumnRole::mag_err : ColumnRole::flux_err, names, options);
  if (!map.error.has_value() && map.is_magnitude == map.has_magnitudes) map.error = find_error(names);
  if (!map.error.has_value() && !options.missing_error.has_value())
    throw no_error_column(map.is_magnitude, names);
  map.band = find_role(ColumnRole::band, names, options);
  map.object_id = find_role(ColumnRole::object_id, names, options);
  return map;
}

bool columns_are_numbers(const SourceOptions& options) {
  return !options.columns.empty() &&
         std::all_of(options.columns.begin(), options.columns.end(),
                     [](const auto& c) { return field_number(c.second).has_value(); });
}

ColumnMap map_numbered_columns(std::size_t n_columns, const SourceOptions& options) {
  if (!columns_are_numbers(options)) {
    throw Error(Status::bad_header, "no line names the columns", headerless_hint());
  }
  std::vector<std::string> names;  // 1, 2, 3, ...: nothing is recognised by such a name
  for (std::size_t i = 1; i <= n_columns; ++i) names.push_back(std::to_string(i));
  return map_columns(names, options);
}

void check_columns_option(const SourceOptions& options) {
  for (const auto& entry : options.columns) {
    const std::string& role = entry.first;
    if (!is_column_role(role)) {
      throw Error(Diagnostic{
          .code = Status::usage,
          .option = "columns",
          .message = fmt::format("unknown role \"{}\"", escaped(role)),
          .hint = {"roles are time, mag, mag_err, flux, flux_err, band; the id has {}", {{"id-column"}}}});
    }
    if (trimmed(entry.second).empty()) {
      throw Error(Diagnostic{
          .code = Status::usage, .option = "columns", .message = fmt::format("{}= names no column", role)});
    }
  }
}

}  // namespace astrom3
