use super::*;

#[test]
fn linux_lacks_nothing_and_others_say_what() {
    let lacking = lacking();
    let has = |name: &str| !lacking.contains(&name);
    assert_eq!(lacking.is_empty(), cfg!(target_os = "linux"));
    assert_eq!(has("unixSockets"), cfg!(unix));
    assert_eq!(has("takeover"), cfg!(unix));
    let socket = Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    assert_eq!(has("reusePort"), reuse_port(&socket).is_ok());
}

#[test]
#[cfg(unix)]
fn a_path_keeps_every_byte() {
    use std::os::unix::ffi::OsStrExt;
    for bytes in [&b"/a b/%20"[..], b"caf\xc3\xa9", b"\xff\xfe", b""] {
        assert_eq!(path_of(bytes).as_os_str().as_bytes(), bytes);
    }
}

#[test]
#[cfg(unix)]
fn an_error_keeps_the_number_of_the_kernel() {
    let error = as_node_numbers_it(io::Error::from_raw_os_error(libc::EADDRINUSE));
    assert_eq!(error.raw_os_error(), Some(libc::EADDRINUSE));
}
