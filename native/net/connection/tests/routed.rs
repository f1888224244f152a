//! Requests with a router in front of the handler: who gets them, and what is answered without it.

mod turns;

use std::sync::Arc;

use super::rig::{Bench, Order, Rig};
use super::script::Script;
use crate::net::request::{ROUTE_NOT_ALLOWED, ROUTE_NOT_FOUND};
use crate::net::routing::{Fallbacks, FixedAnswer, Routing, SharedRoutes};
use crate::router::escape::Path;
use crate::router::pattern::Pattern;
use crate::router::table::Options;
use crate::router::tree::Overlap;

const OPTIONS: Options = Options {
    redirect_trailing_slash: true,
    redirect_fixed_path: true,
    handle_method_not_allowed: true,
    handle_options: true,
    head_from_get: true,
    redirect_code: 0,
    overlap: Overlap::StaticFirst,
};

/// 200 with a text.
fn fixed(body: &[u8]) -> FixedAnswer {
    FixedAnswer {
        status: 200,
        reason: Box::default(),
        content_type: b"text/plain",
        fields: Box::default(),
        has_date: false,
        has_length: false,
        close: false,
        body: body.into(),
    }
}

fn add(routes: &SharedRoutes, route: &str, id: u32, answer: Option<FixedAnswer>) {
    let (method, pattern) = route.split_once(' ').unwrap();
    let pattern = Pattern::parse(pattern).unwrap();
    let added = routes.change(|routes| {
        let answer = answer.map(Arc::new);
        routes.table.add(method.as_bytes(), pattern, id, answer)
    });
    added.unwrap();
}

/// Handlers 1 to 4 and some fixed answers.
fn routes() -> Arc<SharedRoutes> {
    let routes = SharedRoutes::new(OPTIONS);
    add(&routes, "GET /", 1, None);
    add(&routes, "GET /users/:name/posts/:post", 2, None);
    add(&routes, "POST /users/:name", 3, None);
    add(&routes, "GET /files/*rest", 4, None);
    add(&routes, "GET /health", 0, Some(fixed(b"ok")));
    add(&routes, "GET /large", 0, Some(fixed(&[b'l'; 5000])));
    let raw = FixedAnswer {
        status: 0,
        content_type: b"",
        ..fixed(b"HTTP/1.1 201 Made\r\nContent-Length: 2\r\n\r\nhi")
    };
    add(&routes, "GET /raw", 0, Some(raw));
    let teapot = FixedAnswer {
        status: 418,
        reason: (*b"Short and stout").into(),
        fields: (*b"A: b\r\n").into(),
        close: true,
        ..fixed(b"tea")
    };
    add(&routes, "GET /teapot", 0, Some(teapot));
    Arc::new(routes)
}

/// Connections behind these routes, whose responses bear no date.
fn bench(routes: &Arc<SharedRoutes>) -> Bench {
    let mut bench = Bench::default();
    bench.config.date = false;
    bench.scratch.routing = Some(Box::new(Routing::new(routes.clone())));
    bench
}

/// What goes out for a request that no handler may see.
fn written(bench: &mut Bench, request: &str) -> String {
    let request = format!("{request} HTTP/1.1\r\nHost: a\r\n\r\n");
    let mut rig = Rig::new(bench, Script::new([request.as_bytes()]));
    rig.event();
    assert!(rig.recorder.taken.is_empty(), "{request}");
    assert_eq!(rig.connection.in_flight(), 0, "{request}");
    String::from_utf8(rig.connection.stream.written.clone()).unwrap()
}

#[test]
fn a_handler_gets_the_number_of_its_route_and_the_values() {
    let cases: &[(&str, u32, &[&str])] = &[
        ("GET /", 1, &[]),
        ("GET /?q", 1, &[]),
        ("HEAD /", 1, &[]),
        ("GET http://host/", 1, &[]),
        // RFC 9112 §3.2.1: the path of that is `/`.
        ("GET http://host", 1, &[]),
        ("GET http://host?q=/x", 1, &[]),
        ("GET /users/joe/posts/7?x", 2, &["joe", "7"]),
        ("GET http://host/users/joe/posts/7", 2, &["joe", "7"]),
        ("POST /users/j%20e", 3, &["j%20e"]),
        ("POST /%75sers/%6a%2f%e?%6a", 3, &["j%2F%e"]),
        ("GET http://host/%75sers/%6Aoe/posts/%37", 2, &["joe", "7"]),
        ("GET /files/%2e%2e/%zz", 4, &["/../%zz"]),
        ("GET /files/a/b", 4, &["/a/b"]),
        ("GET /files/", 4, &["/"]),
    ];
    let mut bench = bench(&routes());
    for (request, route, params) in cases {
        let bytes = format!("{request} HTTP/1.1\r\nHost: host\r\n\r\n");
        // Whole, and behind another one that came in pieces.
        let split = bytes.split_at(bytes.len() / 2);
        for pieces in [vec![&bytes[..]], vec![split.0, split.1]] {
            let pieces = pieces.into_iter().map(str::as_bytes);
            let mut rig = Rig::new(&mut bench, Script::new(pieces));
            rig.run(Order::Never);
            let [taken] = &rig.recorder.taken[..] else {
                panic!("{request}: {:?}", rig.recorder.taken);
            };
            let expected: Vec<_> = params
                .iter()
                .map(|value| value.as_bytes().to_vec())
                .collect();
            assert_eq!((taken.route, &taken.params[..]), (*route, &expected[..]));
            assert!(rig.connection.stream.written.is_empty());
        }
    }
}

#[test]
fn only_another_normal_form_is_handed_up() {
    let cases: &[(&str, Option<&[u8]>)] = &[
        ("/users", None),
        ("/users?%61", None),
        ("/%C3%BC%2F%zz", None),
        ("/%61?%61", Some(b"/a")),
        ("http://h/%c3?q", Some(b"/%C3")),
        ("/b", None),
    ];
    let mut bench = Bench::default();
    for (target, expected) in cases {
        let request = format!("GET {target} HTTP/1.1\r\nHost: host\r\n\r\n");
        let mut rig = Rig::new(&mut bench, Script::new([request.as_bytes()]));
        rig.event();
        assert_eq!(
            rig.recorder.taken[0].normal_path.as_deref(),
            *expected,
            "{target}"
        );
    }
}

#[test]
fn the_parameter_of_an_empty_path_is_a_slash() {
    let routes = Arc::new(SharedRoutes::new(OPTIONS));
    add(&routes, "GET /*all", 5, None);
    let mut bench = bench(&routes);
    let request = b"GET http://host HTTP/1.1\r\nHost: host\r\n\r\n";
    let mut rig = Rig::new(&mut bench, Script::new([&request[..]]));
    rig.event();
    let taken = &rig.recorder.taken[0];
    assert_eq!((taken.route, &taken.params[..]), (5, &[b"/".to_vec()][..]));
}

const TEXT: &str = "Content-Type: text/plain\r\n";
const UTF8: &str = "Content-Type: text/plain; charset=utf-8\r\n";

/// A request, and of its answer the status line, the field lines before and behind the length, and
/// the body.
const ANSWERS: [(&str, &str, &str, &str, &str); 11] = [
    ("GET /health", "200 OK", TEXT, "", "ok"),
    ("GET /raw", "201 Made", "", "", "hi"),
    (
        "GET /teapot",
        "418 Short and stout",
        "Connection: close\r\nContent-Type: text/plain\r\n",
        "A: b\r\n",
        "tea",
    ),
    ("GET /none", "404 Not Found", UTF8, "", "Not Found"),
    (
        "DELETE /users/joe",
        "405 Method Not Allowed",
        UTF8,
        "Allow: OPTIONS, POST\r\n",
        "Method Not Allowed",
    ),
    (
        "OPTIONS /health",
        "200 OK",
        "",
        "Allow: GET, HEAD, OPTIONS\r\n",
        "",
    ),
    (
        "OPTIONS *",
        "200 OK",
        "",
        "Allow: GET, HEAD, OPTIONS, POST\r\n",
        "",
    ),
    (
        "GET /health/",
        "301 Moved Permanently",
        "",
        "Location: /health\r\n",
        "",
    ),
    (
        "GET /Health?",
        "301 Moved Permanently",
        "",
        "Location: /health\r\n",
        "",
    ),
    (
        "GET http://h/HEALTH/?a=b?c",
        "301 Moved Permanently",
        "",
        "Location: /health?a=b?c\r\n",
        "",
    ),
    (
        "POST /users/Joe/?q",
        "307 Temporary Redirect",
        "",
        "Location: /users/Joe?q\r\n",
        "",
    ),
];

#[test]
fn what_no_handler_has_is_answered_at_once() {
    let large = "l".repeat(5000);
    let large = ("GET /large", "200 OK", TEXT, "", &large[..]);
    let mut bench = bench(&routes());
    for (request, status, before, behind, body) in ANSWERS.into_iter().chain([large]) {
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\n{before}Content-Length: {length}\r\n{behind}\r\n");
        let expected = format!("{head}{body}");
        assert_eq!(written(&mut bench, request), expected, "{request}");
        if let Some(target) = request
            .strip_prefix("GET ")
            .filter(|_| !status.starts_with("301"))
        {
            let request = format!("HEAD {target}");
            assert_eq!(written(&mut bench, &request), head, "{request}");
        }
    }
}

#[test]
fn a_handler_for_the_rest_gets_what_no_route_has() {
    let routes = routes();
    let mut bench = bench(&routes);
    routes.change(|draft| {
        draft.fallbacks = Fallbacks {
            not_found: true,
            not_allowed: true,
        };
    });
    for (request, route) in [
        ("GET /none", ROUTE_NOT_FOUND),
        ("DELETE /users/joe", ROUTE_NOT_ALLOWED),
        ("CONNECT-ISH /health", ROUTE_NOT_ALLOWED),
    ] {
        let request = format!("{request} HTTP/1.1\r\nHost: a\r\n\r\n");
        let mut rig = Rig::new(&mut bench, Script::new([request.as_bytes()]));
        rig.event();
        let taken = &rig.recorder.taken[0];
        assert_eq!((taken.route, &taken.params[..]), (route, &[][..]));
    }
}

#[test]
fn a_change_holds_for_every_request_behind_it() {
    let routes = Arc::new(SharedRoutes::new(OPTIONS));
    let mut bench = bench(&routes);
    let status = |bench: &mut Bench| written(bench, "GET /x")[9..12].to_owned();
    assert_eq!(status(&mut bench), "404");
    add(&routes, "GET /x", 0, Some(fixed(b"one")));
    assert_eq!(status(&mut bench), "200");
    let pattern = Pattern::parse("/x").unwrap();
    routes.change(|routes| assert!(routes.table.remove(b"GET", &pattern).is_some()));
    assert_eq!(status(&mut bench), "404");
    // Who asks for the routes as they are, as `lookup` of a router does, sees the same.
    add(&routes, "GET /x", 0, Some(fixed(b"two")));
    let (now, matcher) = bench.scratch.routing.as_mut().unwrap().routes();
    let path = Path {
        text: b"/x",
        has_percent: false,
    };
    assert!(now.table.find(b"GET", path, matcher).is_some());
}
