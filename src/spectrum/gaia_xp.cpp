// SPDX-License-Identifier: MIT
#include "spectrum/gaia_xp.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/spectrum/read_spectra.h"
#include "astrom3/spectrum/spectrum.h"
#include "base/number.h"
#include "formats/csv.h"
#include "formats/table_header.h"
#include "spectrum/units.h"

namespace astrom3 {
namespace {

constexpr double kFirst = 3360, kStep = 20;  // A
constexpr std::size_t kSamples = 343;
constexpr double kPerWattNm = 1e19;  // 1e-17 erg/s/cm2/A of 1 W/m2/nm

/// The numbers of "[1.0, 2.0]", "(1, 2)" or "{1 2}".
std::vector<double> numbers_of(std::string_view cell, std::int64_t line) {
  std::vector<double> out;
  while (!cell.empty()) {
    const std::size_t begin = cell.find_first_not_of("[](){}, \t\"");
    if (begin == std::string_view::npos) break;
    cell.remove_prefix(begin);
    const std::size_t end = std::min(cell.find_first_of("[](){}, \t\""), cell.size());
    const ParsedNumber number = parse_number(cell.substr(0, end));
    if (number.kind != NumberKind::number) {
      throw Error(Diagnostic{
          .code = Status::not_a_number,
          .line = line,
          .message = fmt::format("expected a number, found \"{}\"", escaped(cell.substr(0, end)))});
    }
    out.push_back(number.value);
    cell.remove_prefix(end);
  }
  return out;
}

SpectrumObject object_of(const CsvRecord& record, std::size_t id, std::size_t flux, std::size_t error) {
  SpectrumObject object;
  object.family = "gaia_xp";
  object.object_id = trimmed(record.fields[id]);
  Spectrum& s = object.spectrum;
  s.flux = numbers_of(record.fields[flux], record.line);
  s.ivar = ivar_of_errors(numbers_of(record.fields[error], record.line));
  if (s.flux.size() != kSamples || s.ivar.size() != kSamples) {
    object.status = Status::length_mismatch;
    object.message = fmt::format("{} fluxes and {} errors; a sampled XP spectrum has {} of each",
                                 s.flux.size(), s.ivar.size(), kSamples);
    return object;
  }
  for (std::size_t i = 0; i < kSamples; ++i) s.wavelength.push_back(kFirst + kStep * static_cast<double>(i));
  s.unit_is_stated = true;
  s.flags.set(SpectrumFlag::low_resolution);
  scale_flux(s, {.factor = kPerWattNm});
  return object;
}

}  // namespace

bool is_gaia_xp(std::span<const std::string> names) {
  if (find_column("bp_coefficients", names)) {
    throw Error(Diagnostic{.code = Status::bad_header,
                           .message = "the coefficients of continuous XP spectra are not read",
                           .hint = "GaiaXPy's calibrate() makes sampled spectra of them"});
  }
  return find_column("source_id", names) && find_column("flux", names) && find_column("flux_error", names);
}

std::vector<SpectrumObject> read_gaia_xp(CsvReader& reader, std::span<const std::string> names) {
  const std::size_t id = *find_column("source_id", names), flux = *find_column("flux", names);
  const std::size_t error = *find_column("flux_error", names);
  std::vector<SpectrumObject> objects;
  for (CsvRecord record; reader.next(record);) {
    if (record.fields.size() != names.size()) {
      throw Error(Diagnostic{.code = Status::field_count,
                             .line = record.line,
                             .message = fmt::format("row has {} fields, the header has {}",
                                                    record.fields.size(), names.size())});
    }
    objects.push_back(object_of(record, id, flux, error));
  }
  return objects;
}

}  // namespace astrom3
