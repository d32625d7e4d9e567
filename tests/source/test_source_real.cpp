// SPDX-License-Identifier: MIT
//
// Real files: the bundled golden light curves, and surveys' files where they are at hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "astrom3/source/source.h"
#include "tests/source/source_testing.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

std::vector<SourceObject> read_files(const std::vector<std::string>& inputs,
                                     const SourceOptions& options = {}) {
  std::vector<Diagnostic> warnings;
  const auto source = open_source(expand_inputs(inputs, {.recursive = true}, warnings), options);
  std::vector<SourceObject> objects;
  for (SourceObject object; source->next(object);) objects.push_back(object);
  return objects;
}

std::string shared(const std::string& name) {
  const fs::path path = fs::path(ASTROM3_SHARED_DIR) / name;
  return fs::exists(path) ? path.string() : std::string();
}

TEST(GoldenFiles, AreReadRowByRow) {
  const auto objects = read_files({std::string(ASTROM3_TEST_DATA) + "/preprocess"});
  ASSERT_GE(objects.size(), 6u);
  for (const SourceObject& object : objects) {
    ASSERT_FALSE(object.rejection.has_value()) << to_string(*object.rejection);
    EXPECT_EQ(object.light_curve.size(), object.n_raw);
    EXPECT_GE(object.n_raw, 2u) << object.object_id;
  }
  const auto exact =
      std::find_if(objects.begin(), objects.end(), [](const auto& o) { return o.object_id == "exact"; });
  ASSERT_NE(exact, objects.end());
  EXPECT_EQ(exact->light_curve.time[0], 2457903.13974);
  EXPECT_EQ(exact->light_curve.flux[0], 20.734);
  EXPECT_EQ(exact->light_curve.flux_err[0], 0.230);
}

TEST(SharedData, AllOfAsas3IsStreamedInLittleMemory) {
  const std::string file = shared("data/asas3_train.csv.gz");
  if (file.empty()) GTEST_SKIP() << "../shared/data is not here";
  SourceOptions options;
  options.band = "V";
  options.memory_bytes = 8 << 20;
  std::size_t n_objects = 0;
  std::size_t n_rows = 0;
  const auto source = open_source({file}, options);
  for (SourceObject object; source->next(object); ++n_objects) {
    ASSERT_FALSE(object.rejection.has_value()) << to_string(*object.rejection);
    n_rows += object.light_curve.size();
  }
  EXPECT_EQ(n_objects, 8777u);
  EXPECT_EQ(n_rows, 2419074u);
}

TEST(SharedData, Stripe82GivesOneBandEach) {
  const std::string folder = shared("data/s82_rrlyrae/light_curves");
  if (folder.empty()) GTEST_SKIP() << "../shared/data is not here";
  SourceOptions options;
  for (const SourceObject& object : read_files({folder}, options)) {
    EXPECT_EQ(object.rejection.value_or(Diagnostic{}).code, Status::mixed_bands) << object.object_id;
  }
  options.band = "g";
  const auto objects = read_files({folder}, options);
  EXPECT_EQ(objects.size(), 115u);
  for (const SourceObject& object : objects) {
    ASSERT_FALSE(object.rejection.has_value()) << to_string(*object.rejection);
    EXPECT_GT(object.dropped.other_bands, object.n_raw);
    EXPECT_GT(object.light_curve.size(), 10u);
  }
}

TEST(SharedData, SurveyFilesAreReadOrSayWhatIsMissing) {  // FM04, FM05, FM08, FM09, FM16, FM21, FM23
  const std::string folder = shared("data/formats");
  if (folder.empty()) GTEST_SKIP() << "../shared/data is not here";
  SourceOptions options;
  options.zero_point_jy = 3631;
  for (const SourceObject& object : read_files({folder}, options)) {
    if (!object.rejection.has_value()) {
      EXPECT_GT(object.light_curve.size(), 0u) << object.file;
      continue;
    }
    EXPECT_FALSE(object.rejection->message.empty()) << object.file;
    EXPECT_NE(object.rejection->code, Status::internal);
  }
  const auto plain = read_files({folder + "/light-curve_csv", folder + "/iar_csv"}, options);
  EXPECT_EQ(plain.size(), 15u);
  for (const SourceObject& object : plain) {
    EXPECT_FALSE(object.rejection.has_value()) << to_string(*object.rejection);
  }
  options.split_bands = true;
  for (const auto& [folder_name, n_objects] :
       {std::pair{"/asassn_skypatrol2", 20u}, {"/asassn_pyasassn_csv", 1u}, {"/ztf", 4u}}) {
    const auto known = read_files({folder + folder_name}, options);
    EXPECT_EQ(known.size(), n_objects) << folder_name;
    for (const SourceObject& object : known) {
      EXPECT_EQ(object.rejection.value_or(Diagnostic{}).message, "") << object.file;
      EXPECT_GT(object.light_curve.size(), 3u) << object.object_id;
      EXPECT_EQ(object.light_curve.size() + object.dropped.total(), object.n_raw) << object.object_id;
    }
  }
  options.columns = {{"time", "1"}, {"mag", "2"}, {"mag_err", "3"}};
  const auto headerless = read_files({folder + "/ogle_dat", folder + "/asas_cesium_dat"}, options);
  EXPECT_EQ(headerless.size(), 5u);
  for (const SourceObject& object : headerless) {
    EXPECT_FALSE(object.rejection.has_value()) << to_string(*object.rejection);
  }
}

}  // namespace
}  // namespace astrom3
