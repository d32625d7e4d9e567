// SPDX-License-Identifier: MIT
#include "source/survey_formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/source/source.h"
#include "base/edit_distance.h"
#include "formats/table_header.h"
#include "source/survey_rules.h"

namespace astrom3 {
namespace {

// The longest signatures first: what has more of the columns is the better match.
constexpr std::array kFormats{
    SurveyFormat{.name = "skypatrol2",
                 .title = "ASAS-SN Sky Patrol v2 CSV",
                 .signature = "flux|flux error|mag|mag error|limit|filter|quality",
                 .mag = "Mag",
                 .mag_err = "Mag Error",
                 .flux = "Flux",
                 .flux_err = "Flux Error",
                 .band = "Filter",
                 .rules = kSkyPatrol2},
    SurveyFormat{.name = "skypatrol1",
                 .title = "ASAS-SN Sky Patrol v1 CSV",
                 .signature = "hjd|ut date|camera|limit|mag|mag_err|flux(mjy)|flux_err",
                 .time_system = "HJD",
                 .time = "HJD",
                 .mag = "mag",
                 .mag_err = "mag_err",
                 .flux = "flux(mJy)",
                 .flux_err = "flux_err",
                 .band = "Filter",
                 .rules = kSkyPatrol1},
    SurveyFormat{.name = "pyasassn",
                 .title = "ASAS-SN Sky Patrol, pyasassn table",
                 .signature = "flux|flux_err|mag|mag_err|limit",
                 .mag = "mag",
                 .mag_err = "mag_err",
                 .flux = "flux",
                 .flux_err = "flux_err",
                 .band = "phot_filter",
                 .object_id = "asas_sn_id",
                 .rules = kAsassn},
    SurveyFormat{.name = "asassn",
                 .title = "ASAS-SN variable star database CSV",
                 .signature = "hjd|camera|mag|mag_err|flux|flux_err",
                 .time_system = "HJD",
                 .time = "hjd",
                 .mag = "mag",
                 .mag_err = "mag_err",
                 .flux = "flux",
                 .flux_err = "flux_err",
                 .rules = kAsassn},
    SurveyFormat{.name = "ztf",
                 .title = "ZTF light curve of IRSA",
                 .signature = "oid|hjd|mjd|mag|magerr|catflags|filtercode",
                 .time_system = "HJD",
                 .time = "hjd",
                 .mag = "mag",
                 .mag_err = "magerr",
                 .band = "filtercode",
                 .object_id = "oid",
                 .rules = kZtf},
    SurveyFormat{.name = "ztf_dr",
                 .title = "ZTF data release",
                 .signature = "objectid|filterid|hmjd|mag|magerr|catflags",
                 .time_system = "HJD - 2400000.5",
                 .time = "hmjd",
                 .mag = "mag",
                 .mag_err = "magerr",
                 .band = "filterid",
                 .object_id = "objectid",
                 .bands = kZtfBands,
                 .rules = kZtf},
    SurveyFormat{.name = "ztf_flagged",
                 .title = "ZTF magnitudes with catflags",
                 .signature = "mag|magerr|catflags",
                 .mag = "mag",
                 .mag_err = "magerr",
                 .object_id = "oid",
                 .bands = kZtfBands,
                 .rules = kZtf},
    SurveyFormat{.name = "rubin_dia",
                 .title = "Rubin Observatory, sources of difference-image objects",
                 .signature = "diaobjectid|midpointmjdtai|psfflux|psffluxerr",
                 .time_system = "MJD (TAI)",
                 .time = "midpointMjdTai",
                 .flux = "psfFlux",
                 .flux_err = "psfFluxErr",
                 .band = "band",
                 .object_id = "diaObjectId",
                 .flux_unit = FluxUnit::nJy,
                 .rules = kRubin},
    SurveyFormat{.name = "rubin",
                 .title = "Rubin Observatory, sources of objects",
                 .signature = "midpointmjdtai,expmidptmjd|psfflux|psffluxerr",
                 .time_system = "MJD (TAI)",
                 .flux = "psfFlux",
                 .flux_err = "psfFluxErr",
                 .band = "band",
                 .object_id = "objectId",
                 .flux_unit = FluxUnit::nJy,
                 .rules = kRubin},
    SurveyFormat{.name = "rubin_dp02",
                 .title = "Rubin Observatory, difference-image sources of Data Preview 0.2",
                 .signature = "midpointtai|psflux|psfluxerr|ccdvisitid",
                 .time = "midPointTai",
                 .flux = "psFlux",
                 .flux_err = "psFluxErr",
                 .flux_unit = FluxUnit::nJy},
    SurveyFormat{.name = "rubin_alert",
                 .title = "Rubin Observatory, sources of alerts before 2025",
                 .signature = "midpointmjdtai|psflux|psfluxerr",
                 .time_system = "MJD (TAI)",
                 .time = "midpointMjdTai",
                 .flux = "psFlux",
                 .flux_err = "psFluxErr",
                 .object_id = "diaObjectId",
                 .flux_unit = FluxUnit::nJy},
    SurveyFormat{.name = "elasticc",
                 .title = "ELAsTiCC, sources of simulated alerts",
                 .signature = "midpointtai|psflux|psfluxerr",
                 .time_system = "MJD (TAI)",
                 .time = "midPointTai",
                 .flux = "psFlux",
                 .flux_err = "psFluxErr",
                 .object_id = "diaObjectId",
                 .flux_unit = FluxUnit::AB27_5},
    SurveyFormat{.name = "snana",
                 .title = "SNANA photometry",
                 .signature = "mjd|fluxcal|fluxcalerr",
                 .time_system = "MJD",
                 .time = "MJD",
                 .flux = "FLUXCAL",
                 .flux_err = "FLUXCALERR",
                 .flux_unit = FluxUnit::AB27_5,
                 .rules = kSnana},
    SurveyFormat{.name = "plasticc",
                 .title = "PLAsTiCC",
                 .signature = "mjd|passband|flux|flux_err|detected,detected_bool",
                 .time_system = "MJD",
                 .time = "mjd",
                 .flux = "flux",
                 .flux_err = "flux_err",
                 .band = "passband",
                 .object_id = "object_id",
                 .flux_unit = FluxUnit::AB27_5,
                 .bands = kPlasticcBands},
    SurveyFormat{.name = "ztf_forced",
                 .title = "ZTF forced photometry (difference fluxes)",
                 .signature = "jd|forcediffimflux|forcediffimfluxunc|zpdiff|filter",
                 .time_system = "JD",
                 .time = "jd",
                 .flux = "forcediffimflux",
                 .flux_err = "forcediffimfluxunc",
                 .band = "filter",
                 .zero_point_column = "zpdiff",
                 .rules = kZtfForced},
    SurveyFormat{.name = "alerce",
                 .title = "ALeRCE detections (corrected magnitudes)",
                 .signature = "mjd|fid|magpsf_corr|sigmapsf_corr",
                 .time_system = "MJD",
                 .time = "mjd",
                 .mag = "magpsf_corr",
                 .mag_err = "sigmapsf_corr",
                 .band = "fid",
                 .object_id = "oid",
                 .bands = kZtfBands,
                 .rules = kAlerce},
    SurveyFormat{.name = "alerce2",
                 .title = "ALeRCE detections of several surveys (corrected magnitudes)",
                 .signature = "mjd|fid|mag_corr|e_mag_corr",
                 .time_system = "MJD",
                 .time = "mjd",
                 .mag = "mag_corr",
                 .mag_err = "e_mag_corr",
                 .band = "fid",
                 .object_id = "oid",
                 .bands = kZtfBands,
                 .rules = kAlerce},
    SurveyFormat{.name = "fink",
                 .title = "Fink, alerts of ZTF",
                 .signature = "i:jd|i:magpsf|i:sigmapsf|i:fid",
                 .time_system = "JD",
                 .time = "i:jd",
                 .mag = "i:magpsf",
                 .mag_err = "i:sigmapsf",
                 .band = "i:fid",
                 .object_id = "i:objectId",
                 .bands = kZtfBands,
                 .rules = kFink,
                 .note = kAlertNote},
    SurveyFormat{.name = "antares",
                 .title = "ANTARES, alerts of ZTF",
                 .signature = "ant_mjd|ant_mag|ant_magerr|ant_passband",
                 .time_system = "MJD",
                 .time = "ant_mjd",
                 .mag = "ant_mag",
                 .mag_err = "ant_magerr",
                 .band = "ant_passband",
                 .bands = kAntaresBands,
                 .rules = kAntares,
                 .note = kAlertNote},
    SurveyFormat{.name = "ztf_alerts",
                 .title = "alerts of ZTF (Lasair, ALeRCE, ...)",
                 .signature = "jd,mjd|fid|magpsf|sigmapsf",
                 .mag = "magpsf",
                 .mag_err = "sigmapsf",
                 .band = "fid",
                 .bands = kZtfBands,
                 .rules = kZtfAlerts,
                 .note = kAlertNote},
    SurveyFormat{.name = "gaia",
                 .title = "Gaia DR3 epoch photometry, a transit a row",
                 .signature = "source_id|transit_id|g_transit_time|g_transit_flux|bp_flux|rp_flux",
                 .time_system = "BJD(TCB) - 2455197.5",
                 .time = "g_transit_time",
                 .flux = "g_transit_flux",
                 .flux_err = "g_transit_flux_error",
                 .object_id = "source_id",
                 .bands = kGaiaBands,
                 .wide = kGaiaWide,
                 .rules = kGaia},
    SurveyFormat{.name = "gaia_long",
                 .title = "Gaia DR3 epoch photometry, a measurement a row",
                 .signature = "source_id|transit_id|band|time|flux|flux_error|rejected_by_photometry",
                 .time_system = "BJD(TCB) - 2455197.5",
                 .time = "time",
                 .mag = "mag",
                 .flux = "flux",
                 .flux_err = "flux_error",
                 .band = "band",
                 .object_id = "source_id",
                 .bands = kGaiaBands,
                 .rules = kGaia},
    SurveyFormat{.name = "atlas",
                 .title = "ATLAS forced photometry",
                 .signature = "mjd|ujy|dujy|f",
                 .time_system = "MJD (UTC)",
                 .time = "MJD",
                 .flux = "uJy",
                 .flux_err = "duJy",
                 .band = "F",
                 .flux_unit = FluxUnit::uJy,
                 .rules = kAtlas},
    SurveyFormat{.name = "crts",
                 .title = "Catalina surveys (CRTS, CSS) CSV",
                 .signature = "masterid|mag|magerr|mjd|blend",
                 .time_system = "MJD",
                 .time = "MJD",
                 .mag = "Mag",
                 .mag_err = "Magerr",
                 .object_id = "MasterID",
                 .default_band = "V",
                 .rules = kCrts},
    SurveyFormat{.name = "crts_match",
                 .title = "Catalina surveys, result of a match of many positions",
                 .signature = "masterframe|mag|magerr|mjd|blend",
                 .time_system = "MJD",
                 .time = "MJD",
                 .mag = "Mag",
                 .mag_err = "Magerr",
                 .object_id = "MasterFrame",
                 .default_band = "V",
                 .rules = kCrts},
    SurveyFormat{.name = "asas3",
                 .title = "ASAS-3",
                 .signature = "hjd|mag_0|mer_0|grade",
                 .time_system = "HJD - 2450000",
                 .time = "HJD",
                 .mag = "MAG_0",
                 .mag_err = "MER_0",
                 .default_band = "V",
                 .rules = kAsas3},
    SurveyFormat{.name = "kepler",
                 .title = "Kepler or K2 light curve (PDCSAP)",
                 .signature = "time|cadenceno|sap_flux|pdcsap_flux|pdcsap_flux_err|sap_quality",
                 .time_system = "BKJD = BJD - 2454833",
                 .time = "TIME",
                 .flux = "PDCSAP_FLUX",
                 .flux_err = "PDCSAP_FLUX_ERR",
                 .mjy_per_unit = kKeplerMjy,
                 .rules = kKepler},
    SurveyFormat{.name = "tess",
                 .title = "TESS light curve of SPOC (PDCSAP)",
                 .signature = "time|cadenceno|pdcsap_flux|pdcsap_flux_err|quality",
                 .time_system = "BTJD = BJD - 2457000",
                 .time = "TIME",
                 .flux = "PDCSAP_FLUX",
                 .flux_err = "PDCSAP_FLUX_ERR",
                 .mjy_per_unit = kTessMjy,
                 .rules = kTess},
    SurveyFormat{.name = "qlp",
                 .title = "TESS light curve of QLP, detrended",
                 .signature = "time|cadenceno|sap_flux|det_flux|det_flux_err|quality",
                 .time_system = "BTJD = BJD - 2457000",
                 .time = "TIME",
                 .flux = "DET_FLUX",
                 .flux_err = "DET_FLUX_ERR",
                 .mjy_per_unit = kTessZeroMjy,
                 .magnitude_card = "TESSMAG",
                 .rules = kTess,
                 .note = kFilteredNote,
                 .other_flux = "flux=SAP_FLUX,flux_err=DET_FLUX_ERR"},
    SurveyFormat{.name = "qlp_ksp",
                 .title = "TESS light curve of QLP, detrended by splines",
                 .signature = "time|cadenceno|sap_flux|kspsap_flux|kspsap_flux_err|quality",
                 .time_system = "BTJD = BJD - 2457000",
                 .time = "TIME",
                 .flux = "KSPSAP_FLUX",
                 .flux_err = "KSPSAP_FLUX_ERR",
                 .mjy_per_unit = kTessZeroMjy,
                 .magnitude_card = "TESSMAG",
                 .rules = kTess,
                 .note = kFilteredNote,
                 .other_flux = "flux=SAP_FLUX,flux_err=KSPSAP_FLUX_ERR"},
    SurveyFormat{.name = "tglc",
                 .title = "TESS light curve of TGLC, calibrated aperture",
                 .signature = "time|aperture_flux|cal_aper_flux|tess_flags|tglc_flags",
                 .time_system = "BTJD = BJD - 2457000",
                 .time = "time",
                 .flux = "cal_aper_flux",
                 .mjy_per_unit = kTessZeroMjy,
                 .magnitude_card = "TESSMAG",
                 .error_card = "CAPE_ERR",
                 .rules = kTglc},
    SurveyFormat{.name = "eleanor",
                 .title = "TESS light curve of eleanor, corrected",
                 .signature = "time|raw_flux|corr_flux|flux_err|quality",
                 .time_system = "BTJD = BJD - 2457000",
                 .time = "TIME",
                 .flux = "CORR_FLUX",
                 .flux_err = "FLUX_ERR",
                 .mjy_per_unit = kTessMjy,
                 .rules = kTess},
    SurveyFormat{.name = "superwasp_days",
                 .title = "SuperWASP, with HJD",
                 .signature = "hjd|tamflux2|tamflux2_err",
                 .time_system = "HJD",
                 .time = "HJD",
                 .flux = "TAMFLUX2",
                 .flux_err = "TAMFLUX2_ERR",
                 .mjy_per_unit = kSuperWaspMjy,
                 .rules = kSuperWasp},
    SurveyFormat{.name = "superwasp",
                 .title = "SuperWASP",
                 .signature = "tmid|tamflux2|tamflux2_err",
                 .time_system = "HJD, from seconds",
                 .time = "TMID",
                 .flux = "TAMFLUX2",
                 .flux_err = "TAMFLUX2_ERR",
                 .time_units_per_day = 86400,
                 .mjy_per_unit = kSuperWaspMjy,
                 .epoch_card = "JD_REF",
                 .rules = kSuperWasp},
    SurveyFormat{.name = "aavso_report",
                 .title = "AAVSO extended file format",
                 .signature = "name|date|mag|merr|filt|mtype",
                 .time_system = "JD, HJD or BJD",
                 .time = "DATE",
                 .mag = "MAG",
                 .mag_err = "MERR",
                 .band = "FILT",
                 .object_id = "NAME",
                 .rules = kAavsoReport},
    SurveyFormat{.name = "aavso",
                 .title = "AAVSO International Database",
                 .signature = "jd|magnitude|uncertainty|band",
                 .time_system = "JD",
                 .time = "JD",
                 .mag = "Magnitude",
                 .mag_err = "Uncertainty",
                 .band = "Band",
                 .object_id = "Star Name",
                 .rules = kAavso},
    SurveyFormat{.name = "ogle",
                 .title = "OGLE (no header: time, magnitude, error)",
                 .time_system = "HJD, or HJD - 2450000",
                 .time = "1",
                 .mag = "2",
                 .mag_err = "3",
                 .default_band = "I",
                 .bands = kOgleBands},
    SurveyFormat{.name = "crts_catalog",
                 .title = "Catalina periodic variables (no header: id, time, magnitude, error, position)",
                 .time_system = "MJD",
                 .time = "2",
                 .mag = "3",
                 .mag_err = "4",
                 .object_id = "1",
                 .default_band = "V"},
    SurveyFormat{.name = "linear",
                 .title = "LINEAR (no header: time, magnitude, error)",
                 .time_system = "MJD",
                 .time = "1",
                 .mag = "2",
                 .mag_err = "3",
                 .default_band = "r"},
    SurveyFormat{.name = "macho",
                 .title = "MACHO (comment lines, then time, instrumental magnitude, error)",
                 .time_system = "MJD",
                 .time = "1",
                 .mag = "2",
                 .mag_err = "3"},
};

bool holds_all(std::string_view signature, std::span<const std::string> known) {
  while (!signature.empty()) {
    const std::string_view names = signature.substr(0, signature.find('|'));
    bool is_there = false;
    for (std::size_t at = 0; at <= names.size() && !is_there;) {
      const std::size_t stop = std::min(names.find(',', at), names.size());
      is_there = std::find(known.begin(), known.end(), names.substr(at, stop - at)) != known.end();
      at = stop + 1;
    }
    if (!is_there) return false;
    signature.remove_prefix(std::min(signature.size(), names.size() + 1));
  }
  return true;
}

}  // namespace

std::span<const SurveyFormat> survey_formats() noexcept {
  return kFormats;
}

const SurveyFormat* find_survey_format(std::string_view name) noexcept {
  for (const SurveyFormat& format : kFormats) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

const SurveyFormat* recognise_survey(std::span<const std::string> names) {
  const auto is_digital = [](const std::string& name) {
    return name.find_first_not_of("0123456789.+-eE ") == std::string::npos;
  };
  if (std::all_of(names.begin(), names.end(), is_digital)) return nullptr;  // a row, as most lines are
  std::vector<std::string> known;  // with and without what is in brackets
  for (const std::string& name : names) {
    known.push_back(folded_name(name));
    const std::size_t bracket = known.back().find('(');
    if (bracket != std::string::npos) known.push_back(folded_name(known.back().substr(0, bracket)));
  }
  for (const SurveyFormat& format : kFormats) {
    if (!format.signature.empty() && holds_all(format.signature, known)) return &format;
  }
  return nullptr;
}

const SurveyFormat* survey_of(std::span<const std::string> names, const SourceOptions& options) {
  if (options.format == "csv") return nullptr;
  if (const SurveyFormat* named = find_survey_format(options.format)) return named;
  return recognise_survey(names);
}

void check_format_option(const SourceOptions& options) {
  if (options.format.empty() || options.format == "auto" || options.format == "csv") return;
  if (find_survey_format(options.format) != nullptr) return;
  std::string known = "auto, csv";
  std::string_view nearest;
  for (const SurveyFormat& format : kFormats) {
    known += fmt::format(", {}", format.name);
    if (edit_distance(options.format, format.name, 2) <= 2) nearest = format.name;
  }
  throw Error(
      Diagnostic{.code = Status::usage,
                 .option = "format",
                 .message = fmt::format("expected one of {}, found \"{}\"", known, escaped(options.format)),
                 .hint = nearest.empty() ? std::string{} : fmt::format("did you mean {}?", nearest)});
}

SourceOptions with_columns_of(const SurveyFormat& survey, SourceOptions options) {
  // A caller who names magnitudes does not want the survey's flux, and the reverse.
  const bool wants_mag = options.magnitudes || options.columns.contains("mag");
  const bool wants_flux = options.columns.contains("flux");
  const auto add = [&](const char* role, std::string_view column) {
    if (!column.empty()) options.columns.try_emplace(role, column);
  };
  add("time", survey.time);
  if (!wants_flux) add("mag", survey.mag);
  if (!wants_flux) add("mag_err", survey.mag_err);
  if (!wants_mag) add("flux", survey.flux);
  if (!wants_mag) add("flux_err", survey.flux_err);
  return options;
}

}  // namespace astrom3
