// SPDX-License-Identifier: MIT
#include "formats/text_encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "astrom3/base/error.h"

namespace astrom3 {
namespace {

using namespace std::string_view_literals;

struct Magic {
  std::string_view bytes;
  std::string_view name;
};

constexpr std::array kMagics{
    Magic{"\x89PNG\r\n\x1a\n"sv, "a PNG image"},
    Magic{"SIMPLE  ="sv, "a FITS file"},
    Magic{"PAR1"sv, "a Parquet file"},
    Magic{"\x89HDF\r\n\x1a\n"sv, "an HDF5 file"},
    Magic{"PK\x03\x04"sv, "a zip archive"},
    Magic{"\x1f\x8b"sv, "gzip data inside gzip data"},
    Magic{"\x28\xb5\x2f\xfd"sv, "Zstandard data inside compressed data"},
    Magic{"\xfd"
          "7zXZ\0"sv,
          "xz data"},
    Magic{"BZh"sv, "bzip2 data"},
    Magic{"%PDF-"sv, "a PDF document"},
    Magic{"\xff\xd8\xff"sv, "a JPEG image"},
    Magic{"\x93NUMPY"sv, "a NumPy array"},
    Magic{"\x7f"
          "ELF"sv,
          "a program"},
    Magic{"ARROW1"sv, "an Arrow file"},
};

/// UTF-16 without a mark: text in it has a NUL in every other byte.
bool looks_like_utf16(std::string_view head) {
  const std::size_t n = std::min<std::size_t>(head.size() & ~std::size_t{1}, 4096);
  if (n < 8) return false;
  std::size_t even = 0;
  std::size_t odd = 0;
  for (std::size_t i = 0; i < n; i += 2) {
    even += head[i] == '\0';
    odd += head[i + 1] == '\0';
  }
  return std::max(even, odd) >= n / 2 * 9 / 10 && std::min(even, odd) <= n / 20;
}

/// More than one byte in ten is a control character that no text file holds.
bool is_mostly_control(std::string_view head) {
  const auto is_control = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != '\v') || byte == 0x7f;
  };
  const auto n = static_cast<std::size_t>(std::count_if(head.begin(), head.end(), is_control));
  return n * 10 > head.size();
}

std::string utf16_or_32(std::string_view head) {
  if (head.starts_with("\xff\xfe\0\0"sv) || head.starts_with("\0\0\xfe\xff"sv)) return "looks like UTF-32";
  if (head.starts_with("\xff\xfe"sv) || head.starts_with("\xfe\xff"sv) || looks_like_utf16(head)) {
    return "looks like UTF-16";
  }
  return {};
}

}  // namespace

std::string_view binary_format_name(std::string_view head) noexcept {
  for (const Magic& magic : kMagics) {
    if (head.starts_with(magic.bytes)) return magic.name;
  }
  return {};
}

bool is_plain_ascii(std::string_view text) noexcept {
  // For a byte b, (b - 1) | b has its high bit set exactly when b is 0 or above 127.
  std::uint8_t seen = 0;
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    seen = static_cast<std::uint8_t>(seen | byte | static_cast<std::uint8_t>(byte - 1));
  }
  return seen < 0x80;
}

TextTraits examine_text(std::string_view head) {
  TextTraits traits;
  if (const std::string_view name = binary_format_name(head); !name.empty()) {
    traits.status = Status::not_text;
    traits.message = "expected text, found " + std::string(name);
  } else if (const std::string found = utf16_or_32(head); !found.empty()) {
    traits.status = Status::bad_encoding;
    traits.message.append(found).append("; expected UTF-8");
  } else if (is_mostly_control(head)) {
    traits.status = Status::not_text;
    traits.message = "expected text, found binary data";
  }
  if (head.starts_with("\xef\xbb\xbf"sv)) traits.bom_bytes = 3;
  // A '\r' as the very last byte may be half of a "\r\n".
  const std::size_t first_return = head.find('\r');
  if (head.find('\n') == std::string_view::npos && first_return < head.size() - 1) {
    traits.line_end = '\r';
  }
  return traits;
}

}  // namespace astrom3
