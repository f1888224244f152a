// The floor that every server is compared with: one epoll thread that parses nothing. It counts the blank
// lines it reads and answers each with a constant, so what it costs is what the kernel costs.
// It knows no partial requests and no routes; only `GET /64k` gets the large constant.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define HEAD(length) "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " #length "\r\n\r\n"
static const char small[] = HEAD(13) "Hello, World!";
static char large[sizeof HEAD(65536) - 1 + 65536], input[1 << 16], output[1 << 16];

// Sockets block when they are written: the client always reads on, and a write of 64 KiB needs no queue here.
static int answer(int fd) {
  ssize_t received = recv(fd, input, sizeof input, MSG_DONTWAIT), filled = 0;
  if (received <= 0) return -1;
  char *head = input, *end = input + received, *blank;
  for (; (blank = memmem(head, end - head, "\r\n\r\n", 4)); head = blank + 4) {
    if (blank - head > 8 && !memcmp(head, "GET /64k", 8)) {
      if (send(fd, large, sizeof large, MSG_NOSIGNAL) < 0) return -1;
      continue;
    }
    if (filled + sizeof small > sizeof output) {
      if (send(fd, output, filled, MSG_NOSIGNAL) < 0) return -1;
      filled = 0;
    }
    memcpy(output + filled, small, sizeof small - 1);
    filled += sizeof small - 1;
  }
  return filled == 0 || send(fd, output, filled, MSG_NOSIGNAL) >= 0 ? 0 : -1;
}

static int listen_on(const char *port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  return bind(fd, (void *)&address, sizeof address) || listen(fd, 4096) ? -1 : fd;
}

int main(int count, char **arguments) {
  int listener = count > 1 ? listen_on(arguments[1]) : -1, poll = epoll_create1(0), on = 1;
  if (listener < 0) return perror("limit PORT"), 1;
  memcpy(large, HEAD(65536), sizeof HEAD(65536) - 1);
  memset(large + sizeof HEAD(65536) - 1, 'x', 65536);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[512];
  epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    int ready = epoll_wait(poll, events, 512, -1);
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      if (fd != listener) {
        if (answer(fd) < 0) close(fd);
        continue;
      }
      while ((fd = accept(listener, NULL, NULL)) >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        event.data.fd = fd;
        epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
      }
    }
  }
}
