// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/c_api.h"
#include "astrom3/c_api/modalities.h"
#include "astrom3/pipeline/modality_treatment.h"
#include "astrom3/spectrum/read_spectra.h"
#include "astrom3/spectrum/spectrum.h"
#include "astrom3/spectrum/spectrum_arrays.h"
#include "c_api/boundary.h"
#include "c_api/handles.h"
#include "spectrum/units.h"

namespace astrom3::c_api {
namespace {

std::string text_of(const char* text) {
  return text == nullptr ? "" : text;
}

std::optional<double> known(double value) {
  return std::isnan(value) ? std::nullopt : std::optional(value);
}

SpectrumFlags flags_of(uint32_t bits) {
  SpectrumFlags flags;
  for (std::size_t bit = 0; bit < all_spectrum_flags().size(); ++bit) {
    if ((bits >> bit & 1) != 0) flags.set(static_cast<SpectrumFlag>(1u << bit));
  }
  return flags;
}

uint32_t bits_of(SpectrumFlags flags) {
  uint32_t bits = 0;
  for (std::size_t bit = 0; bit < all_spectrum_flags().size(); ++bit) {
    if (flags.has(static_cast<SpectrumFlag>(1u << bit))) bits |= 1u << bit;
  }
  return bits;
}

/// The option flux-scale, which a spectrum in memory has behind it once it is in the list.
void scale(SpectrumObject& object, double flux_scale) {
  if (flux_scale == 0) return;
  for (double& flux : object.spectrum.flux) flux *= flux_scale;
  for (double& ivar : object.spectrum.ivar) ivar /= flux_scale * flux_scale;
}

void check(const astrom3_spectrum& given) {
  if (given.status < 0 || given.status > static_cast<int32_t>(Status::internal))
    throw Error(Status::usage, fmt::format("spectrum: status {} is no code", given.status));
  if (given.error_kind < ASTROM3_ERROR_NONE || given.error_kind > ASTROM3_ERROR_VARIANCE)
    throw Error(Status::usage, fmt::format("spectrum: error_kind {} is none", given.error_kind));
  if (given.n_ids > 0) require(given.ids, "spectrum: ids");
  if (given.n == 0) return;
  require(given.wavelength, "spectrum: wavelength");
  require(given.flux, "spectrum: flux");
  if (given.error_kind != ASTROM3_ERROR_NONE) require(given.error, "spectrum: error");
}

SpectrumObject arrays_of(const astrom3_spectrum& given, const SpectrumReading& reading) {
  const bool has_error = given.error_kind != ASTROM3_ERROR_NONE;
  return read_spectrum(SpectrumArrays{.wavelength = {given.wavelength, given.n},
                                      .flux = {given.flux, given.n},
                                      .error = {given.error, has_error ? given.n : 0},
                                      .error_kind = static_cast<ErrorKind>(given.error_kind),
                                      .wavelength_unit = text_of(given.wavelength_unit),
                                      .flux_unit = text_of(given.flux_unit),
                                      .error_unit = text_of(given.error_unit),
                                      .is_air = given.is_air != 0},
                       reading);
}

/// What `given` says of an object beside its pixels.
void describe(const astrom3_spectrum& given, SpectrumObject& object) {
  if (given.status != 0) {
    object.status = static_cast<Status>(given.status);
    object.message = text_of(given.message);
  }
  for (std::size_t i = 0; i < given.n_ids; ++i) object.ids.push_back(text_of(given.ids[i]));
  object.object_id = text_of(given.object_id);
  object.file = text_of(given.file);
  if (given.family != nullptr) object.family = given.family;
  object.spectral_class = text_of(given.spectral_class);
  object.redshift = known(given.redshift);
  object.snr = known(given.snr);
  object.spectrum.flags.set(flags_of(given.flags));
  object.spectrum.unit_is_stated = object.spectrum.unit_is_stated || given.unit_is_stated != 0;
}

/// Puts a spectrum of the list where the caller sees it.
void show(const SpectrumObject& object, const std::vector<const char*>& ids, astrom3_spectrum& out) {
  constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
  out = {};
  out.struct_size = sizeof out;
  out.status = static_cast<int32_t>(object.status);
  out.message = object.message.c_str();
  out.object_id = object.object_id.c_str();
  out.ids = ids.data();
  out.n_ids = ids.size();
  out.file = object.file.c_str();
  out.family = object.family.c_str();
  out.n = object.spectrum.flux.size();
  out.wavelength = object.spectrum.wavelength.data();
  out.flux = object.spectrum.flux.data();
  out.error = object.spectrum.ivar.data();
  out.error_kind = ASTROM3_ERROR_IVAR;
  out.unit_is_stated = object.spectrum.unit_is_stated ? 1 : 0;
  out.flags = bits_of(object.spectrum.flags);
  out.spectral_class = object.spectral_class.c_str();
  out.redshift = object.redshift.value_or(kUnknown);
  out.snr = object.snr.value_or(kUnknown);
}

const SpectrumObject& at(const astrom3_spectra* spectra, std::size_t i) {
  require(spectra, "spectra");
  if (i < spectra->list.size()) return spectra->list[i];
  throw Error(Status::usage, fmt::format("spectra: there is no number {} of {}", i, spectra->list.size()));
}

void append(astrom3_spectra& spectra, SpectrumObject object) {
  if (object.object_id.empty()) object.object_id = std::to_string(spectra.list.size());
  // The hint goes with the message: it says options as this process spells them.
  if (object.status != Status::ok && !object.hint.empty()) {
    object.message += "\nhint: " + to_string(object.hint, option_spelling());
    object.hint = {};
  }
  std::vector<const char*> ids;
  spectra.list.push_back(std::move(object));
  for (const std::string& id : spectra.list.back().ids) ids.push_back(id.c_str());
  spectra.ids.push_back(std::move(ids));
}

}  // namespace
}  // namespace astrom3::c_api

using namespace astrom3;         // NOLINT(google-build-using-namespace): the whole file is the edge
using namespace astrom3::c_api;  // NOLINT(google-build-using-namespace)

static_assert(ASTROM3_ERROR_VARIANCE == static_cast<int>(ErrorKind::variance));
static_assert(ASTROM3_N_PIXELS == SpectrumGrid{}.size);

const char* astrom3_spectrum_flag_name(uint32_t bit) {
  try {
    const auto flags = all_spectrum_flags();
    return bit < flags.size() ? flags[bit].first.data() : nullptr;  // literals end with a zero
  } catch (const std::exception&) {                                 // no memory for the list
    return nullptr;
  }
}

int32_t astrom3_flux_unit_is_known(const char* unit) {
  try {
    return unit != nullptr && flux_unit_of(unit).has_value() ? 1 : 0;
  } catch (const std::exception&) {  // no memory for its words
    return 0;
  }
}

astrom3_status astrom3_spectra_open(astrom3_spectra** spectra) {
  return guarded([&] {
    require(spectra, "spectra");
    *spectra = nullptr;
    *spectra = new astrom3_spectra;
    return Status::ok;
  });
}

void astrom3_spectra_close(astrom3_spectra* spectra) {
  delete spectra;
}

size_t astrom3_spectra_size(const astrom3_spectra* spectra) {
  return spectra == nullptr ? 0 : spectra->list.size();
}

astrom3_status astrom3_spectra_read(astrom3_spectra* spectra, const char* path,
                                    const astrom3_options* options) {
  return guarded([&] {
    require(spectra, "spectra");
    require(path, "path");
    const ModalityTreatment treatment = treatment_of(options);
    for (SpectrumObject& object : read_spectra(std::filesystem::path(path), spectrum_reading(treatment))) {
      scale(object, treatment.flux_scale);
      append(*spectra, std::move(object));
    }
    return Status::ok;
  });
}

astrom3_status astrom3_spectra_add(astrom3_spectra* spectra, const astrom3_spectrum* spectrum,
                                   const astrom3_options* options) {
  return guarded([&] {
    require(spectra, "spectra");
    require_struct(spectrum, "spectrum");
    check(*spectrum);
    const ModalityTreatment treatment = treatment_of(options);
    SpectrumObject object = arrays_of(*spectrum, spectrum_reading(treatment));
    scale(object, treatment.flux_scale);
    describe(*spectrum, object);
    append(*spectra, std::move(object));
    return Status::ok;
  });
}

astrom3_status astrom3_spectra_add_table(astrom3_spectra* spectra, const astrom3_spectrum* spectrum,
                                         const char* const* names, const double* const* values,
                                         const char* const* units, size_t n_columns, size_t n_rows,
                                         const astrom3_options* options) {
  return guarded([&] {
    require(spectra, "spectra");
    require_struct(spectrum, "spectrum");
    check(*spectrum);
    std::vector<SpectrumColumn> table;
    for (std::size_t i = 0; i < n_columns; ++i) {
      require(names, "names");
      require(names[i], "names");
      require(values, "values");
      table.push_back({.name = names[i],
                       .values = {values[i], values[i] == nullptr ? 0 : n_rows},
                       .unit = units == nullptr ? "" : text_of(units[i])});
    }
    const ModalityTreatment treatment = treatment_of(options);
    SpectrumObject object = read_spectrum(table, spectrum_reading(treatment));
    scale(object, treatment.flux_scale);
    describe(*spectrum, object);
    append(*spectra, std::move(object));
    return Status::ok;
  });
}

astrom3_status astrom3_spectra_get(const astrom3_spectra* spectra, size_t i, astrom3_spectrum* spectrum) {
  return guarded([&] {
    require_struct(spectrum, "spectrum");
    const SpectrumObject& object = at(spectra, i);
    show(object, spectra->ids[i], *spectrum);
    return Status::ok;
  });
}

astrom3_status astrom3_spectra_prepare(const astrom3_spectra* spectra, size_t i,
                                       const astrom3_options* options, astrom3_spectrum_tensor* tensor) {
  return guarded([&] {
    require_struct(tensor, "tensor");
    const SpectrumObject& object = at(spectra, i);
    if (object.status != Status::ok) throw Error(object.status, object.message);
    SpectrumOptions how = spectrum_options(treatment_of(options));
    how.flux_scale = 1;  // of reading
    SpectrumTensor made;
    std::string message;
    const Status status = prepare_spectrum(object.spectrum, how, made, message);
    tensor->flags = bits_of(made.flags);
    tensor->coverage = made.coverage;
    tensor->mean = made.mean;
    tensor->mad = made.mad;
    if (status != Status::ok) throw Error(status, message, hint_for_spectrum(status));
    if (tensor->channels != nullptr) std::copy(made.channels.begin(), made.channels.end(), tensor->channels);
    return Status::ok;
  });
}
