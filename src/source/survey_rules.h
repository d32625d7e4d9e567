// SPDX-License-Identifier: MIT
//
// How surveys mark rows that are not measurements, how they write bands, and how large a unit of flux is.
#pragma once

#include <array>
#include <string_view>

#include "source/photometry.h"
#include "source/survey_formats.h"

namespace astrom3 {

using enum DropTest;
using enum DropReason;

// ASAS-SN writes 99.99 or 99.999 as the error of a non-detection; G is a good image, B a bad one, U
// an image that nobody checked.
constexpr std::array kAsassn{DropRule{"mag_err", at_least, 99, {}, upper_limit},
                             DropRule{"flux_err", equals, 99.99, {}, sentinel},
                             DropRule{"quality", is_word, 0, "b", quality}};
constexpr std::array kSkyPatrol1{DropRule{"mag", marked_limit, 0, {}, upper_limit},
                                 DropRule{"mag_err", at_least, 99, {}, upper_limit}};
constexpr std::array kSkyPatrol2{DropRule{"mag error", at_least, 99, {}, upper_limit},
                                 DropRule{"flux error", equals, 99.99, {}, sentinel},
                                 DropRule{"quality", is_word, 0, "b", quality}};

// ZTF: any bit is a caveat; --quality-mask 32768 keeps all observations but the unusable ones.
constexpr double kAnyBit = 4294967295.0;
constexpr std::array kZtf{DropRule{"catflags", any_bit, kAnyBit, {}, quality}};
constexpr std::array kZtfForced{DropRule{"infobitssci", any_bit, 33554432, {}, quality},
                                DropRule{"forcediffimflux", equals, -99999, {}, sentinel},
                                DropRule{"forcediffimfluxunc", equals, -99999, {}, sentinel}};
constexpr std::array kZtfBands{BandCode{"1", "zg"}, BandCode{"2", "zr"}, BandCode{"3", "zi"}};
constexpr std::array kRubin{DropRule{"psfflux_flag", is_word, 0, "true 1", quality},
                            DropRule{"pixelflags_bad", is_word, 0, "true 1", quality}};
constexpr std::array kAlerce{DropRule{"corrected", is_word, 0, "false 0", quality},
                             DropRule{"dubious", is_word, 0, "true 1", quality},
                             DropRule{"@error", at_least, 99, {}, sentinel}};

// Gaia DR3's AB zero points: 1 e-/s is 10^(-0.4 z) of 3631 Jy.
// Source  Riello et al. 2021, A&A 649, A3, external calibration: z = 25.8010446, 25.3539556, 25.1039837.
constexpr std::array kGaiaBands{BandCode{"G", "G", 1.7362345e-04, 3228.75},
                                BandCode{"BP", "BP", 2.6208612e-04, 3552.01},
                                BandCode{"RP", "RP", 3.2993832e-04, 2554.95}};
constexpr std::array kGaiaWide{WideBand{"G",
                                        "g_transit_time",
                                        "g_transit_flux",
                                        "g_transit_flux_error",
                                        {"variability_flag_g_reject", "photometry_flag_noisy_data"}},
                               WideBand{"BP",
                                        "bp_obs_time",
                                        "bp_flux",
                                        "bp_flux_error",
                                        {"variability_flag_bp_reject", "photometry_flag_bp_reject"}},
                               WideBand{"RP",
                                        "rp_obs_time",
                                        "rp_flux",
                                        "rp_flux_error",
                                        {"variability_flag_rp_reject", "photometry_flag_rp_reject"}}};
constexpr std::array kGaia{DropRule{"rejected_by_photometry", is_word, 0, "true t 1", quality},
                           DropRule{"rejected_by_variability", is_word, 0, "true t 1", quality}};

// ATLAS: the forced-photometry server's own advice for clean light curves, except for bright stars: chi/N of
// a good fit grows with the square of their signal-to-noise ratio, since no model of the PSF is exact.
constexpr std::array kAtlas{DropRule{"err", is_no_word, 0, "0", quality},
                            DropRule{"dujy", at_least, 4000, {}, quality},
                            DropRule{"chi/n", poor_fit, 100, {}, quality}};
constexpr std::array kCrts{DropRule{"blend", any_bit, kAnyBit, {}, quality}};
// ASAS-3: 29.999 and 99.999 stand for "not measured"; grades C and D are bad frames.
constexpr std::array kAsas3{DropRule{"@value", at_least, 29.999, {}, sentinel},
                            DropRule{"@error", at_least, 9.999, {}, sentinel},
                            DropRule{"grade", is_no_word, 0, "a b", quality}};
// Source  Bessell, Castelli & Plez 1998, A&A 333, 231, table A2: Cousins I is 2416 Jy at magnitude 0.
constexpr std::array kOgleBands{BandCode{"I", "I", 0, 2416}};
// Kepler: a star of Kp = 12 gives 1.74e5 electrons/s (Kepler Instrument Handbook, KSCI-19033), Kp
// taken as AB. TESS: T = 20.44 gives 1 electron/s (TESS Instrument Handbook), T = 0 is 2416 Jy as I.
constexpr double kKeplerMjy = 3.3073260e-4;
constexpr double kTessMjy = 1.6110052e-2;
constexpr double kTessZeroMjy = 2416e3;
constexpr std::array kKepler{DropRule{"sap_quality", any_bit, kAnyBit, {}, quality}};
constexpr std::array kTess{DropRule{"quality", any_bit, kAnyBit, {}, quality}};
// TGLC: cal_aper_flux is 1 at the star's magnitude.
constexpr std::array kTglc{DropRule{"tess_flags", any_bit, kAnyBit, {}, quality},
                           DropRule{"tglc_flags", any_bit, kAnyBit, {}, quality}};
// SuperWASP: a flux of 1e-6 Vega is of magnitude 15 in a band near V, which is 3636 Jy at magnitude 0
// (Bessell, Castelli & Plez 1998). An error of 0 stands for "not measured". The meaning of the bits of FLAG
// is not published, so that a bit drops observations only if --quality-mask names it.
constexpr double kSuperWaspMjy = 3.636;
constexpr std::array kSuperWasp{DropRule{"@error", equals, 0, {}, sentinel},
                                DropRule{"flag", any_bit, 0, {}, quality}};
constexpr std::array kAavsoReport{DropRule{"mag", marked_limit, 0, {}, upper_limit},
                                  DropRule{"mtype", is_word, 0, "dif", quality}};
constexpr std::array kAavso{DropRule{"magnitude", marked_limit, 0, {}, upper_limit},
                            DropRule{"validation flag", is_word, 0, "t", quality},
                            DropRule{"measurement method", is_word, 0, "diff dif", quality}};
// Alerts of ZTF: magpsf is that of the difference image; isdiffpos says whether the difference is negative.
constexpr std::array kZtfAlerts{DropRule{"isdiffpos", is_word, 0, "f false 0 -1", quality}};
constexpr std::array kFink{DropRule{"d:tag", is_word, 0, "upperlim", upper_limit},
                           DropRule{"d:tag", is_word, 0, "badquality", quality},
                           DropRule{"i:isdiffpos", is_word, 0, "f false 0 -1", quality}};
constexpr std::array kAntares{DropRule{"ant_survey", equals, 2, {}, upper_limit}};
// ANTARES calls ZTF's r band R.
constexpr std::array kAntaresBands{BandCode{"g", "g"}, BandCode{"R", "R", 0, 3631}, BandCode{"1", "g"},
                                   BandCode{"2", "R", 0, 3631}};
// PLAsTiCC: passbands of LSST by number.
// Source  Allam et al. 2018, arXiv:1810.00001; fluxes are SNANA's FLUXCAL, magnitude 27.5 - 2.5 log10
// FLUXCAL.
constexpr std::array kPlasticcBands{BandCode{"0", "u"}, BandCode{"1", "g"}, BandCode{"2", "r"},
                                    BandCode{"3", "i"}, BandCode{"4", "z"}, BandCode{"5", "y"}};
constexpr std::array kPlasticcShortBands{
    BandCode{"0", "u", kMjyPerAb27_5}, BandCode{"1", "g", kMjyPerAb27_5}, BandCode{"2", "r", kMjyPerAb27_5},
    BandCode{"3", "i", kMjyPerAb27_5}, BandCode{"4", "z", kMjyPerAb27_5}, BandCode{"5", "y", kMjyPerAb27_5}};
// Pan-STARRS1: fluxes in Jy; -999 stands for "not measured".
// Source  Flewelling et al. 2020, ApJS 251, 7, tables of detections.
constexpr std::array kPs1Bands{BandCode{"1", "g"}, BandCode{"2", "r"}, BandCode{"3", "i"}, BandCode{"4", "z"},
                               BandCode{"5", "y"}};
constexpr std::array kPs1{DropRule{"@value", equals, -999, {}, sentinel},
                          DropRule{"@error", equals, -999, {}, sentinel}};
// SNANA writes a row of -777 between the rows of two objects, and -9 or -999 where nothing was measured.
constexpr std::array kSnana{
    DropRule{"mjd", separator, -777, {}, sentinel}, DropRule{"fluxcal", equals, -777, {}, sentinel},
    DropRule{"@error", equals, -9, {}, sentinel}, DropRule{"@error", equals, -99, {}, sentinel},
    DropRule{"@error", equals, -999, {}, sentinel}};
constexpr std::string_view kAlertNote =
    "these are magnitudes of difference images: what the star is brighter than in the reference image, not "
    "its "
    "magnitude";
/// ELAsTiCC's sources have none of the columns behind the last bar.
constexpr std::string_view kRubinOnly =
    "midpointtai|psflux|psfluxerr|apflux,totflux,coord_ra,pixelflags,pixelflags_bad,isdipole,dipfluxdiff,"
    "scienceflux";
constexpr std::string_view kTakenInNjyNote =
    "fluxes are taken in nJy, as in Rubin's tables; those of ELAsTiCC have the same columns";
constexpr std::string_view kTakenInAbNote =
    "fluxes are taken in the unit AB27.5 of ELAsTiCC; those of Rubin have the same columns and are in nJy";
constexpr std::string_view kShortPlasticcNote =
    "fluxes of passbands 0 to 5 are taken in the unit AB27.5 of PLAsTiCC, all others in mJy";
constexpr std::string_view kDifferenceFluxNote =
    "these are fluxes of difference images: what the star is brighter than in the reference image, not its "
    "flux";
constexpr std::string_view kFilteredNote =
    "this flux is filtered: slow variations, of some days and more, may be gone from it";

}  // namespace astrom3
