// SPDX-License-Identifier: MIT
//
// The columns that upstream trained with.
#include <string_view>
#include <utility>

#include "astrom3/metadata/metadata.h"

namespace astrom3 {

namespace {

constexpr Transform kPlain = Transform::plain, kAbsolute = Transform::absolute;
constexpr std::pair<std::string_view, Transform> kColumns[] = {{"mean_vmag", kAbsolute},
                                                               {"phot_g_mean_mag", kAbsolute},
                                                               {"e_phot_g_mean_mag", kPlain},
                                                               {"phot_bp_mean_mag", kAbsolute},
                                                               {"e_phot_bp_mean_mag", kPlain},
                                                               {"phot_rp_mean_mag", kAbsolute},
                                                               {"e_phot_rp_mean_mag", kPlain},
                                                               {"bp_rp", kPlain},
                                                               {"parallax", kPlain},
                                                               {"parallax_error", kPlain},
                                                               {"parallax_over_error", kPlain},
                                                               {"pmra", kPlain},
                                                               {"pmra_error", kPlain},
                                                               {"pmdec", kPlain},
                                                               {"pmdec_error", kPlain},
                                                               {"j_mag", kAbsolute},
                                                               {"e_j_mag", kPlain},
                                                               {"h_mag", kAbsolute},
                                                               {"e_h_mag", kPlain},
                                                               {"k_mag", kAbsolute},
                                                               {"e_k_mag", kPlain},
                                                               {"w1_mag", kAbsolute},
                                                               {"e_w1_mag", kPlain},
                                                               {"w2_mag", kAbsolute},
                                                               {"e_w2_mag", kPlain},
                                                               {"w3_mag", kAbsolute},
                                                               {"w4_mag", kAbsolute},
                                                               {"j_k", kPlain},
                                                               {"w1_w2", kPlain},
                                                               {"w3_w4", kPlain},
                                                               {"pm", kPlain},
                                                               {"ruwe", kPlain},
                                                               {"l", Transform::cosine},
                                                               {"b", Transform::sine}};

}  // namespace

MetadataScaling published_metadata_columns() {
  MetadataScaling scaling;
  for (const auto& [name, transform] : kColumns) {
    scaling.columns.emplace_back(name);
    scaling.transforms.push_back(transform);
  }
  return scaling;
}

}  // namespace astrom3
