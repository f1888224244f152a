//! What the readers are timed with: ordinary heads, and what costs the most a byte.

/// What a browser sends.
const TYPICAL: &str = "GET /articles/2026/11/some-title?page=2&sort=asc HTTP/1.1\r\n\
    Host: www.example.test\r\n\
    Connection: keep-alive\r\n\
    sec-ch-ua: \"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\"\r\n\
    sec-ch-ua-mobile: ?0\r\n\
    sec-ch-ua-platform: \"Linux\"\r\n\
    Upgrade-Insecure-Requests: 1\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
    Chrome/140.0.0.0 Safari/537.36\r\n\
    Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n\
    Sec-Fetch-Site: same-origin\r\n\
    Sec-Fetch-Mode: navigate\r\n\
    Sec-Fetch-User: ?1\r\n\
    Sec-Fetch-Dest: document\r\n\
    Referer: https://www.example.test/articles/2026/11/\r\n\
    Accept-Encoding: gzip, deflate, br, zstd\r\n\
    Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\n\
    Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=yes\r\n\r\n";

/// What a tool sends.
const PLAIN: &str = "GET /health HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\
    User-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n";

/// Each with its name.
pub(super) type Inputs = Vec<(&'static str, Vec<u8>)>;

/// Bytes of the long inputs, which stay below all limits.
const LONG: usize = 8000;

/// The ordinary head first. All are accepted, or refused near their end.
pub(super) fn inputs() -> Inputs {
    let mut inputs = vec![("typical", TYPICAL.into()), ("plain", PLAIN.into())];
    line_inputs(&mut inputs);
    target_inputs(&mut inputs);
    value_inputs(&mut inputs);
    chunked_inputs(&mut inputs);
    inputs
}

fn lines(lines: &str) -> Vec<u8> {
    format!("GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n").into_bytes()
}

fn field(name: &str, value: &str) -> Vec<u8> {
    lines(&format!("{name}: {value}\r\n"))
}

fn line_inputs(inputs: &mut Inputs) {
    inputs.push(("smallest requests", b"GET / HTTP/1.0\r\n\r\n".repeat(400)));
    inputs.push((
        "empty lines",
        b"\r\n\r\n\r\n\r\nGET / HTTP/1.0\r\n\r\n".repeat(300),
    ));
    inputs.push(("fields of one byte", lines(&"a:\r\n".repeat(99))));
    inputs.push(("fields of two bytes", lines(&"a:b\r\n".repeat(99))));
    inputs.push(("fields of ten bytes", lines(&"abcde:fghij\r\n".repeat(99))));
    inputs.push(("fields of odd names", lines(&"1:\r\n".repeat(99))));
    inputs.push((
        "names of digits",
        lines(&format!("{}:\r\n", "1".repeat(150)).repeat(99)),
    ));
    inputs.push((
        "names of underscores and letters",
        lines(&format!("{}:\r\n", "a_".repeat(LONG / 2))),
    ));
    inputs.push((
        "obs-text",
        [
            &b"GET / HTTP/1.1\r\nHost: a\r\nA: "[..],
            &[0xe4; 8000],
            b"\r\n\r\n",
        ]
        .concat(),
    ));
    inputs.push((
        "tabs in a value",
        field("A", &format!("a{}a", "\t".repeat(LONG))),
    ));
    inputs.push((
        "blanks in a value",
        field("A", &format!("a{}a", " ".repeat(LONG))),
    ));
    inputs.push(("blanks around a value", field("A", &" ".repeat(LONG))));
    inputs.push(("tabs around a value", field("A", &"\t".repeat(LONG))));
    inputs.push(("tabs and letters", field("A", &"a\t".repeat(LONG / 2))));
}

fn target_inputs(inputs: &mut Inputs) {
    inputs.push((
        "escapes in the target",
        format!("GET /{} HTTP/1.0\r\n\r\n", "%41".repeat(2700)).into(),
    ));
    inputs.push((
        "escapes in the authority",
        format!("GET http://{}/ HTTP/1.0\r\n\r\n", "%41".repeat(2700)).into(),
    ));
    inputs.push((
        "authority",
        format!("GET http://{}/ HTTP/1.0\r\n\r\n", "a".repeat(LONG)).into(),
    ));
    inputs.push((
        "questions in the target",
        format!("GET /{} HTTP/1.0\r\n\r\n", "?".repeat(LONG)).into(),
    ));
}

fn value_inputs(inputs: &mut Inputs) {
    for (name, host) in [
        ("host", "a".repeat(LONG)),
        ("escapes in the host", "%41".repeat(2700)),
        (
            "groups of an address",
            format!("[{}]", "1:".repeat(LONG / 2)),
        ),
        ("future address", format!("[v1.{}]", ":".repeat(LONG))),
        ("port", format!("a:{}", "0".repeat(LONG))),
    ] {
        inputs.push((
            name,
            format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n").into(),
        ));
    }
    for (name, member) in [
        ("options", "a,"),
        ("empty options", ","),
        ("blank options", " ,"),
        ("close options", "close,"),
        ("upgrade options", "upgrade,"),
        ("options of tabs", "\t,\t"),
    ] {
        inputs.push((
            name,
            field("Connection", &member.repeat(LONG / member.len())),
        ));
    }
    inputs.push((
        "fields of Connection",
        lines(&"Connection:a,\r\n".repeat(99)),
    ));
    inputs.push(("fields of Upgrade", lines(&"Upgrade:a\r\n".repeat(99))));
    inputs.push((
        "fields of Expect",
        lines(&"Expect:100-continue\r\n".repeat(99)),
    ));
    inputs.push((
        "digits of a length",
        field("Content-Length", &"0".repeat(LONG)),
    ));
    inputs.push((
        "members of a length",
        field("Content-Length", &"0,".repeat(LONG / 2)),
    ));
    inputs.push((
        "codings",
        field(
            "Transfer-Encoding",
            &format!("{}chunked", "a,".repeat(LONG / 2)),
        ),
    ));
    inputs.push((
        "blank codings",
        field(
            "Transfer-Encoding",
            &format!("{}a,chunked", " ".repeat(LONG)),
        ),
    ));
}

fn chunked_inputs(inputs: &mut Inputs) {
    let mut push = |name, body: String| {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        inputs.push((name, format!("{head}{body}0\r\n\r\n").into_bytes()));
    };
    push("chunks of one byte", "1\r\na\r\n".repeat(5000));
    push(
        "chunks of one byte with extensions",
        "1;a\r\na\r\n".repeat(3000),
    );
    push("chunks of eight bytes", "8\r\nabcdefgh\r\n".repeat(3000));
    push("digits of sizes", "0000000000000001\r\na\r\n".repeat(800));
    for (name, extension) in [
        (
            "chunk extension of one name",
            format!(";{}", "a".repeat(4000)),
        ),
        ("names in a chunk extension", ";a".repeat(2000)),
        ("values in a chunk extension", ";a=b".repeat(1000)),
        (
            "quoted chunk extension",
            format!(";a=\"{}\"", "b".repeat(4000)),
        ),
        (
            "escapes in a chunk extension",
            format!(";a=\"{}\"", "\\b".repeat(2000)),
        ),
        (
            "blanks in a chunk extension",
            format!("{};a", " ".repeat(4000)),
        ),
    ] {
        push(name, format!("1{extension}\r\na\r\n").repeat(3));
    }
    let trailers = |lines: String| format!("0\r\n{lines}\r\nGET / HTTP/1.0\r\n\r\n");
    push("trailers of one byte", trailers("a:\r\n".repeat(63)));
    push("trailer", trailers(format!("a: {}\r\n", "b".repeat(8000))));
    push(
        "name of a trailer",
        trailers(format!("{}:\r\n", "b".repeat(8000))),
    );
}
