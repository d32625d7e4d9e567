// SPDX-License-Identifier: MIT
//
// Spectra out of arrays and tables in memory are those of a file with the same numbers.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "astrom3/spectrum/spectrum_arrays.h"
#include "spectrum/units.h"

namespace astrom3 {
namespace {

/// 3700 to 9100 Å, whose numbers a text holds without loss.
struct Star {
  Star() {
    for (int i = 0; i <= 2700; ++i) {
      wavelength.push_back(3700 + 2 * i);
      flux.push_back(std::round(1000 * (100 + 30 * std::sin(i / 50.0))) / 1000);
      sigma.push_back(i == 9 ? 0 : 0.5 + 0.25 * (i % 3));
    }
  }

  std::string text(const std::string& header) const {
    std::string out = header + "\n";
    for (std::size_t i = 0; i < flux.size(); ++i)
      out += fmt::format("{},{},{}\n", wavelength[i], flux[i], sigma[i]);
    return out;
  }

  SpectrumArrays arrays() const {
    SpectrumArrays arrays;
    arrays.wavelength = wavelength;
    arrays.flux = flux;
    arrays.error = sigma;
    arrays.error_kind = ErrorKind::sigma;
    return arrays;
  }

  std::vector<double> wavelength, flux, sigma;
};

void expect_same(const SpectrumObject& found, const SpectrumObject& expected) {
  EXPECT_EQ(found.status, expected.status) << found.message;
  EXPECT_EQ(found.spectrum.wavelength, expected.spectrum.wavelength);
  EXPECT_EQ(found.spectrum.flux, expected.spectrum.flux);
  EXPECT_EQ(found.spectrum.ivar, expected.spectrum.ivar);
  EXPECT_EQ(found.spectrum.flags, expected.spectrum.flags);
  EXPECT_EQ(found.spectrum.unit_is_stated, expected.spectrum.unit_is_stated);
}

TEST(SpectrumArrays, HaveTheBitsOfAFileInEveryUnit) {
  const Star star;
  for (const char* const wavelength : {"", "Angstrom", "nm", "um"}) {
    for (const char* const flux : {"", "1e-17 erg/s/cm2/A", "erg/s/cm2/A", "W/m2/nm", "mJy", "Jy", "MJy"}) {
      SpectrumArrays arrays = star.arrays();
      arrays.wavelength_unit = wavelength;
      arrays.flux_unit = arrays.error_unit = flux;
      const std::string header = fmt::format("wave [{}],flux [{}],err [{}]", wavelength, flux, flux);
      const SpectrumObject expected = read_spectra(star.text(header), "a.csv").at(0);
      EXPECT_EQ(expected.status, Status::ok) << header << expected.message;
      expect_same(read_spectrum(arrays), expected);
      const std::vector<SpectrumColumn> table{{fmt::format("wave [{}]", wavelength), star.wavelength, ""},
                                              {"note", {}, ""},
                                              {"err", star.sigma, flux},
                                              {"flux", star.flux, flux}};
      expect_same(read_spectrum(table), expected);
    }
  }
}

TEST(SpectrumArrays, TakeTheWordOfTheReadingBeforeTheirOwn) {
  const Star star;
  SpectrumArrays arrays = star.arrays();
  arrays.wavelength_unit = "nm";
  SpectrumReading reading;
  reading.unit = WavelengthUnit::um;
  reading.air = true;
  const SpectrumObject found = read_spectrum(arrays, reading);
  EXPECT_EQ(found.spectrum.wavelength[3], vacuum_of_air(star.wavelength[3] * 1e4));
  EXPECT_TRUE(found.spectrum.flags.has(SpectrumFlag::air_converted));
  arrays.wavelength_unit = "";
  arrays.is_air = true;
  EXPECT_EQ(read_spectrum(arrays).spectrum.wavelength[3], vacuum_of_air(star.wavelength[3]));
}

TEST(SpectrumArrays, AnswerWhatIsWrongInTheirStatus) {
  const Star star;
  SpectrumArrays arrays = star.arrays();
  arrays.flux = arrays.flux.first(7);
  EXPECT_EQ(read_spectrum(arrays).status, Status::length_mismatch);
  arrays = star.arrays();
  arrays.error = {};
  EXPECT_EQ(read_spectrum(arrays).status, Status::length_mismatch);
  arrays = star.arrays();
  arrays.flux_unit = "parsec";
  EXPECT_EQ(read_spectrum(arrays).status, Status::bad_header);
  SpectrumReading scaled;
  scaled.has_flux_scale = true;
  EXPECT_EQ(read_spectrum(arrays, scaled).status, Status::ok);
  arrays = star.arrays();
  arrays.flux_unit = "Jy";
  arrays.error_unit = "mJy";  // one scale is taken for both
  EXPECT_EQ(read_spectrum(arrays).status, Status::bad_header);
  arrays = star.arrays();
  arrays.wavelength_unit = "Hz";
  EXPECT_EQ(read_spectrum(arrays).status, Status::wavelength_unit);
  const std::vector<SpectrumColumn> none{{"wave", star.wavelength, ""}, {"counts", star.flux, ""}};
  EXPECT_EQ(read_spectrum(none).status, Status::missing_column);
  SpectrumReading named;
  named.flux_column = "counts";
  EXPECT_EQ(read_spectrum(none, named).status, Status::ok);
}

TEST(SpectrumArrays, KnowNothingOfPixelsWithoutAnError) {
  const Star star;
  SpectrumArrays arrays = star.arrays();
  arrays.error_kind = ErrorKind::none;
  const SpectrumObject found = read_spectrum(arrays);
  EXPECT_TRUE(found.spectrum.flags.has(SpectrumFlag::no_ivar));
  EXPECT_EQ(found.spectrum.ivar, std::vector<double>(star.flux.size()));
  const SpectrumObject sigma = read_spectrum(star.arrays());
  EXPECT_EQ(sigma.spectrum.ivar[9], 0);  // of an error of 0
  EXPECT_EQ(sigma.spectrum.ivar[10], 1 / (star.sigma[10] * star.sigma[10]));
}

// The words of a unit are compared in lower case, where both begin with the same letter.
TEST(FluxUnits, TellMegajanskyFromMillijansky) {
  const auto mega = flux_unit_of("MJy"), milli = flux_unit_of("mJy"), one = flux_unit_of("Jy");
  ASSERT_TRUE(mega && milli && one);
  EXPECT_DOUBLE_EQ(mega->factor / one->factor, 1e6);
  EXPECT_DOUBLE_EQ(milli->factor / one->factor, 1e-3);
}

}  // namespace
}  // namespace astrom3
