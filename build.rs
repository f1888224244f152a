fn main() {
    napi_build::setup();
    // Threads that hang in a system call are left behind (native/net/opener/mod.rs), so the code must stay
    // when a worker ends. GNU systems are told so by napi_build; musl and macOS never unload it.
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "freebsd") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
