// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "formats/half.h"
#include "formats/safetensors.h"
#include "tests/base/file_contents.h"
#include "tests/base/rejection.h"
#include "tests/base/temporary_folder.h"
#include "tests/formats/safetensors_bytes.h"

namespace astrom3 {
namespace {

SafetensorsFile parse(const std::string& bytes) {
  const auto span = std::as_bytes(std::span(bytes));
  return SafetensorsFile::parse({span.begin(), span.end()}, "m.safetensors");
}

Diagnostic rejected(const std::string& bytes) {
  const Diagnostic diagnostic = rejection_of([&] { parse(bytes); });
  EXPECT_EQ(diagnostic.code, Status::bad_model);
  EXPECT_EQ(diagnostic.file, "m.safetensors");
  EXPECT_GE(diagnostic.byte, 0);
  return diagnostic;
}

/// One tensor "x" with the given pieces of JSON and a data section of `n_bytes`.
std::string one_tensor(const std::string& dtype, const std::string& shape, const std::string& offsets,
                       std::size_t n_bytes) {
  return safetensors_zeros(
      R"({"x":{"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}", n_bytes);
}

// Reading.

TEST(Safetensors, ReadsTensorsOfSeveralTypesByName) {
  const SafetensorsFile file =
      SafetensorsFile::open(std::filesystem::path(ASTROM3_TEST_DATA) / "tiny/cases.safetensors");
  EXPECT_EQ(file.at("x_enc").shape(), (std::vector<std::int64_t>{4, 40, 9}));
  EXPECT_EQ(file.at("x_enc").dtype(), Dtype::f32);
  EXPECT_EQ(to_float32(file.at("x_enc")).size(), 4u * 40 * 9);
  EXPECT_EQ(to_float64(file.at("mean")).size(), 4u * 32);
  EXPECT_EQ(to_int64(file.at("probsparse_key_samples")).size(), 2u * 40 * 4);
  EXPECT_FALSE(file.contains("x"));
  EXPECT_THROW(to_int64(file.at("mean")), Error);
  EXPECT_THROW(to_float32(file.at("probsparse_key_samples")), Error);
  EXPECT_TRUE(contains(rejection_of([&] { file.at("x"); }).message, "there is no tensor of this name"));
}

TEST(Safetensors, ConvertsEveryIntegerType) {
  const SafetensorsParts parts{.metadata = {},
                               .parts = {
                                   {"i64", "I64", {2}, bytes_of<std::int64_t>({-5, 1ll << 40})},
                                   {"i32", "I32", {1}, bytes_of<std::int32_t>({-5})},
                                   {"i16", "I16", {1}, bytes_of<std::int16_t>({-5})},
                                   {"i8", "I8", {1}, bytes_of<std::int8_t>({-5})},
                                   {"u64", "U64", {1}, bytes_of<std::uint64_t>({5})},
                                   {"u32", "U32", {1}, bytes_of<std::uint32_t>({0xFFFFFFFFu})},
                                   {"u16", "U16", {1}, bytes_of<std::uint16_t>({0xFFFFu})},
                                   {"u8", "U8", {1}, bytes_of<std::uint8_t>({0xFFu})},
                                   {"bool", "BOOL", {2}, bytes_of<std::uint8_t>({1, 0})},
                                   {"huge", "U64", {1}, bytes_of<std::uint64_t>({1ull << 63})},
                               }};
  const SafetensorsFile file = parse(parts.bytes());
  EXPECT_EQ(to_int64(file.at("i64")), (std::vector<std::int64_t>{-5, 1ll << 40}));
  for (const char* name : {"i32", "i16", "i8"}) EXPECT_EQ(to_int64(file.at(name)).at(0), -5) << name;
  EXPECT_EQ(to_int64(file.at("u64")).at(0), 5);
  EXPECT_EQ(to_int64(file.at("u32")).at(0), 0xFFFFFFFF);
  EXPECT_EQ(to_int64(file.at("u16")).at(0), 0xFFFF);
  EXPECT_EQ(to_int64(file.at("u8")).at(0), 0xFF);
  EXPECT_EQ(to_int64(file.at("bool")), (std::vector<std::int64_t>{1, 0}));
  EXPECT_THROW(to_int64(file.at("huge")), Error);
}

// The definition of IEEE binary16, for every one of its values.
TEST(Half, WidensEveryF16Exactly) {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const int exponent = static_cast<int>(bits >> 10 & 31);
    const double fraction = bits & 1023;
    const double sign = (bits & 0x8000) != 0 ? -1 : 1;
    const float wide = float_of_f16(static_cast<std::uint16_t>(bits));
    if (exponent == 31) {
      EXPECT_TRUE(fraction == 0 ? wide == static_cast<float>(sign) * std::numeric_limits<float>::infinity()
                                : std::isnan(wide));
    } else {
      const double value =
          exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
      ASSERT_EQ(static_cast<double>(wide), sign * value) << bits;
      ASSERT_EQ(std::signbit(wide), sign < 0) << bits;
    }
  }
}

TEST(Half, WidensManyF16AsOneByOne) {
  std::array<std::uint16_t, kHalvesTogether> half;
  std::array<float, kHalvesTogether> wide;
  for (std::uint32_t first = 0; first < 65536; first += kHalvesTogether) {
    std::iota(half.begin(), half.end(), static_cast<std::uint16_t>(first));
    floats_of_f16(half.data(), wide.data());
    for (std::size_t i = 0; i < kHalvesTogether; ++i) {
      ASSERT_EQ(std::bit_cast<std::uint32_t>(wide[i]), std::bit_cast<std::uint32_t>(float_of_f16(half[i])))
          << half[i];
    }
  }
}

TEST(Half, WidensBf16ByItsBits) {
  EXPECT_EQ(float_of_bf16(0x3F80), 1.0f);
  EXPECT_EQ(float_of_bf16(0xC000), -2.0f);
  EXPECT_EQ(float_of_bf16(0x0001), 0x1p-133f);
  EXPECT_TRUE(std::isnan(float_of_bf16(0x7FC0)));
}

TEST(Safetensors, ReadsUnalignedData) {  // ST34
  for (std::size_t shift = 0; shift < 8; ++shift) {
    std::string header = R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
    header += std::string(shift, ' ');  // ST09: trailing spaces
    const SafetensorsFile file = parse(safetensors_bytes(header, bytes_of<float>({1.5f, -2})));
    EXPECT_EQ(to_float32(file.at("x")), (std::vector<float>{1.5f, -2}));
    EXPECT_EQ(to_float64(file.at("x")), (std::vector<double>{1.5, -2}));
  }
}

TEST(Safetensors, AcceptsEmptyTensorsAndScalars) {
  const SafetensorsFile file = parse(safetensors_zeros(
      R"({"e":{"dtype":"F32","shape":[0,3],"data_offsets":[0,0]},"s":{"dtype":"F64","shape":[],"data_offsets":[0,8]}})",
      8));
  EXPECT_EQ(to_float32(file.at("e")).size(), 0u);
  EXPECT_EQ(to_float64(file.at("s")), std::vector<double>{0});
  EXPECT_TRUE(parse(safetensors_bytes("{}")).names().empty());
}

TEST(Safetensors, ListsATensorOfAnUnknownTypeAndDoesNotReadIt) {
  const SafetensorsFile file = parse(one_tensor("\"F33\"", "[3]", "[0,5]", 5));
  EXPECT_EQ(file.at("x").dtype(), Dtype::unknown);
  EXPECT_TRUE(contains(rejection_of([&] { to_float32(file.at("x")); }).message, "has dtype F33; need F32"));
}

TEST(Safetensors, AcceptsEverythingUpToItsLimits) {
  const std::string value = R"({"dtype":"F32","shape":[1,1,1,1,1,1,1,1],"data_offsets":[0,4]})";
  std::string entries;
  for (int i = 0; i < 4096; ++i) entries += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":\"\"";
  const std::string name = "a name " + std::string(249, 'a');  // 256 bytes; a space is no control character
  const SafetensorsFile file =
      parse(safetensors_zeros(R"({"__metadata__":{)" + entries + "},\"" + name + "\":" + value + "}", 4));
  EXPECT_EQ(file.metadata().size(), 4096u);
  EXPECT_EQ(file.at(name).shape().size(), 8u);
}

// The bad inputs of the length and the header, ST01-ST20.

TEST(Safetensors, RejectsFilesTooSmallForALength) {  // ST01
  EXPECT_EQ(rejected("").message, "file is 0 bytes; a safetensors file needs at least 8");
  EXPECT_EQ(rejected("1234567").message, "file is 7 bytes; a safetensors file needs at least 8");
}

TEST(Safetensors, RejectsAHeaderLongerThanTheFile) {  // ST02
  EXPECT_EQ(rejected(length_bytes(1234) + std::string(492, ' ')).message,
            "header claims 1234 bytes, file has 500");
}

TEST(Safetensors, AllocatesNothingForAnAbsurdLength) {  // ST03, ST36
  rejected(length_bytes(99) + "{}");                    // touches what the first rejection touches
  rusage before{};
  rusage after{};
  getrusage(RUSAGE_SELF, &before);
  for (const std::uint64_t length : {~std::uint64_t{0}, std::uint64_t{1} << 63, std::uint64_t{1} << 32,
                                     std::uint64_t{3}, std::uint64_t{2} << 56}) {
    EXPECT_TRUE(contains(rejected(length_bytes(length) + "{}").message, "header claims"));
  }
  getrusage(RUSAGE_SELF, &after);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 1024);  // KiB
}

TEST(Safetensors, RejectsAnEmptyHeader) {  // ST04
  EXPECT_EQ(rejected(length_bytes(0)).message, "header is empty; expected JSON");
}

TEST(Safetensors, RejectsAHundredMegabytesOfSpacesAtOnce) {  // ST05
  const TemporaryFolder folder;
  constexpr std::uint64_t kLength = 100'000'000;
  const auto file = write_file(folder / "m.safetensors", length_bytes(kLength) + "{");
  std::filesystem::resize_file(file, kLength + 8);
  const auto start = std::chrono::steady_clock::now();
  const Diagnostic diagnostic = rejection_of([&] { SafetensorsFile::open(file); });
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(50));
  EXPECT_TRUE(contains(diagnostic.message, "header larger than limit"));
}

TEST(Safetensors, RejectsHeadersThatAreNotUtf8WithTheByte) {  // ST06
  for (const char* bad : {"\xff", "\xc0\xaf", "\xed\xa0\x80"}) {
    const Diagnostic diagnostic = rejected(safetensors_bytes("{\"a" + std::string(bad) + "\":{}}"));
    EXPECT_TRUE(contains(diagnostic.message, "not UTF-8"));
    EXPECT_EQ(diagnostic.byte, 8 + 3);
  }
}

TEST(Safetensors, RejectsHeadersThatAreNotJsonWithLineAndColumn) {  // ST07
  const std::string entry = R"("x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})";
  for (const std::string& header : {"{" + entry + "}x", "{" + entry + "}{}", "{/*c*/" + entry + "}",
                                    std::string("{\"x\":NaN}"), "{" + entry, std::string("{x")}) {
    const Diagnostic diagnostic = rejected(safetensors_zeros(header, 4));
    EXPECT_TRUE(contains(diagnostic.message, "not valid JSON")) << header;
    EXPECT_EQ(diagnostic.line, 1);
    EXPECT_GE(diagnostic.field, 1);
  }
}

TEST(Safetensors, RejectsHeadersThatDoNotBeginWithABrace) {  // ST08
  for (const char* header : {" {}", "\n{}", "\xEF\xBB\xBF{}", "[]", "\"x\"", "12"}) {
    EXPECT_TRUE(contains(rejected(safetensors_bytes(header)).message, "header must begin with '{'"))
        << header;
  }
}

TEST(Safetensors, RejectsAVeryDeepHeader) {  // ST10
  EXPECT_TRUE(contains(rejected(safetensors_bytes("{\"a\":" + std::string(100'000, '['))).message,
                       "nested deeper than 64"));
}

TEST(Safetensors, RejectsDuplicateKeys) {  // ST11, ST12
  const std::string value = R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]})";
  for (const std::string& header :
       {"{\"a\":" + value + ",\"a\":" + value + "}", "{\"a\":" + value + ",\"\\u0061\":" + value + "}",
        std::string(R"({"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}})"),
        std::string(R"({"__metadata__":{},"__metadata__":{}})"),
        std::string(R"({"__metadata__":{"k":"1","k":"1"}})")}) {
    EXPECT_TRUE(contains(rejected(safetensors_zeros(header, 4)).message, "duplicate key")) << header;
  }
}

TEST(Safetensors, NamesBothTensorsThatOverlap) {  // ST13
  for (const char* second : {"[0,8]", "[4,12]", "[0,4]", "[7,8]"}) {
    const std::string header =
        R"({"first":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"second":{"dtype":"F33","shape":[1],"data_offsets":)" +
        std::string(second) + "}}";
    const Diagnostic diagnostic = rejected(safetensors_zeros(header, 12));
    EXPECT_TRUE(contains(diagnostic.message, "overlaps tensor"));
    EXPECT_TRUE(contains(diagnostic.column + diagnostic.message, "first")) << second;
    EXPECT_TRUE(contains(diagnostic.column + diagnostic.message, "second")) << second;
  }
}

TEST(Safetensors, RejectsHolesBetweenAndBeforeTensors) {  // ST14
  const Diagnostic between = rejected(safetensors_zeros(
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[20,24]}})",
      24));
  EXPECT_TRUE(contains(between.message, "hole of 16 bytes before this tensor"));
  EXPECT_EQ(between.column, "b");
  EXPECT_TRUE(contains(rejected(one_tensor("\"F32\"", "[1]", "[4,8]", 8)).message, "hole of 4 bytes"));
}

TEST(Safetensors, RejectsADataSectionOfAnotherSize) {  // ST15
  EXPECT_EQ(rejected(one_tensor("\"F32\"", "[2]", "[0,8]", 13)).message,
            "the data section is 13 bytes, the header describes 8");
  EXPECT_EQ(rejected(one_tensor("\"F32\"", "[2]", "[0,8]", 6)).message,
            "the data section is 6 bytes, the header describes 8");
  EXPECT_EQ(rejected(safetensors_zeros("{}", 1)).message,
            "the data section is 1 bytes, the header describes 0");
}

TEST(Safetensors, RejectsOffsetsThatAreNotTwoIntegersInOrder) {  // ST16, ST17
  for (const char* offsets :
       {"[4,0]", "[-1,3]", "[-0,4]", "[0,1e3]", "[0,4.0]", "[0,\"4\"]", "[0,9007199254740993]",
        "[0,18446744073709551616]", "[0,99999999999999999999999]", "[]", "[4]", "[0,4,8]", "null", "{}", "4",
        "[0,null]"}) {
    const Diagnostic diagnostic = rejected(one_tensor("\"F32\"", "[1]", offsets, 4));
    EXPECT_TRUE(contains(diagnostic.message, "data_offsets must be two non-negative integers")) << offsets;
    EXPECT_EQ(diagnostic.column, "x");
  }
  EXPECT_TRUE(contains(rejected(one_tensor("\"F32\"", "[1]", "[4,0]", 4)).message, "found [4,0]"));
  EXPECT_TRUE(contains(rejected(one_tensor("\"F32\"", "[1]", "[1,2,3,4,5]", 4)).message, "found an array"));
  EXPECT_TRUE(contains(rejected(one_tensor("\"F32\"", "[1]", "7", 4)).message, "found 7"));
  EXPECT_TRUE(contains(rejected(safetensors_zeros(R"({"x":{"dtype":"F32","shape":[1]}})", 4)).message,
                       "has no \"data_offsets\""));
}

TEST(Safetensors, RejectsOffsetsThatDoNotFitTheShapeAndShowsBoth) {  // ST18
  const Diagnostic diagnostic = rejected(one_tensor("\"F32\"", "[2,3]", "[0,20]", 20));
  EXPECT_EQ(diagnostic.message, "data_offsets span 20 bytes, but shape [2,3] of F32 takes 24");
}

TEST(Safetensors, RejectsShapesThatOverflowAlsoWhereTheTensorIsEmpty) {  // ST19
  for (const char* shape :
       {"[9223372036854775808,2]", "[4294967296,4294967296]", "[2,18446744073709551614]",
        "[0,4294967296,4294967296]", "[4294967296,4294967296,0]", "[18446744073709551616]",
        "[9223372036854775807]", "[99999999999999999999999999]"}) {
    EXPECT_TRUE(contains(rejected(one_tensor("\"F32\"", shape, "[0,0]", 0)).message, "shape overflows"))
        << shape;
  }
}

TEST(Safetensors, RejectsShapesThatAreNotAFewNonNegativeIntegers) {  // ST20
  for (const char* shape : {"[-1]", "[1.0]", "[\"1\"]", "[[1]]", "[null]", "[true]"}) {
    EXPECT_TRUE(contains(rejected(one_tensor("\"F32\"", shape, "[0,4]", 4)).message,
                         "shape must hold non-negative integers"))
        << shape;
  }
  EXPECT_TRUE(contains(rejected(one_tensor("\"F32\"", "4", "[0,4]", 4)).message, "shape must be an array"));
  EXPECT_TRUE(contains(rejected(one_tensor("\"F32\"", "[1,1,1,1,1,1,1,1,1]", "[0,4]", 4)).message,
                       "rank 9; at most 8"));
  std::string deep = "[1";
  for (int i = 1; i < 100'000; ++i) deep += ",1";
  EXPECT_TRUE(contains(rejected(one_tensor("\"F32\"", deep + "]", "[0,4]", 4)).message, "rank 100000"));
  for (int i = 100'000; i < 1'000'000; ++i) deep += ",1";
  EXPECT_TRUE(
      contains(rejected(one_tensor("\"F32\"", deep + "]", "[0,4]", 4)).message, "header larger than limit"));
}

TEST(Safetensors, RejectsEntriesWithoutADtype) {  // ST24
  EXPECT_TRUE(contains(rejected(safetensors_zeros(R"({"x":{"shape":[1],"data_offsets":[0,4]}})", 4)).message,
                       "has no \"dtype\""));
  EXPECT_TRUE(
      contains(rejected(one_tensor("5", "[1]", "[0,4]", 4)).message, "dtype must be a string, found 5"));
  EXPECT_TRUE(contains(rejected(safetensors_zeros(R"({"x":7})", 0)).message, "must be an object, found 7"));
}

TEST(Safetensors, RejectsMetadataThatIsNotStringsOrTooMuch) {  // ST33
  for (const char* value : {"1", "null", "[\"a\"]", "{}", "true"}) {
    EXPECT_TRUE(
        contains(rejected(safetensors_bytes(R"({"__metadata__":{"k":)" + std::string(value) + "}}")).message,
                 "\"k\" must be a string"));
  }
  EXPECT_TRUE(contains(rejected(safetensors_bytes(R"({"__metadata__":[]})")).message, "must be an object"));
  std::string entries;
  for (int i = 0; i < 5000; ++i) entries += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":\"\"";
  EXPECT_TRUE(contains(rejected(safetensors_bytes(R"({"__metadata__":{)" + entries + "}}")).message,
                       "has 5000 entries; at most 4096"));
  for (int i = 5000; i < 1'000'000; ++i) entries += ",\"" + std::to_string(i) + "\":\"\"";
  EXPECT_TRUE(contains(rejected(safetensors_bytes(R"({"__metadata__":{)" + entries + "}}")).message,
                       "larger than limit"));
}

TEST(Safetensors, RejectsNamesThatAreLongEmptyControlOrPaths) {  // ST35
  const std::string value = R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]})";
  const auto named = [&](const std::string& name) {
    return rejected(safetensors_zeros("{\"" + name + "\":" + value + "}", 4));
  };
  EXPECT_TRUE(contains(named(std::string(257, 'a')).message, "name has 257 bytes; at most 256"));
  EXPECT_TRUE(contains(named(std::string(1 << 20, 'a')).message, "larger than limit"));
  EXPECT_TRUE(contains(named("").message, "empty name"));
  EXPECT_TRUE(contains(named("a\\u001b[2J").message, "control character"));
  EXPECT_FALSE(contains(to_string(named("a\\u001b[2J")), "\x1b"));
  for (const char* path : {"../x", "/etc/passwd", "a/../b"})
    EXPECT_TRUE(contains(named(path).message, "reads like a path"));
}

TEST(Safetensors, SaysWhatAFileIsInstead) {  // ST37
  const auto padded = [](std::string_view text) { return std::string(text) + std::string(100, '\0'); };
  EXPECT_EQ(rejected("version https://git-lfs.github.com/spec/v1\noid sha256:05d5\nsize 9959488\n").message,
            "this is a Git LFS pointer, not the weights");
  EXPECT_EQ(rejected("<!DOCTYPE html>\n<html><body>Sign in</body></html>").message,
            "this is an HTML page, not the weights");
  EXPECT_EQ(rejected("\n\n <html lang=\"en\"><head></head></html>").message,
            "this is an HTML page, not the weights");
  EXPECT_TRUE(contains(rejected(padded("\x80\x02}q\x01X\x05")).message,
                       "PyTorch pickle, which is not read (unsafe)"));
  EXPECT_TRUE(contains(rejected(padded("PK\x03\x04\x14\x00")).message, "which is not read (unsafe)"));
  EXPECT_TRUE(contains(rejected(padded("GGUF\x03")).message, "GGUF"));
  EXPECT_TRUE(contains(rejected(padded("\x08\x08\x12\x07pytorch")).message, "ONNX"));
  // A gzip header without a time is a length below the limit; what follows is not a brace.
  EXPECT_TRUE(contains(
      rejected(std::string("\x1f\x8b\x08\0\0\0\0\0\x02\xff", 10) + std::string(600'000, 'x')).message,
      "gzip"));
  EXPECT_TRUE(contains(rejected(padded("\x1f\x8b\x08\x08\x11\x22\x33\x44")).message, "gzip"));
}

// Writing.

TEST(SafetensorsWriter, IsReadBackAsItWasWritten) {
  const TemporaryFolder folder;
  const std::vector<float> a{1, -2.5f, 3e-40f, 4, 5, 6};
  const std::vector<float> b{7};
  write_safetensors(folder / "o", {{"b", {}, b}, {"a", {2, 3}, a}}, {{"k", "v \"1\"\n"}, {"format", "pt"}});
  const SafetensorsFile file = SafetensorsFile::open(folder / "o");
  EXPECT_EQ(file.names(), (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(to_float32(file.at("a")), a);
  EXPECT_EQ(file.at("a").shape(), (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(to_float32(file.at("b")), b);
  EXPECT_EQ(file.metadata(), (std::map<std::string, std::string>{{"k", "v \"1\"\n"}, {"format", "pt"}}));
  EXPECT_EQ(file.header().data_begin % 8, 0u);
}

TEST(SafetensorsWriter, GivesTheSameBytesForTheSameCalls) {
  const TemporaryFolder folder;
  const std::vector<float> values{1, 2};
  for (const char* name : {"one", "two"})
    write_safetensors(folder / name, {{"x", {2}, values}}, {{"k", "v"}});
  EXPECT_EQ(read_file(folder / "one"), read_file(folder / "two"));
  EXPECT_TRUE(contains(read_file(folder / "one"),
                       R"({"__metadata__":{"k":"v"},"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})"));
}

TEST(SafetensorsWriter, LeavesNoFileWithoutACommitOrWithBytesMissing) {
  const TemporaryFolder folder;
  const std::vector<float> values{1, 2};
  {
    SafetensorsWriter writer(folder / "o", {{"x", "F32", {3}}}, {});
    writer.write(std::span<const float>(values));
    EXPECT_TRUE(contains(rejection_of([&] { writer.commit(); }).message, "where the header describes"));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_THROW(SafetensorsWriter(folder / "o", {{"x", "F33", {3}}}, {}), Error);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace astrom3
