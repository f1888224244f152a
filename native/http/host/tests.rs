use std::net::{Ipv4Addr, Ipv6Addr};

use super::{is_ipv4, is_ipv6, is_valid_authority, is_valid_host};

#[test]
fn takes_names_addresses_and_ports() {
    for host in [
        &b"a.test"[..],
        b"a",
        b"A.TEST",
        b"a.test.",
        b"a..b",
        b"a_b.test",
        b"xn--bcher-kva.example",
        b"a%41.test",
        b"%2f",
        b"127.0.0.1",
        b"999.1.1.1",
        b"a,b",
        b"!$&'()*+,;=~",
        b"a:",
        b"a:0",
        b"a:80",
        b"a:65535",
        b"a:000080",
        b"[::1]",
        b"[::1]:8080",
        b"[::]",
        b"[::ffff:12.30.67.89]",
        b"[2001:db8::1]:",
        b"[v1.x:y]",
    ] {
        assert!(is_valid_host(host), "{}", host.escape_ascii());
    }
}

#[test]
fn refuses_what_is_no_host() {
    for host in [
        &b""[..],
        b":80",
        b"a b",
        b"a\tb",
        b"a/",
        b"a?x",
        b"a#x",
        b"u@a",
        b"http://a",
        b"a\\b",
        b"a<b>",
        b"a\"b",
        b"a^b",
        b"a`b",
        b"a{b}",
        b"a|b",
        b"\xc3\xa9",
        b"a\0b",
        b"a%",
        b"a%4",
        b"a%4g",
        b"a%zz",
        b"a:x",
        b"a:80x",
        b"a:-1",
        b"a:+1",
        b"a: 80",
        b"a:65536",
        b"a:99999999999999999999",
        b"a:80:80",
        b"::1",
        b"[::1",
        b"::1]",
        b"[]",
        b"[::1]x",
        b"x[::1]",
        b"[a.test]",
        b"[127.0.0.1]",
        b"[:::]",
        b"[1:2:3:4:5:6:7]",
        b"[1:2:3:4:5:6:7:8:9]",
        b"[1::2::3]",
        b"[::12345]",
        b"[fe80::1%25eth0]",
        b"[fe80::1%eth0]",
        b"[v.x]",
        b"[v1.]",
        b"[v1x]",
        b"[vg.x]",
        b"[[::1]]",
    ] {
        assert!(!is_valid_host(host), "{}", host.escape_ascii());
    }
}

#[test]
fn wants_a_port_in_an_authority() {
    for authority in [&b"a.test:443"[..], b"[::1]:443", b"1.2.3.4:1"] {
        assert!(
            is_valid_authority(authority),
            "{}",
            authority.escape_ascii()
        );
    }
    for authority in [
        &b"a.test"[..],
        b"a.test:",
        b"a1",
        b"[::1]",
        b"/x",
        b":443",
        b"u@a:443",
        b"http://a:80",
    ] {
        assert!(
            !is_valid_authority(authority),
            "{}",
            authority.escape_ascii()
        );
    }
}

#[test]
fn reads_addresses_like_the_standard_library() {
    let pieces = [
        "",
        ":",
        "::",
        "0",
        "1",
        "ffff",
        "12345",
        "g",
        "1.2.3.4",
        "256.1.1.1",
        "01.2.3.4",
        ".",
    ];
    let mut seeded = crate::http::tests::seeded::Seeded::new(1);
    let mut valid = 0;
    for _ in 0..200_000 {
        let text: String = (0..seeded.below(18))
            .map(|_| *seeded.pick(&pieces))
            .collect();
        let expected = text.parse::<Ipv6Addr>().is_ok();
        assert_eq!(is_ipv6(text.as_bytes()), expected, "{text}");
        assert_eq!(
            is_ipv4(text.as_bytes()),
            text.parse::<Ipv4Addr>().is_ok(),
            "{text}"
        );
        valid += usize::from(expected);
    }
    assert!(valid > 1000, "only {valid} were valid");
}
