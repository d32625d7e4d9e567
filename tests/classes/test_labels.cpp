// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "astrom3/classes/labels.h"
#include "tests/base/file_contents.h"
#include "tests/base/rejection.h"
#include "tests/base/temporary_folder.h"

namespace astrom3 {
namespace {

Labels labels_in(std::string_view text, const std::string& id_column = {}, bool required = true) {
  const TemporaryFolder folder;
  return read_labels(write_file(folder / "labels.csv", text), id_column, required);
}

TEST(Labels, AreReadFromTheFirstColumnThatIsCalledLikeAClass) {
  const Labels expected{{"a", "EW"}, {"b", "M"}};
  EXPECT_EQ(labels_in("object_id,class\na,EW\nb,M\n"), expected);
  EXPECT_EQ(labels_in("Var_Type\tobject_id\nEW\ta\nM\tb\n"), expected);
  EXPECT_EQ(labels_in("label,source,class\nx,a,EW\ny,b,M\n", "source"), expected);
}

TEST(Labels, ARowWithoutAClassOrAnIdIsNoLabel) {
  EXPECT_EQ(labels_in("object_id,class\na,\n,EW\nb,M\n"), (Labels{{"b", "M"}}));
}

TEST(Labels, ATableWithoutAClassHasNoneWhereNoneIsRequired) {
  EXPECT_TRUE(labels_in("object_id,period\na,1\n", {}, false).empty());
  const Diagnostic found = rejection_of([] { labels_in("object_id,period\na,1\n"); });
  EXPECT_EQ(found.code, Status::bad_catalog);
  EXPECT_TRUE(contains(found.message, "var_type"));
  EXPECT_TRUE(contains(found.message, "found: object_id, period"));
  EXPECT_TRUE(contains(rejection_of([] { labels_in("star,class\na,EW\n"); }).message, "no id column"));
}

TEST(Labels, OfMoreClassesThanAnybodyMeansAreRefused) {
  EXPECT_NO_THROW(check_class_count(1000));
  EXPECT_EQ(rejection_of([] { check_class_count(1001); }).code, Status::bad_catalog);
  std::string label = "c0";
  for (int i = 1; i < 1000; ++i) label += fmt::format("|c{}", i);
  EXPECT_EQ(classes_of_label(label).size(), 1000u);
  const Diagnostic found = rejection_of([&] { classes_of_label(label + "|c1000"); });
  EXPECT_EQ(found.message, "more than 1000 different classes");
}

TEST(Labels, TwoClassesOfOneObjectAreAnErrorThatNamesTheLine) {
  EXPECT_EQ(labels_in("object_id,class\na,EW\na,EW\n").size(), 1u);
  const Diagnostic found = rejection_of([] { labels_in("object_id,class\na,EW\nb,M\na,M\n"); });
  EXPECT_EQ(found.line, 4);
  EXPECT_EQ(found.message, "object a is M here and EW before");
  Labels labels{{"a", "EW"}};
  EXPECT_EQ(rejection_of([&] { merge_labels(labels, {{"a", "M"}}); }).code, Status::bad_catalog);
  merge_labels(labels, {{"a", "EW"}, {"b", "M"}});
  EXPECT_EQ(labels.size(), 2u);
}

}  // namespace
}  // namespace astrom3
