// SPDX-License-Identifier: MIT
#include "source/side_columns.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/table_header.h"
#include "source/column_names.h"

namespace astrom3 {
namespace {

// Squeezed names, as squeezed_name() makes them.
constexpr std::array<std::string_view, 16> kZeroPointNames{
    "zp",    "zeropoint", "magzp",  "zpdiff", "zpmag", "zeropointmag", "magzeropoint",   "zpt",
    "zpsci", "magzpsci",  "photzp", "zeropt", "abzp",  "zpab",         "zeropointabmag", "magzpt"};
/// Words of a name, or parts of one without its blanks, that mean a zero point if no other says that it is
/// its error or its number.
constexpr std::array<std::string_view, 4> kZeroPointWords{"zp", "zpt", "zp0", "mag0"};
constexpr std::array<std::string_view, 9> kZeroPointParts{
    "zeropoint", "zeropt", "magzero", "photzero", "zptmag", "magzpt", "photzpt", "zeromag", "zerpt"};
constexpr std::array<std::string_view, 16> kNoZeroPoint{
    "err", "error", "e",   "d",    "sigma", "unc",  "uncertainty", "std",
    "rms", "flag",  "sys", "type", "n",     "nobs", "scatter",     "id"};
constexpr std::array<std::string_view, 11> kSystemNames{
    "magsys",          "zpsys",           "magsystem",         "zpsystem", "photsys",          "photsystem",
    "zeropointsystem", "magnitudesystem", "photometricsystem", "system",   "calibrationsystem"};
constexpr std::array<std::string_view, 13> kUnitNames{
    "unit",     "units",    "fluxunit",       "fluxunits", "magunit",         "magunits",   "unitflux",
    "unitsmag", "photunit", "photometryunit", "valueunit", "measurementunit", "fluxmagunit"};
// Longitudes and latitudes on the sky, pair by pair.
constexpr std::array<std::array<std::string_view, 2>, 12> kPositionNames{{{"ra", "dec"},
                                                                          {"ra", "decl"},
                                                                          {"ra", "de"},
                                                                          {"radeg", "decdeg"},
                                                                          {"radeg", "dedeg"},
                                                                          {"raj2000", "dej2000"},
                                                                          {"raj2000", "decj2000"},
                                                                          {"raicrs", "deicrs"},
                                                                          {"raicrs", "decicrs"},
                                                                          {"rightascension", "declination"},
                                                                          {"alpha", "delta"},
                                                                          {"glon", "glat"}}};
// Words of a name, or its end.
constexpr std::array<std::string_view, 57> kQualityWords{
    "quality",     "qual",      "qualflag",     "flag",         "flags",       "catflags",  "bad",
    "dq",          "grade",     "reject",       "rejected",     "outlier",     "mask",      "masked",
    "good",        "saturated", "dubious",      "infobits",     "qc",          "qf",        "flg",
    "use",         "usable",    "valid",        "ok",           "status",      "exclude",   "excluded",
    "ignore",      "clipped",   "keep",         "badpix",       "flagged",     "veto",      "dqf",
    "saturation",  "errbits",   "rejection",    "contaminated", "cosmic",      "cosmics",   "upperlimit",
    "ulim",        "islimit",   "nondetection", "cloudy",       "realbogus",   "drb",       "qualframe",
    "rb",          "rbscore",   "braai",        "score",        "reliability", "qfperfect", "weather",
    "qualit\u00e9"};

/// Whether a name that is in no list is that of a zero point: "zp_auto", "photometric zeropoint", "zp [mag]".
bool names_a_zero_point(std::string_view name) {
  const std::string base = parse_column_name(name).base;
  const std::string squeezed = squeezed_name(base);
  const auto is_word = [&](std::string_view word) { return has_word(base, word); };
  const auto is_part = [&](std::string_view part) { return squeezed.find(part) != std::string::npos; };
  return (std::any_of(kZeroPointWords.begin(), kZeroPointWords.end(), is_word) ||
          std::any_of(kZeroPointParts.begin(), kZeroPointParts.end(), is_part)) &&
         std::none_of(kNoZeroPoint.begin(), kNoZeroPoint.end(), is_word) && !squeezed.ends_with("err") &&
         !squeezed.ends_with("sys") && !squeezed.ends_with("system");
}

/// The CDS calls the flags of a column by its name behind one letter: "q_mag" is the quality of "mag",
/// "l_mag" marks limits.
bool is_flag_of_other(std::string_view folded, const std::vector<std::string>& folded_names) {
  if (folded.size() < 3 || folded[1] != '_') return false;
  const bool is_flag = folded[0] == 'q' || folded[0] == 'l' || folded[0] == 'f' || folded[0] == 'u';
  return is_flag &&
         std::find(folded_names.begin(), folded_names.end(), folded.substr(2)) != folded_names.end();
}

std::optional<std::size_t> find_zero_point(const std::vector<std::string>& names) {
  const auto found = std::find_if(names.begin(), names.end(), names_a_zero_point);
  return found == names.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - names.begin()));
}

}  // namespace

SideColumns find_side_columns(const ColumnLabels& labels) {
  std::vector<std::string> squeezed, all_folded;
  for (const std::string& name : labels.names) {
    squeezed.push_back(squeezed_name(name));
    all_folded.push_back(folded_name(std::string_view(name).substr(0, kLongestColumnName)));
  }
  const auto first_of = [&](std::span<const std::string_view> known) -> std::optional<std::size_t> {
    const auto found = std::find_if(squeezed.begin(), squeezed.end(), [&](const std::string& name) {
      return std::find(known.begin(), known.end(), name) != known.end();
    });
    return found == squeezed.end() ? std::nullopt
                                   : std::optional(static_cast<std::size_t>(found - squeezed.begin()));
  };
  SideColumns side;
  side.zero_point = first_of(kZeroPointNames);
  if (!side.zero_point.has_value()) side.zero_point = find_zero_point(labels.names);
  side.zero_point_system = first_of(kSystemNames);
  side.unit = first_of(kUnitNames);
  for (const auto& [longitude, latitude] : kPositionNames) {
    const auto x = first_of(std::array{longitude}), y = first_of(std::array{latitude});
    if (side.longitude.has_value() || !x.has_value() || !y.has_value()) continue;
    side.longitude = x;
    side.latitude = y;
  }
  for (std::size_t i = 0; i < labels.names.size(); ++i) {
    const std::string& folded = all_folded[i];
    const bool is_quality =
        is_flag_of_other(folded, all_folded) ||
        std::any_of(kQualityWords.begin(), kQualityWords.end(), [&](std::string_view word) {
          return has_word(folded, word) || (word.size() >= 4 && squeezed[i].ends_with(word));
        });
    if (is_quality) side.quality.push_back(i);
  }
  return side;
}

}  // namespace astrom3
