/*
 * Which call suffers, from what, and what the server is owed for it: see shim.c, whose only other half
 * this is. All is static, so that the shim gives Node no names but those of the calls.
 */
#ifndef FAULT_H
#define FAULT_H

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS 65536
#define RARE 8 /* hard faults of calls that a connection makes once */
#define REAL(name) ((__typeof__(&name))next(#name))

/* What an fd is registered with. Written and read by the thread that owns the socket. */
struct watch {
    int epoll;
    struct epoll_event event;
};
static struct watch watches[FDS];

static int is_hard;
static int is_shared; /* the thread of JavaScript is meant, as far as the addon calls */
static uint64_t rate = 50, seed = 1;
static int log_fd = -1;
static atomic_uint threads;

static __thread int kind; /* 0: not known yet, 1: an I/O thread, 2: another */
static __thread uint64_t state;
static __thread unsigned calls;

static void *next(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (found == NULL)
        abort();
    return found;
}

__attribute__((constructor)) static void configure(void)
{
    const char *mode = getenv("FAULTS_MODE"), *text;
    is_hard = mode != NULL && strcmp(mode, "hard") == 0;
    text = getenv("FASTHTTP_TEST_IO_THREADS");
    is_shared = text != NULL && strcmp(text, "0") == 0;
    if ((text = getenv("FAULTS_RATE")) != NULL)
        rate = strtoull(text, NULL, 10);
    if ((text = getenv("FAULTS_SEED")) != NULL)
        seed = strtoull(text, NULL, 10);
    if ((text = getenv("FAULTS_LOG")) != NULL)
        log_fd = open(text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* splitmix64 */
static uint64_t below(uint64_t limit)
{
    uint64_t z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (z ^ (z >> 31)) % limit;
}

#define PLACES 256
static __thread struct { void *place; int is_of_addon; } places[PLACES];

/* Whether the code at this place is the addon's. The places are few, and a question takes milliseconds. */
static int is_of_addon(void *place)
{
    uintptr_t at = ((uintptr_t)place >> 2) % PLACES;
    if (places[at].place == place)
        return places[at].is_of_addon;
    Dl_info found;
    const char *name = "";
    if (dladdr(place, &found) != 0 && found.dli_fname != NULL) {
        const char *last = strrchr(found.dli_fname, '/');
        name = last == NULL ? found.dli_fname : last + 1;
    }
    places[at].place = place;
    places[at].is_of_addon = strncmp(name, "fasthttp", 8) == 0 && strstr(name, ".node") != NULL;
    return places[at].is_of_addon;
}

static int is_meant(void *caller)
{
    if (kind == 0) {
        char name[16] = "";
        prctl(PR_GET_NAME, name);
        kind = strncmp(name, "fasthttp-io-", 12) == 0 ? 1 : 2;
        state = seed * 1000003 + atomic_fetch_add(&threads, kind == 1);
    }
    return kind == 1 || (is_shared && is_of_addon(caller));
}

static int option(int fd, int name)
{
    int value = 0;
    socklen_t len = sizeof value;
    return getsockopt(fd, SOL_SOCKET, name, &value, &len) == 0 ? value : -1;
}

static int is_listener(int fd)
{
    return option(fd, SO_ACCEPTCONN) == 1;
}

static int peer_port(int fd)
{
    struct sockaddr_in6 peer = {0};
    socklen_t len = sizeof peer;
    if (getpeername(fd, (struct sockaddr *)&peer, &len) != 0)
        return 0;
    return peer.sin6_family == AF_INET || peer.sin6_family == AF_INET6 ? ntohs(peer.sin6_port) : 0;
}

static void note(const char *call, const char *fault, int port)
{
    char line[64];
    int len = snprintf(line, sizeof line, "%s %s %d\n", call, fault, port);
    if (log_fd >= 0)
        syscall(SYS_write, log_fd, line, len);
}

/* Whether this call is to suffer, `weight` times as often as others. */
static int due(void *caller, unsigned weight)
{
    if (!is_meant(caller))
        return 0;
    if (++calls == 100) {
        calls = 0;
        note("calls", "100", 0);
    }
    return below(1000) < rate * weight;
}

static int due_on(void *caller, int fd, unsigned weight)
{
    return due(caller, weight) && option(fd, SO_TYPE) == SOCK_STREAM;
}

/* Asked by the call itself, which knows whence it was called. */
#define is_due(weight) due(__builtin_return_address(0), weight)
#define is_due_on(fd, weight) due_on(__builtin_return_address(0), fd, weight)

static void rearm(int fd)
{
    if (fd >= 0 && fd < FDS && watches[fd].epoll > 0)
        REAL(epoll_ctl)(watches[fd].epoll, EPOLL_CTL_MOD, fd, &watches[fd].event);
}

static ssize_t fail(const char *call, const char *name, int error, int fd)
{
    note(call, name, peer_port(fd));
    errno = error;
    return -1;
}

#define FAIL(call, error, fd) fail(call, #error, error, fd)

/* The fault of a read or write: -1 with errno, or the number of bytes to cut it to. */
static ssize_t transfer(const char *call, int fd, size_t len, int is_read)
{
    if (is_hard) {
        if (is_read)
            return FAIL(call, ECONNRESET, fd);
        switch (below(3)) {
        case 0:
            return FAIL(call, EPIPE, fd);
        case 1:
            return FAIL(call, ECONNRESET, fd);
        default:
            return FAIL(call, ENOBUFS, fd);
        }
    }
    switch (below(3)) {
    case 0:
        rearm(fd);
        return FAIL(call, EAGAIN, fd);
    case 1:
        return FAIL(call, EINTR, fd);
    default:
        break;
    }
    if (is_read) {
        int there = 0;
        if (ioctl(fd, FIONREAD, &there) == 0 && (size_t)there < len)
            len = there;
    }
    if (len < 2)
        return FAIL(call, EINTR, fd);
    note(call, "short", peer_port(fd));
    return 1 + below(len - 1);
}

/* A read that was cut leaves bytes behind, which are to be announced. */
static ssize_t cut(int fd, ssize_t result)
{
    int error = errno;
    rearm(fd);
    errno = error;
    return result;
}

#endif
