// SPDX-License-Identifier: MIT
//
// Mutants of safetensors files. A random length in front would stop nearly every input at the first check:
// most mutants get the length of what looks like their header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned int seed) {
  size = LLVMFuzzerMutate(data, size, max_size);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t brace = text.rfind('}');
  if (seed % 8 != 0 && brace != std::string_view::npos && brace >= 8) {
    const std::uint64_t length = brace - 7;
    std::memcpy(data, &length, sizeof length);
  }
  return size;
}
