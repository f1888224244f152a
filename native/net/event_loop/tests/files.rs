//! Files as answers, from the disk to the client.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::client::Client;
use super::server::{Server, wait_until};
use crate::net::answer::{Answer, FileAnswer};
use crate::net::config::Config;
use crate::net::connection::tests::reader::read_all;
use crate::net::connection::tests::rig::ok;
use crate::net::notice::Notice;

/// A file or directory of one test, removed at its end.
#[derive(Debug)]
pub(crate) struct Temp(pub(crate) PathBuf);

impl Temp {
    pub(crate) fn name() -> PathBuf {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        std::env::temp_dir().join(format!("fasthttp-file-{}-{count}", std::process::id()))
    }

    pub(crate) fn file(bytes: &[u8]) -> Self {
        let path = Self::name();
        std::fs::write(&path, bytes).unwrap();
        Self(path)
    }

    /// A file of zeros, none of which is in memory.
    fn sparse(len: u64) -> Self {
        let path = Self::name();
        File::create(&path).unwrap().set_len(len).unwrap();
        Self(path)
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        // The test may have removed it.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// The whole of a file, with 200.
pub(crate) fn whole(path: &Path) -> FileAnswer {
    FileAnswer {
        head: ok(b"").into_owned(),
        path: path.to_owned(),
        start: 0,
        end: u64::MAX,
        has_range: false,
        always: Vec::new(),
        id: 0,
        guard: None,
        asset: None,
    }
}

/// A part of a file, with 206.
pub(crate) fn part(path: &Path, start: u64, end: u64) -> FileAnswer {
    let mut answer = whole(path);
    (answer.start, answer.end) = (start, end);
    if let Answer::Encoded { status, .. } = &mut answer.head {
        *status = 206;
    }
    answer
}

fn prepare(server: &Server, answer: FileAnswer) {
    let answer = Answer::File(Box::new(answer));
    server.desk.prepared.lock().unwrap().push(("/file", answer));
}

fn failures(server: &Server) -> Vec<(u32, u32)> {
    let notices = server.desk.notices.lock().unwrap();
    let failures = notices.iter().filter_map(|notice| match notice {
        Notice::FileFailed { id, errno } => Some((*id, *errno)),
        _ => None,
    });
    failures.collect()
}

#[test]
fn answers_with_what_is_there() {
    let (text, empty) = (Temp::file(b"0123456789"), Temp::file(b""));
    let (text, empty, missing) = (&text.0, &empty.0, Temp::name());
    let directory = std::env::temp_dir();
    let cases: [(FileAnswer, u16, &[u8], Option<&str>); 11] = [
        (whole(text), 200, b"0123456789", None),
        (whole(empty), 200, b"", None),
        (whole(&missing), 404, b"Not Found", None),
        (whole(&directory), 404, b"Not Found", None),
        (whole(&text.join("x")), 404, b"Not Found", None),
        (whole(Path::new("a\0b")), 404, b"Not Found", None),
        (part(text, 2, 4), 206, b"234", Some("bytes 2-4/10")),
        (part(text, 7, 99), 206, b"789", Some("bytes 7-9/10")),
        (part(text, 0, 0), 206, b"0", Some("bytes 0-0/10")),
        (
            part(text, 10, 20),
            416,
            b"Range Not Satisfiable",
            Some("bytes */10"),
        ),
        (
            part(empty, 0, 5),
            416,
            b"Range Not Satisfiable",
            Some("bytes */0"),
        ),
    ];
    let server = Server::start(1, Config::default());
    let mut client = Client::connect(&server);
    for (answer, status, body, range) in cases {
        let what = format!("{answer:?}");
        prepare(&server, answer);
        let response = client.get("/file");
        assert_eq!(
            (response.status, &response.body[..]),
            (status, body),
            "{what}"
        );
        assert_eq!(response.field("Content-Range"), range, "{what}");
    }
    assert_eq!(failures(&server), []);
    server.end();
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_without_a_size_is_read_whole() {
    let path = Path::new("/proc/self/personality");
    let content = std::fs::read(path).unwrap();
    let server = Server::start(1, Config::default());
    let mut client = Client::connect(&server);
    prepare(&server, whole(path));
    assert_eq!(client.get("/file").body, content);
    prepare(&server, part(path, 1, 3));
    let response = client.get("/file");
    assert_eq!((response.status, &response.body[..]), (206, &content[1..4]));
    server.end();
}

#[test]
fn pipelined_files_come_in_order_between_other_answers() {
    let server = Server::start(1, Config::default());
    let (text, empty) = (Temp::file(b"text"), Temp::file(b""));
    for _ in 0..20 {
        prepare(&server, whole(&text.0));
        prepare(&server, whole(&empty.0));
    }
    let mut client = Client::connect(&server);
    let requests = ["/file", "/file", "/x"].repeat(20);
    let requests = requests
        .iter()
        .map(|path| format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"));
    client.send(requests.collect::<String>().as_bytes());
    for body in [&b"text"[..], b"", b"/x"].repeat(20) {
        assert_eq!(client.response().body, body);
    }
    server.end();
}

#[test]
fn head_has_the_length_and_no_byte() {
    let server = Server::start(1, Config::default());
    let text = Temp::file(b"text");
    prepare(&server, whole(&text.0));
    let mut client = Client::connect(&server);
    client.send(b"HEAD /file HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let responses = read_all(&client.rest(), &[true]);
    assert_eq!(responses[0].status, 200);
    assert_eq!(responses[0].field("Content-Length"), Some("4"));
    server.end();
}

#[test]
fn sends_a_large_file_to_a_slow_reader_while_others_are_served() {
    const LEN: usize = 12 << 20;
    let bytes: Vec<u8> = (0..LEN).map(|place| (place % 251) as u8).collect();
    let (warm, cold) = (Temp::file(&bytes), Temp::sparse(LEN as u64));
    let server = Server::start(1, Config::default());
    for (file, expected) in [(&warm, bytes), (&cold, vec![0; LEN])] {
        prepare(&server, whole(&file.0));
        let (mut slow, mut other) = (Client::connect(&server), Client::connect(&server));
        slow.ask("/file");
        slow.wait();
        for _ in 0..50 {
            assert_eq!(other.get("/x").status, 200);
        }
        assert!(slow.response().body == expected);
        assert_eq!(slow.get("/after").body, b"/after");
    }
    server.end();
}

#[test]
fn whoever_asked_to_be_told_answers_in_place_of_a_missing_file() {
    let server = Server::start(1, Config::default());
    let directory = std::env::temp_dir();
    let text = Temp::file(b"text");
    let cases = [
        (Temp::name(), libc::ENOENT),
        (directory, libc::EISDIR),
        (text.0.join("x"), libc::ENOTDIR),
    ];
    for (number, (path, errno)) in cases.iter().enumerate() {
        let mut client = Client::connect(&server);
        let mut answer = whole(path);
        answer.id = number as u32 + 1;
        prepare(&server, answer);
        client.ask("/file");
        let expected = (number as u32 + 1, *errno as u32);
        wait_until(|| failures(&server).last() == Some(&expected));
        server.release();
        assert!(client.response().body.starts_with(b"released"));
    }
    server.end();
}

#[test]
fn a_file_that_shrinks_ends_the_connection() {
    const LEN: u64 = 64 << 20;
    let server = Server::start(1, Config::default());
    let file = Temp::sparse(LEN);
    prepare(&server, whole(&file.0));
    let mut client = Client::connect(&server);
    client.ask("/file");
    client.wait();
    let writer = File::options().write(true).open(&file.0).unwrap();
    writer.set_len(0).unwrap();
    assert!((client.rest().len() as u64) < LEN);
    wait_until(|| failures(&server) == [(0, 0)]);
    server.end();
}

#[test]
fn a_file_that_is_found_too_late_is_dropped() {
    let server = Server::start(1, Config::default());
    let empty = Temp::file(b"");
    for _ in 0..20 {
        prepare(&server, whole(&empty.0));
        let mut client = Client::connect(&server);
        client.ask("/file");
        client.reset();
    }
    wait_until(|| server.open.count() == 0);
    server.desk.prepared.lock().unwrap().clear();
    assert_eq!(Client::connect(&server).get("/x").status, 200);
    server.end();
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_that_has_left_the_memory_is_read_again_and_sent() {
    use rustix::fs::{Advice, fadvise};
    const LEN: usize = 3 << 20;
    let bytes: Vec<u8> = (0..LEN).map(|place| (place % 253) as u8).collect();
    let temp = Temp::file(&bytes);
    let file = File::open(&temp.0).unwrap();
    file.sync_all().unwrap();
    let server = Server::start(1, Config::default());
    let mut client = Client::connect(&server);
    for _ in 0..3 {
        // Where files are always in memory this changes nothing.
        fadvise(&file, 0, None, Advice::DontNeed).unwrap();
        prepare(&server, whole(&temp.0));
        assert!(client.get("/file").body == bytes);
    }
    assert_eq!(failures(&server), []);
    server.end();
}
