use std::path::Path;

use super::{Answer, AnswerBody, Asset, FileAnswer, Haste, Resolved, resolve};
use crate::net::event_loop::tests::files::whole;
use crate::net::file::Tree;

/// A request for a file of the tree, changed by `with`.
fn ask(tree: &Tree, path: &str, with: impl Fn(&mut Asset)) -> (u16, String, u64) {
    let mut asset = Asset {
        root: tree.root(),
        media_type: b"text/x".to_vec(),
        index: b"b".to_vec(),
        location: b"/there/".to_vec(),
        moved: 301,
        ..Asset::default()
    };
    with(&mut asset);
    let mut answer = FileAnswer {
        asset: Some(Box::new(asset)),
        ..whole(Path::new(path))
    };
    let resolved = resolve(&mut answer, false, Haste::Patient).unwrap();
    assert!(answer.asset.is_none());
    parts(&resolved)
}

fn parts(resolved: &Resolved) -> (u16, String, u64) {
    let Some(Answer::Encoded {
        status,
        fields,
        body,
        ..
    }) = &resolved.answer
    else {
        panic!("no answer");
    };
    let lines = String::from_utf8(fields.to_vec()).unwrap();
    (*status, lines, body.len())
}

fn line<'a>(lines: &'a str, name: &str) -> Option<&'a str> {
    let line = lines.lines().find(|line| line.starts_with(name));
    line.and_then(|line| line[name.len()..].strip_prefix(": "))
}

#[test]
fn describes_what_it_sends() {
    let tree = Tree::new();
    let (status, lines, len) = ask(&tree, "a", |_| {});
    assert_eq!((status, len), (200, 1));
    assert_eq!(line(&lines, "Content-Type"), Some("text/x"));
    assert_eq!(line(&lines, "Accept-Ranges"), Some("bytes"));
    let etag = line(&lines, "ETag").unwrap().to_owned();
    let modified = line(&lines, "Last-Modified").unwrap().to_owned();
    let (status, lines, len) = ask(&tree, "a", |asset| {
        asset.if_none_match = etag.clone().into_bytes();
    });
    assert_eq!((status, len), (304, 0));
    assert_eq!(line(&lines, "ETag"), Some(&*etag));
    assert_eq!(line(&lines, "Content-Type"), None);
    let (status, ..) = ask(&tree, "a", |asset| {
        asset.if_modified_since = modified.clone().into_bytes();
    });
    assert_eq!(status, 304);
    let (status, lines, _) = ask(&tree, "a", |asset| asset.if_match = b"\"x\"".to_vec());
    assert_eq!((status, &*lines), (412, ""));
}

#[test]
fn sends_a_folder_to_where_its_index_is_if_it_has_one() {
    let tree = Tree::new();
    let (status, lines, len) = ask(&tree, "sub", |_| {});
    assert_eq!((status, len), (301, 0));
    assert_eq!(lines, "Location: /there/\r\n");
    for path in ["sub/deep", "missing", "a/x", "sub/missing"] {
        assert_eq!(ask(&tree, path, |_| {}).0, 404, "{path}");
    }
    assert_eq!(ask(&tree, "sub", |asset| asset.index = Vec::new()).0, 404);
}

#[test]
fn chooses_what_lies_beside_the_file_in_a_coding_of_the_clients() {
    let tree = Tree::new();
    for (name, text) in [("a.br", "12"), ("a.gz", "123"), ("c.br", "x")] {
        std::fs::write(tree.root().join(name), text).unwrap();
    }
    std::fs::create_dir(tree.root().join("sub/b.br")).unwrap();
    std::fs::write(tree.root().join("sub/b.gz"), "1234").unwrap();
    let cases = [
        ("a", "", None, 1),
        ("a", "gzip, br", Some("br"), 2),
        ("a", "gzip, br;q=0.1", Some("gzip"), 3),
        ("a", "zstd", None, 1),
        ("sub/b", "gzip, br", Some("gzip"), 4),
        ("sub/b", "br", None, 1),
        ("sub/deep/c", "br, gzip", None, 1),
    ];
    let mut etags = Vec::new();
    for (path, accepted, coding, len) in cases {
        let (status, lines, got) = ask(&tree, path, |asset| {
            asset.accept_encoding = accepted.as_bytes().to_vec();
        });
        assert_eq!((status, got), (200, len), "{path} {accepted}");
        assert_eq!(line(&lines, "Content-Encoding"), coding);
        assert_eq!(line(&lines, "Content-Type"), Some("text/x"));
        if path == "a" && accepted != "zstd" {
            etags.push(line(&lines, "ETag").unwrap().to_owned());
        }
    }
    etags.sort();
    etags.dedup();
    assert_eq!(etags.len(), 3);
    // What is there in another coding alone is not there.
    let accepts = |asset: &mut Asset| asset.accept_encoding = b"br".to_vec();
    assert_eq!(ask(&tree, "c", accepts).0, 404);
}

#[test]
fn several_parts_are_one_body() {
    let tree = Tree::new();
    std::fs::write(tree.root().join("ten"), "0123456789").unwrap();
    let (status, lines, len) = ask(&tree, "ten", |asset| {
        asset.range = b"bytes=0-1,-2".to_vec();
    });
    assert_eq!(status, 206);
    let kind = line(&lines, "Content-Type").unwrap();
    let boundary = kind
        .strip_prefix("multipart/byteranges; boundary=")
        .unwrap();
    let expected = [
        format!("--{boundary}\r\nContent-Type: text/x\r\nContent-Range: bytes 0-1/10\r\n\r\n"),
        "01".to_owned(),
        format!("\r\n--{boundary}\r\nContent-Type: text/x\r\nContent-Range: bytes 8-9/10\r\n\r\n"),
        "89".to_owned(),
        format!("\r\n--{boundary}--\r\n"),
    ];
    assert_eq!(len, expected.concat().len() as u64);
    assert_eq!(line(&lines, "Content-Range"), None);
    let (status, lines, len) = ask(&tree, "ten", |asset| {
        asset.range = b"bytes=3-4,50-".to_vec()
    });
    assert_eq!((status, len), (206, 2));
    assert_eq!(line(&lines, "Content-Range"), Some("bytes 3-4/10"));
    let (status, lines, _) = ask(&tree, "ten", |asset| asset.range = b"bytes=50-".to_vec());
    assert_eq!((status, &*lines), (416, "Content-Range: bytes */10\r\n"));
}

#[test]
fn a_range_does_not_count_for_head() {
    let tree = Tree::new();
    let mut answer = whole(Path::new("a"));
    answer.asset = Some(Box::new(Asset {
        root: tree.root(),
        range: b"bytes=5-".to_vec(),
        ..Asset::default()
    }));
    let resolved = resolve(&mut answer, true, Haste::Patient).unwrap();
    assert_eq!(parts(&resolved).0, 200);
    assert!(matches!(
        resolved.answer,
        Some(Answer::Encoded {
            body: AnswerBody::File(_),
            ..
        })
    ));
}

#[test]
fn what_has_to_be_waited_for_is_asked_for_again() {
    let tree = Tree::new();
    // Nobody has looked for it yet, so the kernel cannot say at once.
    let mut answer = whole(Path::new("sub/deep/never-looked-for"));
    answer.asset = Some(Box::new(Asset {
        root: tree.root(),
        ..Asset::default()
    }));
    if resolve(&mut answer, false, Haste::AtOnce).is_none() {
        assert!(answer.asset.is_some());
        let resolved = resolve(&mut answer, false, Haste::Patient).unwrap();
        assert_eq!(parts(&resolved).0, 404);
    }
}
