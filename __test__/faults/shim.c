/*
 * Faults of the kernel for the I/O threads of a server, by LD_PRELOAD.
 *
 * Only threads named fasthttp-io-* are meant (native/bridge/threads.rs): Node's own threads, and the
 * client that runs in the same process, see the kernel as it is. Only sockets and epoll are meant.
 * With FASTHTTP_TEST_IO_THREADS=0, where servers have no threads, the calls that the addon itself makes on
 * any other thread are meant too.
 *
 *   FAULTS_MODE  "soft": EAGAIN, EINTR, short reads, short writes, few events, which change nothing;
 *                "hard": ECONNRESET, EPIPE, ENOBUFS, EMFILE and the like, which end a connection
 *   FAULTS_RATE  faults in 1,000 calls; 50 by default. Hard ones of accept4 and epoll_ctl, which a
 *                connection sees once in its life, are 8 times as many
 *   FAULTS_SEED  what the choices depend on, with the order of calls; 1 by default
 *   FAULTS_LOG   a file to which each fault adds the line "call fault port", where port is the
 *                peer's (0: none), and each 100 calls of a thread the line "calls 100 0"
 *
 * A fault must be one that a kernel could show. With an edge-triggered epoll that takes care: whoever
 * is told EAGAIN, or reads less than was asked for, waits for the next edge, and a kernel that said so
 * would deliver one, because bytes that are there now have come since. Here they were there all the
 * time and no edge is due. So each such fault re-arms the socket by EPOLL_CTL_MOD with what it was
 * registered with: the kernel looks at it anew and reports what it is ready for, as if the bytes, or
 * the room, or the client had come just behind the call. The same goes for what accept4 is denied by
 * EMFILE and its like, where the client stays in the queue of the listener; there the server is to
 * come back by itself, so nothing is re-armed.
 */
#define _GNU_SOURCE
#include "fault.h"

#define PIECES 64

static size_t total(const struct iovec *pieces, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += pieces[i].iov_len;
    return len;
}

/* The first `len` bytes of `pieces`; says how many pieces those are. */
static size_t prefix(struct iovec *out, const struct iovec *pieces, size_t count, size_t len)
{
    size_t i = 0;
    for (; i < count && i < PIECES && len > 0; i++) {
        out[i] = pieces[i];
        if (out[i].iov_len > len)
            out[i].iov_len = len;
        len -= out[i].iov_len;
    }
    return i;
}

#define PLAIN(name, fd, buf, len, is_read, rest)                                                   \
    if (!is_due_on(fd, 1))                                                                         \
        return REAL(name) rest;                                                                    \
    ssize_t n = transfer(#name, fd, len, is_read);                                                 \
    if (n < 0)                                                                                     \
        return n;                                                                                  \
    len = n;                                                                                       \
    return is_read ? cut(fd, REAL(name) rest) : REAL(name) rest

ssize_t read(int fd, void *buf, size_t len)
{
    PLAIN(read, fd, buf, len, 1, (fd, buf, len));
}

ssize_t recv(int fd, void *buf, size_t len, int flags)
{
    PLAIN(recv, fd, buf, len, 1, (fd, buf, len, flags));
}

ssize_t recvfrom(int fd, void *restrict buf, size_t len, int flags,
                 struct sockaddr *restrict from, socklen_t *restrict from_len)
{
    PLAIN(recvfrom, fd, buf, len, 1, (fd, buf, len, flags, from, from_len));
}

ssize_t write(int fd, const void *buf, size_t len)
{
    PLAIN(write, fd, buf, len, 0, (fd, buf, len));
}

ssize_t send(int fd, const void *buf, size_t len, int flags)
{
    PLAIN(send, fd, buf, len, 0, (fd, buf, len, flags));
}

ssize_t sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *to,
               socklen_t to_len)
{
    PLAIN(sendto, fd, buf, len, 0, (fd, buf, len, flags, to, to_len));
}

#define VECTORED(name, fd, pieces, count, is_read)                                                 \
    if (!is_due_on(fd, 1))                                                                         \
        return REAL(name)(fd, pieces, count);                                                      \
    ssize_t n = transfer(#name, fd, total(pieces, count), is_read);                                \
    if (n < 0)                                                                                     \
        return n;                                                                                  \
    struct iovec some[PIECES];                                                                     \
    size_t few = prefix(some, pieces, count, n);                                                   \
    return is_read ? cut(fd, REAL(name)(fd, some, few)) : REAL(name)(fd, some, few)

ssize_t readv(int fd, const struct iovec *pieces, int count)
{
    VECTORED(readv, fd, pieces, count, 1);
}

ssize_t writev(int fd, const struct iovec *pieces, int count)
{
    VECTORED(writev, fd, pieces, count, 0);
}

#define MESSAGE(name, fd, message, flags, is_read)                                                 \
    if (!is_due_on(fd, 1))                                                                         \
        return REAL(name)(fd, message, flags);                                                     \
    ssize_t n = transfer(#name, fd, total((message)->msg_iov, (message)->msg_iovlen), is_read);    \
    if (n < 0)                                                                                     \
        return n;                                                                                  \
    struct iovec some[PIECES];                                                                     \
    struct msghdr few = *(message);                                                                \
    few.msg_iovlen = prefix(some, (message)->msg_iov, (message)->msg_iovlen, n);                   \
    few.msg_iov = some;                                                                            \
    return is_read ? cut(fd, REAL(name)(fd, &few, flags)) : REAL(name)(fd, &few, flags)

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    MESSAGE(recvmsg, fd, message, flags, 1);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    MESSAGE(sendmsg, fd, message, flags, 0);
}

int accept4(int fd, struct sockaddr *restrict from, socklen_t *restrict from_len, int flags)
{
    if (!is_due_on(fd, is_hard ? RARE : 1))
        return REAL(accept4)(fd, from, from_len, flags);
    if (!is_hard) {
        if (below(2) == 0)
            return FAIL("accept4", EINTR, fd);
        rearm(fd);
        return FAIL("accept4", EAGAIN, fd);
    }
    switch (below(5)) {
    case 0:
        return FAIL("accept4", EMFILE, fd);
    case 1:
        return FAIL("accept4", ENFILE, fd);
    case 2:
        return FAIL("accept4", ENOBUFS, fd);
    case 3:
        return FAIL("accept4", ENOMEM, fd);
    default:
        break;
    }
    /* The one error that takes a client out of the queue. */
    int taken = REAL(accept4)(fd, from, from_len, flags);
    if (taken < 0)
        return taken;
    note("accept4", "ECONNABORTED", peer_port(taken));
    close(taken);
    errno = ECONNABORTED;
    return -1;
}

int epoll_wait(int epoll, struct epoll_event *events, int max, int timeout)
{
    if (is_hard || !is_due(1))
        return REAL(epoll_wait)(epoll, events, max, timeout);
    if (below(2) == 0) {
        note("epoll_wait", "EINTR", 0);
        errno = EINTR;
        return -1;
    }
    /* What is left stays in the kernel's list. */
    note("epoll_wait", "short", 0);
    return REAL(epoll_wait)(epoll, events, 1, timeout);
}

/* Faults of registering are hard ones: the limit of watches, or of memory. The listener is put into
   the poll before its thread starts, and again by the thread when it has rested. */
int epoll_ctl(int epoll, int op, int fd, struct epoll_event *event)
{
    if (is_hard && op == EPOLL_CTL_ADD && is_due_on(fd, RARE)) {
        const char *call = is_listener(fd) ? "epoll_ctl(listener)" : "epoll_ctl";
        return below(2) == 0 ? FAIL(call, ENOSPC, fd) : FAIL(call, ENOMEM, fd);
    }
    int result = REAL(epoll_ctl)(epoll, op, fd, event);
    if (result == 0 && fd >= 0 && fd < FDS) {
        if (op == EPOLL_CTL_DEL)
            watches[fd].epoll = 0;
        else if (event != NULL)
            watches[fd] = (struct watch){epoll, *event};
    }
    return result;
}
