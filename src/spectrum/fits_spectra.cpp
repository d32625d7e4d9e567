// SPDX-License-Identifier: MIT
#include "spectrum/fits_spectra.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/spectrum/read_spectra.h"
#include "astrom3/spectrum/spectrum.h"
#include "base/joined.h"
#include "base/number.h"
#include "formats/fits.h"
#include "spectrum/desi_arms.h"
#include "spectrum/spectrum_columns.h"
#include "spectrum/units.h"

namespace astrom3 {
namespace {

constexpr std::size_t kMaxImageValues = std::size_t{1} << 25;  // 256 MB: a DESI file of thousands of targets
constexpr std::size_t kMaxTableRows = std::size_t{1} << 20;    // no spectrum has a million pixels
constexpr double kLargestStellarRedshift = 0.01;               // 3,000 km/s

[[noreturn]] void fail(Status code, std::string message) {
  throw Error(Diagnostic{.code = code, .message = std::move(message)});
}

/// What a header says of the object, where nothing has said it yet.
void take_labels(const FitsHeader& header, SpectrumObject& object) {
  for (const char* keyword : {"OBSID", "DESIG", "SPECID", "OBJECT", "TARGETID"}) {
    if (const std::string id = header.text(keyword); !id.empty()) object.ids.push_back(id);
  }
  if (object.spectral_class.empty()) object.spectral_class = header.text("CLASS");
  if (!object.redshift) object.redshift = header.number("Z");
  if (!object.snr) object.snr = header.number("SNRG");
}

void judge_class(SpectrumObject& object) {
  const bool is_other = object.spectral_class == "GALAXY" || object.spectral_class == "QSO";
  if (is_other || (object.redshift && std::fabs(*object.redshift) > kLargestStellarRedshift))
    object.spectrum.flags.set(SpectrumFlag::not_a_star);
}

bool is_air(const FitsHeader& header) {
  return header.text("CTYPE1") == "AWAV" || header.text("VACUUM") == "F" || header.text("AIRORVAC") == "air";
}

/// Reads one file, HDU by HDU, front to back.
class FitsSpectra {
 public:
  FitsSpectra(FitsReader& reader, const SpectrumReading& reading) : reader_(reader), reading_(reading) {}

  std::vector<SpectrumObject> read() {
    while (reader_.next_hdu()) {
      hdus_.push_back(fmt::format("{} {}", reader_.kind(), reader_.header().text("EXTNAME")));
      take_labels(reader_.header(), labels_);
      if (reader_.kind() == "PRIMARY" || reader_.kind() == "IMAGE") {
        take_image();
      } else if (reader_.is_light_curve_table()) {
        take_table();
      }
      if (desi_.is_complete()) break;
    }
    if (desi_.has_any()) return finish_desi();
    if (!found_) fail(Status::bad_header, "no spectrum in any of: " + joined(hdus_, ", "));
    labels_.spectrum = std::move(found_->spectrum);
    labels_.family = found_->family;
    judge_class(labels_);
    return {std::move(labels_)};
  }

 private:
  void take_image() {
    const FitsHeader& header = reader_.header();
    const std::string name = header.text("EXTNAME");
    const std::int64_t axes = header.integer("NAXIS").value_or(0);
    if (desi_.wants(name)) return desi_.take(name, read_image(reader_, kMaxImageValues));
    if (found_ || axes == 0) return;
    const bool has_axis = header.has("COEFF0") && header.has("COEFF1");
    if (axes == 2 && has_axis) return take_rows(read_image(reader_, kMaxImageValues));
    if (axes == 1 && header.has("CRVAL1")) return take_line(read_image(reader_, kMaxImageValues));
  }

  /// Rows of an image: LAMOST's flux, ivar, wavelength, or SDSS's flux, flux less continuum, error.
  void take_rows(const FitsImage& image) {
    const std::size_t n = image.shape[1];
    if (image.shape[0] < 4 || n < 2)
      fail(Status::bad_header, fmt::format("an image [{}, {}]: expected at least [4, 2]", image.shape[0], n));
    const double first = number_of_axis("COEFF0"), step = number_of_axis("COEFF1");
    const auto row = [&](std::size_t i) {
      return std::vector<double>(image.values.begin() + static_cast<std::ptrdiff_t>(i * n),
                                 image.values.begin() + static_cast<std::ptrdiff_t>((i + 1) * n));
    };
    SpectrumObject found;
    Spectrum& s = found.spectrum;
    for (std::size_t i = 0; i < n; ++i)
      s.wavelength.push_back(std::pow(10.0, first + step * static_cast<double>(i)));
    s.flux = row(0);
    const std::vector<double> third = row(2);
    // Told by what the third row holds: in LAMOST's files it is the wavelengths, as float32.
    bool is_lamost = true;
    for (std::size_t i = 0; i < n; ++i)
      is_lamost = is_lamost && std::fabs(third[i] - s.wavelength[i]) < 1e-4 * s.wavelength[i];
    found.family = is_lamost ? "lamost" : "sdss_spSpec";
    s.ivar = is_lamost ? row(1) : ivar_of_errors(third);
    to_vacuum_angstrom(s, reading_, WavelengthUnit::angstrom, header_is_air());
    found_ = std::move(found);
  }

  double number_of_axis(std::string_view keyword) const {
    const auto number = reader_.header().number(keyword);
    if (!number.has_value()) fail(Status::bad_header, fmt::format("{} is not a number", keyword));
    return *number;
  }

  /// One dimension: the wavelength is linear in the pixel, or its logarithm is.
  void take_line(const FitsImage& image) {
    const FitsHeader& header = reader_.header();
    SpectrumObject found;
    found.family = "image";
    Spectrum& s = found.spectrum;
    const double at = header.number("CRPIX1").value_or(1), value = header.number("CRVAL1").value_or(NAN);
    const double step = header.number("CDELT1").value_or(header.number("CD1_1").value_or(NAN));
    const bool is_log = header.text("DC-FLAG") == "1";
    for (std::size_t i = 0; i < image.values.size(); ++i) {
      const double w = value + step * (static_cast<double>(i) + 1 - at);
      s.wavelength.push_back(is_log ? std::pow(10.0, w) : w);
    }
    s.flux = image.values;
    s.ivar.assign(s.flux.size(), 0);
    s.flags.set(SpectrumFlag::no_ivar);
    std::optional<WavelengthUnit> unit;
    if (const std::string text = header.text("CUNIT1"); !text.empty()) unit = known_unit(text);
    to_vacuum_angstrom(s, reading_, unit, header_is_air());
    take_flux_unit(s, header.text("BUNIT"));
    found_ = std::move(found);
  }

  void take_table() {
    const FitsTable table = reader_.table();
    const std::string name = reader_.header().text("EXTNAME");
    if (name == "COADD_B" || name == "COADD_R") {
      fail(Status::coverage,
           "a medium-resolution spectrum of LAMOST (MRS): its arms cover 4950-5350 and 6300-6800 Å of the "
           "model's 3850-8998 Å");
    }
    if (name == "FIBERMAP") return desi_.take_targets(table, reader_);
    std::vector<std::string> names;
    for (const FitsColumn& column : table.columns) names.push_back(column.name);
    if (!found_ && names_a_spectrum(names)) return take_pixels(table, names);
    if (table.n_rows == 1) take_row_labels(table);
  }

  /// A column of pixels in every row, or all pixels of a spectrum in one row.
  void take_pixels(const FitsTable& table, const std::vector<std::string>& names) {
    const SpectrumColumns columns = find_spectrum_columns(names, reading_);
    if (table.n_rows > kMaxTableRows)
      fail(Status::bad_header, fmt::format("{} rows: no spectrum has so many pixels", table.n_rows));
    SpectrumObject found;
    Spectrum& s = found.spectrum;
    std::vector<double> errors;
    std::vector<char> row(table.row_bytes);
    while (reader_.next_row(row)) {
      append(table, columns.wavelength, row, s.wavelength);
      append(table, columns.flux, row, s.flux);
      if (columns.error) append(table, *columns.error, row, errors);
      if (std::max({s.wavelength.size(), s.flux.size(), errors.size()}) > kMaxTableRows)
        fail(Status::bad_header, "no spectrum has so many pixels");
    }
    const bool has_row_spectrum = table.columns[columns.flux].repeat > 1;
    if (has_row_spectrum && table.n_rows != 1)
      fail(Status::several_spectra, fmt::format("{} rows of spectra in one table", table.n_rows));
    s.ivar = columns.error ? ivar_of(errors, columns.error_kind) : std::vector<double>(s.flux.size(), 0);
    if (!columns.error) s.flags.set(SpectrumFlag::no_ivar);
    found.family = has_row_spectrum ? "lamost_table" : columns.wavelength_unit ? "sdss_spec" : "table";
    finish_table(table, columns, s);
    found_ = std::move(found);
  }

  void finish_table(const FitsTable& table, const SpectrumColumns& columns, Spectrum& s) {
    std::optional<WavelengthUnit> unit = columns.wavelength_unit;
    const std::string& text = table.columns[columns.wavelength].unit;
    if (!unit && !text.empty()) unit = known_unit(text);
    to_vacuum_angstrom(s, reading_, unit, header_is_air());
    take_flux_unit(s, table.columns[columns.flux].unit);
  }

  void append(const FitsTable& table, std::size_t column, std::span<const char> row,
              std::vector<double>& out) {
    const FitsColumn& c = table.columns[column];
    if (!c.holds_numbers())
      fail(Status::bad_header, fmt::format("column \"{}\" holds no numbers", escaped(c.name)));
    const std::vector<double> numbers = fits_numbers(c, row);
    out.insert(out.end(), numbers.begin(), numbers.end());
  }

  /// CLASS and Z of a table with one row, as SDSS has them.
  void take_row_labels(const FitsTable& table) {
    std::vector<char> row(table.row_bytes);
    if (!reader_.next_row(row)) return;
    for (const FitsColumn& column : table.columns) {
      if (column.name == "CLASS" && column.is_text()) labels_.spectral_class = fits_text(column, row);
      if (column.name != "Z" || !column.is_number()) continue;
      const ParsedNumber z = fits_number(column, row);
      if (z.kind == NumberKind::number) labels_.redshift = z.value;
    }
  }

  std::optional<WavelengthUnit> known_unit(const std::string& text) const {
    const auto unit = wavelength_unit_of(text);
    if (unit || reading_.unit != WavelengthUnit::file) return unit;
    throw Error(Diagnostic{.code = Status::wavelength_unit,
                           .message = fmt::format("wavelengths in \"{}\", which is not known", escaped(text)),
                           .hint = {"say what they are with {}", {{"wavelength-unit"}}}});
  }

  void take_flux_unit(Spectrum& s, const std::string& text) const {
    const auto unit = flux_unit_of(text);
    if (!unit && !reading_.has_flux_scale) {
      throw Error(Diagnostic{.code = Status::bad_header,
                             .message = fmt::format("flux in \"{}\", which is not known", escaped(text)),
                             .hint = {"bring it to 1e-17 erg/s/cm2/A with {}", {{"flux-scale"}}}});
    }
    if (unit && !reading_.has_flux_scale) scale_flux(s, *unit);
  }

  bool header_is_air() const { return is_air(reader_.header()); }

  std::vector<SpectrumObject> finish_desi() {
    std::vector<SpectrumObject> objects = desi_.finish();
    for (SpectrumObject& object : objects) {
      object.family = "desi";
      object.spectrum.unit_is_stated = true;
    }
    return objects;
  }

  FitsReader& reader_;
  const SpectrumReading& reading_;
  SpectrumObject labels_;
  std::optional<SpectrumObject> found_;
  DesiArms desi_;
  std::vector<std::string> hdus_;
};

}  // namespace

std::vector<SpectrumObject> read_fits_spectra(FitsReader& reader, const SpectrumReading& reading) {
  return FitsSpectra(reader, reading).read();
}

}  // namespace astrom3
