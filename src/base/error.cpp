// SPDX-License-Identifier: MIT
#include "astrom3/base/error.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "astrom3/base/printable.h"
#include "base/utf8.h"

namespace astrom3 {
namespace {

struct StatusText {
  Status status;
  std::string_view name;
  std::string_view meaning;
  int exit_code;
};

// One line per code, in the order of the enum (checked by a test).
constexpr std::array kStatusTexts{
    StatusText{Status::ok, "ok", "embedded", 0},
    StatusText{Status::no_points, "no_points", "no observation at all", 3},
    StatusText{Status::too_few_points, "too_few_points",
               "fewer observations than the option min-points asks for", 3},
    StatusText{Status::too_many_points, "too_many_points", "more than 10^7 observations", 3},
    StatusText{Status::nonfinite_time, "nonfinite_time", "a time is NaN or infinite", 3},
    StatusText{Status::nonfinite_flux, "nonfinite_flux", "a flux or magnitude is NaN or infinite", 3},
    StatusText{Status::nonfinite_flux_err, "nonfinite_flux_err", "an error is NaN or infinite", 3},
    StatusText{Status::negative_error, "negative_error", "an error is below zero", 3},
    StatusText{Status::zero_time_span, "zero_time_span", "all observations have the same time", 3},
    StatusText{Status::implausible_time_span, "implausible_time_span",
               "more than 200 years: mixed time systems, or not days", 3},
    StatusText{Status::mad_zero, "mad_zero", "the median absolute deviation of the flux is zero", 3},
    StatusText{Status::mad_too_small, "mad_too_small",
               "the median absolute deviation is too small to divide by", 3},
    StatusText{Status::overflow_float32, "overflow_float32", "a scaled value does not fit float32", 3},
    StatusText{Status::nonfinite_output, "nonfinite_output", "the encoder's output is not finite", 3},
    StatusText{Status::length_mismatch, "length_mismatch", "time, flux and error differ in length", 3},
    StatusText{Status::mixed_bands, "mixed_bands", "several bands in one object, and none chosen", 3},
    StatusText{Status::missing_error_column, "missing_error_column",
               "no error column, and no error given instead", 3},
    StatusText{Status::grid_too_fine, "grid_too_fine",
               "the period search would take more than 10^8 frequencies", 3},
    StatusText{Status::no_catalog_row, "no_catalog_row", "the object is not in the catalogue", 3},
    StatusText{Status::bad_aux, "bad_aux", "a given feature value is empty, not finite or impossible", 3},
    StatusText{Status::io_error, "io_error", "the file cannot be opened or read", 3},
    StatusText{Status::empty_file, "empty_file", "the file has no bytes", 3},
    StatusText{Status::no_rows, "no_rows", "a header and nothing else", 3},
    StatusText{Status::not_text, "not_text", "binary content where text was expected", 3},
    StatusText{Status::bad_encoding, "bad_encoding", "not UTF-8", 3},
    StatusText{Status::bad_header, "bad_header", "the header is not what the format says", 3},
    StatusText{Status::no_zero_point, "no_zero_point", "magnitudes of a band whose zero point is not known",
               3},
    StatusText{Status::missing_column, "missing_column", "a needed column is absent", 3},
    StatusText{Status::ambiguous_column, "ambiguous_column", "a needed column is there twice", 3},
    StatusText{Status::field_count, "field_count", "a row has fewer or more fields than the header", 3},
    StatusText{Status::not_a_number, "not_a_number", "a field is not a number", 3},
    StatusText{Status::missing_value, "missing_value", "an empty field, NA, null or nan", 3},
    StatusText{Status::nonfinite, "nonfinite", "inf, or a number beyond double", 3},
    StatusText{Status::upper_limit, "upper_limit", "a limit such as >17.2, not a measurement", 3},
    StatusText{Status::unclosed_quote, "unclosed_quote", "a quoted field does not end", 3},
    StatusText{Status::line_too_long, "line_too_long", "a line or field longer than 1 MiB", 3},
    StatusText{Status::bad_id, "bad_id", "an object id that is empty or not UTF-8", 3},
    StatusText{Status::not_grouped, "not_grouped", "rows of several objects that cannot be told apart", 3},
    StatusText{Status::duplicate_id, "duplicate_id", "the id was already used by another file", 3},
    StatusText{Status::bad_compression, "bad_compression", "gzip data truncated, corrupt or followed by junk",
               3},
    StatusText{Status::bad_parquet, "bad_parquet", "the Parquet file cannot be read", 3},
    StatusText{Status::too_few_pixels, "too_few_pixels", "a spectrum of fewer than two pixels", 3},
    StatusText{Status::duplicate_wavelength, "duplicate_wavelength",
               "two pixels of a spectrum at one wavelength", 3},
    StatusText{Status::wavelength_unit, "wavelength_unit",
               "wavelengths that look like another unit than the one they are said to have", 3},
    StatusText{Status::bad_ivar, "bad_ivar", "an inverse variance or an error of a spectrum below zero", 3},
    StatusText{Status::coverage, "coverage", "a spectrum that covers too little of the model's wavelengths",
               3},
    StatusText{Status::no_flux, "no_flux", "a spectrum whose flux is zero everywhere", 3},
    StatusText{Status::no_variation, "no_variation", "a spectrum whose median absolute deviation is zero", 3},
    StatusText{Status::several_spectra, "several_spectra", "several spectra of one object", 3},
    StatusText{Status::sentinel, "sentinel",
               "a number that surveys write in place of a missing one, such as 99.999", 3},
    StatusText{Status::ambiguous, "ambiguous", "several rows for one object", 3},
    StatusText{Status::zero_embedding, "zero_embedding",
               "an embedding without length, which has no direction", 3},
    StatusText{Status::no_modality, "no_modality", "nothing is left of the object to embed", 3},
    StatusText{Status::missing_modality, "missing_modality", "a modality is absent that is needed", 3},
    StatusText{Status::bad_metadata, "bad_metadata", "the table of metadata cannot be used", 5},
    StatusText{Status::usage, "usage", "wrong command line or option", 2},
    StatusText{Status::no_input, "no_input", "an input is missing, or nothing matched", 5},
    StatusText{Status::bad_catalog, "bad_catalog", "the feature catalogue cannot be used", 5},
    StatusText{Status::bad_tensors, "bad_tensors", "the input tensors or embeddings cannot be used", 5},
    StatusText{Status::bad_model, "bad_model", "the checkpoint's tensors cannot be used", 4},
    StatusText{Status::bad_config, "bad_config", "config.json cannot be used", 4},
    StatusText{Status::bad_scaling, "bad_scaling", "the scaling file cannot be used", 4},
    StatusText{Status::unsupported_isa, "unsupported_isa", "this CPU lacks the instruction set asked for", 4},
    StatusText{Status::output_error, "output_error", "writing failed", 6},
    StatusText{Status::network_error, "network_error", "a download failed", 7},
    StatusText{Status::too_many_rejects, "too_many_rejects", "stopped by the options strict or max-rejects",
               3},
    StatusText{Status::interrupted, "interrupted", "stopped by a signal", 130},
    StatusText{Status::internal, "internal", "a defect in astrom3", 70},
};

const StatusText& text_of(Status status) noexcept {
  const auto index = static_cast<std::size_t>(status);
  return index < kStatusTexts.size() ? kStatusTexts[index] : kStatusTexts.back();
}

/// The bytes of text[i] and after it that are one character, escaped where they are not to be printed; `i`
/// moves behind them.
std::string printable_piece(std::string_view text, std::size_t& i) {
  const std::size_t length = utf8_length(text, i);
  const std::string_view character = text.substr(i, length == 0 ? 1 : length);
  i += character.size();
  if (length != 0 && !is_control(character)) return std::string(character);
  std::string piece;
  for (const char byte : character) piece += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
  return piece;
}

/// A message may hold what a file holds, such as the names of all its columns.
std::string shortened(std::string text) {
  constexpr std::size_t kMostBytes = 8192;
  if (text.size() <= kMostBytes) return text;
  std::size_t end = kMostBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0u) == 0x80u) --end;  // within a character
  text.resize(end);
  return text += "...";
}

}  // namespace

std::string_view status_name(Status status) noexcept {
  return text_of(status).name;
}
std::string_view status_meaning(Status status) noexcept {
  return text_of(status).meaning;
}
int exit_code(Status status) noexcept {
  return text_of(status).exit_code;
}

std::string escaped(std::string_view text, std::size_t max_bytes) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::string piece = printable_piece(text, i);
    if (out.size() + piece.size() > max_bytes) return out + "...";
    out += piece;
  }
  return out;
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const bool is_plain = text[i] >= ' ' && text[i] <= '~';
    if (is_plain || text[i] == '\n') {
      out += text[i++];
    } else {
      out += printable_piece(text, i);
    }
  }
  return out;
}

std::string spelled_plainly(const NamedOption& option) {
  return option.value.empty() ? option.name : fmt::format("{}={}", option.name, option.value);
}

std::string to_string(const Hint& hint, OptionSpelling spelling) {
  std::string out;
  std::string_view rest = hint.text;
  for (const NamedOption& remedy : hint.remedies) {
    const std::size_t place = rest.find("{}");
    if (place == std::string_view::npos) break;
    out += rest.substr(0, place);
    out += spelling(remedy);
    rest.remove_prefix(place + 2);
  }
  return out += rest;
}

std::string to_string(const Diagnostic& d, std::string_view severity, OptionSpelling spelling) {
  // A remark has no code: nothing is wrong with the data.
  std::string out = d.code == Status::ok ? fmt::format("{}: ", severity)
                                         : fmt::format("{}[{}]: ", severity, status_name(d.code));
  if (!d.file.empty()) {
    out += escaped(d.file, 4096);
    if (d.line >= 0) out += fmt::format(":{}", d.line);
    if (d.line >= 0 && d.field >= 0) out += fmt::format(":{}", d.field);
    out += ": ";
    if (d.line < 0 && d.byte >= 0) out += fmt::format("byte {}: ", d.byte);
  }
  if (!d.object_id.empty()) out += fmt::format("object {}: ", escaped(d.object_id));
  if (!d.column.empty()) out += fmt::format("\"{}\": ", escaped(d.column, 256));
  if (!d.option.empty()) out += printable(spelling({.name = d.option})) + ": ";
  out += shortened(printable(d.message));
  for (const Diagnostic& cause : d.causes) out += "\n  " + to_string(cause, severity, spelling);
  if (!d.hint.empty()) out += "\nhint: " + printable(to_string(d.hint, spelling));
  return out;
}

// Here and not in the header, where each of the files that throw would compile them again.
Error::Error(Diagnostic diagnostic) : diagnostic_(std::move(diagnostic)), text_(to_string(diagnostic_)) {}
Error::Error(Status code, std::string message, Hint hint)
    : Error(Diagnostic{.code = code, .message = std::move(message), .hint = std::move(hint)}) {}
Error::~Error() = default;

}  // namespace astrom3
