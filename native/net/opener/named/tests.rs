use std::path::Path;

use rustix::io::Errno;

use super::*;
use crate::net::event_loop::tests::files::{Temp, part, whole};
use crate::net::file::{open, open_at_once};
use crate::net::notice::Notice;

fn status(resolved: &Resolved) -> Option<u16> {
    match resolved.answer {
        Some(Answer::Encoded { status, .. }) => Some(status),
        _ => None,
    }
}

fn failed_with(id: u32, error: io::Error) -> Resolved {
    let mut answer = whole(Path::new("/nowhere"));
    answer.id = id;
    answer.guard = Some(Box::new(7));
    let resolved = resolve(&mut answer, Err(error), true).unwrap();
    assert!(resolved.guard.is_some() && answer.guard.is_none());
    resolved
}

#[test]
fn every_failure_has_its_status() {
    let cases = [
        (Errno::NOENT, 404),
        (Errno::NOTDIR, 404),
        (Errno::ISDIR, 404),
        (Errno::LOOP, 404),
        (Errno::NXIO, 404),
        (Errno::NODEV, 404),
        (Errno::NAMETOOLONG, 404),
        (Errno::INVAL, 404),
        (Errno::ACCESS, 403),
        (Errno::PERM, 403),
        (Errno::MFILE, 503),
        (Errno::NFILE, 503),
        (Errno::NOMEM, 503),
        (Errno::AGAIN, 503),
        (Errno::IO, 500),
        (Errno::FBIG, 500),
    ];
    for (error, expected) in cases {
        let errno = error.raw_os_error() as u32;
        let told = |id| Some(Notice::FileFailed { id, errno });
        let is_ours = expected >= 500;
        let resolved = failed_with(0, error.into());
        assert_eq!(status(&resolved), Some(expected), "{error}");
        assert_eq!(resolved.notice, if is_ours { told(0) } else { None });
        // Whoever asked for it is told what is the client's affair, and not what is ours.
        let resolved = failed_with(9, error.into());
        assert_eq!(status(&resolved), is_ours.then_some(expected), "{error}");
        assert_eq!(resolved.notice, told(if is_ours { 0 } else { 9 }));
    }
}

#[test]
fn only_a_busy_server_asks_for_another_try() {
    for (error, expected) in [(Errno::MFILE, &b"Retry-After: 1\r\n"[..]), (Errno::IO, b"")] {
        let Some(Answer::Encoded { fields, body, .. }) = failed_with(0, error.into()).answer else {
            panic!("{error} is no answer");
        };
        assert_eq!(&*fields, expected);
        assert!(!body.is_empty());
    }
}

#[test]
fn only_regular_files_are_sent() {
    let text = Temp::file(b"text");
    let cases = [
        (text.0.clone(), Some(200)),
        (std::env::temp_dir(), Some(404)),
        ("/dev/null".into(), Some(404)),
        (Temp::name(), Some(404)),
    ];
    for (path, expected) in cases {
        let resolved = resolve(&mut whole(&path), open(&path), false).unwrap();
        assert_eq!(status(&resolved), expected, "{path:?}");
        // What is said at once is the same.
        if let Some(opened) = open_at_once(&path, &mut true) {
            let resolved = resolve(&mut whole(&path), opened, true).unwrap();
            assert_eq!(status(&resolved), expected, "{path:?}");
        }
    }
    assert!(open_at_once(&text.0, &mut false).is_none());
}

#[test]
fn a_file_without_bytes_is_left_to_who_may_take_his_time() {
    let empty = Temp::file(b"");
    let mut answer = whole(&empty.0);
    assert!(resolve(&mut answer, open(&empty.0), true).is_none());
    let resolved = resolve(&mut answer, open(&empty.0), false).unwrap();
    assert_eq!(status(&resolved), Some(200));
}

#[test]
fn a_range_that_was_named_is_not_named_again() {
    let text = Temp::file(b"0123456789");
    for (has_range, expected) in [(true, ""), (false, "Content-Range: bytes 3-9/10\r\n")] {
        let mut answer = part(&text.0, 3, u64::MAX);
        answer.has_range = has_range;
        let resolved = resolve(&mut answer, open(&text.0), true).unwrap();
        let Some(Answer::Encoded { fields, body, .. }) = resolved.answer else {
            panic!("no answer");
        };
        assert_eq!((&*fields, body.len()), (expected.as_bytes(), 7));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_whose_content_cannot_be_read_is_our_failure() {
    // It has no size, and nothing is mapped at its beginning.
    let path = Path::new("/proc/self/mem");
    let resolved = resolve(&mut whole(path), open(path), false).unwrap();
    assert_eq!(status(&resolved), Some(500));
    let errno = libc::EIO as u32;
    assert_eq!(resolved.notice, Some(Notice::FileFailed { id: 0, errno }));
}
