// SPDX-License-Identifier: MIT
//
// Images of FITS files as numbers.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "base/memory_size.h"
#include "formats/fits.h"

namespace astrom3 {
namespace {

[[noreturn]] void fail_image(std::string message) {
  throw Error(Diagnostic{.code = Status::bad_header, .message = std::move(message)});
}

/// The letter that a column of the image's numbers would have.
char type_of(std::int64_t bits) {
  switch (bits) {
    case 8:
      return 'B';
    case 16:
      return 'I';
    case 32:
      return 'J';
    case 64:
      return 'K';
    case -32:
      return 'E';
    default:
      return 'D';
  }
}

}  // namespace

FitsImage read_image(FitsReader& reader, std::size_t max_values) {
  const FitsHeader& header = reader.header();
  if (reader.kind() != "PRIMARY" && reader.kind() != "IMAGE")
    fail_image(fmt::format("a {} is no image", escaped(reader.kind())));
  FitsImage image;
  std::size_t count = 1;
  for (std::int64_t axis = header.integer("NAXIS").value_or(0); axis > 0; --axis) {
    const std::size_t size =
        memory_size(static_cast<std::uint64_t>(header.integer(fmt::format("NAXIS{}", axis)).value_or(0)));
    image.shape.push_back(size);
    if (size != 0 && count > max_values / size)
      fail_image(fmt::format("an image of more than {} numbers is not read", max_values));
    count *= size;
  }
  if (image.shape.empty()) count = 0;
  const std::int64_t bits = header.integer("BITPIX").value_or(0);
  FitsColumn numbers;
  numbers.type = type_of(bits);
  numbers.scale = header.number("BSCALE").value_or(1);
  numbers.zero = header.number("BZERO").value_or(0);
  if (bits > 0) numbers.null = header.integer("BLANK");
  const auto bytes = static_cast<std::size_t>(bits < 0 ? -bits : bits) / 8;
  std::array<char, 8 * 2048> piece;
  while (image.values.size() < count) {
    const std::size_t wanted = std::min(piece.size() / bytes, count - image.values.size());
    if (reader.read_data(std::span(piece).first(wanted * bytes)) != wanted * bytes)
      fail_image(fmt::format("the file ends within an image of {} numbers", count));
    numbers.repeat = wanted;
    const std::vector<double> values = fits_numbers(numbers, std::span(piece).first(wanted * bytes));
    image.values.insert(image.values.end(), values.begin(), values.end());
  }
  return image;
}

}  // namespace astrom3
