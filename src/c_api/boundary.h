// SPDX-License-Identifier: MIT
//
// The edge between C and C++: no exception leaves, and its text is kept for the caller.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <string>

#include "astrom3/base/error.h"
#include "astrom3/c_api.h"
#include "base/checked_product.h"

namespace astrom3::c_api {

/// How the hints of this process write options; see astrom3_spell_options().
OptionSpelling option_spelling() noexcept;

/// Keeps `text` as this thread's last error and returns its code.
astrom3_status fail(Status code, const char* text) noexcept;

/// The same for the text of an Error.
astrom3_status fail(const Error& error) noexcept;

/// Throws Error usage when `pointer` is null.
inline void require(const void* pointer, const char* name) {
  if (pointer == nullptr) throw Error(Status::usage, fmt::format("{}: a null pointer", name));
}

/// Throws Error usage when a structure is not of the size that this library knows.
template <typename Struct>
void require_struct(const Struct* value, const char* name) {
  require(value, name);
  if (value->struct_size == sizeof(Struct)) return;
  throw Error(Status::usage,
              fmt::format("{}: struct_size is {}, expected {}", name, value->struct_size, sizeof(Struct)));
}

/// a * b, elements of `bytes` each. Throws Error usage naming `name` if they cannot fit into memory.
inline std::size_t require_product(std::size_t a, std::size_t b, std::size_t bytes, const char* name) {
  const auto product = checked_product(a, b, bytes);
  if (!product.has_value() || *product > PTRDIFF_MAX)
    throw Error(Status::usage, fmt::format("{}: {} times {} numbers do not fit into memory", name, a, b));
  return a * b;
}

/// Returns the status of work(); turns its exceptions into a status and a text.
template <typename Work>
astrom3_status guarded(const Work& work) noexcept {
  try {
    return static_cast<astrom3_status>(work());
  } catch (const Error& error) {
    return fail(error);
  } catch (const std::bad_alloc&) {
    return fail(Status::internal, "out of memory");
  } catch (const std::exception& error) {
    return fail(Status::internal, error.what());
  } catch (...) {
    return fail(Status::internal, "an unknown exception");
  }
}

}  // namespace astrom3::c_api
