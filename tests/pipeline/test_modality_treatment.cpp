// SPDX-License-Identifier: MIT
//
// The options of spectra and metadata reach what they are about, and say what is wrong with them.
#include <gtest/gtest.h>

#include "astrom3/pipeline/modality_treatment.h"

namespace astrom3 {
namespace {

struct Declared {
  Declared() { declare_options(treatment, table); }
  void set(const char* name, const char* text) { table.at(name).set(text); }
  ModalityTreatment treatment;
  OptionTable table;
};

TEST(ModalityTreatment, HasTheLibrarysOwnDefaults) {
  const ModalityTreatment standard;
  const SpectrumReading reading = spectrum_reading(standard);
  EXPECT_EQ(reading.unit, SpectrumReading{}.unit);
  EXPECT_EQ(reading.air, SpectrumReading{}.air);
  EXPECT_EQ(reading.has_flux_scale, SpectrumReading{}.has_flux_scale);
  const SpectrumOptions options = spectrum_options(standard);
  EXPECT_EQ(options.extend, SpectrumOptions{}.extend);
  EXPECT_EQ(options.drop_nonfinite, SpectrumOptions{}.drop_nonfinite);
  EXPECT_EQ(options.flux_scale, SpectrumOptions{}.flux_scale);
  EXPECT_EQ(metadata_options(standard).impute_mean, MetadataOptions{}.impute_mean);
  EXPECT_EQ(picked_spectrum(standard), PickSpectrum::none);
}

TEST(ModalityTreatment, TakesEveryOptionToItsPlace) {
  Declared d;
  for (const auto& [name, text] :
       std::vector<std::pair<const char*, const char*>>{{"coverage", "extend"},
                                                        {"spectrum-nonfinite", "drop"},
                                                        {"wavelength-unit", "nm"},
                                                        {"wavelengths", "air"},
                                                        {"flux-scale", "1e17"},
                                                        {"spectrum-columns", "flux=f"},
                                                        {"spectrum-columns", "ivar=v"},
                                                        {"pick", "best-snr"},
                                                        {"metadata-id", "star"},
                                                        {"impute", "mean"}})
    d.set(name, text);
  const SpectrumReading reading = spectrum_reading(d.treatment);
  EXPECT_EQ(reading.unit, WavelengthUnit::nm);
  EXPECT_TRUE(reading.air && reading.has_flux_scale);
  EXPECT_EQ(reading.flux_column + reading.ivar_column, "fv");
  const SpectrumOptions options = spectrum_options(d.treatment);
  EXPECT_TRUE(options.extend && options.drop_nonfinite);
  EXPECT_EQ(options.flux_scale, 1e17);
  EXPECT_EQ(picked_spectrum(d.treatment), PickSpectrum::best_snr);
  EXPECT_EQ(metadata_options(d.treatment).id_column, "star");
  EXPECT_TRUE(metadata_options(d.treatment).impute_mean);
}

TEST(ModalityTreatment, NamesTheOptionThatCannotBeUsed) {
  for (const auto& [name, text] : std::vector<std::pair<const char*, const char*>>{
           {"coverage", "all"}, {"wavelength-unit", "pc"}, {"flux-scale", "-1"}, {"flux-scale", "1e99"}}) {
    Declared d;
    try {
      d.set(name, text);
      ADD_FAILURE() << name << " took " << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.diagnostic().option, name);
    }
  }
  for (const char* const columns : {"flux", "flux=", "colour=f"}) {
    Declared d;
    d.set("spectrum-columns", columns);
    try {
      (void)spectrum_reading(d.treatment);
      ADD_FAILURE() << columns;
    } catch (const Error& error) {
      EXPECT_EQ(error.diagnostic().option, "spectrum-columns");
      EXPECT_EQ(error.code(), Status::usage);
    }
  }
  Declared d;
  d.set("spectrum-columns", "ivar=a");
  d.set("spectrum-columns", "error=b");
  EXPECT_THROW((void)spectrum_reading(d.treatment), Error);
}

// An object's spectrum that prepare_spectrum() refuses is answered with an option that is declared.
TEST(ModalityTreatment, HintsNameItsOptions) {
  Declared d;
  for (const Status status :
       {Status::overflow_float32, Status::coverage, Status::not_a_number, Status::wavelength_unit}) {
    for (const NamedOption& remedy : hint_for_spectrum(status).remedies)
      EXPECT_NE(d.table.find(remedy.name), nullptr) << remedy.name;
    EXPECT_FALSE(hint_for_spectrum(status).empty());
  }
  EXPECT_TRUE(hint_for_spectrum(Status::no_flux).empty());
}

}  // namespace
}  // namespace astrom3
