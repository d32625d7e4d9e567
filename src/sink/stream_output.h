// SPDX-License-Identifier: MIT
//
// Text into standard output, a pipe or a device, which have no temporary file that could be renamed.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace astrom3 {

/// True for "-", /dev/stdout and an existing pipe, socket or character device.
bool is_stream(const std::filesystem::path& path);

/// Buffered write(2). Every failure throws Error output_error. If the reader of a pipe has gone, the failure
/// is EPIPE when SIGPIPE is ignored; otherwise the signal ends the process as usual. Throws Stopped while it
/// waits for a reader.
class StreamOutput {
 public:
  explicit StreamOutput(const std::filesystem::path& path);
  ~StreamOutput();
  StreamOutput(const StreamOutput&) = delete;
  StreamOutput& operator=(const StreamOutput&) = delete;

  void write(std::string_view text);
  void flush();

 private:
  std::string name_;
  std::string buffer_;
  int descriptor_;
  bool owned_;
};

}  // namespace astrom3
