// SPDX-License-Identifier: MIT
//
// A look over a Protocol Buffers message before it is parsed: two bytes of a file can become hundreds in
// memory.
#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "astrom3/base/error.h"
#include "onnx/onnx_module.h"

namespace astrom3 {
namespace {

/// ONNX's messages as far as they nest; `plain` holds none that could grow.
enum class Message : std::uint8_t {
  model,
  graph,
  node,
  attribute,
  tensor,
  sparse_tensor,
  value_info,
  type,
  shape,
  function,
  training,
  plain,
};

struct Nesting {
  Message parent;
  std::uint64_t field;
  Message child;
};

// Field numbers of onnx.proto. A field that is not listed counts as one, whatever is in it.
constexpr std::array kNesting{
    Nesting{Message::model, 7, Message::graph},
    Nesting{Message::model, 8, Message::plain},
    Nesting{Message::model, 14, Message::plain},
    Nesting{Message::model, 20, Message::training},
    Nesting{Message::model, 25, Message::function},
    Nesting{Message::graph, 1, Message::node},
    Nesting{Message::graph, 5, Message::tensor},
    Nesting{Message::graph, 11, Message::value_info},
    Nesting{Message::graph, 12, Message::value_info},
    Nesting{Message::graph, 13, Message::value_info},
    Nesting{Message::graph, 14, Message::plain},
    Nesting{Message::graph, 15, Message::sparse_tensor},
    Nesting{Message::node, 5, Message::attribute},
    Nesting{Message::node, 9, Message::plain},
    Nesting{Message::attribute, 5, Message::tensor},
    Nesting{Message::attribute, 6, Message::graph},
    Nesting{Message::attribute, 10, Message::tensor},
    Nesting{Message::attribute, 11, Message::graph},
    Nesting{Message::attribute, 14, Message::type},
    Nesting{Message::attribute, 15, Message::type},
    Nesting{Message::attribute, 22, Message::sparse_tensor},
    Nesting{Message::attribute, 23, Message::sparse_tensor},
    Nesting{Message::tensor, 13, Message::plain},
    Nesting{Message::sparse_tensor, 1, Message::tensor},
    Nesting{Message::sparse_tensor, 2, Message::tensor},
    Nesting{Message::value_info, 2, Message::type},
    Nesting{Message::type, 1, Message::type},
    Nesting{Message::type, 2, Message::shape},
    Nesting{Message::type, 4, Message::type},
    Nesting{Message::type, 5, Message::type},
    Nesting{Message::type, 8, Message::type},
    Nesting{Message::type, 9, Message::type},
    Nesting{Message::shape, 1, Message::plain},
    Nesting{Message::function, 7, Message::node},
    Nesting{Message::function, 9, Message::plain},
    Nesting{Message::function, 11, Message::attribute},
    Nesting{Message::training, 1, Message::graph},
    Nesting{Message::training, 2, Message::graph},
};

std::optional<Message> child_of(Message parent, std::uint64_t field) {
  for (const Nesting& nesting : kNesting) {
    if (nesting.parent == parent && nesting.field == field) return nesting.child;
  }
  return std::nullopt;
}

class MessageScan {
 public:
  MessageScan(std::string_view bytes, const std::string& file, std::uint64_t max_fields)
      : bytes_(bytes), file_(file), max_fields_(max_fields) {}

  void scan(Message message, std::size_t begin, std::size_t end, int depth) {
    constexpr int kMaxDepth = 64;
    if (depth > kMaxDepth) fail(begin, fmt::format("messages are nested more than {} deep", kMaxDepth));
    std::size_t at = begin;
    while (at < end) {
      const std::size_t start = at;
      if (++fields_ > max_fields_)
        fail(start, fmt::format("more than {} fields; no encoder has so many", max_fields_));
      const std::uint64_t tag = varint(at, end);
      switch (tag & 7) {
        case 0:
          varint(at, end);
          break;
        case 1:
          skip(at, end, 8);
          break;
        case 2: {
          const std::uint64_t length = varint(at, end);
          const std::size_t inside = at;
          skip(at, end, length);
          if (const auto child = child_of(message, tag >> 3)) scan(*child, inside, at, depth + 1);
          break;
        }
        case 5:
          skip(at, end, 4);
          break;
        default:  // groups (3, 4) are older than ONNX
          fail(start, "not an ONNX file: this is no field of a Protocol Buffers message");
      }
    }
  }

 private:
  [[noreturn]] void fail(std::size_t byte, std::string message) const {
    throw Error(Diagnostic{.code = Status::bad_model,
                           .file = file_,
                           .byte = static_cast<std::int64_t>(byte),
                           .message = std::move(message)});
  }

  std::uint64_t varint(std::size_t& at, std::size_t end) const {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (at >= end) fail(at, "the file ends within a field: it was cut, or is no ONNX file");
      const auto byte = static_cast<std::uint8_t>(bytes_[at++]);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    fail(at, "not an ONNX file: a number of more than 64 bits");
  }

  void skip(std::size_t& at, std::size_t end, std::uint64_t length) const {
    if (length > end - at) {
      fail(at, fmt::format("a field of {} bytes, {} are left: the file was cut, or is no ONNX file", length,
                           end - at));
    }
    at += static_cast<std::size_t>(length);
  }

  std::string_view bytes_;
  const std::string& file_;
  std::uint64_t max_fields_;
  std::uint64_t fields_ = 0;
};

}  // namespace

void require_moderate_message(std::string_view bytes, const std::string& file, std::uint64_t max_fields) {
  if (bytes.empty()) {
    throw Error(Diagnostic{
        .code = Status::bad_model, .file = file, .message = "the file is empty; an ONNX model was expected"});
  }
  MessageScan(bytes, file, max_fields).scan(Message::model, 0, bytes.size(), 0);
}

}  // namespace astrom3
