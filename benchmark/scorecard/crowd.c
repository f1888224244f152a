// A crowd: CONNECTIONS connections that all send the bytes of FILE, SEND of them a visit, at VISITS
// visits a second dealt out in turn, over and over or (ONCE) once. Who is cut off comes again. READ is how many
// bytes a visit reads, -1 for all that there is at any time. It says `ready` when everybody is connected, answers
// every line of its standard input with its counts, and ends with that input or after SECONDS.
//   crowd PORT CONNECTIONS VISITS SEND READ ONCE SECONDS FILE
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

struct member {
  int fd, connected;
  size_t offset;
};

static int port, count, send_size, read_size, once, epoll;
static char payload[1 << 20], sink[1 << 16];
static size_t payload_size;
static struct member *members;
static unsigned long sent, received, connects, cuts;
static int connected;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void join(struct member *member) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1, small = 4096;
  if (fd < 0) perror("socket"), exit(1);
  // Several addresses, as the ports of one do not last when many are cut off and come again.
  struct sockaddr_in own = {.sin_family = AF_INET}, server = {.sin_family = AF_INET, .sin_port = htons(port)};
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + (member - members) % 8);
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (read_size >= 0) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  if (bind(fd, (void *)&own, sizeof own)) perror("bind"), exit(1);
  if (connect(fd, (void *)&server, sizeof server) && errno != EINPROGRESS) perror("connect"), exit(1);
  *member = (struct member){.fd = fd};
  connects++;
  struct epoll_event event = {.events = EPOLLOUT | EPOLLRDHUP, .data.ptr = member};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void leave(struct member *member) {
  close(member->fd);
  connected -= member->connected;
  cuts++;
  *member = (struct member){.fd = -1};
}

static void visit(struct member *member) {
  if (member->fd < 0) return join(member);
  if (!member->connected) return;
  if (read_size > 0) {
    ssize_t got = recv(member->fd, sink, read_size, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN)) return leave(member);
    if (got > 0) received += got;
  }
  if (member->offset == payload_size) {
    if (once) return;
    member->offset = 0;
  }
  size_t left = payload_size - member->offset, size = left < (size_t)send_size ? left : (size_t)send_size;
  ssize_t gone = send(member->fd, payload + member->offset, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (gone < 0 && errno != EAGAIN) return leave(member);
  if (gone > 0) member->offset += gone, sent += gone;
}

static void look(struct epoll_event *event) {
  struct member *member = event->data.ptr;
  if (member->fd < 0) return;
  if (!member->connected && !(event->events & (EPOLLERR | EPOLLHUP))) {
    member->connected = 1;
    connected++;
    struct epoll_event wanted = {.events = EPOLLRDHUP | (read_size < 0 ? EPOLLIN : 0), .data.ptr = member};
    epoll_ctl(epoll, EPOLL_CTL_MOD, member->fd, &wanted);
    return;
  }
  ssize_t got = 0;
  if (read_size < 0 && (event->events & EPOLLIN)) {
    got = recv(member->fd, sink, sizeof sink, MSG_DONTWAIT);
    if (got > 0) received += got;
  }
  // Behind what is still to be read; a reader of few bytes meets the end in a visit of its own.
  if (event->events & (EPOLLERR | EPOLLHUP)) leave(member);
  else if (read_size < 0 && got <= 0 && (event->events & EPOLLRDHUP)) leave(member);
  else if (read_size >= 0) {
    struct epoll_event quiet = {.events = 0, .data.ptr = member};
    epoll_ctl(epoll, EPOLL_CTL_MOD, member->fd, &quiet);
    if (read_size == 0) leave(member);
  }
}

static void report(void) {
  printf("{\"connected\":%d,\"connects\":%lu,\"cuts\":%lu,\"sent\":%lu,\"received\":%lu}\n", connected, connects,
         cuts, sent, received);
  fflush(stdout);
}

// Connects at most so many at a time, so that the server's queue does not run over.
static void gather(struct epoll_event *events) {
  double deadline = now() + 60;
  for (int joined = 0; connected < count && now() < deadline;) {
    while (joined < count && joined - connected < 256) join(&members[joined++]);
    int ready = epoll_wait(epoll, events, 512, 100);
    for (int i = 0; i < ready; i++) look(&events[i]);
    for (int i = 0; i < joined; i++)
      if (members[i].fd < 0) join(&members[i]);
  }
}

int main(int arguments, char **argument) {
  if (arguments != 9) return fputs("crowd PORT CONNECTIONS VISITS SEND READ ONCE SECONDS FILE\n", stderr), 2;
  port = atoi(argument[1]), count = atoi(argument[2]);
  send_size = atoi(argument[4]), read_size = atoi(argument[5]), once = atoi(argument[6]);
  double visits = atof(argument[3]), seconds = atof(argument[7]);
  FILE *file = fopen(argument[8], "rb");
  if (!file) return perror(argument[8]), 1;
  payload_size = fread(payload, 1, sizeof payload, file);
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  members = calloc(count, sizeof *members), epoll = epoll_create1(0);
  struct epoll_event events[512];
  gather(events);
  if (connected < count) return fprintf(stderr, "%d of %d connected\n", connected, count), 1;
  puts("ready"), fflush(stdout);
  struct pollfd input = {.fd = 0, .events = POLLIN};
  double begun = now(), done = 0;
  for (unsigned next = 0; now() < begun + seconds;) {
    int ready = epoll_wait(epoll, events, 512, 1);
    for (int i = 0; i < ready; i++) look(&events[i]);
    // What could not be done in time is left out, so that a pause is not followed by a burst.
    double due = (now() - begun) * visits;
    if (due - done > visits / 10) done = due - visits / 10;
    for (; done < due; done++) visit(&members[next++ % count]);
    if (poll(&input, 1, 0) == 1) {
      if (read(0, sink, sizeof sink) <= 0) return 0;
      report();
    }
  }
  return 0;
}
