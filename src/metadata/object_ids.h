// SPDX-License-Identifier: MIT
//
// The names that catalogues give one object: what a column of ids holds, and how two ids are compared.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace astrom3 {

/// Whose ids they are. Those of Gaia EDR3 and DR3 are the same; those of DR2 are others.
enum class IdKind : std::uint8_t { object, gaia, gaia_dr2, twomass, allwise };
inline constexpr std::size_t kIdKindCount = 5;

/// One id of each kind; empty where it is not known.
using ObjectIds = std::array<std::string, kIdKindCount>;

/// "object_id", "source_id", "gaia_dr2_id", "tmass_id", "allwise_id": the columns of a joined catalogue.
std::string_view id_column_name(IdKind kind) noexcept;

/// What a column of that name holds: of `designation` and `original_ext_source_id` (a cross-match of the Gaia
/// archive) only its cells tell.
enum class IdColumn : std::uint8_t { none, object, gaia, gaia_dr2, twomass, allwise, by_content };
IdColumn id_column_of(std::string_view name);

/// An id as it is compared.
///
///   gaia     digits alone, without "Gaia DR3 " or "EDR3 " before them
///   twomass  16575078-2129187, without "2MASS J" before it
///   allwise  J165750.78-212918.9, without "AllWISE " or "WISEA " before it
///   object   without blanks at either end
struct RecognisedId {
  IdKind kind = IdKind::object;
  std::string id;
};

/// Nothing where the cell is empty or holds no id of the column's kind, as the `source_id` of AllWISE, which
/// is none of Gaia's.
std::optional<RecognisedId> recognise_id(IdColumn column, std::string_view cell);

/// Whether a cell is a Gaia id that went through a floating-point number, and lost its digits: 5.78e+18.
bool is_rounded_id(std::string_view cell);

}  // namespace astrom3
