// SPDX-License-Identifier: MIT
//
// In which unit a column is read, under any of its names.
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/metadata/metadata.h"
#include "formats/table_header.h"
#include "metadata/columns.h"

namespace astrom3 {
namespace {

struct UnitOfColumn {
  std::string_view column, unit;
};

constexpr std::array kUnits{UnitOfColumn{"parallax", "mas"},
                            UnitOfColumn{"parallax_error", "mas"},
                            UnitOfColumn{"pmra", "mas/yr"},
                            UnitOfColumn{"pmra_error", "mas/yr"},
                            UnitOfColumn{"pmdec", "mas/yr"},
                            UnitOfColumn{"pmdec_error", "mas/yr"},
                            UnitOfColumn{"pm", "mas/yr"},
                            UnitOfColumn{"l", "deg"},
                            UnitOfColumn{"b", "deg"},
                            UnitOfColumn{"ra", "deg"},
                            UnitOfColumn{"dec", "deg"},
                            UnitOfColumn{"parallax_over_error", ""},
                            UnitOfColumn{"ruwe", ""},
                            UnitOfColumn{"phot_g_mean_flux_over_error", ""},
                            UnitOfColumn{"phot_bp_mean_flux_over_error", ""},
                            UnitOfColumn{"phot_rp_mean_flux_over_error", ""},
                            UnitOfColumn{"mean_vmag", "mag"},
                            UnitOfColumn{"phot_g_mean_mag", "mag"},
                            UnitOfColumn{"e_phot_g_mean_mag", "mag"},
                            UnitOfColumn{"phot_bp_mean_mag", "mag"},
                            UnitOfColumn{"e_phot_bp_mean_mag", "mag"},
                            UnitOfColumn{"phot_rp_mean_mag", "mag"},
                            UnitOfColumn{"e_phot_rp_mean_mag", "mag"},
                            UnitOfColumn{"bp_rp", "mag"},
                            UnitOfColumn{"j_k", "mag"},
                            UnitOfColumn{"w1_w2", "mag"},
                            UnitOfColumn{"w3_w4", "mag"},
                            UnitOfColumn{"j_mag", "mag"},
                            UnitOfColumn{"e_j_mag", "mag"},
                            UnitOfColumn{"h_mag", "mag"},
                            UnitOfColumn{"e_h_mag", "mag"},
                            UnitOfColumn{"k_mag", "mag"},
                            UnitOfColumn{"e_k_mag", "mag"},
                            UnitOfColumn{"w1_mag", "mag"},
                            UnitOfColumn{"e_w1_mag", "mag"},
                            UnitOfColumn{"w2_mag", "mag"},
                            UnitOfColumn{"e_w2_mag", "mag"},
                            UnitOfColumn{"w3_mag", "mag"},
                            UnitOfColumn{"w4_mag", "mag"}};

}  // namespace

std::optional<std::string_view> metadata_unit(std::string_view column) {
  const std::vector<std::string> names{std::string(column)};
  const bool is_id = std::any_of(kIdColumns.begin(), kIdColumns.end(),
                                 [&](const char* name) { return find_column(name, names).has_value(); });
  if (is_id) return "id";
  for (const auto& [known, unit] : kUnits) {
    const auto origin = find_origin(known, names);
    if (origin && origin->value == nullptr) return unit;  // under its own name, or a catalogue's
  }
  // A column of a checkpoint with others than the published ones.
  if (folded_name(column).find("mag") != std::string::npos) return "mag";
  return std::nullopt;
}

}  // namespace astrom3
