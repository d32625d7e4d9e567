// SPDX-License-Identifier: MIT
#include "astrom3/shared_space/modality.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "base/joined.h"

namespace astrom3 {

std::string_view modality_name(Modality modality) noexcept {
  constexpr PerModality<std::string_view> kNames{"photo", "spectra", "metadata"};
  return kNames[index_of(modality)];
}

std::vector<std::string> modality_names() {
  std::vector<std::string> names;
  for (const Modality modality : kModalities) names.emplace_back(modality_name(modality));
  return names;
}

Modality parse_modality(std::string_view name) {
  for (const Modality modality : kModalities) {
    if (name == modality_name(modality)) return modality;
  }
  throw Error(Status::usage, fmt::format("unknown modality \"{}\": expected one of {}", escaped(name),
                                         joined(modality_names(), ", ")));
}

}  // namespace astrom3
