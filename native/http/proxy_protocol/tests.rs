use core::net::{Ipv4Addr, SocketAddr};

use super::{Fed, Proxied, ProxyError, ProxyHeader};

mod fuzz;
pub(crate) mod reference;

const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// A header of version 2 with its length.
pub(crate) fn block(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
    [SIGNATURE, &[command, family], &length, rest].concat()
}

fn tlv(kind: u8, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).unwrap().to_be_bytes();
    [&[kind], &length[..], value].concat()
}

/// A header whose last TLV is the right checksum.
fn summed(family: u8, addresses: &[u8], tlvs: &[u8]) -> Vec<u8> {
    let rest = [addresses, tlvs, &tlv(3, &[0; 4])].concat();
    let mut header = block(0x21, family, &rest);
    let sum = reference::crc32c(&header).to_be_bytes();
    let place = header.len() - 4;
    header[place..].copy_from_slice(&sum);
    header
}

/// 192.0.2.1:258 to 198.51.100.2:772.
const V4: &[u8] = &[192, 0, 2, 1, 198, 51, 100, 2, 1, 2, 3, 4];

fn v4() -> Proxied {
    Proxied::Tcp {
        source: SocketAddr::from(([192, 0, 2, 1], 258)),
        destination: SocketAddr::from(([198, 51, 100, 2], 772)),
    }
}

fn v6() -> Proxied {
    Proxied::Tcp {
        source: "[2001:db8::1]:258".parse().unwrap(),
        destination: "[2001:db8::2]:772".parse().unwrap(),
    }
}

type Case = (&'static str, Vec<u8>, Result<Proxied, ProxyError>);

fn direct() -> Proxied {
    Proxied::Direct
}

fn unix() -> Proxied {
    Proxied::Unix
}

/// Lines, and the source and destination that they tell; none: nothing.
const LINES: &[(&str, &str, &[&str])] = &[
    (
        "IPv4",
        "PROXY TCP4 192.0.2.1 198.51.100.2 258 772\r\n",
        &["192.0.2.1:258", "198.51.100.2:772"],
    ),
    (
        "IPv6",
        "PROXY TCP6 2001:db8::1 2001:DB8:0:0::2 258 772\r\n",
        &["[2001:db8::1]:258", "[2001:db8::2]:772"],
    ),
    (
        "least",
        "PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n",
        &["0.0.0.0:0", "0.0.0.0:0"],
    ),
    (
        "greatest",
        "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff \
             ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
        &[
            "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
            "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
        ],
    ),
    (
        "IPv4 in IPv6",
        "PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n",
        &["[::ffff:192.0.2.1]:1", "[::1]:2"],
    ),
    ("unknown", "PROXY UNKNOWN\r\n", &[]),
    (
        "unknown with addresses",
        "PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n",
        &[],
    ),
    ("unknown with anything", "PROXY UNKNOWN \0\x7f  9\r\n", &[]),
];

const REFUSED_LINES: &[(&str, &str, ProxyError)] = &[
    (
        "lone LF",
        "PROXY TCP4 192.0.2.1 198.51.100.2 258 772\n",
        ProxyError::LineForm,
    ),
    (
        "lone CR",
        "PROXY TCP4 192.0.2.1 198.51.100.2 258 772\rx",
        ProxyError::LineForm,
    ),
    (
        "lone CR in unknown",
        "PROXY UNKNOWN \r \r\n",
        ProxyError::LineForm,
    ),
    ("request", "GET / HTTP/1.1\r\n\r\n", ProxyError::Signature),
    (
        "method that begins alike",
        "PROPFIND / HTTP/1.1\r\n",
        ProxyError::Signature,
    ),
    (
        "lower case",
        "proxy TCP4 1.1.1.1 1.1.1.1 1 1\r\n",
        ProxyError::Signature,
    ),
    ("TLS", "\x16\x03\x01", ProxyError::Signature),
    ("nothing said", "PROXY \r\n", ProxyError::LineForm),
    (
        "another family",
        "PROXY UDP4 1.1.1.1 1.1.1.1 1 1\r\n",
        ProxyError::LineForm,
    ),
    ("family alone", "PROXY TCP4\r\n", ProxyError::LineForm),
    (
        "too few",
        "PROXY TCP4 1.1.1.1 1.1.1.1 1\r\n",
        ProxyError::LineForm,
    ),
    (
        "too many",
        "PROXY TCP4 1.1.1.1 1.1.1.1 1 1 1\r\n",
        ProxyError::LineForm,
    ),
    (
        "space at the end",
        "PROXY TCP4 1.1.1.1 1.1.1.1 1 1 \r\n",
        ProxyError::LineForm,
    ),
    (
        "two spaces",
        "PROXY TCP4  1.1.1.1 1.1.1.1 1 1\r\n",
        ProxyError::LineForm,
    ),
    (
        "two spaces, three parts",
        "PROXY TCP4 1.1.1.1  1 1\r\n",
        ProxyError::Address,
    ),
    (
        "tab",
        "PROXY TCP4\t1.1.1.1 1.1.1.1 1 1\r\n",
        ProxyError::LineForm,
    ),
    (
        "IPv6 as IPv4",
        "PROXY TCP4 ::1 ::1 1 1\r\n",
        ProxyError::Address,
    ),
    (
        "IPv4 as IPv6",
        "PROXY TCP6 1.1.1.1 1.1.1.1 1 1\r\n",
        ProxyError::Address,
    ),
    (
        "zeros before a byte",
        "PROXY TCP4 01.1.1.1 1.1.1.1 1 1\r\n",
        ProxyError::Address,
    ),
    (
        "byte of 256",
        "PROXY TCP4 256.1.1.1 1.1.1.1 1 1\r\n",
        ProxyError::Address,
    ),
    (
        "three bytes",
        "PROXY TCP4 1.1.1 1.1.1.1 1 1\r\n",
        ProxyError::Address,
    ),
    (
        "name",
        "PROXY TCP4 localhost 1.1.1.1 1 1\r\n",
        ProxyError::Address,
    ),
    (
        "zone",
        "PROXY TCP6 fe80::1%1 ::1 1 1\r\n",
        ProxyError::Address,
    ),
    (
        "brackets",
        "PROXY TCP6 [::1] ::1 1 1\r\n",
        ProxyError::Address,
    ),
    (
        "two gaps",
        "PROXY TCP6 1::2::3 ::1 1 1\r\n",
        ProxyError::Address,
    ),
    (
        "nine groups",
        "PROXY TCP6 1:2:3:4:5:6:7:8:9 ::1 1 1\r\n",
        ProxyError::Address,
    ),
    (
        "five digits",
        "PROXY TCP6 00001::1 ::1 1 1\r\n",
        ProxyError::Address,
    ),
    (
        "zeros before a port",
        "PROXY TCP4 1.1.1.1 1.1.1.1 01 1\r\n",
        ProxyError::Port,
    ),
    (
        "port of zeros",
        "PROXY TCP4 1.1.1.1 1.1.1.1 1 00\r\n",
        ProxyError::Port,
    ),
    (
        "port of 65536",
        "PROXY TCP4 1.1.1.1 1.1.1.1 1 65536\r\n",
        ProxyError::Port,
    ),
    (
        "port with a sign",
        "PROXY TCP4 1.1.1.1 1.1.1.1 +1 1\r\n",
        ProxyError::Port,
    ),
    (
        "port of nothing",
        "PROXY TCP4 1.1.1.1 1.1.1.1 1 \r\n",
        ProxyError::Port,
    ),
    (
        "hexadecimal port",
        "PROXY TCP4 1.1.1.1 1.1.1.1 0x1 1\r\n",
        ProxyError::Port,
    ),
];

fn lines() -> Vec<Case> {
    let long = |len: usize| format!("PROXY UNKNOWN {}\r\n", "x".repeat(len - 16)).into_bytes();
    let endless = "PROXY UNKNOWN ".repeat(20).into_bytes();
    let mut cases = vec![
        ("107 bytes", long(107), Ok(Proxied::Direct)),
        ("108 bytes", long(108), Err(ProxyError::LineLength)),
        ("no end", endless, Err(ProxyError::LineLength)),
    ];
    for (name, text, ends) in LINES {
        let said = match ends {
            [source, destination] => Proxied::Tcp {
                source: source.parse().unwrap(),
                destination: destination.parse().unwrap(),
            },
            _ => Proxied::Direct,
        };
        cases.push((name, text.as_bytes().to_vec(), Ok(said)));
    }
    for (name, text, error) in REFUSED_LINES {
        cases.push((name, text.as_bytes().to_vec(), Err(*error)));
    }
    cases
}

const V6: &[u8] = b"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02\x01\x02\x03\x04";
const UNIX: &[u8] = &[b'/'; 216];

/// Command, family and transport, addresses, TLVs.
type Parts = (u8, u8, &'static [u8], &'static [u8]);

type Served = (&'static str, Parts, fn() -> Proxied);

const BLOCKS: &[Served] = &[
    ("IPv4", (0x21, 0x11, V4, b""), v4),
    ("IPv6", (0x21, 0x21, V6, b""), v6),
    ("Unix", (0x21, 0x31, UNIX, b""), unix),
    ("unspecified", (0x21, 0, b"", b""), direct),
    (
        "unspecified, of anything",
        (0x21, 0, &[0xff; 99], b""),
        direct,
    ),
    ("datagrams of IPv4", (0x21, 0x12, V4, b""), direct),
    ("datagrams of IPv6", (0x21, 0x22, V6, b""), direct),
    ("datagrams of Unix", (0x21, 0x32, b"", b""), direct),
    ("local", (0x20, 0, b"", b""), direct),
    ("local with addresses", (0x20, 0x11, V4, b""), direct),
    ("local that is too short", (0x20, 0x11, b"x", b""), direct),
    ("local of no family", (0x20, 0xff, &[0xff; 9], b""), direct),
    (
        "TLVs",
        (0x21, 0x11, V4, b"\x04\0\0\x20\0\x05abcde\xea\0\x01\xff"),
        v4,
    ),
    ("Unix with TLVs", (0x21, 0x31, UNIX, b"\x05\0\x02id"), unix),
];

const REFUSED_BLOCKS: &[(&str, Parts, ProxyError)] = &[
    (
        "checksum of zeros",
        (0x21, 0x11, V4, b"\x03\0\x04\0\0\0\0"),
        ProxyError::Checksum,
    ),
    (
        "short checksum",
        (0x21, 0x11, V4, b"\x03\0\x03\0\0\0"),
        ProxyError::Tlv,
    ),
    (
        "long checksum",
        (0x21, 0x11, V4, b"\x03\0\x05\0\0\0\0\0"),
        ProxyError::Tlv,
    ),
    (
        "two checksums",
        (0x21, 0x11, V4, b"\x03\0\x04\0\0\0\0\x03\0\x04\0\0\0\0"),
        ProxyError::Tlv,
    ),
    (
        "TLV without a length",
        (0x21, 0x11, V4, b"\x04\0"),
        ProxyError::Tlv,
    ),
    ("type alone", (0x21, 0x11, V4, b"\x04"), ProxyError::Tlv),
    (
        "TLV beyond the end",
        (0x21, 0x11, V4, b"\x04\0\x02\0"),
        ProxyError::Tlv,
    ),
    (
        "TLV far beyond it",
        (0x21, 0x11, V4, b"\x04\xff\xff"),
        ProxyError::Tlv,
    ),
    (
        "IPv4, a byte short",
        (0x21, 0x11, &[0; 11], b""),
        ProxyError::Length,
    ),
    (
        "IPv6, a byte short",
        (0x21, 0x21, &[0; 35], b""),
        ProxyError::Length,
    ),
    (
        "Unix, a byte short",
        (0x21, 0x31, &[0; 215], b""),
        ProxyError::Length,
    ),
    ("no addresses", (0x21, 0x11, b"", b""), ProxyError::Length),
    ("version 1", (0x11, 0x11, V4, b""), ProxyError::Command),
    ("version 3", (0x31, 0x11, V4, b""), ProxyError::Command),
    ("command 2", (0x22, 0x11, V4, b""), ProxyError::Command),
    ("family 4", (0x21, 0x41, V4, b""), ProxyError::Family),
    ("transport 3", (0x21, 0x13, V4, b""), ProxyError::Family),
    (
        "family without transport",
        (0x21, 0x10, V4, b""),
        ProxyError::Family,
    ),
    (
        "transport without family",
        (0x21, 0x01, V4, b""),
        ProxyError::Family,
    ),
];

fn blocks() -> Vec<Case> {
    let parts = |&(command, family, addresses, tlvs): &Parts| {
        block(command, family, &[addresses, tlvs].concat())
    };
    let mut wrong = summed(0x11, V4, b"");
    *wrong.last_mut().unwrap() ^= 1;
    let longest = block(0x21, 0x11, &[V4, &tlv(4, &[0; 65_520])].concat());
    let mut cases = vec![
        ("the longest", longest, Ok(v4())),
        ("checksum", summed(0x11, V4, b""), Ok(v4())),
        (
            "checksum of IPv6 and TLVs",
            summed(0x21, V6, &tlv(2, b"a.test")),
            Ok(v6()),
        ),
        ("checksum in front", summed_in_front(), Ok(v4())),
        ("wrong checksum", wrong, Err(ProxyError::Checksum)),
        (
            "signature",
            b"\r\n\r\n\0\r\nQUIT\r".to_vec(),
            Err(ProxyError::Signature),
        ),
        (
            "empty lines",
            b"\r\n\r\nGET / ".to_vec(),
            Err(ProxyError::Signature),
        ),
    ];
    for (name, made, said) in BLOCKS {
        cases.push((name, parts(made), Ok(said())));
    }
    for (name, made, error) in REFUSED_BLOCKS {
        cases.push((name, parts(made), Err(*error)));
    }
    cases
}

fn summed_in_front() -> Vec<u8> {
    let mut header = block(
        0x21,
        0x11,
        &[V4, &tlv(3, &[0; 4]), &tlv(4, b"pad")].concat(),
    );
    let sum = reference::crc32c(&header).to_be_bytes();
    header[31..35].copy_from_slice(&sum);
    header
}

pub(crate) fn cases() -> Vec<Case> {
    [lines(), blocks()].concat()
}

/// What comes of pieces: how many bytes were the header's, and what it says.
pub(crate) fn fed<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Option<(usize, Proxied)>, ProxyError> {
    let (mut header, mut before) = (ProxyHeader::default(), 0);
    for piece in pieces {
        match header.feed(piece)? {
            Fed::Complete(len, said) => return Ok(Some((before + len, said))),
            Fed::Partial => before += piece.len(),
        }
    }
    Ok(None)
}

#[test]
fn reads_each_header_whole_byte_by_byte_and_cut_anywhere() {
    const BEHIND: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for (name, header, said) in cases() {
        let expected = said.map(|said| Some((header.len(), said)));
        let with_request = [&header, BEHIND].concat();
        assert_eq!(fed([&with_request[..]]), expected, "{name}");
        assert_eq!(
            fed(with_request.chunks(1)),
            expected,
            "{name}, byte by byte"
        );
        for cut in (0..header.len()).take(600) {
            let (one, other) = with_request.split_at(cut);
            assert_eq!(fed([one, other]), expected, "{name}, cut at {cut}");
        }
        if said.is_ok() {
            for len in (0..header.len()).take(600) {
                assert_eq!(fed([&header[..len]]), Ok(None), "{name}, {len} bytes");
            }
            assert_eq!(fed([&header[..header.len() - 1]]), Ok(None), "{name}");
        }
    }
}

#[test]
fn is_refused_at_the_first_byte_that_no_header_has() {
    for (bytes, at) in [
        (&b"G"[..], 1),
        (b"POST", 2),
        (b"PROXI", 5),
        (b"\r\n\r\nG", 5),
        (b"PROXY TCP4 \n", 12),
        (b"\r\n\r\n\0\r\nQUIT\n\x41", 13),
    ] {
        assert_eq!(fed(bytes[..at - 1].chunks(1)), Ok(None), "{bytes:?}");
        assert!(fed(bytes[..at].chunks(1)).is_err(), "{bytes:?}");
    }
}

#[test]
fn every_family_is_what_the_specification_lists() {
    for family in 0..=u8::MAX {
        let is_listed = matches!(family, 0 | 0x11 | 0x12 | 0x21 | 0x22 | 0x31 | 0x32);
        let said = fed([&block(0x21, family, &[0; 216])[..]]);
        let is_refused = said == Err(ProxyError::Family);
        assert_eq!(is_refused, !is_listed, "{family:#x}");
        assert_eq!(
            fed([&block(0x20, family, b"")[..]]),
            Ok(Some((16, Proxied::Direct)))
        );
    }
    let unspecified = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let said = fed([&block(0x21, 0x11, &[0; 12])[..]]);
    let tcp = Proxied::Tcp {
        source: unspecified,
        destination: unspecified,
    };
    assert_eq!(said, Ok(Some((28, tcp))));
}
