// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <zstd.h>

#include <random>
#include <string>
#include <string_view>

#include "astrom3/base/error.h"
#include "astrom3/classes/labels.h"
#include "formats/decompressed.h"
#include "tests/base/file_contents.h"
#include "tests/base/temporary_folder.h"
#include "tests/source/source_testing.h"

namespace astrom3 {
namespace {

std::string zstandard(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  out.resize(ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size()));
  ZSTD_freeCCtx(context);
  return out;
}

std::string read_all(std::string_view bytes, std::size_t step = 1000) {
  DecompressedReader reader{ByteReader::in_memory(bytes)};
  std::string out;
  std::string block(step, '\0');
  for (std::size_t n; (n = reader.read(block)) > 0;) out.append(block.data(), n);
  EXPECT_EQ(reader.bytes_read(), bytes.size());
  return out;
}

Status status_of_reading(std::string_view bytes, std::size_t step = 1000) {
  try {
    read_all(bytes, step);
  } catch (const Error& error) {
    return error.code();
  }
  return Status::ok;
}

std::string sample_text(std::size_t n) {
  std::mt19937 random(7);
  std::string text;
  while (text.size() < n) text += std::to_string(random()) + "\n";
  text.resize(n);
  return text;
}

TEST(Zstd, ATableOfLabelsIsReadAsPlainTextIs) {
  const TemporaryFolder folder;
  const auto file = write_file(folder / "labels.csv.zst", zstandard("object_id,class\na,EW\nb,M\n"));
  EXPECT_EQ(read_labels(file), (Labels{{"a", "EW"}, {"b", "M"}}));
}

TEST(Zstd, DecompressesWhateverTheReadSize) {
  const std::string text = sample_text(300000);
  const std::string bytes = zstandard(text);
  for (const std::size_t step : {1u, 7u, 4096u, 1u << 20}) EXPECT_EQ(read_all(bytes, step), text) << step;
}

TEST(Zstd, JoinsFramesAndPassesOverSkippableOnes) {
  const std::string skippable("\x50\x2a\x4d\x18\x03\x00\x00\x00xyz", 11);
  EXPECT_EQ(read_all(zstandard("one,") + skippable + zstandard("") + zstandard("two")), "one,two");
}

TEST(Zstd, EveryCutIsAnError) {
  const std::string bytes = zstandard(sample_text(2000));
  for (std::size_t n = 4; n < bytes.size(); ++n)
    EXPECT_EQ(status_of_reading(std::string_view(bytes).substr(0, n)), Status::bad_compression) << n;
}

TEST(Zstd, AWrongChecksumAndTrailingJunkAreErrors) {
  std::string bytes = zstandard(sample_text(2000));
  EXPECT_EQ(status_of_reading(bytes + "junk"), Status::bad_compression);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  EXPECT_EQ(status_of_reading(bytes), Status::bad_compression);
}

TEST(Zstd, AFrameThatHoldsLessThanItSaysIsAnErrorWhateverTheReadSize) {
  // A header that says 768 bytes, and one empty block.
  const std::string_view bytes("\x28\xb5\x2f\xfd\x60\x00\x02\x01\x00\x00", 10);
  for (const std::size_t step : {1u, 61u, 767u, 768u, 4096u})
    EXPECT_EQ(status_of_reading(bytes, step), Status::bad_compression) << step;
}

TEST(Zstd, ABombIsRefused) {  // TX37
  const std::string bomb = zstandard(std::string(DecompressedReader::kRatioFreeBytes + (8u << 20), 'x'));
  EXPECT_EQ(status_of_reading(bomb), Status::bad_compression);
}

TEST(Zstd, ATableGivesTheSameObjectAsPlainText) {  // DT03
  const std::string text = "hjd,flux,flux_err\n1,2,0.1\n2,3,0.1\n";
  const SourceObject plain = read_object(text);
  const SourceObject packed = read_object(zstandard(text), {}, "lc/star.csv.zst");
  EXPECT_EQ(packed.object_id, "star");
  EXPECT_EQ(packed.light_curve.flux, plain.light_curve.flux);
}

}  // namespace
}  // namespace astrom3
