// SPDX-License-Identifier: MIT
#include "astrom3/sink/text_file.h"

#include <filesystem>
#include <string_view>

#include "base/atomic_file.h"
#include "sink/stream_output.h"

namespace astrom3 {

void write_text_file(const std::filesystem::path& path, std::string_view text) {
  if (is_stream(path)) {
    StreamOutput stream(path);
    stream.write(text);
    stream.flush();
    return;
  }
  AtomicFile file(path, Links::followed);
  file.write(text);
  file.commit();
}

void require_writable(const std::filesystem::path& path) {
  if (!is_stream(path)) const AtomicFile probe(path, Links::followed);
}

}  // namespace astrom3
