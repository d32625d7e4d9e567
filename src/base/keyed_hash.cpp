// SPDX-License-Identifier: MIT
#include "base/keyed_hash.h"

#include <sys/random.h>
#include <unistd.h>  // getentropy() of Linux; that of macOS is in sys/random.h

#include <string_view>

#include "astrom3/base/error.h"
#include "base/sip_hash.h"

namespace astrom3 {
namespace {

SipKey draw_key() {
  SipKey key{};
  if (::getentropy(key.data(), sizeof key) != 0)
    throw Error(Status::internal, "the system gives no random numbers");
  return key;
}

/// The key of this process.
const SipKey& key() {
  static const SipKey drawn = draw_key();
  return drawn;
}

}  // namespace

Hash128 keyed_hash(std::string_view text) {
  return sip_hash(key(), text);
}

}  // namespace astrom3
