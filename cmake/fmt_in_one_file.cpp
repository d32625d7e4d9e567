// SPDX-License-Identifier: MIT
//
// What libfmt.so of fmt 9 holds of that which we use, compiled once for a wheel: where there is no libfmt.a,
// the header-only form would be compiled into each of our 200 files, three seconds a file, and no compiler
// cache could take them from another build.
#include <fmt/format-inl.h>

#if FMT_VERSION / 10000 != 9
#error "these are the templates that fmt 9 leaves to its library"
#endif

FMT_BEGIN_NAMESPACE
namespace detail {

template FMT_API auto dragonbox::to_decimal(float) noexcept -> dragonbox::decimal_fp<float>;
template FMT_API auto dragonbox::to_decimal(double) noexcept -> dragonbox::decimal_fp<double>;
template FMT_API auto thousands_sep_impl(locale_ref) -> thousands_sep_result<char>;
template FMT_API auto decimal_point_impl(locale_ref) -> char;

}  // namespace detail
FMT_END_NAMESPACE
