/*
 * A disk that fails. Put in front of libc by LD_PRELOAD, it lets all calls through until a file says otherwise: then
 * those that write to FAILING_FILE or to its log fail, after a number of writes that still succeed. FAILING_SWITCH is the
 * file that says it: the number and EIO, ENOSPC or SHORT, "3 SHORT". A short write takes half of what it is given, and the
 * last byte is refused for want of space. While the switch is not there nothing fails, and the counting begins anew.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_int passed;

static int concerns(int fd) {
  const char *file = getenv("FAILING_FILE");
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = file == NULL ? -1 : readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  size_t own = strlen(file);
  if (strncmp(path, file, own) != 0) return 0;
  return path[own] == 0 || strcmp(path + own, "-wal") == 0 || strcmp(path + own, "-journal") == 0;
}

/* Says how a call is to fail: 0 not at all, -1 by half, else with this error. */
static int failure(int fd) {
  if (!concerns(fd)) return 0;
  FILE *by = fopen(getenv("FAILING_SWITCH"), "re");
  int after = 0;
  char how[16] = "";
  int read = by == NULL ? 0 : fscanf(by, "%d %15s", &after, how);
  if (by != NULL) fclose(by);
  if (read != 2) {
    atomic_store(&passed, 0);
    return 0;
  }
  if (atomic_fetch_add(&passed, 1) < after) return 0;
  return strcmp(how, "SHORT") == 0 ? -1 : strcmp(how, "ENOSPC") == 0 ? ENOSPC : EIO;
}

static int refuse(int error) {
  errno = error;
  return -1;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
  ssize_t (*real)(int, const void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pwrite64");
  int how = failure(fd);
  if (how > 0) return refuse(how);
  if (how < 0) return length < 2 ? refuse(ENOSPC) : real(fd, bytes, length / 2, at);
  return real(fd, bytes, length, at);
}

int fsync(int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
  int how = failure(fd);
  return how == 0 ? real(fd) : refuse(EIO);
}

int ftruncate64(int fd, off64_t length) {
  int (*real)(int, off64_t) = dlsym(RTLD_NEXT, "ftruncate64");
  int how = failure(fd);
  return how == 0 ? real(fd, length) : refuse(EIO);
}
