//! The addon of `fasthttp`: an HTTP/1.1 server whose handler is JavaScript.
//!
//! `http` is the protocol, pure: bytes to heads, framing, bodies, and back.
//! `router` matches a path before JavaScript wakes; it is pure as well.
//! `net` is one I/O thread: a poll, its connections, and the seam (`net::crossing`) through which
//! requests leave and answers arrive.
//! `bridge` is what knows Node: memory shared with JavaScript, and the class that it sees.
//!
//! `http` and `router` use nothing of ours, `net` uses them, `bridge` uses all; nothing uses
//! `bridge`.

pub mod bridge;
pub mod http;
pub mod net;
pub mod router;
