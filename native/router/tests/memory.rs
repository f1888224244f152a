use super::{STATIC_FIRST, table};
use crate::router::escape::Path;
use crate::router::matcher::Matcher;

#[test]
fn a_lookup_takes_no_memory_of_its_own_after_the_first() {
    let routes = [
        "GET /a/:b/c",
        "GET /a/x/:y/*z",
        "GET /:p/:q/:r",
        "POST /only",
    ];
    let table = table(STATIC_FIRST, &routes);
    let table = table.compile();
    let (mut matcher, mut room) = (Matcher::default(), Vec::new());
    let requests = [
        ("GET", "/a/x/y/z"),
        ("GET", "/a/x/c/d"),
        ("GET", "/a/x/q"),
        ("GET", "/A/X/%C3%89/z/"),
        ("GET", "/a/1/c/"),
        ("GET", "/only"),
        ("OPTIONS", "/only"),
        ("GET", "/a"),
    ];
    let mut run = |matcher: &mut Matcher| {
        for (method, path) in requests {
            let path = Path::of(path.as_bytes(), &mut room);
            let _ = table.decide(method.as_bytes(), path, matcher);
        }
        matcher.footprint()
    };
    run(&mut matcher);
    let warm = run(&mut matcher);
    for _ in 0..100 {
        assert_eq!(run(&mut matcher), warm);
    }
}
