use super::{TargetForm, authority_of, form_of, take_apart};
use crate::http::error::ParseError;
use crate::http::method::Method;
use crate::http::span::Span;

/// The form, path and query of a target that starts at an offset of its own.
fn read(target: &str, method: Method) -> Result<(TargetForm, String, String), ParseError> {
    read_by(target, method, false)
}

fn read_by(
    target: &str,
    method: Method,
    any_absolute: bool,
) -> Result<(TargetForm, String, String), ParseError> {
    const OFFSET: usize = 7;
    let form = form_of(target.as_bytes()[0], method, any_absolute)?;
    let span = Span {
        start: OFFSET as u32,
        len: target.len() as u32,
    };
    let parts = take_apart(target.as_bytes(), span, form, any_absolute)?;
    let text = |part: Span| {
        let start = part.start as usize - OFFSET;
        target[start..start + part.len as usize].to_owned()
    };
    Ok((form, text(parts.path), text(parts.query)))
}

#[test]
fn takes_targets_apart() {
    for (target, method, form, path, query) in [
        ("/", Method::Get, TargetForm::Origin, "/", ""),
        ("/p?", Method::Get, TargetForm::Origin, "/p", ""),
        ("/p?a?b", Method::Get, TargetForm::Origin, "/p", "a?b"),
        ("//u@h/p", Method::Get, TargetForm::Origin, "//u@h/p", ""),
        ("*", Method::Options, TargetForm::Asterisk, "*", ""),
        ("/x", Method::Options, TargetForm::Origin, "/x", ""),
        ("http://a/p?q", Method::Get, TargetForm::Absolute, "/p", "q"),
        ("HTTPS://a:1/", Method::Get, TargetForm::Absolute, "/", ""),
        ("http://a", Method::Get, TargetForm::Absolute, "", ""),
        ("http://a?q=/", Method::Get, TargetForm::Absolute, "", "q=/"),
        (
            "http://[::1]:80/p",
            Method::Get,
            TargetForm::Absolute,
            "/p",
            "",
        ),
        (
            "a.test:443",
            Method::Connect,
            TargetForm::Authority,
            "a.test:443",
            "",
        ),
    ] {
        let expected = (form, path.to_owned(), query.to_owned());
        assert_eq!(read(target, method), Ok(expected), "{target}");
    }
}

#[test]
fn sees_percent_signs_in_paths_alone() {
    for (target, method, expected) in [
        ("/", Method::Get, false),
        ("/a?%61", Method::Get, false),
        ("/%61", Method::Get, true),
        ("/a%?b%", Method::Get, true),
        ("/%?", Method::Get, true),
        ("http://a%62/c?%", Method::Get, false),
        ("http://a/%62?c", Method::Get, true),
        ("http://a?%61", Method::Get, false),
        ("a%62:80", Method::Connect, false),
        ("*", Method::Options, false),
    ] {
        let span = Span {
            start: 0,
            len: target.len() as u32,
        };
        let form = form_of(target.as_bytes()[0], method, false).unwrap();
        let parts = take_apart(target.as_bytes(), span, form, false).unwrap();
        assert_eq!(parts.has_percent, expected, "{target}");
        let path = parts.path.of(target.as_bytes());
        assert!(!expected || path.contains(&b'%'), "{target}");
    }
}

#[test]
fn refuses_targets_of_no_form() {
    for (target, method) in [
        ("*", Method::Get),
        ("*x", Method::Options),
        ("a", Method::Get),
        ("?q", Method::Get),
        ("../x", Method::Get),
        ("a.test:80", Method::Get),
        ("h", Method::Get),
        ("http", Method::Get),
        ("http:/a/p", Method::Get),
        ("http:///p", Method::Get),
        ("http://", Method::Get),
        ("http://?q", Method::Get),
        ("http://u@a/p", Method::Get),
        ("http://a:80x/p", Method::Get),
        ("http://a:65536/p", Method::Get),
        ("http://[::1/p", Method::Get),
        ("http://a\\@b/p", Method::Get),
        ("httpx://a/p", Method::Get),
        ("ftp://a/p", Method::Get),
        ("mailto:a@b", Method::Get),
        ("/x", Method::Connect),
        ("a.test", Method::Connect),
        ("http://a:80/", Method::Connect),
    ] {
        assert_eq!(read(target, method), Err(ParseError::Target), "{target}");
    }
}

/// As node's parser reads them, for whoever asks for that.
#[test]
fn takes_any_absolute_target_apart_where_that_is_wanted() {
    for (target, path, query) in [
        ("http://u:p@a/p?q", "/p", "q"),
        ("http://u@v@a/p", "/p", ""),
        ("http://a:b:c/d", "/d", ""),
        ("http://a%/p", "/p", ""),
        ("ftp://a/p", "/p", ""),
        ("zzz://", "", ""),
        ("file:///etc", "/etc", ""),
        ("http://?q=/", "", "q=/"),
    ] {
        let expected = (TargetForm::Absolute, path.to_owned(), query.to_owned());
        assert_eq!(
            read(target, Method::Get),
            Err(ParseError::Target),
            "{target}"
        );
        assert_eq!(read_by(target, Method::Get, true), Ok(expected), "{target}");
    }
    for (target, method) in [
        ("a", Method::Get),
        ("http:/a", Method::Get),
        ("mailto:a@b", Method::Get),
        ("1a://b", Method::Get),
        ("*", Method::Get),
        ("?q", Method::Get),
        ("http://a:80/", Method::Connect),
    ] {
        assert_eq!(
            read_by(target, method, true),
            Err(ParseError::Target),
            "{target}"
        );
    }
}

#[test]
fn finds_the_authority() {
    assert_eq!(authority_of(b"http://a:1/p"), Some((7, 3)));
    assert_eq!(authority_of(b"https://a?q"), Some((8, 1)));
    assert_eq!(authority_of(b"a+1://u@b"), Some((6, 3)));
    for without in ["/a://b", "://b", "1a://b", "a:/b", "a:b", "a"] {
        assert_eq!(authority_of(without.as_bytes()), None, "{without}");
    }
}
