// SPDX-License-Identifier: MIT
#include "metadata/columns.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/joined.h"
#include "formats/table_header.h"
#include "metadata/galactic.h"

namespace astrom3 {
namespace {

using Names = std::vector<std::string_view>;
using Numbers = std::span<const double>;

/// A column and what else catalogues call it.
struct Aliases {
  std::string_view column;
  Names others;
};

// Gaia archive; VizieR I/350 and I/355; ASAS-SN; 2MASS; AllWISE. The errors of the Gaia magnitudes are
// VizieR's columns, which the Gaia archive does not have.
const std::vector<Aliases>& aliases() {
  static const std::vector<Aliases> kAliases{
      {"mean_vmag", {"vmag"}},
      {"phot_g_mean_mag", {"gmag"}},
      {"e_phot_g_mean_mag", {"e_gmag"}},
      {"phot_bp_mean_mag", {"bpmag"}},
      {"e_phot_bp_mean_mag", {"e_bpmag"}},
      {"phot_rp_mean_mag", {"rpmag"}},
      {"e_phot_rp_mean_mag", {"e_rpmag"}},
      {"bp_rp", {"bp-rp"}},
      {"parallax", {"plx"}},
      {"parallax_error", {"e_plx"}},
      {"parallax_over_error", {"rplx"}},
      {"pmra", {}},
      {"pmra_error", {"e_pmra"}},
      {"pmdec", {"pmde"}},
      {"pmdec_error", {"e_pmde"}},
      {"j_mag", {"jmag", "j_m"}},
      {"e_j_mag", {"e_jmag", "j_msigcom"}},
      {"h_mag", {"hmag", "h_m"}},
      {"e_h_mag", {"e_hmag", "h_msigcom"}},
      {"k_mag", {"kmag", "ksmag", "k_m", "ks_m"}},
      {"e_k_mag", {"e_kmag", "e_ksmag", "k_msigcom", "ks_msigcom"}},
      {"w1_mag", {"w1mag", "w1mpro"}},
      {"e_w1_mag", {"e_w1mag", "w1sigmpro", "w1mpro_error"}},
      {"w2_mag", {"w2mag", "w2mpro"}},
      {"e_w2_mag", {"e_w2mag", "w2sigmpro", "w2mpro_error"}},
      {"w3_mag", {"w3mag", "w3mpro"}},
      {"w4_mag", {"w4mag", "w4mpro"}},
      {"l", {"glon"}},
      {"b", {"glat"}},
      {"ra", {"raj2000", "ra_icrs", "_ra"}},
      {"dec", {"dej2000", "decj2000", "de_icrs", "_de"}},
  };
  return kAliases;
}

double difference(Numbers v) {
  return v[0] - v[1];
}
double ratio(Numbers v) {
  return v[0] / v[1];
}
double length(Numbers v) {
  return std::sqrt(v[0] * v[0] + v[1] * v[1]);
}

// Errors of the magnitudes as VizieR's Gaia table has them: 2.5 / ln 10 over the flux's signal to noise, with
// the error of the zero point in quadrature. Inferred: it agrees with the smallest errors printed by
// upstream.
template <int Band>
double magnitude_error(Numbers v) {
  constexpr std::array kZeroPointErrors{0.0027553202, 0.0027901700, 0.0037793818};  // G, BP, RP
  constexpr double kMagnitudes = 1.0857;
  const double noise = kMagnitudes / v[0], zero_point = kZeroPointErrors[Band];
  return std::sqrt(noise * noise + zero_point * zero_point);
}

double galactic_l(Numbers v) {
  return galactic_of(v[0], v[1]).l;
}
double galactic_b(Numbers v) {
  return galactic_of(v[0], v[1]).b;
}

/// What follows from other columns, themselves under any of their names.
struct Derived {
  std::string_view column;
  Names from;
  double (*value)(Numbers);
  std::string_view words;
};

const std::vector<Derived>& derived() {
  static const std::vector<Derived> kDerived{
      {"bp_rp", {"phot_bp_mean_mag", "phot_rp_mean_mag"}, difference, "{} - {}"},
      {"j_k", {"j_mag", "k_mag"}, difference, "{} - {}"},
      {"w1_w2", {"w1_mag", "w2_mag"}, difference, "{} - {}"},
      {"w3_w4", {"w3_mag", "w4_mag"}, difference, "{} - {}"},
      {"parallax_over_error", {"parallax", "parallax_error"}, ratio, "{} / {}"},
      {"pm", {"pmra", "pmdec"}, length, "the length of {} and {}"},
      {"e_phot_g_mean_mag", {"phot_g_mean_flux_over_error"}, magnitude_error<0>, "from {}"},
      {"e_phot_bp_mean_mag", {"phot_bp_mean_flux_over_error"}, magnitude_error<1>, "from {}"},
      {"e_phot_rp_mean_mag", {"phot_rp_mean_flux_over_error"}, magnitude_error<2>, "from {}"},
      {"l", {"ra", "dec"}, galactic_l, "galactic longitude of {} and {}"},
      {"b", {"ra", "dec"}, galactic_b, "galactic latitude of {} and {}"},
  };
  return kDerived;
}

std::optional<std::size_t> find_named(std::string_view column, std::span<const std::string> names) {
  if (const auto found = find_column(column, names)) return found;
  for (const Aliases& a : aliases()) {
    if (a.column != column) continue;
    for (const std::string_view other : a.others) {
      if (const auto found = find_column(other, names)) return found;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<ColumnOrigin> find_origin(std::string_view column, std::span<const std::string> names) {
  if (const auto found = find_named(column, names))
    return ColumnOrigin{.columns = {*found},
                        .inputs = {std::string(column)},
                        .value = nullptr,
                        .words = fmt::format("{}: {}", column, names[*found])};
  for (const Derived& d : derived()) {
    if (d.column != column) continue;
    ColumnOrigin origin{.columns = {}, .inputs = {}, .value = d.value, .words = {}};
    std::vector<std::string> parts;
    for (const std::string_view part : d.from) {
      const auto found = find_named(part, names);
      if (!found) break;
      origin.columns.push_back(*found);
      origin.inputs.emplace_back(part);
      parts.push_back(names[*found]);
    }
    if (origin.columns.size() != d.from.size()) continue;
    const std::string second = parts.size() > 1 ? parts[1] : "";
    origin.words = fmt::format("{}: {}", column, fmt::format(fmt::runtime(d.words), parts[0], second));
    return origin;
  }
  return std::nullopt;
}

const std::vector<std::string>& published_columns() {
  static const std::vector<std::string> kColumns{"mean_vmag",
                                                 "phot_g_mean_mag",
                                                 "e_phot_g_mean_mag",
                                                 "phot_bp_mean_mag",
                                                 "e_phot_bp_mean_mag",
                                                 "phot_rp_mean_mag",
                                                 "e_phot_rp_mean_mag",
                                                 "bp_rp",
                                                 "parallax",
                                                 "parallax_error",
                                                 "parallax_over_error",
                                                 "pmra",
                                                 "pmra_error",
                                                 "pmdec",
                                                 "pmdec_error",
                                                 "j_mag",
                                                 "e_j_mag",
                                                 "h_mag",
                                                 "e_h_mag",
                                                 "k_mag",
                                                 "e_k_mag",
                                                 "w1_mag",
                                                 "e_w1_mag",
                                                 "w2_mag",
                                                 "e_w2_mag",
                                                 "w3_mag",
                                                 "w4_mag",
                                                 "j_k",
                                                 "w1_w2",
                                                 "w3_w4",
                                                 "pm",
                                                 "ruwe",
                                                 "l",
                                                 "b"};
  return kColumns;
}

std::string alias_words(std::string_view column) {
  for (const Aliases& a : aliases()) {
    if (a.column == column) return joined(a.others, ", ");
  }
  return {};
}

}  // namespace astrom3
