// SPDX-License-Identifier: MIT
//
// The surveys whose files are recognised by their columns: one description each, read by one reader.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "astrom3/source/source.h"

namespace astrom3 {

/// How a column says that an observation is not a measurement.
enum class DropTest : std::uint8_t {
  at_least,      ///< a number >= limit
  equals,        ///< a number == limit: a sentinel
  any_bit,       ///< an integer with a bit of the mask set (decimal, or 0x...)
  is_word,       ///< one of `words`, without case
  is_no_word,    ///< none of `words`
  marked_limit,  ///< starts with '>' or '<'
  poor_fit,      ///< a chi2/N >= limit (1 + (S/N / 50)^2), as for a model that is wrong by a part of the flux
  separator,     ///< a number == limit that stands between the rows of two objects
};

struct DropRule {
  /// If there is no such column, the rule is not used. "@value" and "@error" are the columns that
  /// are read as value and error.
  std::string_view column;
  DropTest test = DropTest::at_least;
  double limit = 0;             ///< at_least, equals; the default mask of any_bit
  std::string_view words = {};  ///< separated by blanks
  DropReason reason = DropReason::quality;
};

/// A band as a survey writes it.
struct BandCode {
  std::string_view code;     ///< in the file
  std::string_view name;     ///< as given to --band
  double mjy_per_unit = 0;   ///< of fluxes; 0: the format's unit
  double zero_point_jy = 0;  ///< of magnitudes; 0: the band's default
};

/// The measurement of one band in a row that holds several.
struct WideBand {
  std::string_view band, time, flux, flux_err;
  std::string_view rejections[2];  ///< columns that are true if the measurement is bad
};

struct SurveyFormat {
  std::string_view name;   ///< as given to --format
  std::string_view title;  ///< for people
  /// Folded column names that only such a table has all of, separated by '|' (by ',' where it has one of
  /// several); empty: the files have no header, the columns below are field numbers, and the format has to be
  /// named.
  std::string_view signature = {};
  std::string_view time_system = {};  ///< empty: the name of its column
  /// Columns; empty: none, but a time and a band are then looked for by the names of any table.
  std::string_view time = {}, mag = {}, mag_err = {}, flux = {}, flux_err = {}, band = {}, object_id = {};
  double time_units_per_day = 1;  ///< 86400 where times are seconds
  FluxUnit flux_unit = FluxUnit::mJy;
  double mjy_per_unit = 0;                  ///< where it is none of the units
  std::string_view magnitude_card = {};     ///< FITS: flux 1 is this magnitude, mjy_per_unit magnitude 0
  std::string_view epoch_card = {};         ///< FITS: the day of time 0
  std::string_view error_card = {};         ///< FITS: the error of all observations
  std::string_view zero_point_column = {};  ///< AB magnitude of one flux unit, row by row
  std::string_view default_band = {};       ///< of magnitudes without a band column
  std::span<const BandCode> bands = {};
  std::span<const WideBand> wide = {};
  std::span<const DropRule> rules = {};
  std::string_view note = {};        ///< what users have to know about these numbers
  std::string_view other_flux = {};  ///< columns of another choice: "flux=SAP_FLUX,flux_err=..."
  std::string_view other_unit = {};  ///< of fluxes, as --flux-unit has it, which such a table may have, too
  bool names_quality = false;        ///< columns of quality that are in no rule are named as not used
};

std::span<const SurveyFormat> survey_formats() noexcept;

/// By the name given to --format, or null.
const SurveyFormat* find_survey_format(std::string_view name) noexcept;

/// The format whose signature is among `names`, or null. More columns, in any order, are fine.
const SurveyFormat* recognise_survey(std::span<const std::string> names);

/// The format that the options name, or else the one with these columns; null for a table of no survey.
const SurveyFormat* survey_of(std::span<const std::string> names, const SourceOptions& options);

/// Throws Error usage for a --format that does not exist, listing those that do.
void check_format_option(const SourceOptions& options);

/// `options` with the columns of `survey` for those that the caller did not name.
SourceOptions with_columns_of(const SurveyFormat& survey, SourceOptions options);

}  // namespace astrom3
