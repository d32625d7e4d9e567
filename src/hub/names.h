// SPDX-License-Identifier: MIT
//
// Names that come from people and from the hub's answers, checked before they become parts of a path.
#pragma once

#include <string>
#include <string_view>

namespace astrom3 {

/// "ORG/NAME" or "NAME" of letters, digits, '-', '_', '.'; no part begins with '.' or '-', none holds "..".
bool is_repository(std::string_view name) noexcept;
/// A branch, tag or commit: as above, with any number of '/'.
bool is_revision(std::string_view name) noexcept;
/// 40 hexadecimal digits in lower case.
bool is_commit(std::string_view text) noexcept;
/// 64 hexadecimal digits in lower case.
bool is_sha256(std::string_view text) noexcept;

/// An ETag without W/ and quotes; "" if it cannot be the name of a file.
std::string blob_name(std::string_view etag);

/// The name that the hub's client gives to the folder of a repository: models--ORG--NAME.
std::string repository_folder(std::string_view kind, std::string_view repository);

/// A path segment for a URL: '/' becomes %2F.
std::string url_quoted(std::string_view text);

}  // namespace astrom3
