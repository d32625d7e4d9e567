// SPDX-License-Identifier: MIT
//
// Tables as surveys, brokers and people write them, invented for this test: each gives the flux that its
// documentation says, worked out here by hand.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/source/source_testing.h"
#include "tests/source/strangers_tables.h"

namespace astrom3 {
namespace {

constexpr double kAb = 3631e3;  // mJy at magnitude 0
constexpr std::size_t kRows = 16;

/// The star of all these tables: its flux is 9 to 11 mJy.
double mjy(std::size_t i) {
  return 10 + std::sin(2.1 * static_cast<double>(i));
}
double ab_mag(std::size_t i) {
  return -2.5 * std::log10(mjy(i) / kAb);
}

using Row = std::function<std::string(std::size_t)>;

std::string table_with(std::string_view header, const Row& row) {
  std::string text = fmt::format("{}\n", header);
  for (std::size_t i = 0; i < kRows; ++i) text += row(i) + "\n";
  return text;
}

bool warns(const ReadTable& table, std::string_view text) {
  for (const Diagnostic& warning : table.warnings)
    if (warning.message.find(text) != std::string::npos) return true;
  return false;
}

/// Rows of a time, a flux that is `unit` mJy, its error of 2 %, and `rest`.
Row fluxes(std::string_view before, double unit, std::string_view rest) {
  return [=](std::size_t i) {
    return fmt::format("{}{},{:.9g},{:.9g}{}", before, day(i), mjy(i) / unit, 0.02 * mjy(i) / unit, rest);
  };
}
Row magnitudes(std::string_view before, std::string_view rest) {
  return [=](std::size_t i) { return fmt::format("{}{},{:.9f},0.02{}", before, day(i), ab_mag(i), rest); };
}

struct Case {
  const char *name, *header;
  Row row;
  const char* warning = "";  ///< that is there; "" if there must be none
  SourceOptions options{};
};

void expect_right(const Case& c) {
  const ReadTable table = read_table(table_with(c.header, c.row), c.options);
  ASSERT_EQ(table.objects.size(), 1u) << c.name;
  const SourceObject& star = table.objects[0];
  ASSERT_EQ(rejection_text(star), "") << c.name;
  ASSERT_EQ(star.light_curve.size(), kRows) << c.name;
  for (std::size_t i = 0; i < kRows; ++i)
    ASSERT_NEAR(star.light_curve.flux[i], mjy(i), 1e-6 * mjy(i)) << c.name << " row " << i;
  EXPECT_TRUE(*c.warning == '\0' || warns(table, c.warning)) << c.name << ": no warning of " << c.warning;
  EXPECT_TRUE(*c.warning != '\0' || table.warnings.empty())
      << c.name << ": " << (table.warnings.empty() ? "" : table.warnings[0].message);
}

TEST(InventedTables, OfSimulationsAndRubinHaveTheUnitOfTheirDocumentation) {
  constexpr double kSnana = kAb * 1e-11, kNano = 1e-6;
  const char* const ambiguous = "have the same columns";
  for (const Case& c : std::vector<Case>{
           {"elasticc", "diaObjectId,midPointTai,psFlux,psFluxErr,filterName,ccdVisitId,snr,nobs",
            fluxes("5,", kSnana, ",r,77,12.0,33")},
           {"rubin dp0.2", "diaObjectId,midPointTai,psFlux,psFluxErr,filterName,apFlux,coord_ra",
            fluxes("5,", kNano, ",r,1.0,61.1")},
           {"rubin or elasticc", "diaObjectId,midPointTai,psFlux,psFluxErr,filterName,ccdVisitId",
            fluxes("5,", kNano, ",r,77"), ambiguous},
           {"elasticc or rubin", "diaObjectId,midPointTai,psFlux,psFluxErr,filterName",
            fluxes("5,", kSnana, ",r"), ambiguous},
           {"rubin at fink", "r:diaObjectId,r:midpointMjdTai,r:psfFlux,r:psfFluxErr,r:band",
            fluxes("5,", kNano, ",r"), "difference images"},
           {"plasticc", "object_id,mjd,flux,flux_err,passband,detected", fluxes("5,", kSnana, ",2,1")},
           {"plasticc of floats", "object_id,mjd,flux,flux_err,passband,detected",
            fluxes("5,", kSnana, ",2.0,1")},
           {"plasticc without detected", "object_id,mjd,flux,flux_err,passband", fluxes("5,", kSnana, ",2"),
            "AB27.5"},
           {"the same of floats", "object_id,mjd,flux,flux_err,passband", fluxes("5,", kSnana, ",2.0"),
            "AB27.5"},
           {"passbands with names", "object_id,mjd,flux,flux_err,passband", fluxes("5,", 1, ",r"), "in mJy"},
           {"pan-starrs", "objID,obsTime,psfFlux,psfFluxErr,filterID", fluxes("5,", 1e3, ",2")},
           {"pan-starrs with quality", "objID,obsTime,psfFlux,psfFluxErr,filterID,psfQfPerfect",
            fluxes("5,", 1e3, ",2,0.99"), "psfQfPerfect"},
       })
    expect_right(c);
}

TEST(InventedTables, TheOtherUnitThatAWarningNamesIsRead) {
  SourceOptions in_njy;
  in_njy.flux_unit = FluxUnit::nJy;
  expect_right({"rubin", "midPointTai,psFlux,psFluxErr", fluxes("", 1e-6, ""), "", in_njy});
  SourceOptions in_ab;
  in_ab.flux_unit = FluxUnit::AB27_5;
  expect_right(
      {"elasticc", "midPointTai,psFlux,psFluxErr,ccdVisitId", fluxes("", kAb * 1e-11, ",7"), "", in_ab});
  SourceOptions in_mjy;
  in_mjy.flux_unit = FluxUnit::mJy;
  expect_right({"plasticc", "object_id,mjd,flux,flux_err,passband", fluxes("5,", 1, ",2"), "", in_mjy});
}

TEST(InventedTables, OfBrokersAndPeopleSayTheirSystemOrUnit) {
  const double gaia_g = kAb * std::pow(10.0, -0.4 * 25.8010446445);
  for (const Case& c : std::vector<Case>{
           {"fritz", "obj_id,mjd,mag,magerr,filter,instrument_name,magsys,limiting_mag",
            magnitudes("ZTF21a,", ",ztfg,ZTF,ab,20.5")},
           {"open astronomy catalog", "event,time,magnitude,e_magnitude,band,system",
            magnitudes("SN2011fe,", ",V,AB")},
           {"tns", "jd,flux,flux_error,flux_units,filter", fluxes("", 1e-3, ",uJy,r")},
           {"gaia without flags", "source_id,time,flux,flux_error,band,transit_id",
            [=](std::size_t i) {
              return fmt::format("42,{},{:.9f},{:.9f},G,{}", day(i), mjy(i) / gaia_g, 0.02 * mjy(i) / gaia_g,
                                 i);
            }},
           {"alerce of floats", "oid,mjd,magpsf_corr,sigmapsf_corr,fid", magnitudes("ZTF18a,", ",1.0")},
           {"cleaned atlas", "MJD,uJy,duJy,F,chi/N,Mask", fluxes("", 1e-3, ",o,1.2,0"), "Mask"},
           {"real-bogus", "mjd,flux [mJy],flux_err [mJy],rb", fluxes("", 1, ",0.8"), "rb"},
           {"score", "mjd,flux [mJy],flux_err [mJy],ml_score", fluxes("", 1, ",0.8"), "ml_score"},
       })
    expect_right(c);
}

TEST(InventedTables, DrawnWithBarsOrWithTypesOfRdbAreRead) {
  const auto bars = [](std::size_t i) {
    return fmt::format("| {} | {:.9f} | {:.9f} |", day(i), mjy(i), 0.02 * mjy(i));
  };
  const auto tabs = [](std::size_t i) {
    return fmt::format("{}\t{:.9f}\t{:.9f}", day(i), mjy(i), 0.02 * mjy(i));
  };
  for (const Case& c : std::vector<Case>{
           {"fixed width", "|  time |  flux | flux_err |", bars},
           {"markdown", "| time | flux | flux_err |\n|---|---:|:---:|", bars},
           {"rdb", "time\tflux\tflux_err\nN\tN\tN", tabs},
           {"rdb with widths", "time\tflux\tflux_err\n16N\t10N\t8N", tabs},
       })
    expect_right(c);
}

TEST(InventedTables, ExcelsMissingValuesAreMissing) {
  const std::string text = table_with("mjd,flux,flux_err", [](std::size_t i) {
    return fmt::format("{},{},0.2", day(i), i == 3 ? "#N/A" : fmt::format("{:.4f}", mjy(i)));
  });
  EXPECT_EQ(read_rejection(text).code, Status::missing_value);
}

}  // namespace
}  // namespace astrom3
