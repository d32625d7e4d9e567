// SPDX-License-Identifier: MIT
//
// The modalities of AstroM3: what an object can be seen by.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace astrom3 {

enum class Modality : std::uint8_t { photo, spectra, metadata };
inline constexpr std::array kModalities{Modality::photo, Modality::spectra, Modality::metadata};
inline constexpr std::size_t kModalityCount = kModalities.size();

/// One value for each modality, by its place in kModalities.
template <typename T>
using PerModality = std::array<T, kModalityCount>;
constexpr std::size_t index_of(Modality modality) noexcept {
  return static_cast<std::size_t>(modality);
}

/// "photo", "spectra", "metadata".
std::string_view modality_name(Modality modality) noexcept;
std::vector<std::string> modality_names();
/// The modality of that name. Throws Error usage naming the three.
Modality parse_modality(std::string_view name);

/// The pairs that are compared in training, first the one whose objects are rows: photo with spectra ("ps"),
/// spectra with metadata ("sm"), metadata with photo ("mp").
struct ModalityPair {
  Modality rows, columns;
  std::string_view name;
};
inline constexpr std::array kModalityPairs{ModalityPair{Modality::photo, Modality::spectra, "ps"},
                                           ModalityPair{Modality::spectra, Modality::metadata, "sm"},
                                           ModalityPair{Modality::metadata, Modality::photo, "mp"}};

}  // namespace astrom3
