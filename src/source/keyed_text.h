// SPDX-License-Identifier: MIT
//
// Text formats for supernovae, in which the word at the start of a line says what the line is.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "source/text_lines.h"

namespace astrom3 {

struct KeyedText {
  std::vector<std::string> names;
  const TextLine* naming = nullptr;  ///< the last line of the header
  bool has_keys = false;             ///< every row begins with a key, and so do the lines between objects
  std::string object_id;             ///< of the first object; "" if the file has none
  std::string id_column;             ///< "" if no column holds ids
};

/// SNANA: "VARLIST: MJD FLT FLUXCAL FLUXCALERR" above rows "OBS: ...", the id behind "SNID:"; or SALT2: the
/// names, one per line, "#Date :" to "#end :". Nothing if it is neither. Sources  SNANA manual,
/// https://github.com/RickKessler/SNANA/blob/master/doc/snana_manual.pdf, section 4.15;
///          sncosmo.read_lc, format "salt2"
std::optional<KeyedText> find_keyed_text(std::span<const TextLine> lines);

/// Whether `word` is a key: "SNID:".
inline bool is_key(std::string_view word) noexcept {
  return word.size() > 1 && word.ends_with(':');
}
/// Whether `word` is the key of a line of names.
inline bool is_key_of_names(std::string_view word) noexcept {
  return word == "VARLIST:" || word == "VARNAMES:";
}
/// Whether `word` is the key of a row.
inline bool is_key_of_row(std::string_view word) noexcept {
  return word == "OBS:" || word == "ROW:" || word == "SN:";
}

}  // namespace astrom3
