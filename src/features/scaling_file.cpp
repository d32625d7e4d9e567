// SPDX-License-Identifier: MIT
//
// Reads and writes a scaling as text: our preprocessor_config.json, and upstream's info.json.
#include "scaling_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "astrom3/base/error.h"
#include "astrom3/features/scaling.h"
#include "base/regular_file.h"
#include "features/feature_index.h"
#include "formats/json.h"
#include "formats/json_writer.h"

namespace astrom3 {
namespace {

constexpr std::array<Feature, kFeatureCount> kFeatures{Feature::amplitude, Feature::period,
                                                       Feature::lksl_statistic, Feature::rfr_score};
constexpr std::size_t kMaxScalingBytes = std::size_t{1} << 20;
constexpr std::string_view kMarker = "astrom3_preprocessor";
constexpr std::uint64_t kFormatVersion = 1;

/// Reads one scaling file, whose name it knows for messages.
class ScalingReader {
 public:
  explicit ScalingReader(std::string file) : file_(std::move(file)) {}

  Scaling read(std::string_view text) const {
    const JsonValue root = parse_json(text, {.code = Status::bad_scaling, .file = file_});
    Scaling scaling;
    if (root.find(kMarker) != nullptr) {
      scaling = read_preprocessor(root);
    } else if (root.find("all_cols") != nullptr) {
      scaling = read_info(root);
    } else {
      fail("", fmt::format("neither a preprocessor_config.json (no \"{}\") nor upstream's info.json (no "
                           "\"all_cols\")",
                           kMarker));
    }
    scaling.source = scaling.none ? "none" : file_;
    return scaling;
  }

 private:
  [[noreturn]] void fail(std::string pointer, std::string message) const {
    throw Error(Diagnostic{.code = Status::bad_scaling,
                           .file = file_,
                           .column = std::move(pointer),
                           .message = std::move(message)});
  }

  /// The member `key` of `object`, which must be of the kind `kind`.
  const JsonValue& member(const JsonValue& object, const std::string& pointer, std::string_view key,
                          JsonKind kind, std::string_view kind_name) const {
    const JsonValue* found = object.find(key);
    if (found == nullptr) fail(pointer, fmt::format("has no \"{}\"", key));
    if (!found->is(kind)) {
      fail(json_pointer(pointer, key), fmt::format("must be {}, found {}", kind_name, found->described()));
    }
    return *found;
  }

  void require_known_keys(const JsonValue& object, const std::string& pointer,
                          std::initializer_list<std::string_view> known) const {
    for (const std::string& key : object.keys) {
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        fail(json_pointer(pointer, key), "unknown key");
      }
    }
  }

  void set(Scaling& scaling, Feature feature, const JsonValue& mean, const std::string& mean_pointer,
           const JsonValue& std, const std::string& std_pointer) const {
    if (!mean.is_number()) {
      fail(mean_pointer, fmt::format("must be a number, found {}", mean.described()));
    }
    if (!std.is_number() || !(std.number > 0)) {
      fail(std_pointer, fmt::format("must be a number above 0, found {}", std.described()));
    }
    scaling.mean[index_of(feature)] = mean.number;
    scaling.std[index_of(feature)] = std.number;
  }

  Scaling read_preprocessor(const JsonValue& root) const {
    // The members of spectra and of metadata are read by their own modules.
    require_known_keys(root, "", {kMarker, "scaling", "features", "spectra", "metadata"});
    const JsonValue& version = *root.find(kMarker);
    if (!version.is(JsonKind::unsigned_integer) || version.unsigned_value != kFormatVersion) {
      fail(json_pointer("", kMarker),
           fmt::format("must be {}, found {}", kFormatVersion, version.described()));
    }
    const JsonValue& kind = member(root, "", "scaling", JsonKind::string, "a string");
    if (kind.text == "none") {
      if (root.find("features") != nullptr) fail("/features", "must be absent where scaling is \"none\"");
      return no_scaling();
    }
    if (kind.text != "standard") {
      fail("/scaling", fmt::format("must be \"standard\" or \"none\", found {}", kind.described()));
    }
    const JsonValue& features = member(root, "", "features", JsonKind::object, "an object");
    require_known_keys(features, "/features", {"amplitude", "period", "lksl_statistic", "rfr_score"});
    Scaling scaling;
    for (const Feature feature : kFeatures) read_feature(features, feature, scaling);
    return scaling;
  }

  void read_feature(const JsonValue& features, Feature feature, Scaling& scaling) const {
    const std::string pointer = json_pointer("/features", feature_name(feature));
    const JsonValue& entry =
        member(features, "/features", feature_name(feature), JsonKind::object, "an object");
    require_known_keys(entry, pointer, {"mean", "std", "log10"});
    const JsonValue* mean = entry.find("mean");
    const JsonValue* std = entry.find("std");
    if (mean == nullptr || std == nullptr) {
      fail(pointer, fmt::format("has no \"{}\"", mean == nullptr ? "mean" : "std"));
    }
    set(scaling, feature, *mean, pointer + "/mean", *std, pointer + "/std");
    scaling.log10[index_of(feature)] =
        member(entry, pointer, "log10", JsonKind::boolean, "a boolean").boolean;
  }

  /// Upstream's info.json: `mean` and `std` in the order of the names in `all_cols`;
  /// `metadata_func` lists the columns that a function is applied to first.
  Scaling read_info(const JsonValue& root) const {
    const JsonValue& names = member(root, "", "all_cols", JsonKind::array, "an array");
    const JsonValue& means = member(root, "", "mean", JsonKind::array, "an array");
    const JsonValue& stds = member(root, "", "std", JsonKind::array, "an array");
    for (const auto& [key, array] : {std::pair{"/mean", &means}, std::pair{"/std", &stds}}) {
      if (array->elements.size() != names.elements.size()) {
        fail(key, fmt::format("has {} values, \"all_cols\" has {} names", array->elements.size(),
                              names.elements.size()));
      }
    }
    const JsonValue& functions = member(root, "", "metadata_func", JsonKind::object, "an object");
    Scaling scaling;
    for (const Feature feature : kFeatures) {
      const std::size_t i = column_of(names, feature);
      set(scaling, feature, means.elements[i], fmt::format("/mean/{}", i), stds.elements[i],
          fmt::format("/std/{}", i));
      scaling.log10[index_of(feature)] = is_logarithmic(functions, feature);
    }
    return scaling;
  }

  std::size_t column_of(const JsonValue& names, Feature feature) const {
    std::size_t found = names.elements.size();
    for (std::size_t i = 0; i < names.elements.size(); ++i) {
      const JsonValue& name = names.elements[i];
      if (!name.is(JsonKind::string)) {
        fail(fmt::format("/all_cols/{}", i), fmt::format("must be a string, found {}", name.described()));
      }
      if (name.text != feature_name(feature)) continue;
      if (found != names.elements.size()) {
        fail(fmt::format("/all_cols/{}", i), fmt::format("\"{}\" is there twice", name.text));
      }
      found = i;
    }
    if (found == names.elements.size()) {
      fail("/all_cols", fmt::format("does not name \"{}\"", feature_name(feature)));
    }
    return found;
  }

  /// True when `feature` is listed under "log" (upstream's log10); any other function is an error.
  bool is_logarithmic(const JsonValue& functions, Feature feature) const {
    bool logarithmic = false;
    for (std::size_t i = 0; i < functions.keys.size(); ++i) {
      const std::string pointer = json_pointer("/metadata_func", functions.keys[i]);
      const JsonValue& columns = functions.elements[i];
      if (!columns.is(JsonKind::array)) {
        fail(pointer, fmt::format("must be an array, found {}", columns.described()));
      }
      const bool listed =
          std::any_of(columns.elements.begin(), columns.elements.end(),
                      [&](const JsonValue& name) { return name.text == feature_name(feature); });
      if (!listed) continue;
      if (functions.keys[i] != "log") {
        fail(pointer,
             fmt::format("\"{}\" passes through a function that astrom3 does not know; only \"log\" is read",
                         feature_name(feature)));
      }
      logarithmic = true;
    }
    return logarithmic;
  }

  std::string file_;
};

}  // namespace

Scaling parse_scaling(std::string_view text, const std::string& file) {
  return ScalingReader(file).read(text);
}

Scaling read_scaling(const std::filesystem::path& file) {
  return parse_scaling(read_text_file(file, kMaxScalingBytes, Status::bad_scaling), file.string());
}

JsonWriter& write_members(JsonWriter& json, const Scaling& scaling) {
  json.member(kMarker, kFormatVersion);
  json.member("scaling", scaling.none ? "none" : "standard");
  if (scaling.none) return json;
  json.key("features").begin_object();
  for (const Feature feature : kFeatures) {
    const std::size_t i = index_of(feature);
    json.key(feature_name(feature)).begin_object(JsonLayout::line);
    json.key("mean").raw(json_number(scaling.mean[i])).key("std").raw(json_number(scaling.std[i]));
    json.member("log10", scaling.log10[i]).end();
  }
  return json.end();
}

std::string to_json(const Scaling& scaling) {
  JsonWriter json(JsonLayout::block);
  return write_members(json.begin_object(), scaling).end().take() + '\n';
}

}  // namespace astrom3
