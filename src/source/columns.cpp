// SPDX-License-Identifier: MIT
#include "source/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/source/source.h"
#include "base/edit_distance.h"
#include "base/joined.h"
#include "base/number.h"
#include "formats/table_header.h"
#include "source/column_names.h"
#include "source/units.h"

namespace astrom3 {
namespace {

using Names = std::span<const std::string>;

struct RoleNames {
  std::string_view role;
  std::array<std::string_view, 18> recognised;  // in order of preference
};

// In the order of enum ColumnRole. Bands and ids are known by more names, below.
constexpr std::array<RoleNames, kColumnRoles> kRoles{{
    {"time",
     {"hjd", "bjd", "jd", "mjd", "hmjd", "time", "t", "btjd", "bkjd", "mjd_obs", "obsmjd", "midpointmjdtai",
      "expmidptmjd", "rjd", "tjd", "bmjd", "rhjd"}},
    {"mag", {"mag", "m", "magnitude", "psfmag"}},
    {"mag_err",
     {"mag_err", "magerr", "mag_error", "merr", "e_mag", "emag", "magerror", "magnitude_error",
      "magnitude_err", "mag_unc", "mag_uncertainty", "sigma_mag", "dmag", "psfmagerr", "e_magnitude",
      "magnitudeerr", "dmagnitude", "emagnitude"}},
    {"flux", {"flux", "f"}},
    {"flux_err",
     {"flux_err", "fluxerr", "flux_error", "e_flux", "eflux", "fluxerror", "flux_unc", "flux_uncertainty",
      "sigma_flux", "dflux"}},
    {"band", {"band", "filter", "filtercode", "phot_filter"}},
    {"object_id", {"object_id"}},
}};

/// Names of the error if there is only one flux or magnitude.
constexpr std::array<std::string_view, 5> kErrorNames{"err", "error", "uncertainty", "unc", "sigma"};

// Squeezed names, as squeezed_name() makes them. Bands in order of preference.
constexpr std::array<std::string_view, 28> kBandNames{
    "band",       "filter",          "filtercode",   "photfilter",
    "passband",   "bandpass",        "filt",         "flt",
    "fid",        "filterid",        "filtername",   "bandname",
    "passbandid", "photometricband", "photband",     "bandid",
    "obsfilter",  "obsband",         "fltr",         "filters",
    "bands",      "photsysband",     "passbandname", "photometricfilter",
    "lsstband",   "antpassband",     "filtre",       "channel"};
constexpr std::array<std::string_view, 48> kIdNames{
    "objectid", "sourceid",     "oid",          "snid",       "id",          "starid",       "name",
    "target",   "asassnid",     "tic",          "kic",        "ztfid",       "diaobjectid",  "star",
    "starname", "objid",        "objectname",   "object",     "objname",     "targetname",   "targetid",
    "ticid",    "kicid",        "epic",         "epicid",     "gaiaid",      "gaiasourceid", "gaiadr3id",
    "dr3id",    "dr3sourceid",  "ogleid",       "asasid",     "crtsid",      "cssid",        "masterid",
    "lcid",     "lightcurveid", "curveid",      "identifier", "designation", "srcid",        "sid",
    "obj",      "starnumber",   "staridnumber", "atlasid",    "antobjectid", "locusid"};
bool holds(std::span<const std::string_view> known, std::string_view name) {
  return std::find(known.begin(), known.end(), name) != known.end();
}

Hint headerless_hint() {
  return {"name the columns by field number, e.g. {}", {{"columns", "time=1,mag=2,mag_err=3"}}};
}

const RoleNames& names_of(ColumnRole role) noexcept {
  return kRoles[static_cast<std::size_t>(role)];
}

/// The column that the options name for `role`; empty if they name none.
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
  const auto is_of_words = [](char c) { return static_cast<unsigned char>(c) >= 'A'; };
  if (std::none_of(column.begin(), column.end(), is_of_words)) return {};  // a number, as rows hold
  ColumnName name = parse_column_name(column);
  const bool has_unit = !name.unit.empty() && parse_unit(name.unit).kind != UnitKind::unknown;
  return name.base.size() > 1 || has_unit ? std::move(name.base) : std::string{};
}

std::vector<std::string> squeezed_names(Names names) {
  std::vector<std::string> squeezed;
  for (const std::string& name : names) squeezed.push_back(squeezed_name(name));
  return squeezed;
}

/// The columns of a table, with the forms of every name for which the roles ask.
struct KnownColumns {
  explicit KnownColumns(const ColumnLabels& labels_of_table)
      : labels(labels_of_table), names(labels_of_table.names), squeezed(squeezed_names(names)) {
    for (const std::string& name : names) bases.push_back(base_name(name));
  }

  const ColumnLabels& labels;
  Names names;
  std::vector<std::string> squeezed;
  std::vector<std::string> bases{};
};

/// The column that the caller names `wanted`: by its name, its number, or its name without what stands beside
/// it.
std::size_t find_requested(ColumnRole role, std::string_view wanted, const KnownColumns& columns) {
  if (const auto found = find_column(wanted, columns.names)) return *found;
  if (const auto number = field_number(wanted); number.has_value() && *number <= columns.names.size())
    return *number - 1;
  if (const auto found = find_column(folded_name(wanted), columns.bases)) return *found;
  throw missing(role_name(role), wanted, columns.names);
}

/// The first of the recognised names of `role` that a column has; those in `bases`, without units, come
/// behind the exact ones.
std::optional<std::size_t> find_recognised(ColumnRole role, Names names, Names bases) {
  for (const Names& spelt : {names, bases}) {
    for (const std::string_view name : names_of(role).recognised) {
      if (name.empty()) break;
      if (const auto found = find_column(name, spelt)) return found;
    }
  }
  return std::nullopt;
}

/// Columns whose name without its unit is one of the recognised names of `role`, and whose unit is of a flux.
std::vector<std::size_t> find_with_flux_unit(ColumnRole role, const KnownColumns& columns) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < columns.names.size(); ++i) {
    const std::string& base = columns.bases[i];
    const bool has_name = !base.empty() && holds(names_of(role).recognised, base);
    if (has_name && columns.labels.unit(i).kind == UnitKind::flux) found.push_back(i);
  }
  return found;
}

/// A flux, or its error, in a unit that is known comes before one that is only called so: of "flux, flux_mJy"
/// the second.
std::optional<std::size_t> find_flux(ColumnRole role, const KnownColumns& columns) {
  const std::vector<std::size_t> with_unit = find_with_flux_unit(role, columns);
  if (with_unit.size() == 1) return with_unit.front();
  if (with_unit.size() > 1) {
    // If all have one, the plain name is meant; otherwise it is not known which is meant.
    for (const std::string_view name : names_of(role).recognised) {
      if (name.empty()) break;
      const auto exact = find_column(name, columns.names);
      if (exact.has_value() && columns.labels.unit(*exact).kind == UnitKind::flux) return exact;
    }
    // Throws ambiguous_column where two have one name.
    return find_column(columns.bases[with_unit.front()], columns.bases);
  }
  return find_recognised(role, columns.names, columns.bases);
}

/// The columns whose squeezed name is in `known`.
std::vector<std::size_t> find_squeezed(Names squeezed, std::span<const std::string_view> known) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < squeezed.size(); ++i) {
    if (holds(known, squeezed[i])) found.push_back(i);
  }
  return found;
}

std::optional<std::size_t> find_band(const KnownColumns& columns) {
  if (const auto found = find_recognised(ColumnRole::band, columns.names, {})) return found;
  for (const std::string_view known : kBandNames) {
    const auto found = std::find(columns.squeezed.begin(), columns.squeezed.end(), known);
    if (found != columns.squeezed.end()) return static_cast<std::size_t>(found - columns.squeezed.begin());
  }
  return std::nullopt;
}

/// The column of ids. Throws Error ambiguous_column where two columns may be it.
std::optional<std::size_t> find_id(const KnownColumns& columns) {
  if (const auto found = find_column("object_id", columns.names)) return found;
  const std::vector<std::size_t> found = find_squeezed(columns.squeezed, kIdNames);
  if (found.empty()) return std::nullopt;
  if (found.size() == 1) return found.front();
  std::vector<std::string> candidates;
  for (const std::size_t i : found) candidates.push_back(escaped(trimmed(columns.names[i]), 40));
  throw Error(Diagnostic{
      .code = Status::ambiguous_column,
      .column = std::string(trimmed(columns.names[found.front()])),
      .message = fmt::format("several columns may hold the ids of the objects: {}", joined(candidates, ", ")),
      .hint = {"choose one with {} or {}, or say that the table is one object with {}",
               {{"id-column", candidates.front()},
                {"id-column", candidates[1]},
                {"id-column", std::string(kNoColumn)}}}});
}

std::optional<std::size_t> find_role(ColumnRole role, const KnownColumns& columns,
                                     const SourceOptions& options) {
  const std::string_view wanted = requested(role, options);
  const bool may_be_none = role == ColumnRole::band || role == ColumnRole::object_id;
  if (may_be_none && wanted == kNoColumn) return std::nullopt;
  if (!wanted.empty()) return find_requested(role, wanted, columns);
  switch (role) {
    case ColumnRole::band:
      return find_band(columns);
    case ColumnRole::object_id:
      return find_id(columns);
    case ColumnRole::flux:
    case ColumnRole::flux_err:
      return find_flux(role, columns);
    default:
      return find_recognised(role, columns.names, columns.bases);
  }
}

/// "err" and the like, where one measurement is there to which it can belong.
std::optional<std::size_t> find_error(const KnownColumns& columns) {
  for (const Names& spelt : {columns.names, Names(columns.bases)}) {
    for (const std::string_view name : kErrorNames) {
      if (const auto found = find_column(name, spelt)) return found;
    }
  }
  return std::nullopt;
}

/// Whether magnitudes are read although the table may have fluxes too: only when asked for.
bool wants_magnitudes(const SourceOptions& options) {
  if (options.magnitudes) return true;
  return !requested(ColumnRole::mag, options).empty() && requested(ColumnRole::flux, options).empty();
}

Error no_error_column(bool is_magnitude, Names names, bool has_other) {
  const std::string_view role = role_name(is_magnitude ? ColumnRole::mag_err : ColumnRole::flux_err);
  Hint hint{"name it with {}, or give one error for all observations with {}",
            {{"columns", fmt::format("{}=...", role)}, {"missing-error"}}};
  if (has_other && is_magnitude) {
    hint.text += "; {} reads the fluxes";
    hint.remedies.push_back({"flux-unit"});
  } else if (has_other) {
    hint.text += "; {} reads the magnitudes";
    hint.remedies.push_back({"magnitudes"});
  }
  return Error(Diagnostic{.code = Status::missing_error_column,
                          .column = std::string(role),
                          .message = fmt::format("no error column for the {}; found: {}",
                                                 is_magnitude ? "magnitudes" : "fluxes", list_of(names)),
                          .hint = hint});
}

/// Whether a header field names one of `roles`. `base`  its base_name()
bool has_role(std::string_view field, std::string_view base, std::initializer_list<ColumnRole> roles,
              const SourceOptions& options) {
  if (field.size() > kLongestColumnName) return false;
  const std::string folded = folded_name(field);
  return std::any_of(roles.begin(), roles.end(), [&](ColumnRole role) {
    const std::string_view wanted = requested(role, options);
    if (!wanted.empty()) return folds_to(wanted, folded);
    const auto& recognised = names_of(role).recognised;
    return std::any_of(recognised.begin(), recognised.end(), [&](std::string_view name) {
      return !name.empty() && (name == base || name == folded);
    });
  });
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
  bool has_time = false, has_value = false;
  for (const std::string_view field : fields) {
    const std::string base = base_name(field);
    has_time = has_time || has_role(field, base, {ColumnRole::time}, options);
    has_value = has_value || has_role(field, base, {ColumnRole::flux, ColumnRole::mag}, options);
    if (has_time && has_value) return true;
  }
  return false;
}

/// Which column is the measurement: a flux, or a magnitude.
void map_value(const KnownColumns& columns, const SourceOptions& options, ColumnMap& map) {
  const auto is_there = [&](ColumnRole role) {
    if (!requested(role, options).empty()) return true;
    for (std::size_t i = 0; i < columns.names.size(); ++i)
      if (has_role(columns.names[i], columns.bases[i], {role}, options)) return true;
    return false;
  };
  std::optional<std::size_t> flux;
  if (!wants_magnitudes(options)) flux = find_role(ColumnRole::flux, columns, options);
  map.has_magnitudes = is_there(ColumnRole::mag);
  map.has_fluxes = is_there(ColumnRole::flux);
  const bool is_known =
      flux.has_value() && (!requested(ColumnRole::flux, options).empty() || options.flux_unit.has_value() ||
                           columns.labels.unit(*flux).kind == UnitKind::flux);
  std::optional<std::size_t> mag;
  if (!is_known && map.has_magnitudes) mag = find_role(ColumnRole::mag, columns, options);
  map.is_magnitude = mag.has_value();
  if (!mag.has_value() && !flux.has_value()) throw missing("flux or magnitude", "flux", columns.names);
  map.value = mag.has_value() ? *mag : *flux;
}

/// Whether the error belongs to another flux than the one that is read, as in "flux, flux_err, flux_mJy".
bool is_of_other_flux(const ColumnMap& map, const ColumnLabels& labels, const SourceOptions& options) {
  if (map.is_magnitude || !requested(ColumnRole::flux_err, options).empty()) return false;
  if (labels.unit(map.value).kind != UnitKind::flux || labels.unit(*map.error).kind != UnitKind::none)
    return false;
  const auto plain = find_column("flux", labels.names);
  return plain.has_value() && *plain != map.value;
}

ColumnMap map_columns(const ColumnLabels& labels, const SourceOptions& options) {
  const KnownColumns columns(labels);
  const Names names = columns.names;
  ColumnMap map;
  map.n_columns = names.size();
  const auto time = find_role(ColumnRole::time, columns, options);
  if (!time.has_value()) throw missing("time", "hjd", names);
  map.time = *time;
  map_value(columns, options, map);
  map.error = find_role(map.is_magnitude ? ColumnRole::mag_err : ColumnRole::flux_err, columns, options);
  const bool has_other = map.is_magnitude ? map.has_fluxes : map.has_magnitudes;
  if (!map.error.has_value() && !has_other) map.error = find_error(columns);
  if (map.error.has_value() && is_of_other_flux(map, labels, options)) map.error.reset();
  if (!map.error.has_value() && !options.missing_error.has_value())
    throw no_error_column(map.is_magnitude, names, has_other);
  map.band = find_role(ColumnRole::band, columns, options);
  map.object_id = find_role(ColumnRole::object_id, columns, options);
  return map;
}

bool marks_good_rows(std::string_view name) {
  constexpr std::array<std::string_view, 6> kWords{"good", "valid", "usable", "use", "ok", "keep"};
  const std::string folded = folded_name(name.substr(0, kLongestColumnName));
  const std::string squeezed = squeezed_name(name);
  const bool is_reversed = squeezed.find("invalid") != std::string::npos || folded.starts_with("not");
  return !is_reversed && (squeezed.find("good") != std::string::npos || squeezed.ends_with("valid") ||
                          std::any_of(kWords.begin(), kWords.end(),
                                      [&](std::string_view word) { return has_word(folded, word); }));
}

bool may_hold_bands(std::string_view name) {
  return holds(kBandNames, squeezed_name(name));
}

bool may_hold_ids(std::string_view name) {
  return holds(kIdNames, squeezed_name(name));
}

std::size_t count_id_columns(Names names) {
  return find_column("object_id", names).has_value() ? 1
                                                     : find_squeezed(squeezed_names(names), kIdNames).size();
}

bool is_measurement(std::string_view name, const SourceOptions& options) {
  return has_role(
      name, base_name(name),
      {ColumnRole::time, ColumnRole::mag, ColumnRole::mag_err, ColumnRole::flux, ColumnRole::flux_err},
      options);
}

bool is_time(std::string_view name, const SourceOptions& options) {
  return has_role(name, base_name(name), {ColumnRole::time}, options);
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
  ColumnLabels labels;  // 1, 2, 3, ...: nothing is recognised by such a name
  for (std::size_t i = 1; i <= n_columns; ++i) labels.names.push_back(std::to_string(i));
  return map_columns(labels, options);
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
