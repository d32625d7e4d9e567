// SPDX-License-Identifier: MIT
//
// What can go wrong: one list of codes for rows, reject files and messages; one exception.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace astrom3 {

/// Every outcome astrom3 can report. The names are a stable interface: they are written to the
/// `status` column, to `*.rejects.jsonl` and into messages exactly as spelt here.
enum class Status : std::uint8_t {
  ok = 0,

  // This light curve cannot be embedded (LightCurve, Features, tensor, encoder stages).
  no_points,              ///< no observation at all
  too_few_points,         ///< fewer than the option min-points (default 2)
  too_many_points,        ///< more than 10^7 observations
  nonfinite_time,         ///< NaN or infinite time
  nonfinite_flux,         ///< NaN or infinite flux or magnitude
  nonfinite_flux_err,     ///< NaN or infinite error
  negative_error,         ///< an error below zero
  zero_time_span,         ///< all observations at one time
  implausible_time_span,  ///< more than 200 years: mixed time systems, or not days
  mad_zero,               ///< median absolute deviation is zero: (nearly) constant flux
  mad_too_small,          ///< MAD below DBL_MIN * 2^60: dividing by it would overflow
  overflow_float32,       ///< a tensor value does not fit float32
  nonfinite_output,       ///< the encoder's output is not finite
  length_mismatch,        ///< time, flux and error differ in length
  mixed_bands,            ///< several bands in one object, and none chosen
  missing_error_column,   ///< no error column, and no error given instead
  grid_too_fine,          ///< the period search would take more than 10^8 frequencies

  // The catalogue of features.
  no_catalog_row,  ///< the object is not in the catalogue
  bad_aux,         ///< a catalogue value is empty, not finite or impossible

  // Text and table input.
  io_error,          ///< the file cannot be opened or read
  empty_file,        ///< no bytes
  no_rows,           ///< a header and nothing else
  not_text,          ///< binary content
  bad_encoding,      ///< UTF-16, UTF-32 or invalid UTF-8
  bad_header,        ///< the header is not what the format says
  no_zero_point,     ///< magnitudes of a band whose zero point is not known
  missing_column,    ///< a needed column is absent
  ambiguous_column,  ///< a needed column is there twice
  field_count,       ///< a row has fewer or more fields than the header
  not_a_number,      ///< a field is not a number
  missing_value,     ///< an empty field, NA, null, nan
  nonfinite,         ///< inf, or a number beyond double
  upper_limit,       ///< ">17.2": a limit, not a measurement
  unclosed_quote,    ///< a quoted field does not end
  line_too_long,     ///< a line or field longer than 1 MiB
  bad_id,            ///< an object id that is empty or not UTF-8
  not_grouped,       ///< rows of several objects that cannot be told apart
  duplicate_id,      ///< an id was already used by another file (option unique-ids)
  bad_compression,   ///< gzip data truncated, corrupt, or followed by junk
  bad_parquet,       ///< a Parquet file that cannot be read

  // A spectrum, a row of metadata, or all modalities of an object.
  too_few_pixels,        ///< a spectrum of fewer than two pixels
  duplicate_wavelength,  ///< two pixels of a spectrum at one wavelength
  wavelength_unit,       ///< wavelengths that look like another unit than the one they are said to have
  bad_ivar,              ///< an inverse variance or an error of a spectrum below zero
  coverage,              ///< a spectrum that covers too little of the model's wavelengths
  no_flux,               ///< a spectrum whose flux is zero everywhere
  no_variation,          ///< a spectrum whose median absolute deviation is zero
  several_spectra,       ///< several spectra of one object
  sentinel,              ///< a number that surveys write in place of a missing one, such as 99.999
  ambiguous,             ///< several rows for one object
  zero_embedding,        ///< an embedding without length, which has no direction
  no_modality,           ///< nothing is left of the object to embed
  missing_modality,      ///< a modality is absent that is needed
  bad_metadata,          ///< the table of metadata cannot be used

  // The run cannot start or go on.
  usage,             ///< wrong command line or option
  no_input,          ///< a named input is missing, or nothing matched
  bad_catalog,       ///< the feature catalogue is unusable
  bad_tensors,       ///< the input tensors or embeddings cannot be used
  bad_model,         ///< the checkpoint's tensors cannot be used
  bad_config,        ///< config.json cannot be used
  bad_scaling,       ///< preprocessor_config.json or info.json cannot be used
  unsupported_isa,   ///< the CPU lacks the instruction set asked for
  output_error,      ///< writing failed
  network_error,     ///< a download failed
  too_many_rejects,  ///< the options strict or max-rejects
  interrupted,       ///< a signal
  internal,          ///< a defect in astrom3
};

/// The snake_case name of `status`, e.g. "too_few_points".
std::string_view status_name(Status status) noexcept;

/// One sentence saying what `status` means, for --help and the documentation.
std::string_view status_meaning(Status status) noexcept;

/// The process exit code for a run that `status` ended: 2 usage, 3 rejects, 4 model, 5 input,
/// 6 output, 7 network, 70 internal.
int exit_code(Status status) noexcept;

/// An option by its name on the command line, without dashes, and its value; empty where the user has to
/// choose one.
struct NamedOption {
  std::string name;
  std::string value{};
};

/// How an interface writes options: the command "--nonfinite drop", Python nonfinite="drop".
using OptionSpelling = std::string (*)(const NamedOption& option);

/// "nonfinite=drop", or the name alone: for C++ and C.
std::string spelled_plainly(const NamedOption& option);

/// What the user can do, with a "{}" for every option that helps:
/// Hint("leave such observations out with {}", {{"nonfinite", "drop"}}).
struct Hint {
  Hint() = default;
  Hint(const char* words) : text(words) {}  // NOLINT(google-explicit-constructor): most hints are words
  Hint(std::string words) : text(std::move(words)) {}  // NOLINT(google-explicit-constructor)
  Hint(std::string words, std::vector<NamedOption> named)
      : text(std::move(words)), remedies(std::move(named)) {}
  bool empty() const noexcept { return text.empty(); }

  std::string text{};
  std::vector<NamedOption> remedies{};
};

std::string to_string(const Hint& hint, OptionSpelling spelling = spelled_plainly);

/// What went wrong and where. Fields that do not apply stay empty (or -1).
struct Diagnostic {
  Status code = Status::ok;
  std::string file{};
  std::string object_id{};
  std::int64_t line = -1;            ///< 1-based
  std::int64_t field = -1;           ///< 1-based field (text tables) within the line
  std::int64_t byte = -1;            ///< 0-based offset into the (decompressed) file
  std::string column{};              ///< column, tensor name or JSON pointer
  std::string option{};              ///< the option whose value cannot be used, by its name
  std::string value{};               ///< the offending text, at most 80 characters, not yet escaped
  std::string message{};             ///< what was expected and what was found
  Hint hint{};                       ///< what the user can do; may be empty
  std::vector<Diagnostic> causes{};  ///< the errors that led to this one; each is printed on its own line
};

/// `text` safe to print: control characters, DEL and invalid UTF-8 as \xNN, cut at `max_bytes`.
std::string escaped(std::string_view text, std::size_t max_bytes = 80);

/// "error[not_a_number]: lc/a.csv:1234:17: column \"flux\": expected a number, found \">17.2\"",
/// then "\nhint: ..." when there is one; "m.safetensors: byte 1234: ..." where there is an offset
/// and no line. `severity` is "error" or "warning".
std::string to_string(const Diagnostic& diagnostic, std::string_view severity = "error",
                      OptionSpelling spelling = spelled_plainly);
/// Thrown when a call cannot do its work. what() is to_string(diagnostic()).
class Error : public std::exception {
 public:
  explicit Error(Diagnostic diagnostic);
  Error(Status code, std::string message, Hint hint = {});
  Error(const Error&) = default;
  Error& operator=(const Error&) = default;
  ~Error() override;

  const char* what() const noexcept override { return text_.c_str(); }
  const Diagnostic& diagnostic() const noexcept { return diagnostic_; }
  Status code() const noexcept { return diagnostic_.code; }

 private:
  Diagnostic diagnostic_;
  std::string text_;
};

}  // namespace astrom3
