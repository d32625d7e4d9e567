// SPDX-License-Identifier: MIT
//
// Arrow's types that are not simply numbers or lists: list views, decimals, dates; and those that hold no
// numbers.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <deque>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "source/in_memory/arrow_leaves.h"
#include "source/in_memory/decimal.h"
#include "tests/base/rejection.h"
#include "tests/source/source_testing.h"

namespace astrom3 {
namespace {

/// A record batch whose columns are made one by one. Bytes stand in memory of their own size, so that a
/// sanitizer sees what is read beyond them.
class Batch {
 public:
  explicit Batch(std::int64_t n_rows) : n_rows_(n_rows) {}

  template <typename T>
  const void* keep(const std::vector<T>& values) {
    bytes_.emplace_back(values.size() * sizeof(T));
    if (!values.empty()) std::memcpy(bytes_.back().data(), values.data(), bytes_.back().size());
    return bytes_.back().data();
  }

  /// A column of one buffer of values.
  template <typename T>
  void add(const char* name, const char* format, const std::vector<T>& values) {
    add_node(name, format, {nullptr, keep(values)}, static_cast<std::int64_t>(values.size()), false);
  }

  /// A column of lists of doubles, as views.
  template <typename Size>
  void add_views(const char* name, const char* format, const std::vector<Size>& offsets,
                 const std::vector<Size>& sizes, const std::vector<double>& values) {
    Node& child = make("item", "g", {nullptr, keep(values)}, static_cast<std::int64_t>(values.size()));
    Node& list = make(name, format, {nullptr, keep(offsets), keep(sizes)}, n_rows_);
    list.children = {&child.array};
    list.child_schemas = {&child.schema};
    finish(list);
  }

  LightCurveTable table(const SourceOptions& options = {}) {
    Node& root = make("", "+s", {nullptr}, n_rows_);
    root.children = arrays_;
    root.child_schemas = schemas_;
    link_children(root);
    return LightCurveTable::from_arrow(root.schema, root.array, options);
  }

  void add_node(const char* name, const char* format, std::vector<const void*> buffers, std::int64_t length,
                bool has_nulls) {
    Node& node = make(name, format, std::move(buffers), length);
    node.array.null_count = has_nulls ? -1 : 0;
    finish(node);
  }

 private:
  struct Node {
    ArrowSchema schema{};
    ArrowArray array{};
    std::vector<const void*> buffers{};
    std::vector<ArrowArray*> children{};
    std::vector<ArrowSchema*> child_schemas{};
  };

  Node& make(const char* name, const char* format, std::vector<const void*> buffers, std::int64_t length) {
    Node& node = kept_.emplace_back();
    node.buffers = std::move(buffers);
    node.schema.format = format;
    node.schema.name = name;
    node.schema.release = [](ArrowSchema*) {};
    node.array.length = length;
    node.array.n_buffers = static_cast<std::int64_t>(node.buffers.size());
    node.array.buffers = node.buffers.data();
    node.array.release = [](ArrowArray* array) { array->release = nullptr; };
    return node;
  }

  static void link_children(Node& node) {
    node.array.n_children = node.schema.n_children = static_cast<std::int64_t>(node.children.size());
    node.array.children = node.children.data();
    node.schema.children = node.child_schemas.data();
  }

  void finish(Node& node) {
    link_children(node);
    arrays_.push_back(&node.array);
    schemas_.push_back(&node.schema);
  }

  std::int64_t n_rows_;
  std::deque<Node> kept_;
  std::deque<std::vector<char>> bytes_;
  std::vector<ArrowArray*> arrays_;
  std::vector<ArrowSchema*> schemas_;
};

SourceObject read(const LightCurveTable& table, std::size_t i) {
  SourceObject object;
  table.read(i, object);
  return object;
}

const std::vector<double> kTimes{1, 2, 3}, kFluxes{7, 8, 9}, kErrors{1, 1, 1};

template <typename Use>
void with_fluxes(const char* format, const Use& add) {
  Batch batch(3);
  batch.add("time", "g", kTimes);
  add(batch, format);
  batch.add("flux_err", "g", kErrors);
  EXPECT_EQ(read(batch.table(), 0).light_curve.flux, (std::vector<double>{12.5, -0.25, 10})) << format;
}

TEST(ArrowDecimals, AreNumbersOfEveryWidth) {
  with_fluxes("d:9,2,32", [](Batch& b, const char* f) { b.add<std::int32_t>("flux", f, {1250, -25, 1000}); });
  with_fluxes("d:18,3,64", [](Batch& b, const char* f) {
    b.add<std::int64_t>("flux", f, {12500, -250, 10000});
  });
  constexpr std::uint64_t kOnes = ~std::uint64_t{0};
  with_fluxes("d:38,2", [](Batch& b, const char* f) {
    b.add_node("flux", f, {nullptr, b.keep<std::uint64_t>({1250, 0, kOnes - 24, kOnes, 1000, 0})}, 3, false);
  });
  with_fluxes("d:76,2,256", [](Batch& b, const char* f) {
    b.add_node(
        "flux", f,
        {nullptr, b.keep<std::uint64_t>({1250, 0, 0, 0, kOnes - 24, kOnes, kOnes, kOnes, 1000, 0, 0, 0})}, 3,
        false);
  });
}

TEST(ArrowDecimals, OfUnreadableFormatsAreRefused) {
  for (const char* format : {"d:", "d:9", "d:9,", "d:9,2,", "d:9,2,16", "d:9,2,x", "d:9,2,128,1", "d:x,2",
                             "d:9,400", "d:9,99999999999", "d:9;2", "d:9,2 "}) {
    Batch batch(3);
    batch.add("time", "g", kTimes);
    batch.add<std::int64_t>("flux", format, {1, 2, 3});
    batch.add("flux_err", "g", kErrors);
    const Diagnostic diagnostic = rejection_of([&] { batch.table(); });
    EXPECT_EQ(diagnostic.code, Status::usage) << format;
    EXPECT_EQ(diagnostic.column, "flux") << format;
  }
}

TEST(ArrowDecimals, AreIdsByTheirExactDigits) {
  Batch batch(4);
  constexpr std::uint64_t kOnes = ~std::uint64_t{0};
  // 2^127 - 1, -2^127, 1230.00 and 10.50, as decimals with two digits behind the point.
  const std::vector<std::uint64_t> ids{kOnes, kOnes >> 1, 0, std::uint64_t{1} << 63, 123000, 0, 1050, 0};
  batch.add_node("object_id", "d:38,2", {nullptr, batch.keep(ids)}, 4, false);
  batch.add<double>("time", "g", {1, 2, 3, 4});
  batch.add<double>("flux", "g", {1, 2, 3, 4});
  batch.add<double>("flux_err", "g", {1, 1, 1, 1});
  const LightCurveTable table = batch.table();
  ASSERT_EQ(table.size(), 4u);
  EXPECT_EQ(table.object_id(0), "1701411834604692317316873037158841057.27");
  EXPECT_EQ(table.object_id(1), "-1701411834604692317316873037158841057.28");
  EXPECT_EQ(table.object_id(2), "1230");
  EXPECT_EQ(table.object_id(3), "10.5");
}

TEST(Decimal, IsItsDigitsAndItsNumber) {
  const auto digits = [](std::int64_t whole, int decimals) {
    std::string text;
    Decimal::of(whole).append(decimals, text);
    return text;
  };
  EXPECT_EQ(digits(0, 5), "0");
  EXPECT_EQ(digits(5, 3), "0.005");
  EXPECT_EQ(digits(-120, 1), "-12");
  EXPECT_EQ(digits(12, -3), "12000");
  EXPECT_EQ(digits(1000000000000000000, 0), "1000000000000000000");
  EXPECT_EQ(digits(std::numeric_limits<std::int64_t>::min(), 0), "-9223372036854775808");
  EXPECT_EQ(Decimal::of(1).number(1), 0.1);
  EXPECT_EQ(Decimal::of(123456789).number(4), 12345.6789);
  EXPECT_EQ(Decimal::of(-3).number(-2), -300);
  EXPECT_EQ(Decimal::of(std::numeric_limits<std::int64_t>::min()).number(0), -0x1p63);
  for (std::int64_t whole = 1; whole < 100000; whole += 7) {
    EXPECT_EQ(Decimal::of(whole).number(5), std::stod(digits(whole, 5))) << whole;
  }
}

template <typename T>
std::vector<double> days_of(const char* format, const std::vector<T>& values) {
  Batch batch(3);
  batch.add("time", format, values);
  batch.add("flux", "g", kFluxes);
  batch.add("flux_err", "g", kErrors);
  return read(batch.table(), 0).light_curve.time;
}

TEST(ArrowDates, AreDaysSince1970) {
  const std::vector<double> expected{0, 1, -0.5};
  const std::vector<std::int64_t> halves{0, 2, -1};  // of days since 1970
  const auto times = [&](std::int64_t per_day) {
    std::vector<std::int64_t> values;
    for (const std::int64_t half : halves) values.push_back(half * (per_day / 2));
    return values;
  };
  EXPECT_EQ(days_of("tss:", times(86400)), expected);
  EXPECT_EQ(days_of("tsm:UTC", times(86400000)), expected);
  EXPECT_EQ(days_of("tsu:Europe/Paris", times(86400000000)), expected);
  EXPECT_EQ(days_of("tsn:", times(86400000000000)), expected);
  EXPECT_EQ(days_of("tdm", times(86400000)), expected);
  EXPECT_EQ(days_of<std::int32_t>("tdD", {0, 1, -1}), (std::vector<double>{0, 1, -1}));
  EXPECT_EQ(days_of("tDs", times(86400)), (std::vector<double>{0, 1, -0.5}));
  EXPECT_EQ(days_of("tDn", times(86400000000000)), (std::vector<double>{0, 1, -0.5}));
}

TEST(ArrowDates, ThatAreNoTimesAreRefused) {
  for (const char* const name : {"flux", "flux_err", "object_id", "band"}) {
    Batch batch(3);
    for (const char* const column : {"time", "flux", "flux_err"}) {
      if (std::string(column) != name) batch.add(column, "g", kTimes);
    }
    batch.add<std::int64_t>(name, "tsn:", {1, 2, 3});
    const Diagnostic diagnostic = rejection_of([&] { batch.table(); });
    EXPECT_EQ(diagnostic.code, Status::usage) << name;
    EXPECT_EQ(diagnostic.column, name);
  }
  for (const char* const format :
       {"ts", "tss", "tsx:", "td", "tdx", "tD", "tDx", "tDss", "tts", "n", "+ud:0", "z", "w:8"}) {
    Batch batch(3);
    batch.add<std::int64_t>("time", format, {1, 2, 3});
    batch.add("flux", "g", kFluxes);
    batch.add("flux_err", "g", kErrors);
    EXPECT_EQ(rejection_of([&] { batch.table(); }).code, Status::usage) << format;
  }
}

TEST(ArrowDates, ThatNobodyReadsAreLeftAlone) {
  Batch batch(3);
  batch.add("time", "g", kTimes);
  batch.add("flux", "g", kFluxes);
  batch.add("flux_err", "g", kErrors);
  batch.add<std::int64_t>("observed_at", "tsn:", {1, 2, 3});
  batch.add<std::int64_t>("other", "+r", {1, 2, 3});
  EXPECT_EQ(read(batch.table(), 0).light_curve.flux, kFluxes);
}

TEST(ArrowIds, AsFloatingNumbersThatHaveLostDigitsAreRefused) {
  const auto open = [](const std::vector<double>& ids) {
    Batch batch(3);
    batch.add("object_id", "g", ids);
    batch.add("time", "g", kTimes);
    batch.add("flux", "g", kFluxes);
    batch.add("flux_err", "g", kErrors);
    return batch.table().size();
  };
  EXPECT_EQ(rejection_of([&] { open({1, 2, 0x1p53 + 2}); }).code, Status::usage);
  EXPECT_EQ(rejection_of([&] { open({1, -0x1p60, std::nan("")}); }).code, Status::usage);
  EXPECT_EQ(open({1, 2, 0x1p53}), 3u);
}

// ---- list views ------------------------------------------------------------------------------------------

template <typename Size>
LightCurveTable views(Batch& batch, const char* format, const std::vector<Size>& offsets,
                      const std::vector<Size>& sizes) {
  std::vector<double> values;
  for (int i = 0; i < 8; ++i) values.push_back(i * i);
  for (const char* const name : {"time", "flux", "flux_err"})
    batch.add_views(name, format, offsets, sizes, values);
  return batch.table();
}

template <typename Size>
void read_views(const char* format) {
  Batch batch(4);
  const LightCurveTable table = views<Size>(batch, format, {5, 0, 2, 8}, {3, 2, 4, 0});
  ASSERT_EQ(table.size(), 4u);
  EXPECT_EQ(read(table, 0).light_curve.time, (std::vector<double>{25, 36, 49}));
  EXPECT_EQ(read(table, 1).light_curve.time, (std::vector<double>{0, 1}));
  EXPECT_EQ(read(table, 2).light_curve.time, (std::vector<double>{4, 9, 16, 25}));  // overlaps the first
  EXPECT_EQ(read(table, 3).rejection.value_or(Diagnostic{}).code, Status::no_points);
}

TEST(ArrowListViews, AreListsInAnyOrder) {
  read_views<std::int32_t>("+vl");
  read_views<std::int64_t>("+vL");
}

template <typename Size>
void refuse_views(const char* format) {
  constexpr Size kMost = std::numeric_limits<Size>::max(), kLeast = std::numeric_limits<Size>::min();
  Batch batch(7);
  const LightCurveTable table =
      views<Size>(batch, format, {-1, 0, 7, kMost, kLeast, 8, 0}, {2, -1, 2, kMost, kLeast, 1, 3});
  for (std::size_t i = 0; i < 6; ++i) EXPECT_TRUE(read(table, i).rejection.has_value()) << format << ' ' << i;
  EXPECT_FALSE(read(table, 6).rejection.has_value());
}

TEST(ArrowListViews, ThatLeaveTheirValuesRejectTheirLightCurve) {
  refuse_views<std::int32_t>("+vl");
  refuse_views<std::int64_t>("+vL");
}

TEST(ArrowListViews, WithoutSizesAreRefused) {
  Batch batch(1);
  const std::vector<std::int32_t> one{0};
  batch.add_views<std::int32_t>("time", "+vl", one, one, kTimes);
  batch.add_node("flux", "+vl", {nullptr, batch.keep(one)}, 1, false);
  batch.add_node("flux_err", "+vl", {nullptr, batch.keep(one)}, 1, false);
  EXPECT_EQ(rejection_of([&] { batch.table(); }).code, Status::usage);
}

// ---- units -----------------------------------------------------------------------------------------------

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// As Arrow has it: the number of pairs, and each text behind its length.
std::string metadata_of(const Pairs& pairs) {
  std::string bytes;
  const auto add = [&](std::size_t number) {
    const auto size = static_cast<std::int32_t>(number);
    bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
  };
  add(pairs.size());
  for (const auto& [key, value] : pairs) {
    for (const std::string& text : {key, value}) {
      add(text.size());
      bytes += text;
    }
  }
  return bytes;
}

/// The unit of the values of a column of lists, where the list and its item have these metadata.
std::string unit_of(const std::string& of_list, const std::string& of_item) {
  ArrowSchema item{}, list{}, root{};
  ArrowSchema *items = &item, *lists = &list;
  item.format = "g";
  item.name = "item";
  item.metadata = of_item.empty() ? nullptr : of_item.data();
  list.format = "+l";
  list.name = "flux";
  list.metadata = of_list.empty() ? nullptr : of_list.data();
  list.n_children = 1;
  list.children = &items;
  root.format = "+s";
  root.n_children = 1;
  root.children = &lists;
  return arrow_leaves(root).at(0).column.unit;
}

TEST(ArrowUnits, AreThoseOfTheMetadata) {
  EXPECT_EQ(unit_of("", ""), "");
  EXPECT_EQ(unit_of(metadata_of({}), metadata_of({{"note", "mJy"}})), "");
  EXPECT_EQ(unit_of(metadata_of({{"unit", "mJy"}}), ""), "mJy");
  EXPECT_EQ(unit_of(metadata_of({{"note", ""}, {"UNITS", "h"}}), metadata_of({})), "h");
  EXPECT_EQ(unit_of(metadata_of({{"unit", "h"}}), metadata_of({{"unit", "Jy"}})), "Jy");
  EXPECT_EQ(unit_of(metadata_of({{"units", "h"}, {"unit", "d"}, {"units", "s"}}), ""), "d");
}

/// A light curve of lists of lists whose inner sizes cannot be subtracted.
TEST(ArrowTriples, WithOffsetsThatOverflowAreRejected) {
  const std::vector<std::int64_t> outer{0, 1}, inner{9, std::numeric_limits<std::int64_t>::min()};
  const void *outer_buffers[] = {nullptr, outer.data()}, *inner_buffers[] = {nullptr, inner.data()};
  const void* value_buffers[] = {nullptr, kTimes.data()};
  ArrowSchema schemas[3]{};
  ArrowArray arrays[3]{};
  ArrowSchema* below[] = {&schemas[1], &schemas[2]};
  ArrowArray* under[] = {&arrays[1], &arrays[2]};
  const void** const buffers[] = {outer_buffers, inner_buffers, value_buffers};
  for (std::size_t i = 0; i < 3; ++i) {
    schemas[i].format = i < 2 ? "+L" : "g";
    schemas[i].name = "photometry";
    schemas[i].n_children = arrays[i].n_children = i < 2 ? 1 : 0;
    schemas[i].children = i < 2 ? &below[i] : nullptr;
    schemas[i].release = [](ArrowSchema*) {};
    arrays[i].length = i < 2 ? 1 : 3;
    arrays[i].n_buffers = 2;
    arrays[i].buffers = buffers[i];
    arrays[i].children = i < 2 ? &under[i] : nullptr;
    arrays[i].release = [](ArrowArray* array) { array->release = nullptr; };
  }
  EXPECT_TRUE(read(LightCurveTable::from_arrow(schemas[0], arrays[0], {}), 0).rejection.has_value());
}

}  // namespace
}  // namespace astrom3
