//! Reads that end before the socket is empty.

use socket2::SockRef;

use super::client::Client;
use super::server::Server;
use crate::net::connection::tests::reader::Response;

/// What a client gets that sends these pieces, with an urgent byte between them, before it is accepted:
/// so all of it is there when the first read comes.
fn answer(pieces: &[&[u8]]) -> Response {
    let server = Server::start_on_demand(1);
    let mut client = Client::connect(&server);
    for (number, piece) in pieces.iter().enumerate() {
        if number > 0 {
            let socket = SockRef::from(&client.stream);
            assert_eq!(socket.send_out_of_band(b"!").unwrap(), 1);
        }
        client.send(piece);
    }
    server.accept(1);
    let response = client.response();
    drop(client);
    server.end();
    response
}

#[test]
fn urgent_data_does_not_hide_what_is_behind_it() {
    let head = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
    for cut in [1, 10, head.len() - 1] {
        let (first, second) = head.split_at(cut);
        let answer = answer(&[first, second]);
        assert_eq!(
            (answer.status, &answer.body[..]),
            (200, &b"/x"[..]),
            "{cut}"
        );
    }
    let head = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n";
    assert_eq!(answer(&[head, b"123456789"]).body, b"9");
    let head = [&head[..], b"1234"].concat();
    assert_eq!(answer(&[&head, b"56789"]).body, b"9");
    // Each marks a place of its own only until the next one.
    assert_eq!(answer(&[&head, b"5", b"6789"]).body, b"9");
}
