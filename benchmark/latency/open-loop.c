// Sends requests at a constant rate, whatever the server does, and counts the time of each from the moment at
// which it was to be sent: what a server that stalls keeps back is in the figures ("open loop", without
// coordinated omission). Prints one line of JSON with histograms in nanoseconds.
//
//   open-loop [--spin] PORT RATE SECONDS CONNECTIONS PATH [OTHER ONE_IN]   one request in ONE_IN asks for OTHER
//   open-loop PORT 0 SECONDS CONNECTIONS PATH ...                 closed loop: each connection asks at once again
//   open-loop histogram                                           of the numbers on standard input
//
// A request waits for a connection when all are in use; that counts as well. It sleeps until shortly before the next
// request. With --spin it never does, so that its own waking up is in no figure; on a virtual machine whose processors
// are shared that takes from the server's time. "late" says how much later than it could it sent, and "busy" how much of
// the time it had something to do. It knows answers with a Content-Length only.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000ull
#define PATIENCE (5 * SECOND) /* how long answers are waited for behind the last request */
#define SENT_IN_A_TURN 8      /* then it looks for answers again */
#define EVENTS 256
#define AWAKE 20000           /* nanoseconds before a request in which it does not sleep */
#define SHORT 5000            /* what waiting for answers that are there takes at most */
#define LONGEST (SECOND / 20) /* of all that it sleeps */

// Buckets are 1/128 wide at least: a figure is at most 0.8 % too large.
#define WIDTH 7
struct histogram { uint64_t counts[(64 - WIDTH + 1) << WIDTH]; };
enum { PLAIN, OTHER, LATE, KINDS };
static const char *const kinds[KINDS] = {"plain", "other", "late"};
static struct histogram histograms[KINDS];

struct connection {
  int fd, kind;
  uint64_t due;
  size_t have, need; /* bytes of the answer; `need` is 0 until its head is whole */
  char head[4096];
};
static struct connection *connections;
static int spins, *idle, idle_first, idle_count, connection_count, in_flight, epoll;
static struct sockaddr_in address = {.sin_family = AF_INET};
static char requests[2][1024];
static int lengths[2];
static uint64_t rate, one_in, start, end, sent, answered, failed, reopened, freed_at;

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * SECOND + time.tv_nsec;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void record(struct histogram *histogram, uint64_t value) {
  unsigned shift = value < 2u << WIDTH ? 0 : 63 - WIDTH - __builtin_clzll(value);
  histogram->counts[((uint64_t)shift << WIDTH) + (value >> shift)]++;
}

// The largest value of a bucket.
static uint64_t upper(unsigned bucket) {
  if (bucket < 2u << WIDTH) return bucket;
  unsigned shift = (bucket >> WIDTH) - 1;
  return ((((uint64_t)bucket & ((1 << WIDTH) - 1)) + (1 << WIDTH) + 1) << shift) - 1;
}

static void print_histogram(const struct histogram *histogram) {
  const char *comma = "";
  putchar('[');
  for (unsigned i = 0; i < sizeof histogram->counts / sizeof *histogram->counts; i++) {
    if (histogram->counts[i] == 0) continue;
    printf("%s[%llu,%llu]", comma, (unsigned long long)upper(i), (unsigned long long)histogram->counts[i]);
    comma = ",";
  }
  putchar(']');
}

static void open_connection(int index) {
  struct connection *connection = &connections[index];
  int on = 1;
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = index};
  connection->fd = socket(AF_INET, SOCK_STREAM, 0);
  connection->have = connection->need = 0;
  if (connection->fd < 0 || connect(connection->fd, (void *)&address, sizeof address)) fail("connect");
  setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, connection->fd, &event)) fail("epoll_ctl");
}

// Connections take turns: the one that has been idle longest comes first.
static void free_connection(int index, uint64_t at) {
  if (idle_count == 0) freed_at = at;
  idle[(idle_first + idle_count++) % connection_count] = index;
}

static uint64_t due_of(uint64_t number) {
  return rate == 0 ? 0 : start + number / rate * SECOND + number % rate * SECOND / rate;
}

// Which requests are the others is the same in each run.
static int kind_of(uint64_t number) {
  uint64_t mixed = (number + 1) * 0x9e3779b97f4a7c15ull;
  mixed = (mixed ^ (mixed >> 31)) * 0xbf58476d1ce4e5b9ull;
  return one_in != 0 && (mixed ^ (mixed >> 29)) % one_in == 0 ? OTHER : PLAIN;
}

static int is_due(uint64_t at) {
  return rate == 0 ? at < end : due_of(sent) < end && due_of(sent) <= at;
}

static void send_request(uint64_t at) {
  int index = idle[idle_first];
  struct connection *connection = &connections[index];
  idle_first = (idle_first + 1) % connection_count, idle_count--;
  connection->kind = kind_of(sent);
  connection->due = rate == 0 ? at : due_of(sent);
  record(&histograms[LATE], at - (connection->due > freed_at ? connection->due : freed_at));
  sent++, in_flight++;
  // A socket that is closed says so when it is read.
  send(connection->fd, requests[connection->kind], lengths[connection->kind], MSG_NOSIGNAL);
}

static void reopen(int index, uint64_t at) {
  struct connection *connection = &connections[index];
  int is_idle = 0;
  for (int i = 0; i < idle_count; i++) is_idle |= idle[(idle_first + i) % connection_count] == index;
  close(connection->fd);
  open_connection(index);
  reopened++;
  if (is_idle) return;
  failed++, in_flight--;
  free_connection(index, at);
}

// Says how long the answer is once its head is there. -1: it is no answer, or one without a length.
static int measure(struct connection *connection) {
  connection->head[connection->have] = 0;
  char *blank = strstr(connection->head, "\r\n\r\n"), *length;
  if (blank == NULL) return connection->have < sizeof connection->head - 1 ? 0 : -1;
  *blank = 0;
  length = strcasestr(connection->head, "\r\ncontent-length:");
  if (strncmp(connection->head, "HTTP/1.1 200", 12) || length == NULL) return -1;
  connection->need = blank + 4 - connection->head + strtoul(length + 17, NULL, 10);
  return 0;
}

// `at` is when the event was seen: the work for those before it is not the server's.
static void read_answer(int index, uint64_t at) {
  static char rest[1 << 16];
  struct connection *connection = &connections[index];
  int in_head = connection->need == 0;
  ssize_t received = in_head ? recv(connection->fd, connection->head + connection->have,
                                    sizeof connection->head - 1 - connection->have, MSG_DONTWAIT)
                             : recv(connection->fd, rest, sizeof rest, MSG_DONTWAIT);
  if (received <= 0) return reopen(index, at);
  connection->have += received;
  if ((in_head && measure(connection)) || (connection->need && connection->have > connection->need))
    return reopen(index, at);
  if (connection->need == 0 || connection->have < connection->need) return;
  record(&histograms[connection->kind], at - connection->due);
  connection->have = connection->need = 0;
  answered++, in_flight--;
  free_connection(index, at);
}

static int wait_for_answers(struct epoll_event *events, uint64_t at) {
  struct timespec timeout = {0};
  uint64_t until = idle_count > 0 && is_due(UINT64_MAX) ? due_of(sent) : at + LONGEST;
  if (rate == 0) until = end < at + LONGEST ? end : at + LONGEST;
  if (!spins && until > at + AWAKE) {
    uint64_t sleep = until - at - AWAKE;
    timeout.tv_nsec = sleep < LONGEST ? sleep : LONGEST;
  }
  return syscall(SYS_epoll_pwait2, epoll, events, EVENTS, &timeout, NULL, 0);
}

// Returns the time in which there was something to do.
static uint64_t run(void) {
  struct epoll_event events[EVENTS];
  uint64_t busy = 0, at = now();
  while (rate == 0 ? at < end : is_due(UINT64_MAX) || (in_flight > 0 && at < end + PATIENCE)) {
    int count = 0;
    for (; count < SENT_IN_A_TURN && idle_count > 0 && is_due(at); count++) send_request(at);
    if (rate != 0 && at >= end + PATIENCE) break;
    uint64_t waiting = now();
    int ready = wait_for_answers(events, waiting);
    uint64_t seen = now();
    for (int i = 0; i < ready; i++) read_answer(events[i].data.u32, seen);
    uint64_t then = now();
    if (count + ready > 0) busy += then - at - (seen - waiting > SHORT ? seen - waiting : 0);
    at = then;
  }
  return busy;
}

// What was never answered has taken until now at least.
static uint64_t count_unfinished(void) {
  uint64_t at = now(), count = 0;
  if (rate == 0) return 0;
  for (int i = 0; i < connection_count; i++) {
    int is_idle = 0;
    for (int k = 0; k < idle_count; k++) is_idle |= idle[(idle_first + k) % connection_count] == i;
    if (is_idle) continue;
    record(&histograms[connections[i].kind], at - connections[i].due);
    count++;
  }
  for (; due_of(sent) < end; sent++, count++) record(&histograms[kind_of(sent)], at - due_of(sent));
  return count;
}

static int print_of_input(void) {
  unsigned long long value;
  while (scanf("%llu", &value) == 1) record(&histograms[PLAIN], value);
  print_histogram(&histograms[PLAIN]);
  return putchar('\n') < 0;
}

static void print_run(uint64_t busy, uint64_t unfinished, uint64_t elapsed) {
  printf("{\"sent\":%llu,\"answered\":%llu,\"failed\":%llu,\"unfinished\":%llu,\"reopened\":%llu",
         (unsigned long long)sent, (unsigned long long)answered, (unsigned long long)failed,
         (unsigned long long)unfinished, (unsigned long long)reopened);
  printf(",\"seconds\":%.6f,\"busy\":%.4f", elapsed / 1e9, (double)busy / elapsed);
  for (int kind = 0; kind < KINDS; kind++) {
    printf(",\"%s\":", kinds[kind]);
    print_histogram(&histograms[kind]);
  }
  puts("}");
}

int main(int count, char **arguments) {
  if (count > 1 && !strcmp(arguments[1], "histogram")) return print_of_input();
  if (count > 1 && !strcmp(arguments[1], "--spin")) spins = 1, count--, arguments++;
  if (count != 6 && count != 8)
    return fputs("open-loop [--spin] PORT RATE SECONDS CONNECTIONS PATH [OTHER ONE_IN]\n", stderr), 2;
  address.sin_port = htons(atoi(arguments[1]));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  rate = strtoull(arguments[2], NULL, 10);
  connection_count = atoi(arguments[4]);
  one_in = count == 8 ? strtoull(arguments[7], NULL, 10) : 0;
  for (int kind = PLAIN; kind <= OTHER; kind++)
    lengths[kind] = snprintf(requests[kind], sizeof requests[kind], "GET %s HTTP/1.1\r\nHost: localhost:8080\r\n\r\n",
                             arguments[kind == OTHER && count == 8 ? 6 : 5]);
  connections = calloc(connection_count, sizeof *connections);
  idle = calloc(connection_count, sizeof *idle);
  epoll = epoll_create1(0);
  prctl(PR_SET_TIMERSLACK, 1);
  for (int i = 0; i < connection_count; i++) open_connection(i), free_connection(i, 0);
  start = now();
  end = start + (uint64_t)(atof(arguments[3]) * SECOND);
  uint64_t busy = run(), elapsed = now() - start;
  print_run(busy, count_unfinished(), elapsed);
  return 0;
}
