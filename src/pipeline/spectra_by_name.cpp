// SPDX-License-Identifier: MIT
#include "pipeline/spectra_by_name.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/pipeline/embed_modalities.h"
#include "pipeline/embedded_spectra.h"

namespace astrom3 {
SpectraByName::SpectraByName(const std::vector<EmbeddedSpectrum>& spectra, PickSpectrum pick)
    : spectra_(spectra), pick_(pick) {
  for (std::size_t i = 0; i < spectra.size(); ++i) {
    std::vector<std::string> names = spectra[i].ids;
    names.push_back(spectra[i].object_id);
    names.push_back(spectra[i].file);
    names.push_back(std::filesystem::path(spectra[i].file).filename().string());
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    for (const std::string& name : names) {
      if (!name.empty()) add(name, i);  // a spectrum in memory has no file
    }
  }
}

void SpectraByName::add(const std::string& name, std::size_t index) {
  const auto [place, is_new] = by_name_.try_emplace(name, Found{.index = index, .several = false});
  if (is_new) return;
  Found& found = place->second;
  if (pick_ == PickSpectrum::none) found.several = true;
  if (pick_ == PickSpectrum::last) found.index = index;
  const auto snr = [&](std::size_t i) { return spectra_[i].snr.value_or(-1); };
  if (pick_ == PickSpectrum::best_snr && snr(index) > snr(found.index)) found.index = index;
}

std::optional<SpectraByName::Found> SpectraByName::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace astrom3
