// SPDX-License-Identifier: MIT
//
// Classes by the nearest centre and the closest object, against numbers made in float64 (golden/multimodal).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/downstream/prototypes.h"
#include "formats/safetensors.h"

namespace astrom3 {
namespace {

const std::filesystem::path kCases =
    std::filesystem::path(ASTROM3_TEST_DATA) / "multimodal/zero_shot/cases.safetensors";
constexpr std::size_t kClasses = 4, kWidth = 16;
const std::vector<std::string> kNames{"A", "B", "C", "D"};

std::vector<std::string> ids_of(std::size_t n) {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < n; ++i) ids.push_back("train_" + std::to_string(i));
  return ids;
}

template <typename Value>
std::vector<Value> values_of(const SafetensorsFile& file, const std::string& name) {
  const TensorView view = file.at(name);
  std::vector<Value> out(view.bytes.size() / sizeof(Value));
  std::memcpy(out.data(), view.bytes.data(), view.bytes.size());
  return out;
}

/// Scores of the golden test objects of one modality.
struct GoldenCase {
  explicit GoldenCase(const std::string& modality, PrototypeOptions options) {
    const SafetensorsFile file = SafetensorsFile::open(kCases);
    const std::vector<float> train = to_float32(file.at("train_" + modality));
    test = to_float32(file.at("test_" + modality));
    const auto labels = values_of<std::int64_t>(file, "labels");
    const std::vector<std::int32_t> classes(labels.begin(), labels.end());
    const std::vector<std::string> ids = ids_of(classes.size());
    const Prototypes prototypes(
        {.values = train, .dimension = kWidth, .object_ids = ids, .classes = classes, .n_classes = kClasses},
        kNames, options);
    scores.resize(test.size() / kWidth * kClasses);
    for (std::size_t i = 0; i * kWidth < test.size(); ++i)
      prototypes.judge(std::span(test).subspan(i * kWidth, kWidth), "test",
                       std::span(scores).subspan(i * kClasses, kClasses));
    expected_scores = values_of<double>(file, "scores_" + modality);
    const std::string judge = options.judge == PrototypeJudge::centre ? "centre_" : "closest_";
    expected_class = values_of<std::int64_t>(file, judge + modality);
  }

  std::int64_t class_of(std::size_t i) const {
    const auto begin = scores.begin() + static_cast<std::ptrdiff_t>(i * kClasses);
    return std::max_element(begin, begin + kClasses) - begin;
  }

  std::vector<float> test, scores;
  std::vector<double> expected_scores;
  std::vector<std::int64_t> expected_class;
};

TEST(Prototypes, GiveTheGoldenNearestCentres) {
  for (const char* modality : {"p", "s", "m", "all"}) {
    const GoldenCase golden(modality, {.judge = PrototypeJudge::centre, .to_unit_length = false});
    ASSERT_EQ(golden.scores.size(), golden.expected_scores.size());
    for (std::size_t i = 0; i < golden.scores.size(); ++i)  // the last rounding to float32
      EXPECT_NEAR(static_cast<double>(golden.scores[i]), golden.expected_scores[i], 6e-8) << modality;
    for (std::size_t i = 0; i < golden.expected_class.size(); ++i)
      EXPECT_EQ(golden.class_of(i), golden.expected_class[i]) << modality << i;
  }
}

TEST(Prototypes, GiveTheGoldenClosestObjects) {
  for (const char* modality : {"p", "s", "m", "all"}) {
    const GoldenCase golden(modality, {.judge = PrototypeJudge::closest, .to_unit_length = false});
    for (std::size_t i = 0; i < golden.expected_class.size(); ++i)
      EXPECT_EQ(golden.class_of(i), golden.expected_class[i]) << modality << i;
  }
}

// Of vectors of the shared space both are the same; of averages of several, lengths weigh.
TEST(Prototypes, AreBroughtToUnitLengthOnlyWhereAsked) {
  const GoldenCase as_they_are("all", {.judge = PrototypeJudge::centre, .to_unit_length = false});
  const GoldenCase at_unit_length("all", {.judge = PrototypeJudge::centre, .to_unit_length = true});
  double largest = 0;
  for (std::size_t i = 0; i < as_they_are.scores.size(); ++i)
    largest =
        std::max(largest, std::fabs(static_cast<double>(as_they_are.scores[i] - at_unit_length.scores[i])));
  EXPECT_GT(largest, 0.01);
}

TEST(Prototypes, ShotsAreChosenByTheSeedAndNotByTheOrder) {
  std::vector<float> values;
  std::vector<std::int32_t> classes;
  for (int i = 0; i < 20; ++i) {
    values.insert(values.end(),
                  {static_cast<float>(std::cos(0.1 * i)), static_cast<float>(std::sin(0.1 * i))});
    classes.push_back(i % 2);
  }
  std::vector<std::string> ids = ids_of(20);
  const std::vector<std::string> names{"even", "odd"};
  const auto scores_of = [&](std::uint64_t seed) {
    const Prototypes prototypes(
        {.values = values, .dimension = 2, .object_ids = ids, .classes = classes, .n_classes = 2}, names,
        {.judge = PrototypeJudge::closest, .shots = 2, .seed = seed});
    EXPECT_EQ(prototypes.size(), 4u);
    std::vector<float> scores(2);
    prototypes.judge(std::vector<float>{1, 0}, "", scores);
    return scores;
  };
  std::set<std::vector<float>> different;
  for (std::uint64_t seed = 0; seed < 10; ++seed) different.insert(scores_of(seed));
  EXPECT_GT(different.size(), 3u);
  const std::vector<float> before = scores_of(5);
  std::reverse(ids.begin(), ids.end());
  std::reverse(classes.begin(), classes.end());
  std::vector<float> reversed;
  for (std::size_t i = 20; i-- > 0;) reversed.insert(reversed.end(), {values[2 * i], values[2 * i + 1]});
  values = reversed;
  EXPECT_EQ(scores_of(5), before);
}

TEST(Prototypes, AnObjectIsNotItsOwnClosest) {
  const std::vector<float> values{1, 0, 0, 1, 0.6F, 0.8F};
  const std::vector<std::string> ids{"a", "b", "c"}, names{"X", "Y"};
  const std::vector<std::int32_t> classes{0, 1, 0};
  const Prototypes prototypes(
      {.values = values, .dimension = 2, .object_ids = ids, .classes = classes, .n_classes = 2}, names,
      {.judge = PrototypeJudge::closest});
  std::vector<float> scores(2);
  prototypes.judge(std::vector<float>{1, 0}, "a", scores);
  EXPECT_FLOAT_EQ(scores[0], 0.6F);
  prototypes.judge(std::vector<float>{1, 0}, "another", scores);
  EXPECT_FLOAT_EQ(scores[0], 1);
}

TEST(Prototypes, RefuseAClassWithoutRows) {
  const std::vector<float> values{1, 0, 0, 1};
  const std::vector<std::string> ids{"a", "b"}, names{"X", "Y"};
  const std::vector<std::int32_t> classes{0, -1};
  const LabelledPrototypes labelled{
      .values = values, .dimension = 2, .object_ids = ids, .classes = classes, .n_classes = 2};
  EXPECT_THROW(Prototypes(labelled, names, {}), Error);
}

}  // namespace
}  // namespace astrom3
