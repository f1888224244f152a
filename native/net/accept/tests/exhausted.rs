//! A process that has run out of descriptors, as a process of its own.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::AsRawFd;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Resource, getrlimit, setrlimit};

use crate::net::config::Config;
use crate::net::event_loop::tests::client::Client;
use crate::net::event_loop::tests::server::Server;

const SWITCH: &str = "FASTHTTP_EXHAUSTED";
const CLIENTS: usize = 24;
/// Descriptors that the server may still open.
const LEFT: usize = 6;
/// Descriptors that it closes when asked.
const SPARE: usize = 4;

/// The server's process; it ends when its input does.
struct Exhausted {
    child: Child,
    output: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Exhausted {
    fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "net::accept::tests::exhausted::is_a_server_if_asked",
                "--nocapture",
            ])
            .env(SWITCH, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let ports = output.by_ref().lines().map_while(Result::ok);
        let mut ports = ports.filter_map(|line| line.strip_prefix("port ")?.parse::<u16>().ok());
        let port = ports.next().expect("the server says its port");
        Self {
            child,
            output,
            address: (Ipv4Addr::LOCALHOST, port).into(),
        }
    }

    fn end(mut self) {
        drop(self.child.stdin.take());
        self.output.read_to_end(&mut Vec::new()).unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

#[test]
fn is_a_server_if_asked() {
    if std::env::var_os(SWITCH).is_none() {
        return;
    }
    let server = Server::start(1, Config::default());
    let spare = (0..SPARE).map(|_| File::open("/dev/null").unwrap());
    server.desk.spare.lock().unwrap().extend(spare);
    // The lowest free numbers: the limit is one of numbers, and there may be gaps.
    let left: Vec<_> = (0..LEFT)
        .map(|_| File::open("/dev/null").unwrap())
        .collect();
    let last = left.iter().map(AsRawFd::as_raw_fd).max();
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = last.map(|last| last as u64 + 1);
    drop(left);
    setrlimit(Resource::Nofile, limit).unwrap();
    let mut stdout = std::io::stdout();
    writeln!(stdout, "\nport {}", server.address.port()).unwrap();
    stdout.flush().unwrap();
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    server.end();
}

#[test]
fn loses_nobody_and_does_not_spin_without_descriptors() {
    let server = Exhausted::start();
    let mut clients: Vec<_> = (0..CLIENTS).map(|_| Client::to(server.address)).collect();
    clients.iter_mut().for_each(|client| client.ask("/x"));
    // All that are left, and the one in reserve.
    let mut waiting = clients.split_off(LEFT + 1);
    waiting.reverse();
    for client in &mut clients {
        assert_eq!(client.response().body, b"/x");
    }
    let turns = |client: &mut Client| -> u64 {
        let turns = String::from_utf8(client.get("/turns").body).unwrap();
        turns.parse().unwrap()
    };
    let start = Instant::now();
    let before = turns(&mut clients[0]);
    let pause = Duration::from_millis(500);
    assert_eq!(waiting.last_mut().unwrap().response_within(pause), None);
    let spent = turns(&mut clients[0]) - before;
    let waited = start.elapsed();
    let most = waited.as_millis() / 20 + 5;
    assert!(u128::from(spent) < most, "{spent} turns in {waited:?}");

    // A descriptor that comes free elsewhere in the process, then connections that close.
    let mut delays = [Vec::new(), Vec::new()];
    while let Some(mut next) = waiting.pop() {
        let is_elsewhere = delays[0].len() < SPARE;
        let start = Instant::now();
        if is_elsewhere {
            assert_eq!(clients[0].get("/free").body, b"true");
        } else {
            drop(clients.pop());
        }
        assert_eq!(next.response().body, b"/x");
        delays[usize::from(!is_elsewhere)].push(start.elapsed());
        clients.insert(0, next);
    }
    eprintln!("{spent} turns while starved; served after {delays:?}");
    for delays in &delays {
        // One of them, for a busy machine may delay any.
        assert!(delays.iter().min() < Some(&Duration::from_secs(2)));
    }
    server.end();
}
