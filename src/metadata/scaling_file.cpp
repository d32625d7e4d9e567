// SPDX-License-Identifier: MIT
//
// How the columns of metadata were standardised: upstream's info.json, our preprocessor_config.json.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/metadata/metadata.h"
#include "base/regular_file.h"
#include "formats/json.h"
#include "formats/json_writer.h"
#include "metadata/scaling_text.h"

namespace astrom3 {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxColumns = 4096;  // as many as a metadata encoder may read

class ScalingReader {
 public:
  explicit ScalingReader(std::string file) : file_(std::move(file)) {}

  MetadataScaling read(std::string_view text) const {
    const JsonValue root = parse_json(text, {.code = Status::bad_scaling, .file = file_});
    MetadataScaling scaling;
    if (const JsonValue* ours = root.find("metadata"); ours != nullptr && ours->is(JsonKind::object)) {
      scaling = read_lists(*ours, "/metadata", "columns", "transform");
    } else if (root.find("all_cols") != nullptr) {
      scaling = without_photometry(root, read_lists(root, "", "all_cols", "metadata_func"));
    } else {
      fail("",
           "says nothing of metadata: neither upstream's info.json of a split (no \"all_cols\"), nor a "
           "preprocessor_config.json with \"metadata\"");
    }
    if (scaling.columns.empty()) fail("", "has no column of metadata");
    scaling.source = file_;
    return scaling;
  }

 private:
  [[noreturn]] void fail(std::string pointer, std::string message) const {
    throw Error(Diagnostic{.code = Status::bad_scaling,
                           .file = file_,
                           .column = std::move(pointer),
                           .message = std::move(message)});
  }

  const JsonValue& list(const JsonValue& object, const std::string& pointer, std::string_view key) const {
    const JsonValue* found = object.find(key);
    if (found == nullptr) fail(pointer, fmt::format("has no \"{}\"", key));
    if (!found->is(JsonKind::array))
      fail(json_pointer(pointer, key), fmt::format("must be an array, found {}", found->described()));
    return *found;
  }

  std::vector<std::string> names(const JsonValue& array, const std::string& pointer) const {
    std::vector<std::string> out;
    if (array.elements.size() > kMaxColumns)
      fail(pointer, fmt::format("has {} names; at most {} are read", array.elements.size(), kMaxColumns));
    std::set<std::string> seen;
    for (const JsonValue& element : array.elements) {
      if (!element.is(JsonKind::string) || element.text.empty())
        fail(pointer, fmt::format("must hold names, found {}", element.described()));
      if (!seen.insert(element.text).second) fail(pointer, fmt::format("has {} twice", element.described()));
      out.push_back(element.text);
    }
    return out;
  }

  std::vector<double> numbers(const JsonValue& object, const std::string& pointer, const char* key,
                              std::size_t n, std::string_view of) const {
    const JsonValue& array = list(object, pointer, key);
    const std::string at = json_pointer(pointer, key);
    if (array.elements.size() != n)
      fail(at, fmt::format("has {} numbers, but {} has {} names", array.elements.size(), of, n));
    std::vector<double> out;
    for (const JsonValue& element : array.elements) {
      if (!element.is_number() || !std::isfinite(element.number))
        fail(at, fmt::format("must hold numbers, found {}", element.described()));
      out.push_back(element.number);
    }
    return out;
  }

  MetadataScaling read_lists(const JsonValue& object, const std::string& pointer, const char* columns,
                             const char* functions) const {
    MetadataScaling scaling;
    scaling.columns = names(list(object, pointer, columns), json_pointer(pointer, columns));
    const std::size_t n = scaling.columns.size();
    scaling.mean = numbers(object, pointer, "mean", n, columns);
    scaling.std = numbers(object, pointer, "std", n, columns);
    for (std::size_t i = 0; i < n; ++i) {
      if (scaling.std[i] > 0) continue;
      fail(json_pointer(json_pointer(pointer, "std"), std::to_string(i)),
           fmt::format("must be above 0, found {} for {}", scaling.std[i], scaling.columns[i]));
    }
    scaling.transforms.assign(n, Transform::plain);
    read_functions(object, pointer, functions, scaling);
    return scaling;
  }

  void read_functions(const JsonValue& object, const std::string& pointer, const char* key,
                      MetadataScaling& scaling) const {
    const std::string at = json_pointer(pointer, key);
    const JsonValue* functions = object.find(key);
    if (functions == nullptr) fail(pointer, fmt::format("has no \"{}\"", key));
    if (!functions->is(JsonKind::object))
      fail(at, fmt::format("must be an object, found {}", functions->described()));
    for (std::size_t f = 0; f < functions->keys.size(); ++f) {
      const std::string& function = functions->keys[f];
      const bool is_log = function == "log";
      const Transform transform = function == "abs"   ? Transform::absolute
                                  : function == "cos" ? Transform::cosine
                                  : function == "sin" ? Transform::sine
                                                      : Transform::plain;
      if (transform == Transform::plain && !is_log)
        fail(json_pointer(at, function), "is no function that is known: abs, cos, sin, log");
      if (!functions->elements[f].is(JsonKind::array))
        fail(json_pointer(at, function), "must be an array of columns");
      for (const std::string& column : names(functions->elements[f], json_pointer(at, function))) {
        // The logarithm is the period's, which belongs to the light curve.
        if (is_log && column == "period") continue;
        if (is_log)
          fail(json_pointer(at, function), fmt::format("{}: only the period is a logarithm", column));
        const auto found = std::find(scaling.columns.begin(), scaling.columns.end(), column);
        if (found == scaling.columns.end())
          fail(json_pointer(at, function), fmt::format("\"{}\" is no column of the file", escaped(column)));
        scaling.transforms[static_cast<std::size_t>(found - scaling.columns.begin())] = transform;
      }
    }
  }

  /// Upstream's file has the features of the light curve in front: they are another stage's.
  MetadataScaling without_photometry(const JsonValue& root, const MetadataScaling& all) const {
    const std::vector<std::string> photo = names(list(root, "", "photo_cols"), "/photo_cols");
    MetadataScaling scaling;
    for (std::size_t i = 0; i < all.columns.size(); ++i) {
      if (std::find(photo.begin(), photo.end(), all.columns[i]) != photo.end()) continue;
      scaling.columns.push_back(all.columns[i]);
      scaling.transforms.push_back(all.transforms[i]);
      scaling.mean.push_back(all.mean[i]);
      scaling.std.push_back(all.std[i]);
    }
    return scaling;
  }

  std::string file_;
};

}  // namespace

MetadataScaling parse_metadata_scaling(std::string_view text, const std::string& file) {
  return ScalingReader(file).read(text);
}

MetadataScaling read_metadata_scaling(const std::filesystem::path& file) {
  return parse_metadata_scaling(read_text_file(file, kMaxBytes, Status::bad_scaling), file.string());
}

JsonWriter& write_members(JsonWriter& json, const MetadataScaling& scaling) {
  json.key("columns").array(scaling.columns, JsonLayout::line);
  json.key("transform").begin_object(JsonLayout::line);
  for (const Transform transform : {Transform::absolute, Transform::cosine, Transform::sine}) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < scaling.columns.size(); ++i) {
      if (scaling.transforms[i] == transform) names.push_back(scaling.columns[i]);
    }
    if (!names.empty()) json.key(transform_name(transform)).array(names, JsonLayout::line);
  }
  json.end();
  const auto numbers = [&](const char* key, const std::vector<double>& values) {
    json.key(key).begin_array(JsonLayout::line);
    for (const double value : values) json.raw(json_number(value));
    json.end();
  };
  numbers("mean", scaling.mean);
  numbers("std", scaling.std);
  return json;
}

bool has_metadata_scaling(const std::filesystem::path& file) {
  const JsonValue root = parse_json(read_text_file(file, kMaxBytes, Status::bad_scaling),
                                    {.code = Status::bad_scaling, .file = file.string()});
  return root.find("metadata") != nullptr || root.find("all_cols") != nullptr;
}

}  // namespace astrom3
