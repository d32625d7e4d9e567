// SPDX-License-Identifier: MIT
#include "pipeline/input_digests.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "base/regular_file.h"
#include "base/sha256.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kWholeBytes = std::uint64_t{64} << 20;
constexpr std::size_t kBlockBytes = 1 << 20;
constexpr std::uint64_t kBlocksBetween = 32;
constexpr std::size_t kNameDigits = 8, kContentDigits = kInputDigestDigits - kNameDigits;
const std::string kUnreadable(kContentDigits, '-');

/// Hashes ranges of a file.
class RangeHash {
 public:
  explicit RangeHash(const RegularFile& file) : file_(file) {}

  void add(std::uint64_t begin, std::uint64_t end) {
    std::vector<std::byte> block(kBlockBytes);
    while (begin < end) {
      const auto piece =
          std::span(block).first(static_cast<std::size_t>(std::min<std::uint64_t>(kBlockBytes, end - begin)));
      file_.read_at(begin, piece);
      hash_.update(piece);
      begin += piece.size();
    }
  }
  void add(std::string_view text) { hash_.update(std::as_bytes(std::span(text))); }
  std::string digits() { return hash_.finish_hex().substr(0, kContentDigits); }

 private:
  const RegularFile& file_;
  Sha256 hash_;
};

std::string hash_of_all(const RegularFile& file) {
  RangeHash hash(file);
  hash.add(0, file.size());
  return hash.digits();
}

/// The hash by which a large file is recognised.
std::string hash_of_samples(const RegularFile& file) {
  RangeHash hash(file);
  const auto [seconds, nanoseconds] = file.modified();
  hash.add(fmt::format("{}\n{} bytes, modified {}.{:09}\n", fs::canonical(file.path()).string(), file.size(),
                       seconds, nanoseconds));
  const std::uint64_t last = file.size() - kBlockBytes;
  for (std::uint64_t i = 0; i <= kBlocksBetween + 1; ++i) {
    const std::uint64_t begin = last / (kBlocksBetween + 1) * i;
    hash.add(begin, begin + kBlockBytes);
  }
  hash.add(last, file.size());
  return hash.digits();
}

std::string name_digits(const fs::path& file) {
  const std::string name = file.string();
  return sha256_hex(std::as_bytes(std::span(name))).substr(0, kNameDigits);
}

struct Digest {
  std::string_view name, content;

  bool is_unreadable() const { return content == kUnreadable; }
};

Digest digest_at(std::string_view digests, std::size_t i) {
  const std::string_view one = digests.substr(i * kInputDigestDigits, kInputDigestDigits);
  return {.name = one.substr(0, kNameDigits), .content = one.substr(kNameDigits)};
}

/// How an input has changed; empty if it has not.
std::string_view difference_of(const Digest& then, const Digest& now) {
  if (then.name != now.name) return "another input was in this place of the list";
  if (then.content == now.content || then.is_unreadable()) return {};
  return now.is_unreadable() ? "could be read then, and cannot be now" : "was changed, or is another file";
}

}  // namespace

InputDigests digest_inputs(const std::vector<fs::path>& files, bool whole) {
  InputDigests digests;
  for (const fs::path& path : files) {
    std::string sampled = kUnreadable, all = kUnreadable;
    try {
      const RegularFile file(path, Status::io_error);
      const bool is_large = file.size() > kWholeBytes;
      if (whole || !is_large) all = hash_of_all(file);
      sampled = is_large ? hash_of_samples(file) : all;
    } catch (const Error& error) {
      if (error.code() != Status::io_error) throw;
      sampled = all = kUnreadable;
    } catch (const fs::filesystem_error&) {  // it was moved meanwhile
      sampled = all = kUnreadable;
    }
    const std::string name = name_digits(path);
    digests.sampled += name + sampled;
    if (whole) digests.whole += name + all;
  }
  return digests;
}

InputComparison compare_inputs(const InputDigests& then, const InputDigests& now,
                               const std::vector<fs::path>& files) {
  constexpr std::size_t kMostNamed = 5;
  InputComparison comparison;
  if (then.sampled.size() != now.sampled.size()) {
    comparison.differences = fmt::format("\n  inputs: were {} files, are {}",
                                         then.sampled.size() / kInputDigestDigits, files.size());
    return comparison;
  }
  if (!now.whole.empty() && then.whole.size() != now.whole.size())
    throw Error(Diagnostic{.code = Status::usage,
                           .option = "verify-inputs",
                           .message = "the run was begun without it, so there is nothing to compare with"});
  const bool by_whole = !now.whole.empty();
  std::size_t n_different = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const Digest before = digest_at(by_whole ? then.whole : then.sampled, i);
    const Digest after = digest_at(by_whole ? now.whole : now.sampled, i);
    if (before.is_unreadable() && !after.is_unreadable()) comparison.now_readable.push_back(i);
    const std::string_view why = difference_of(before, after);
    if (why.empty()) continue;
    if (++n_different <= kMostNamed)
      comparison.differences += fmt::format("\n  {}: {}", escaped(files[i].string(), 4096), why);
  }
  if (n_different > kMostNamed)
    comparison.differences += fmt::format("\n  and {} more inputs", n_different - kMostNamed);
  return comparison;
}

}  // namespace astrom3
