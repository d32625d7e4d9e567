// SPDX-License-Identifier: MIT
//
// A copy of a golden checkpoint in a folder of its own, which a test may damage.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "formats/half.h"
#include "formats/safetensors.h"
#include "tests/shared_space/multimodal_cases.h"

namespace astrom3 {

class ScratchCheckpoint {
 public:
  explicit ScratchCheckpoint(const std::string& name) {
    static std::atomic<int> number{0};
    path_ = std::filesystem::temp_directory_path() /
            ("astrom3_checkpoint_" + std::to_string(::getpid()) + "_" + std::to_string(number++));
    std::filesystem::create_directories(path_);
    for (const char* file : {"config.json", "model.safetensors"})
      std::filesystem::copy_file(multimodal_golden(name) / file, path_ / file);
  }
  ~ScratchCheckpoint() { std::filesystem::remove_all(path_); }
  ScratchCheckpoint(const ScratchCheckpoint&) = delete;
  ScratchCheckpoint& operator=(const ScratchCheckpoint&) = delete;

  const std::filesystem::path& path() const { return path_; }

  void edit_config(const std::string& from, const std::string& to) const { edit("config.json", from, to); }
  /// A tensor gets another name of the same length.
  void rename(const std::string& from, const std::string& to) const {
    ASSERT_EQ(from.size(), to.size());
    edit("model.safetensors", "\"" + from + "\"", "\"" + to + "\"");
  }

  /// All tensors in another type: "F16", "BF16" or "F64".
  void convert(const std::string& dtype) const {
    const std::filesystem::path weights = path_ / "model.safetensors";
    const SafetensorsFile file = SafetensorsFile::open(weights);
    std::vector<TensorDeclaration> declarations;
    for (const std::string& name : file.names()) declarations.push_back({name, dtype, file.at(name).shape()});
    SafetensorsWriter writer(weights, declarations, {});
    for (const std::string& name : file.names()) {
      for (const float value : to_float32(file.at(name))) write_as(writer, dtype, value);
    }
    writer.commit();
  }

 private:
  static void write_as(SafetensorsWriter& writer, const std::string& dtype, float value) {
    if (dtype == "F64") {
      const double wide = value;
      return writer.write(std::as_bytes(std::span(&wide, 1)));
    }
    const std::uint16_t half =
        dtype == "F16" ? f16_of_float(value)
                       : static_cast<std::uint16_t>((std::bit_cast<std::uint32_t>(value) + 0x8000u) >> 16);
    writer.write(std::as_bytes(std::span(&half, 1)));
  }

  void edit(const char* name, const std::string& from, const std::string& to) const {
    std::ifstream in(path_ / name, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    std::ofstream(path_ / name, std::ios::binary) << text.replace(at, from.size(), to);
  }

  std::filesystem::path path_;
};

}  // namespace astrom3
