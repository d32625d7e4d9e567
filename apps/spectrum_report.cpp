// SPDX-License-Identifier: MIT
#include "spectrum_report.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "astrom3/astrom3.h"
#include "formats/json_writer.h"
#include "report.h"

namespace astrom3::cli {
namespace {

constexpr std::size_t kMostShown = 10;  // of one file; a DESI file has thousands

struct Judged {
  Status status = Status::ok;
  std::string message;
  SpectrumTensor tensor;
};

Judged judge(const SpectrumObject& object) {
  Judged out{.status = object.status, .message = object.message, .tensor = {}};
  if (object.status == Status::ok)
    out.status = prepare_spectrum(object.spectrum, {}, out.tensor, out.message);
  return out;
}

std::string flags_text(const SpectrumFlags& flags) {
  std::string text;
  for (const std::string& name : flag_names(flags)) text += (text.empty() ? "" : ";") + name;
  return text;
}

void print_line(const char* name, const std::string& text) {
  if (!text.empty()) print_lines(fmt::format("  {:<13} {}", name, escaped(text, 1000)));
}

void print_text(const SpectrumObject& o, const Judged& j) {
  const Spectrum& s = o.spectrum;
  print_line("spectrum", fmt::format("{}: {}", o.object_id, o.family.empty() ? "not recognised" : o.family));
  std::string ids;
  for (const std::string& id : o.ids) ids += (ids.empty() ? "" : ", ") + id;
  print_line("ids", ids);
  if (!s.wavelength.empty())
    print_line("wavelengths", fmt::format("{} pixels, {:.2f} to {:.2f} Å in vacuum", s.wavelength.size(),
                                          s.wavelength.front(), s.wavelength.back()));
  if (j.tensor.coverage > 0) print_line("coverage", fmt::format("{:.1f} %", 100 * j.tensor.coverage));
  if (j.tensor.mad > 0)
    print_line("flux", fmt::format("mean {:.4g}, log10 MAD {:.2f}", j.tensor.mean, std::log10(j.tensor.mad)));
  if (o.snr) print_line("S/N", fmt::format("{:.4g}", *o.snr));
  print_line("class", o.spectral_class);
  print_line("flags", flags_text(j.tensor.flags));
  if (j.status != Status::ok) print_line("rejected", fmt::format("{}: {}", status_name(j.status), j.message));
}

void print_json(const SpectrumObject& o, const Judged& j) {
  const Spectrum& s = o.spectrum;
  JsonWriter json(JsonLayout::line);
  json.begin_object().member("file", o.file).member("object_id", o.object_id).member("family", o.family);
  json.member("status", status_name(j.status)).member("message", j.message).key("ids").array(o.ids);
  json.member("pixels", s.wavelength.size());
  json.key("wavelength_range");
  s.wavelength.empty() ? json.value(nullptr)
                       : json.array(std::vector<double>{s.wavelength.front(), s.wavelength.back()});
  json.member("coverage", j.tensor.coverage).key("log10_mad");
  j.tensor.mad > 0 ? json.value(std::log10(j.tensor.mad)) : json.value(nullptr);
  json.key("snr").value(o.snr).member("class", o.spectral_class).key("redshift").value(o.redshift);
  json.key("flags").array(flag_names(j.tensor.flags));
  print_json_line(json.end().take());
}

}  // namespace

std::vector<SpectrumObject> spectra_in(const std::filesystem::path& file) {
  try {
    std::vector<SpectrumObject> objects = read_spectra(file);
    const SpectrumObject& first = objects.front();
    const bool is_medium = first.status == Status::coverage;
    const bool is_named =
        first.status == Status::ok && !first.spectrum.flags.has(SpectrumFlag::columns_by_position);
    return is_medium || is_named ? objects : std::vector<SpectrumObject>{};
  } catch (const Error&) {
    return {};  // the reader of light curves says what is wrong
  }
}

bool report_spectra(const std::vector<SpectrumObject>& objects, bool as_json) {
  bool all_ok = true;
  if (!as_json) print_lines(escaped(objects.front().file, 4096));
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const Judged judged = judge(objects[i]);
    all_ok = all_ok && judged.status == Status::ok;
    if (as_json) print_json(objects[i], judged);
    if (!as_json && i < kMostShown) print_text(objects[i], judged);
  }
  if (!as_json && objects.size() > kMostShown)
    print_line("", fmt::format("and {} more", objects.size() - kMostShown));
  return all_ok;
}

}  // namespace astrom3::cli
