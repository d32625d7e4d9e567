// SPDX-License-Identifier: MIT
//
// A file of spectra: which family it is, and what is wrong with one that cannot be read.
#include "astrom3/spectrum/read_spectra.h"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "formats/byte_reader.h"
#include "formats/decompressed.h"
#include "formats/fits.h"
#include "spectrum/fits_spectra.h"
#include "spectrum/text_spectra.h"

namespace astrom3 {
namespace {

constexpr std::string_view kFitsMagic = "SIMPLE  =";

/// A file's name without folders, and without the extensions that say how it is written.
std::string stem_of(const std::string& name) {
  const std::string file = std::filesystem::path(name).filename().string();
  std::string_view stem = file;
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view extension :
         {".gz", ".zst", ".fits", ".fit", ".fts", ".csv", ".txt", ".dat", ".ecsv", ".ascii"}) {
      if (stem.size() <= extension.size() || !stem.ends_with(extension)) continue;
      stem.remove_suffix(extension.size());
      again = true;
    }
  }
  return std::string(stem);
}

std::vector<SpectrumObject> read_bytes(const ByteReader& bytes, const SpectrumReading& reading) {
  DecompressedReader head(bytes.from_start());
  std::array<char, kFitsMagic.size()> first{};
  std::size_t n = 0;
  while (n < first.size()) {
    const std::size_t more = head.read(std::span(first).subspan(n));
    if (more == 0) break;
    n += more;
  }
  DecompressedReader all(bytes.from_start());
  if (std::string_view(first.data(), n) != kFitsMagic) return read_text_spectra(std::move(all), reading);
  FitsReader fits(std::move(all));
  return read_fits_spectra(fits, reading);
}

std::vector<SpectrumObject> read(const ByteReader& bytes, const std::string& name,
                                 const SpectrumReading& reading) {
  std::vector<SpectrumObject> objects;
  try {
    objects = read_bytes(bytes, reading);
  } catch (const Error& error) {
    SpectrumObject object;
    object.status = error.code();
    Diagnostic diagnostic = error.diagnostic();
    object.message = std::move(diagnostic.message);
    if (diagnostic.line >= 0)
      object.message = "line " + std::to_string(diagnostic.line) + ": " + object.message;
    object.hint = std::move(diagnostic.hint);
    objects.push_back(std::move(object));
  }
  const std::string stem = stem_of(name);
  for (SpectrumObject& object : objects) {
    object.file = name;
    if (object.object_id.empty()) object.object_id = stem;
  }
  return objects;
}

}  // namespace

std::vector<SpectrumObject> read_spectra(const std::filesystem::path& file, const SpectrumReading& reading) {
  return read(ByteReader::open(file), file.string(), reading);
}

std::vector<SpectrumObject> read_spectra(std::string_view bytes, const std::string& name,
                                         const SpectrumReading& reading) {
  return read(ByteReader::in_memory(bytes), name, reading);
}

}  // namespace astrom3
