// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "formats/npy.h"
#include "tests/base/file_contents.h"
#include "tests/base/temporary_folder.h"

namespace astrom3 {
namespace {

std::vector<float> floats_after_header(const std::string& bytes) {
  std::vector<float> values((bytes.size() - 128) / sizeof(float));
  std::memcpy(values.data(), bytes.data() + 128, values.size() * sizeof(float));
  return values;
}

// The bytes numpy.save writes for zeros((7, 200, 9), '<f4').
TEST(Npy, HeaderIsVersionOneAndSixtyFourByteAligned) {
  const std::vector<std::size_t> shape{200, 9};
  const std::string header = npy_header(7, shape);
  ASSERT_EQ(header.size(), 128u);
  const std::string start("\x93NUMPY\x01\x00\x76\x00", 10);
  EXPECT_EQ(header.substr(0, 10), start);
  EXPECT_EQ(header.substr(10, 64), "{'descr': '<f4', 'fortran_order': False, 'shape': (7, 200, 9), }");
  EXPECT_EQ(header.find_first_not_of(' ', 74), 127u);
  EXPECT_EQ(header.back(), '\n');
}

TEST(Npy, AOneDimensionalShapeKeepsItsComma) {
  EXPECT_NE(npy_header(5, {}).find("'shape': (5,), }"), std::string::npos);
}

TEST(Npy, HeaderHasOneLengthForAnyNumberOfRows) {
  const std::vector<std::size_t> shape{5000, 4096};
  EXPECT_EQ(npy_header(UINT64_MAX, shape).size(), npy_header(0, shape).size());
}

TEST(NpyWriter, WritesRowsAsTheyLieInMemoryAndCountsThem) {
  const TemporaryFolder folder;
  NpyWriter writer(folder / "a.npy", {2, 3});
  writer.write_row(std::vector<float>{1, 2, 3, 4, 5, 6});
  writer.fill_row(-7);
  writer.finish();
  EXPECT_FALSE(std::filesystem::exists(folder / "a.npy"));
  writer.file().commit();
  const std::string bytes = read_file(folder / "a.npy");
  EXPECT_EQ(bytes.size(), 128u + 12 * sizeof(float));
  EXPECT_NE(bytes.find("'shape': (2, 2, 3), }"), std::string::npos);
  EXPECT_EQ(floats_after_header(bytes), (std::vector<float>{1, 2, 3, 4, 5, 6, -7, -7, -7, -7, -7, -7}));
}

TEST(NpyWriter, NoRowsMakeAnEmptyArray) {
  const TemporaryFolder folder;
  NpyWriter writer(folder / "a.npy", {128});
  writer.finish();
  writer.file().commit();
  const std::string bytes = read_file(folder / "a.npy");
  EXPECT_EQ(bytes.size(), 128u);
  EXPECT_NE(bytes.find("'shape': (0, 128), }"), std::string::npos);
}

}  // namespace
}  // namespace astrom3
