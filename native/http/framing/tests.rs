use super::{BodyLength, Framing, HostRule, Leniency, frame_leniently};
use crate::http::error::ParseError;
use crate::http::head::{HeadParser, Parsed};
use crate::http::limits::Limits;

fn read(head: &str) -> Result<Framing, ParseError> {
    read_leniently(head, Leniency::default())
}

fn read_leniently(head: &str, leniency: Leniency) -> Result<Framing, ParseError> {
    let limits = Limits::default();
    let mut fields = Vec::new();
    match HeadParser::default().parse(head.as_bytes(), &limits, &mut fields) {
        Ok(Parsed::Complete(found)) => {
            frame_leniently(&found, head.as_bytes(), &fields, &limits, leniency)
        }
        other => panic!("{other:?}: {head}"),
    }
}

/// The framing of a POST with a Host and these field lines.
fn post(version: &str, lines: &[&str]) -> Result<Framing, ParseError> {
    read(&format!(
        "POST / HTTP/{version}\r\nHost: a\r\n{}\r\n",
        lines
            .iter()
            .map(|line| format!("{line}\r\n"))
            .collect::<String>()
    ))
}

fn body(lines: &[&str]) -> Result<BodyLength, ParseError> {
    post("1.1", lines).map(|framing| framing.body)
}

#[test]
fn reads_one_length_of_digits() {
    assert_eq!(body(&[]), Ok(BodyLength::None));
    assert_eq!(body(&["Content-Length: 0"]), Ok(BodyLength::None));
    assert_eq!(body(&["content-length:\t005 "]), Ok(BodyLength::Length(5)));
    assert_eq!(body(&["Content_Length: 5"]), Ok(BodyLength::None));
    for value in [
        "", "+5", "-5", "5 5", "5,5", "5;x", "0x5", "5.0", "\u{665}", "5\u{b2}",
    ] {
        assert_eq!(
            body(&[&format!("Content-Length: {value}")]),
            Err(ParseError::ContentLength),
            "{value}"
        );
    }
    for second in ["5", "05", "6"] {
        let lines = ["Content-Length: 5", &format!("Content-Length: {second}")];
        assert_eq!(body(&lines), Err(ParseError::DuplicateContentLength));
    }
}

#[test]
fn refuses_a_declared_length_over_the_limit() {
    assert_eq!(
        body(&["Content-Length: 1048576"]),
        Ok(BodyLength::Length(1 << 20))
    );
    for value in [
        "1048577",
        "18446744073709551615",
        "18446744073709551616",
        &"9".repeat(500),
    ] {
        assert_eq!(
            body(&[&format!("Content-Length: {value}")]),
            Err(ParseError::BodySize)
        );
    }
}

#[test]
fn takes_chunked_alone() {
    for value in ["chunked", "Chunked", " chunked\t"] {
        assert_eq!(
            body(&[&format!("Transfer-Encoding:{value}")]),
            Ok(BodyLength::Chunked)
        );
    }
    for value in [
        "",
        "xchunked",
        "chunkedx",
        "chunked, gzip",
        "chunked, chunked",
        ",chunked",
        "chunked,",
        "chunked;q=1",
        "\"chunked\"",
        "gzip",
        "gzip chunked",
        "\u{a0}chunked",
        "gzip,,chunked",
    ] {
        assert_eq!(
            body(&[&format!("Transfer-Encoding: {value}")]),
            Err(ParseError::TransferEncoding),
            "{value}"
        );
    }
    for value in ["gzip, chunked", "gzip;q=1 ,\tCHUNKED", "identity,chunked"] {
        assert_eq!(
            body(&[&format!("Transfer-Encoding: {value}")]),
            Err(ParseError::TransferCoding),
            "{value}"
        );
    }
    for second in ["chunked", "identity", ""] {
        let lines = [
            "Transfer-Encoding: chunked",
            &format!("Transfer-Encoding: {second}"),
        ];
        assert_eq!(body(&lines), Err(ParseError::TransferEncoding));
    }
}

#[test]
fn refuses_two_ways_to_find_the_end() {
    let (length, chunked) = ("Content-Length: 0", "Transfer-Encoding: chunked");
    assert_eq!(body(&[length, chunked]), Err(ParseError::ConflictingLength));
    assert_eq!(body(&[chunked, length]), Err(ParseError::ConflictingLength));
    let old = post("1.0", &[chunked, "Connection: keep-alive"]);
    assert_eq!(old, Err(ParseError::TransferEncodingVersion));
}

#[test]
fn wants_one_valid_host() {
    assert_eq!(read("GET / HTTP/1.1\r\n\r\n"), Err(ParseError::MissingHost));
    assert!(read("GET / HTTP/1.0\r\n\r\n").is_ok());
    for version in ["1.0", "1.1"] {
        assert_eq!(post(version, &["host: a"]), Err(ParseError::DuplicateHost));
        let empty = format!("GET / HTTP/{version}\r\nHost:\r\n\r\n");
        assert_eq!(read(&empty), Err(ParseError::Host));
        let bad = format!("GET http://a/ HTTP/{version}\r\nHost: a b\r\n\r\n");
        assert_eq!(read(&bad), Err(ParseError::Host));
    }
}

#[test]
fn keeps_the_connection_by_version_and_token() {
    for (version, lines, keep_alive) in [
        ("1.1", &[][..], true),
        ("1.1", &["Connection: close"], false),
        ("1.1", &["Connection: x,\t CLOSE ,y"], false),
        ("1.1", &["Connection: x", "Connection: close"], false),
        ("1.1", &["Connection: closed, \"close\", x close"], true),
        ("1.9", &[], true),
        ("1.0", &[], false),
        ("1.0", &["Connection: Keep-Alive"], true),
        (
            "1.0",
            &["Connection: keep-alive", "Connection: close"],
            false,
        ),
        ("1.0", &["Keep-Alive: timeout=5"], false),
    ] {
        assert_eq!(
            post(version, lines).map(|framing| framing.keep_alive),
            Ok(keep_alive),
            "{lines:?}"
        );
    }
}

#[test]
fn knows_one_expectation() {
    let expects =
        |version, lines: &[&str]| post(version, lines).map(|framing| framing.expect_continue);
    assert_eq!(
        expects("1.1", &["Expect: 100-Continue", "Content-Length: 5"]),
        Ok(true)
    );
    assert_eq!(expects("1.1", &["Expect: 100-continue"]), Ok(false));
    assert_eq!(
        expects("1.0", &["Expect: 100-continue", "Content-Length: 5"]),
        Ok(false)
    );
    assert_eq!(expects("1.0", &["Expect: x"]), Ok(false));
    // A list may have empty elements, and be empty (RFC 9110 §5.6.1.2).
    for value in [
        "100-continue,",
        ", ,100-continue",
        "100-continue, 100-Continue",
    ] {
        let lines = [&*format!("Expect: {value}"), "Content-Length: 5"];
        assert_eq!(expects("1.1", &lines), Ok(true), "{value}");
    }
    for value in ["", ",", " , "] {
        let lines = [&*format!("Expect: {value}"), "Content-Length: 5"];
        assert_eq!(expects("1.1", &lines), Ok(false), "{value}");
    }
    for value in ["x", ",x", "100-continue, x", "100-continued", "200-ok"] {
        assert_eq!(
            expects("1.1", &[&format!("Expect: {value}")]),
            Err(ParseError::Expectation)
        );
    }
    assert_eq!(
        expects("1.1", &["Expect: x", "Expect: 100-continue"]),
        Err(ParseError::Expectation)
    );
}

#[test]
fn sees_an_upgrade_only_when_connection_names_it() {
    let upgrades = |version, lines: &[&str]| post(version, lines).map(|framing| framing.upgrade);
    assert_eq!(
        upgrades(
            "1.1",
            &["Connection: keep-alive, Upgrade", "Upgrade: websocket"]
        ),
        Ok(true)
    );
    assert_eq!(upgrades("1.1", &["Upgrade: websocket"]), Ok(false));
    assert_eq!(upgrades("1.1", &["Connection: upgrade"]), Ok(false));
    assert_eq!(
        upgrades("1.0", &["Connection: upgrade", "Upgrade: websocket"]),
        Ok(false)
    );
}

#[test]
fn ranks_faults_whatever_the_order_of_fields() {
    let (huge, coding, expect) = (
        "Content-Length: 9999999",
        "Transfer-Encoding: gzip, chunked",
        "Expect: x",
    );
    assert_eq!(body(&[expect, huge]), Err(ParseError::BodySize));
    assert_eq!(body(&[huge, expect]), Err(ParseError::BodySize));
    assert_eq!(body(&[expect, coding]), Err(ParseError::TransferCoding));
    assert_eq!(body(&[coding, huge]), Err(ParseError::ConflictingLength));
    assert_eq!(
        read("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nExpect: x\r\n\r\n"),
        Err(ParseError::Connect)
    );
    assert_eq!(
        read("CONNECT a:1 HTTP/1.1\r\n\r\n"),
        Err(ParseError::MissingHost)
    );
}

#[test]
fn takes_the_hosts_that_a_rule_allows() {
    use HostRule::{Optional, Valid, ValidEmptyOrNone, ValidOrNone};
    let missing = Some(ParseError::MissingHost);
    let bad = Some(ParseError::Host);
    let double = Some(ParseError::DuplicateHost);
    for (lines, version, faults) in [
        ("Host: a:80\r\n", "1.1", [None; 4]),
        ("Host: http://x\r\n", "1.1", [bad, bad, bad, None]),
        ("Host: http://x\r\n", "1.0", [bad, bad, bad, None]),
        ("Host: :80\r\n", "1.1", [bad, bad, bad, None]),
        ("Host:\r\n", "1.1", [bad, bad, None, None]),
        ("Host: \t\r\n", "1.1", [bad, bad, None, None]),
        ("Host:\r\n", "1.0", [bad, bad, None, None]),
        ("", "1.1", [missing, None, None, None]),
        ("", "1.0", [None; 4]),
        ("Host: a\r\nHost: a\r\n", "1.1", [double; 4]),
        ("Host: \r\nhost: \r\n", "1.1", [bad, bad, double, double]),
        ("Host: \r\nhost: a\r\n", "1.1", [bad, bad, double, double]),
    ] {
        let rules = [Valid, ValidOrNone, ValidEmptyOrNone, Optional];
        for (host, fault) in rules.into_iter().zip(faults) {
            let head = format!("GET / HTTP/{version}\r\n{lines}\r\n");
            let leniency = Leniency {
                host,
                ..Leniency::default()
            };
            assert_eq!(
                read_leniently(&head, leniency).err(),
                fault,
                "{host:?} {head}"
            );
        }
    }
}

/// What is lenient about hosts is strict about lengths.
#[test]
fn no_leniency_is_about_the_end_of_a_message() {
    let leniency = Leniency {
        host: HostRule::Optional,
        tunnels: true,
        expectations: true,
    };
    for (lines, fault) in [
        (
            "Content-Length: 1\r\nContent-Length: 1\r\n",
            ParseError::DuplicateContentLength,
        ),
        ("Content-Length: +1\r\n", ParseError::ContentLength),
        (
            "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
            ParseError::ConflictingLength,
        ),
        (
            "Transfer-Encoding: chunked, x\r\n",
            ParseError::TransferEncoding,
        ),
    ] {
        let head = format!("POST / HTTP/1.1\r\n{lines}\r\n");
        assert_eq!(read_leniently(&head, leniency), Err(fault), "{head}");
    }
}
