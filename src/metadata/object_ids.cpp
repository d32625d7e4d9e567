// SPDX-License-Identifier: MIT
#include "metadata/object_ids.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/number.h"
#include "formats/table_header.h"

namespace astrom3 {
namespace {

bool are_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Removes the first of `prefixes` that the text begins with, whatever its case, and blanks behind it.
template <std::size_t n>
std::string_view without_prefix(std::string_view text, const std::array<std::string_view, n>& prefixes) {
  for (const std::string_view prefix : prefixes) {
    if (text.size() > prefix.size() && folds_to(text.substr(0, prefix.size()), folded_name(prefix)))
      return trimmed(text.substr(prefix.size()));
  }
  return text;
}

/// Whether the text is digits with a point and a sign where `pattern` has them: "000000.00+000000.0".
bool has_pattern(std::string_view text, std::string_view pattern) {
  return text.size() == pattern.size() &&
         std::equal(text.begin(), text.end(), pattern.begin(), [](char c, char of_pattern) {
           if (of_pattern == '0') return c >= '0' && c <= '9';
           return of_pattern == '+' ? c == '+' || c == '-' : c == of_pattern;
         });
}

std::string gaia_id(std::string_view text) {
  constexpr std::array<std::string_view, 4> kReleases{"Gaia EDR3", "Gaia DR3", "EDR3", "DR3"};
  text = without_prefix(text, kReleases);
  return are_digits(text) ? std::string(text) : std::string();
}

std::string gaia_dr2_id(std::string_view text) {
  constexpr std::array<std::string_view, 2> kReleases{"Gaia DR2", "DR2"};
  text = without_prefix(text, kReleases);
  return are_digits(text) ? std::string(text) : std::string();
}

std::string twomass_id(std::string_view text) {
  constexpr std::array<std::string_view, 2> kPrefixes{"2MASS", "2MASX"};
  text = without_prefix(text, kPrefixes);
  if (text.starts_with('J')) text.remove_prefix(1);
  return has_pattern(text, "00000000+0000000") ? std::string(text) : std::string();
}

std::string allwise_id(std::string_view text) {
  constexpr std::array<std::string_view, 3> kPrefixes{"AllWISE", "WISEA", "WISE"};
  text = without_prefix(text, kPrefixes);
  if (text.starts_with('J')) text.remove_prefix(1);
  return has_pattern(text, "000000.00+000000.0") ? "J" + std::string(text) : std::string();
}

}  // namespace

std::string_view id_column_name(IdKind kind) noexcept {
  constexpr std::array<std::string_view, kIdKindCount> kNames{"object_id", "source_id", "gaia_dr2_id",
                                                              "tmass_id", "allwise_id"};
  return kNames[static_cast<std::size_t>(kind)];
}

IdColumn id_column_of(std::string_view name) {
  using Entry = std::pair<std::string_view, IdColumn>;
  // ASAS-SN; the Gaia archive and its cross-matches; VizieR; IRSA.
  static constexpr std::array kNames{Entry{"object_id", IdColumn::object},
                                     Entry{"asassn_name", IdColumn::object},
                                     Entry{"source_id", IdColumn::gaia},
                                     Entry{"edr3_source_id", IdColumn::gaia},
                                     Entry{"dr3_source_id", IdColumn::gaia},
                                     Entry{"gaia_source_id", IdColumn::gaia},
                                     Entry{"gaia_id", IdColumn::gaia},
                                     Entry{"source", IdColumn::gaia},
                                     Entry{"edr3name", IdColumn::gaia},
                                     Entry{"dr3name", IdColumn::gaia},
                                     Entry{"gaia_dr2_id", IdColumn::gaia_dr2},
                                     Entry{"dr2_source_id", IdColumn::gaia_dr2},
                                     Entry{"dr2name", IdColumn::gaia_dr2},
                                     Entry{"2mass", IdColumn::twomass},
                                     Entry{"_2mass", IdColumn::twomass},
                                     Entry{"tmass_id", IdColumn::twomass},
                                     Entry{"tmass_designation", IdColumn::twomass},
                                     Entry{"2mass_id", IdColumn::twomass},
                                     Entry{"twomass_id", IdColumn::twomass},
                                     Entry{"allwise", IdColumn::allwise},
                                     Entry{"allwise_id", IdColumn::allwise},
                                     Entry{"allwise_designation", IdColumn::allwise},
                                     Entry{"designation", IdColumn::by_content},
                                     Entry{"original_ext_source_id", IdColumn::by_content}};
  const auto found = std::find_if(kNames.begin(), kNames.end(),
                                  [&](const Entry& entry) { return folds_to(name, entry.first); });
  return found == kNames.end() ? IdColumn::none : found->second;
}

std::optional<RecognisedId> recognise_id(IdColumn column, std::string_view cell) {
  cell = trimmed(cell);
  if (column == IdColumn::object)
    return cell.empty() ? std::nullopt : std::optional(RecognisedId{IdKind::object, std::string(cell)});
  const auto wants = [&](IdColumn kind) { return column == kind || column == IdColumn::by_content; };
  const auto found = [](IdKind kind, std::string id) { return RecognisedId{kind, std::move(id)}; };
  // Digits alone are no designation: of which survey they are, nothing says.
  if (column == IdColumn::by_content && are_digits(cell)) return std::nullopt;
  if (std::string id = twomass_id(cell); wants(IdColumn::twomass) && !id.empty())
    return found(IdKind::twomass, std::move(id));
  if (std::string id = allwise_id(cell); wants(IdColumn::allwise) && !id.empty())
    return found(IdKind::allwise, std::move(id));
  if (std::string id = gaia_dr2_id(cell); wants(IdColumn::gaia_dr2) && !id.empty())
    return found(IdKind::gaia_dr2, std::move(id));
  if (std::string id = gaia_id(cell); wants(IdColumn::gaia) && !id.empty())
    return found(IdKind::gaia, std::move(id));
  return std::nullopt;
}

bool is_rounded_id(std::string_view cell) {
  cell = trimmed(cell);
  return cell.find_first_of(".eE") != std::string_view::npos &&
         parse_number(cell).kind == NumberKind::number && parse_number(cell).value > 1e6;
}

}  // namespace astrom3
