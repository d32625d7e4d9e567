// SPDX-License-Identifier: MIT
//
// A library for LD_PRELOAD under which one call of the operating system fails, or all after it:
//
//   ASTROM3_FAULT=CALL:ERRNO:N[+]     the N-th CALL (from 1) fails with ERRNO; with + every later one, too
//
// CALL is pwrite, fsync, close, rename, renameat, renameat2, linkat, flock or thread (pthread_create; ERRNO
// is what it returns). pwrite with ERRNO 0 writes one byte and says so. Calls on the standard streams do not
// count. "clock:SECONDS:1+" shifts the system's clock instead. Where the fault struck, "fault" is appended to
// the file that ASTROM3_FAULT_TOLD names.
#include <dlfcn.h>
#include <pthread.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string_view>

namespace {

struct Fault {
  std::string_view call;
  long error = 0;
  long first = 1;
  bool repeats = false;

  Fault() {
    const char* text = std::getenv("ASTROM3_FAULT");
    if (text == nullptr) return;
    const std::string_view all(text);
    call = all.substr(0, all.find(':'));
    char* end = nullptr;
    error = std::strtol(text + call.size() + 1, &end, 10);
    if (*end == ':') first = std::strtol(end + 1, &end, 10);
    repeats = *end == '+';
  }
};

const Fault& fault() {
  static const Fault the_fault;
  return the_fault;
}

void tell() {
  const char* path = std::getenv("ASTROM3_FAULT_TOLD");
  std::FILE* file = path != nullptr ? std::fopen(path, "a") : nullptr;
  if (file == nullptr) return;
  std::fputs("fault\n", file);
  std::fclose(file);
}

bool strikes(std::string_view call) {
  static std::atomic<long> n_calls{0};
  static thread_local bool is_telling = false;
  if (is_telling || fault().call != call) return false;
  const long n = ++n_calls;
  if (n != fault().first && !(fault().repeats && n > fault().first)) return false;
  is_telling = true;
  tell();
  is_telling = false;
  return true;
}

template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

int fail() {
  errno = static_cast<int>(fault().error);
  return -1;
}

}  // namespace

extern "C" {

ssize_t pwrite(int descriptor, const void* bytes, size_t n, off_t offset) {
  static auto* const real = next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  if (!strikes("pwrite")) return real(descriptor, bytes, n, offset);
  return fault().error == 0 ? real(descriptor, bytes, n > 0 ? 1 : 0, offset) : fail();
}

ssize_t pwrite64(int descriptor, const void* bytes, size_t n, off_t offset) {
  return pwrite(descriptor, bytes, n, offset);
}

int fsync(int descriptor) {
  static auto* const real = next<int(int)>("fsync");
  return strikes("fsync") ? fail() : real(descriptor);
}

int close(int descriptor) {
  static auto* const real = next<int(int)>("close");
  if (descriptor <= 2 || !strikes("close")) return real(descriptor);
  real(descriptor);  // as Linux does: the descriptor is gone whatever close() returns
  return fail();
}

int rename(const char* from, const char* to) {
  static auto* const real = next<int(const char*, const char*)>("rename");
  return strikes("rename") ? fail() : real(from, to);
}

int renameat(int from_folder, const char* from, int to_folder, const char* to) {
  static auto* const real = next<int(int, const char*, int, const char*)>("renameat");
  return strikes("renameat") ? fail() : real(from_folder, from, to_folder, to);
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned int flags) {
  static auto* const real = next<int(int, const char*, int, const char*, unsigned int)>("renameat2");
  return strikes("renameat2") ? fail() : real(from_folder, from, to_folder, to, flags);
}

int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) {
  static auto* const real = next<int(int, const char*, int, const char*, int)>("linkat");
  return strikes("linkat") ? fail() : real(from_folder, from, to_folder, to, flags);
}

int flock(int descriptor, int operation) {
  static auto* const real = next<int(int, int)>("flock");
  return strikes("flock") ? fail() : real(descriptor, operation);
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
                   void* argument) {
  static auto* const real =
      next<int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>("pthread_create");
  return strikes("thread") ? static_cast<int>(fault().error) : real(thread, attributes, start, argument);
}

int clock_gettime(clockid_t clock, struct timespec* time) {
  static auto* const real = next<int(clockid_t, struct timespec*)>("clock_gettime");
  const int result = real(clock, time);
  if (fault().call == "clock") time->tv_sec += fault().error;
  return result;
}

}  // extern "C"
