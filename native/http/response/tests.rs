use super::{
    ConnectionField, ResponseBody, ResponseHead, check_raw, encode_error, encode_head, forbids_body,
};

const DATE: &[u8; 29] = b"Sun, 06 Nov 1994 08:49:37 GMT";

fn encoded(head: &ResponseHead<'_>) -> String {
    let mut out = Vec::new();
    encode_head(head, &mut out);
    String::from_utf8(out).expect("ASCII")
}

const PLAIN: ResponseHead<'_> = ResponseHead {
    status: 200,
    reason: b"",
    content_type: b"",
    fields: b"",
    date: None,
    body: ResponseBody::Length(0),
    connection: ConnectionField::Omit,
    keep_alive: b"",
};

#[test]
fn encodes_heads() {
    assert_eq!(
        encoded(&PLAIN),
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    );
    let head = ResponseHead {
        status: 299,
        reason: b"Fine",
        content_type: b"text/plain",
        fields: b"A: b\r\n",
        date: Some(DATE),
        body: ResponseBody::Chunked,
        connection: ConnectionField::KeepAlive,
        keep_alive: b"",
    };
    assert_eq!(
        encoded(&head),
        "HTTP/1.1 299 Fine\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nConnection: keep-alive\r\n\
         Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n"
    );
    let head = ResponseHead {
        status: 799,
        body: ResponseBody::CloseDelimited,
        connection: ConnectionField::Close,
        ..PLAIN
    };
    assert_eq!(encoded(&head), "HTTP/1.1 799 \r\nConnection: close\r\n\r\n");
    let head = ResponseHead {
        status: 204,
        body: ResponseBody::None,
        ..PLAIN
    };
    assert_eq!(encoded(&head), "HTTP/1.1 204 No Content\r\n\r\n");
    let head = ResponseHead {
        body: ResponseBody::Length(u64::MAX),
        ..PLAIN
    };
    assert_eq!(
        encoded(&head),
        "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n"
    );
}

#[test]
fn encodes_errors_without_a_body() {
    let mut out = Vec::new();
    encode_error(431, false, None, &mut out);
    assert_eq!(
        out,
        b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    );
    assert!(forbids_body(100) && forbids_body(204) && forbids_body(304));
    assert!(!forbids_body(200) && !forbids_body(205) && !forbids_body(404));
}

#[test]
fn accepts_its_own_heads_as_raw_responses() {
    for status in 200..=999 {
        let body = if forbids_body(status) {
            ResponseBody::None
        } else {
            ResponseBody::Length(0)
        };
        let text = encoded(&ResponseHead {
            status,
            body,
            date: Some(DATE),
            ..PLAIN
        });
        let raw = check_raw(text.as_bytes(), false).expect("a good response");
        assert_eq!(
            (raw.status, raw.head_len, raw.close),
            (status, text.len(), false)
        );
        assert!(text[raw.fields_start..].starts_with("Date: "));
    }
}
