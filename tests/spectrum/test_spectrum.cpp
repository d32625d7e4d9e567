// SPDX-License-Identifier: MIT
//
// Spectra: the recipe against golden arrays, every family of files, and what is answered to bad ones.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>

#include "astrom3/spectrum/read_spectra.h"
#include "astrom3/spectrum/spectrum.h"
#include "base/regular_file.h"
#include "formats/json.h"
#include "formats/safetensors.h"
#include "spectrum/units.h"
#include "tests/formats/fits_bytes.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = fs::path(ASTROM3_TEST_DATA) / "multimodal";

/// The greatest distance in float32 steps, or a large number where the sizes differ.
std::int64_t worst_ulps(const std::vector<float>& found, const std::vector<float>& expected) {
  if (found.size() != expected.size()) return INT64_MAX;
  std::int64_t worst = 0;
  const auto order = [](float v) {
    const auto bits = std::bit_cast<std::int32_t>(v);
    return static_cast<std::int64_t>(bits < 0 ? INT32_MIN - bits : bits);
  };
  for (std::size_t i = 0; i < found.size(); ++i)
    worst = std::max(worst, std::abs(order(found[i]) - order(expected[i])));
  return worst;
}

struct Prepared {
  Status status = Status::internal;
  std::string message;
  SpectrumTensor tensor;
};

Prepared prepare(const SpectrumObject& object, const SpectrumOptions& options = {}) {
  Prepared out{.status = object.status, .message = object.message, .tensor = {}};
  if (object.status == Status::ok)
    out.status = prepare_spectrum(object.spectrum, options, out.tensor, out.message);
  return out;
}

SpectrumObject only_of(const fs::path& file, const SpectrumReading& reading = {}) {
  const auto objects = read_spectra(file, reading);
  EXPECT_EQ(objects.size(), 1u) << file;
  return objects.at(0);
}

SpectrumObject of_text(const std::string& text, const SpectrumReading& reading = {}) {
  return read_spectra(text, "star.csv", reading).at(0);
}

void expect_array(const SpectrumTensor& tensor, const SafetensorsFile& expected, const std::string& name) {
  EXPECT_LE(worst_ulps(tensor.channels, to_float32(expected.at(name))), 1) << name;
}

/// A spectrum over the whole grid with a line of text for each pixel.
std::string table_of(const std::string& header, double first = 3800, double last = 9100, double step = 10,
                     double scale = 1) {
  std::string text = header;
  for (double w = first; w <= last; w += step)
    text += std::to_string(w * scale) + "," + std::to_string(100 + 20 * std::sin(w / 50)) + ",0.01\n";
  return text;
}

// ---- the recipe
// ------------------------------------------------------------------------------------------------------

// SP02 SP03 SP04 SP06 SP07 SP08: a spectrum for each of them.
TEST(PrepareSpectrum, EqualsUpstreamToOneUlpOnTheGoldenSpectra) {
  const SafetensorsFile expected = SafetensorsFile::open(kGolden / "preprocess_spectra/expected.safetensors");
  const std::string text =
      read_text_file(kGolden / "preprocess_spectra/index.json", std::size_t{1} << 20, Status::bad_config);
  const JsonValue index = parse_json(text, {.code = Status::bad_config, .file = "index.json"});
  for (std::size_t i = 0; i < index.keys.size(); ++i) {
    const std::string& name = index.keys[i];
    const Prepared found = prepare(only_of(kGolden / "preprocess_spectra" / (name + ".csv")));
    const std::string expect = index.elements[i].find("expect")->text;
    EXPECT_EQ(status_name(found.status), expect == "overflow" ? "overflow_float32" : expect)
        << name << ": " << found.message;
    if (expect != "ok") {
      EXPECT_FALSE(found.message.empty()) << name;
      continue;
    }
    expect_array(found.tensor, expected, name + ".spectra");
    // The golden number is a share of the range, ours one of the points: a point apart at most.
    EXPECT_NEAR(found.tensor.coverage, index.elements[i].find("coverage")->number, 1.0 / 2575) << name;
    EXPECT_NEAR(std::log10(found.tensor.mad), index.elements[i].find("log10_mad")->number, 1e-6) << name;
  }
}

// SP04 SP06 SP09: what is remarked.
TEST(PrepareSpectrum, RemarksWhatIsOddAboutASpectrum) {
  const auto flags = [](const std::string& name) {
    return flag_names(prepare(only_of(kGolden / "preprocess_spectra" / (name + ".csv"))).tensor.flags);
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(flags("loglinear"), Names{});
  EXPECT_EQ(flags("gap"), Names{"gap"});
  EXPECT_EQ(flags("edge"), Names{"edge_extended"});
  EXPECT_EQ(flags("descending"), Names{"sorted"});
  EXPECT_EQ(flags("tiny_flux"), Names{"flux_scale"});
  EXPECT_EQ(flags("negative"), Names{"negative_flux"});
}

TEST(PrepareSpectrum, DoesWhatIsAskedForInsteadOfRefusing) {
  const SafetensorsFile expected = SafetensorsFile::open(kGolden / "preprocess_spectra/expected.safetensors");
  const auto with = [](const std::string& name, const SpectrumOptions& options) {
    return prepare(only_of(kGolden / "preprocess_spectra" / (name + ".csv")), options);
  };
  const Prepared extended = with("short", {.extend = true});
  EXPECT_EQ(extended.status, Status::ok) << extended.message;
  expect_array(extended.tensor, expected, "short.spectra_extended");
  const Prepared dropped = with("nan", {.drop_nonfinite = true});
  EXPECT_EQ(dropped.status, Status::ok) << dropped.message;
  EXPECT_TRUE(dropped.tensor.flags.has(SpectrumFlag::pixels_dropped));
  expect_array(dropped.tensor, expected, "nan.spectra_dropped");
  const Prepared scaled = with("cgs", {.flux_scale = 1e17});
  EXPECT_EQ(scaled.status, Status::ok) << scaled.message;
  expect_array(scaled.tensor, expected, "cgs.spectra_scaled");
}

// Channel 1 is the inverse variance over the MAD: two public projects took it for an error.
TEST(PrepareSpectrum, GivesTheInverseVarianceAndNotTheError) {
  Spectrum s;
  for (double w = 3800; w <= 9100; w += 10) {
    s.wavelength.push_back(w);
    s.flux.push_back(100 + 10 * std::sin(w / 100));
    s.ivar.push_back(0.25);
  }
  const auto run = [&](double k) {
    SpectrumTensor tensor;
    std::string message;
    EXPECT_EQ(prepare_spectrum(s, {.flux_scale = k}, tensor, message), Status::ok) << message;
    tensor.channels.resize(3 * 2575);
    return tensor;
  };
  const SpectrumTensor one = run(1), ten = run(10);
  EXPECT_FLOAT_EQ(one.channels[2575], static_cast<float>(0.25 / one.mad));
  EXPECT_FLOAT_EQ(ten.channels[2575], one.channels[2575] / 1000);
  EXPECT_FLOAT_EQ(ten.channels[0], one.channels[0]);
  EXPECT_FLOAT_EQ(ten.channels[2 * 2575], one.channels[2 * 2575] + 1);
}

// SP01: fewer than two pixels.
TEST(PrepareSpectrum, NeedsTwoPixels) {
  const Prepared found = prepare(of_text("wavelength,flux\n5000,1\n"));
  EXPECT_EQ(found.status, Status::too_few_pixels);
}

// SP05: wavelengths that are no Angstrom.
TEST(PrepareSpectrum, RefusesWavelengthsThatLookLikeAnotherUnit) {
  const std::map<std::string, std::pair<double, double>> kUnits{
      {"nanometres", {380, 910}}, {"log10", {3.57, 3.97}}, {"wavenumbers", {20'001, 26'000}}};
  for (const auto& [words, range] : kUnits) {
    const double step = (range.second - range.first) / 300;
    const Prepared found =
        prepare(of_text(table_of("wavelength,flux,ivar\n", range.first, range.second, step)));
    EXPECT_EQ(found.status, Status::wavelength_unit) << words;
    EXPECT_NE(found.message.find(words), std::string::npos) << found.message;
  }
  const Prepared zero = prepare(of_text(table_of("wavelength,flux,ivar\n", 0, 9100, 10)));
  EXPECT_EQ(zero.status, Status::wavelength_unit);
}

TEST(PrepareSpectrum, TakesTheUnitThatItIsTold) {
  const Prepared angstrom = prepare(of_text(table_of("wavelength,flux,ivar\n")));
  ASSERT_EQ(angstrom.status, Status::ok) << angstrom.message;
  const Prepared nm =
      prepare(of_text(table_of("wavelength,flux,ivar\n", 3800, 9100, 10, 0.1), {.unit = WavelengthUnit::nm}));
  ASSERT_EQ(nm.status, Status::ok) << nm.message;
  EXPECT_LE(worst_ulps(nm.tensor.channels, angstrom.tensor.channels), 64);  // the text has six decimals
}

TEST(VacuumOfAir, GivesTheLinesOfHydrogen) {
  EXPECT_NEAR(vacuum_of_air(6562.79), 6564.60, 0.01);  // H alpha and H beta: NIST, air and vacuum
  EXPECT_NEAR(vacuum_of_air(4861.35), 4862.71, 0.01);
}

// ---- families
// --------------------------------------------------------------------------------------------------------

TEST(ReadSpectra, ReadsEveryFamilyToItsExpectedArray) {
  const fs::path folder = kGolden / "spectra_formats";
  const SafetensorsFile expected = SafetensorsFile::open(folder / "expected.safetensors");
  const std::map<std::string, std::string> kFamilies{{"spec-lamost-dr7.fits.gz", "lamost"},
                                                     {"spec-lamost-dr10.fits.gz", "lamost_table"},
                                                     {"spec-0266-51630-0197.fits", "sdss_spec"},
                                                     {"coadd-desi.fits.gz", "desi"},
                                                     {"wcs1d.fits", "image"},
                                                     {"wcs1d_air.fits", "image"},
                                                     {"ascii_sigma.txt", "table"},
                                                     {"specutils.ecsv", "ecsv"}};
  for (const auto& [file, family] : kFamilies) {
    const auto objects = read_spectra(folder / file);
    for (const SpectrumObject& object : objects) {
      const Prepared found = prepare(object);
      EXPECT_EQ(found.status, Status::ok) << file << ": " << found.message;
      EXPECT_EQ(object.family, family) << file;
      const std::string name = family == "desi" ? file + "#" + object.object_id : file;
      expect_array(found.tensor, expected, name + ".spectra");
    }
    EXPECT_EQ(objects.size(), family == "desi" ? 2u : 1u) << file;
  }
}

TEST(ReadSpectra, TakesLabelsFromTheHeader) {
  const SpectrumObject object = only_of(kGolden / "spectra_formats/spec-lamost-dr10.fits.gz");
  EXPECT_EQ(object.object_id, "spec-lamost-dr10");
  EXPECT_EQ(object.ids, (std::vector<std::string>{"123456789", "LAMOST J184120.05+445439.3"}));
  EXPECT_EQ(object.spectral_class, "STAR");
  EXPECT_EQ(object.snr, 50.0);
  EXPECT_TRUE(object.spectrum.flags.empty());
}

TEST(ReadSpectra, ConvertsAirAndSaysSo) {
  const SpectrumObject air = only_of(kGolden / "spectra_formats/wcs1d_air.fits");
  EXPECT_TRUE(air.spectrum.flags.has(SpectrumFlag::air_converted));
  EXPECT_TRUE(air.spectrum.flags.has(SpectrumFlag::no_ivar));
  EXPECT_NEAR(air.spectrum.wavelength[0], vacuum_of_air(3800), 1e-9);
}

TEST(ReadSpectra, ReadsRealLamostSpectraOfThreeReleases) {
  const fs::path folder = fs::path(ASTROM3_SHARED_DIR) / "data/spectra/lamost_samples";
  if (!fs::exists(folder)) GTEST_SKIP() << folder << " is not there";
  const SafetensorsFile expected = SafetensorsFile::open(folder / "expected.safetensors");
  for (const std::string& name : expected.names()) {
    const std::string file = name.substr(0, name.size() - std::string(".spectra").size());
    const Prepared found = prepare(only_of(folder / file));
    EXPECT_EQ(found.status, Status::ok) << file << ": " << found.message;
    expect_array(found.tensor, expected, name);
  }
}

TEST(ReadSpectra, RefusesLamostsMediumResolutionByName) {
  const fs::path file = fs::path(ASTROM3_SHARED_DIR) /
                        "data/spectra/lamost_samples/med-58649-TD193637N444141K01_sp10-159.fits.gz";
  if (!fs::exists(file)) GTEST_SKIP() << file << " is not there";
  const SpectrumObject object = only_of(file);
  EXPECT_EQ(object.status, Status::coverage);
  EXPECT_NE(object.message.find("MRS"), std::string::npos) << object.message;
}

/// A FITS file whose second HDU is a table with one row of `n` pixels.
std::string coadd_file(const std::string& name, std::size_t n, const FitsCards& labels = {}) {
  std::string rows;
  for (const int column : {0, 1, 2}) {
    for (std::size_t i = 0; i < n; ++i) {
      const double w = 3800 + 5300 * static_cast<double>(i) / static_cast<double>(n - 1);
      rows += big_endian_bytes(static_cast<float>(column == 0   ? 100 + 20 * std::sin(w / 50)
                                                  : column == 1 ? 0.01
                                                                : w));
    }
  }
  const std::string form = std::to_string(n) + "E";
  FitsCards cards =
      table_cards({{"FLUX", form, {}}, {"IVAR", form, {}}, {"WAVELENGTH", form, {}}}, 12 * n, 1);
  cards.push_back({"EXTNAME", "'" + name + "'"});
  FitsCards primary{{"SIMPLE", "T"}, {"BITPIX", "8"}, {"NAXIS", "0"}};
  primary.insert(primary.end(), labels.begin(), labels.end());
  return fits_header(primary) + fits_header(cards) + padded(rows, '\0');
}

// SP11: medium resolution.
TEST(ReadSpectra, RefusesTheArmsOfAMediumResolutionFileWhateverTheirLayout) {
  const auto objects = read_spectra(coadd_file("COADD_B", 50), "med.fits");
  EXPECT_EQ(objects.at(0).status, Status::coverage);
  EXPECT_NE(objects[0].message.find("MRS"), std::string::npos);
}

// SP10: what is no star.
TEST(ReadSpectra, FlagsWhatTheFileSaysIsNoStar) {
  const auto flags = [](const FitsCards& labels) {
    return flag_names(read_spectra(coadd_file("COADD", 600, labels), "s.fits").at(0).spectrum.flags);
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(flags({}), Names{});
  EXPECT_EQ(flags({{"CLASS", "'GALAXY'"}}), Names{"not_a_star"});
  EXPECT_EQ(flags({{"CLASS", "'STAR'"}, {"Z", "0.02"}}), Names{"not_a_star"});
  EXPECT_EQ(flags({{"CLASS", "'STAR'"}, {"Z", "-0.002"}}), Names{});
}

// SP11: damaged files.
TEST(ReadSpectra, AnswersDamagedFilesWithACode) {
  const std::string whole = coadd_file("COADD", 600);
  for (const std::size_t cut : {0ul, 100ul, 2880ul, 5000ul, whole.size() - 5000}) {
    const auto objects = read_spectra(std::string_view(whole).substr(0, cut), "s.fits");
    EXPECT_NE(objects.at(0).status, Status::ok) << cut;
    EXPECT_FALSE(objects[0].message.empty()) << cut;
  }
}

TEST(ReadSpectra, RefusesAnAxisThatIsNoNumber) {
  for (const char* keyword : {"COEFF0", "COEFF1"}) {
    FitsCards cards{{"SIMPLE", "T"}, {"BITPIX", "-32"}, {"NAXIS", "2"},      {"NAXIS1", "3"},
                    {"NAXIS2", "5"}, {"COEFF0", "3.5"}, {"COEFF1", "0.0001"}};
    for (auto& card : cards) {
      if (card.first == keyword) card.second = "'x'";
    }
    const auto objects = read_spectra(fits_header(cards) + padded(std::string(60, '\0'), '\0'), "s.fits");
    ASSERT_EQ(objects.size(), 1u);
    EXPECT_EQ(objects[0].status, Status::bad_header);
    EXPECT_NE(objects[0].message.find(keyword), std::string::npos) << objects[0].message;
  }
}

// SP01: no column of flux.
TEST(ReadSpectra, ListsTheColumnsThereAreWhereOneIsMissing) {
  const SpectrumObject object = of_text("wavelength,brightness\n5000,1\n5002,2\n");
  EXPECT_EQ(object.status, Status::missing_column);
  EXPECT_NE(object.message.find("brightness"), std::string::npos) << object.message;
  const SpectrumObject two = of_text("wave,lambda,flux\n5000,500,1\n5002,500,2\n");
  EXPECT_EQ(two.status, Status::ambiguous_column);
}

// A user's error becomes an inverse variance, and an inverse variance stays one, whatever names them.
TEST(ReadSpectra, ConvertsErrorsAndVariancesToInverseVariances) {
  const auto ivar = [](const std::string& header, double value) {
    const std::string row = "," + std::to_string(value) + "\n";
    return of_text(header + "5000,1" + row + "5002,2" + row).spectrum.ivar.at(0);
  };
  EXPECT_DOUBLE_EQ(ivar("wavelength,flux,error\n", 4), 1.0 / 16);
  EXPECT_DOUBLE_EQ(ivar("wavelength,flux,variance\n", 4), 1.0 / 4);
  EXPECT_DOUBLE_EQ(ivar("wavelength,flux,ivar\n", 4), 4);
  EXPECT_DOUBLE_EQ(ivar("# wavelength flux ivar\n", 4), 4);
  EXPECT_DOUBLE_EQ(ivar("", 4), 1.0 / 16);  // without names: wavelength, flux, error
  EXPECT_DOUBLE_EQ(ivar("wavelength,flux,error\n", 0), 0);
  EXPECT_EQ(prepare(of_text(table_of("wavelength,flux,ivar\n") + "9105,1,-2\n")).status, Status::bad_ivar);
  EXPECT_EQ(prepare(of_text(table_of("wavelength,flux,error\n") + "9105,1,-2\n")).status, Status::bad_ivar);
}

TEST(ReadSpectra, FlagsColumnsTakenByPositionAndErrorsThatAreNotThere) {
  EXPECT_TRUE(of_text("5000,1,2\n5002,1,2\n").spectrum.flags.has(SpectrumFlag::columns_by_position));
  EXPECT_TRUE(of_text("wavelength,flux\n5000,1\n5002,1\n").spectrum.flags.has(SpectrumFlag::no_ivar));
}

TEST(ReadSpectra, BringsFluxOfKnownUnitsToThatOfTheModelAndRefusesOthers) {
  EXPECT_EQ(flux_unit_of("1e-17 erg / (Angstrom s cm2)")->factor, 1);
  EXPECT_EQ(flux_unit_of("10**-17 erg/s/cm**2/Ang")->factor, 1);
  EXPECT_EQ(flux_unit_of("erg s-1 cm-2 A-1")->factor, 1e17);
  EXPECT_EQ(flux_unit_of("W m-2 nm-1")->factor, 1e19);
  EXPECT_TRUE(flux_unit_of("mJy")->per_frequency);
  EXPECT_EQ(flux_unit_of("")->factor, 1);
  EXPECT_FALSE(flux_unit_of("furlong").has_value());
  // 3631 Jy at 5500 A are 3.6e-9 erg/s/cm2/A.
  Spectrum s{.wavelength = {5500}, .flux = {3631}, .ivar = {1}, .flags = {}};
  scale_flux(s, *flux_unit_of("Jy"));
  EXPECT_NEAR(s.flux[0], 3.5985e8, 1e5);
  EXPECT_NEAR(s.ivar[0] * s.flux[0] * s.flux[0], 3631.0 * 3631, 1);
  EXPECT_EQ(of_text("wavelength,flux[furlong]\n5000,1\n5002,1\n").status, Status::bad_header);
}

TEST(ReadSpectra, ReadsSampledXpSpectraAndNamesWhatMakesThemOfCoefficients) {
  std::string flux = "\"[", error = "\"[";
  for (int i = 0; i < 343; ++i) {
    flux += (i > 0 ? ", " : "") + std::to_string(1 + 0.2 * std::sin(i / 9.0)) + "e-16";
    error += (i > 0 ? ", " : "") + std::string("2e-18");
  }
  const std::string text = "source_id,flux,flux_error\n4295806720," + flux + "]\"," + error + "]\"\n";
  const SpectrumObject object = read_spectra(text, "xp.csv").at(0);
  ASSERT_EQ(object.status, Status::ok) << object.message;
  EXPECT_EQ(object.object_id, "4295806720");
  EXPECT_TRUE(object.spectrum.flags.has(SpectrumFlag::low_resolution));
  EXPECT_DOUBLE_EQ(object.spectrum.flux[0], 1e3);
  EXPECT_NEAR(object.spectrum.ivar[0], 1 / 400.0, 1e-12);
  EXPECT_EQ(prepare(object).status, Status::ok);
  const SpectrumObject coefficients = read_spectra("source_id,bp_coefficients\n1,\"[1]\"\n", "xp.csv").at(0);
  EXPECT_EQ(coefficients.status, Status::bad_header);
  EXPECT_NE(to_string(coefficients.hint).find("GaiaXPy"), std::string::npos);
}

}  // namespace
}  // namespace astrom3
