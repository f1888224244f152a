//! What JavaScript may change while a server runs: what it wants to hear of, and limits.

use napi_derive::napi;

use crate::bridge::server::NativeServer;
use crate::net::config::LiveTimes;
use crate::net::open::Upgrades;
use crate::net::remote::Command;

#[napi]
impl NativeServer {
    /// Says whether somebody waits for requests with Upgrade, and whether for those to WebSockets only.
    #[napi]
    pub fn set_upgrades(&self, serves: bool, web_sockets_only: bool) {
        let upgrades = match (serves, web_sockets_only) {
            (false, _) => Upgrades::None,
            (true, true) => Upgrades::WebSockets,
            (true, false) => Upgrades::All,
        };
        self.threads().open().set_upgrades(upgrades);
    }

    /// Says whether somebody waits for CONNECT.
    #[napi]
    pub fn set_tunnels(&self, serves: bool) {
        self.threads().open().set_tunnels(serves);
    }

    /// Tells of everybody who is accepted from here on, and of those who were: by the time that what is
    /// due on JavaScript's thread is done.
    #[napi]
    pub fn introduce(&self) {
        let threads = self.threads();
        threads.open().set_connections(true);
        threads.introduce_all();
    }

    /// Says whether JavaScript answers requests that are refused.
    #[napi]
    pub fn set_refusals(&self, tells: bool) {
        self.threads().open().set_refusals(tells);
    }

    /// Says whether JavaScript sends the 100 that a client waits for, or leaves it to the thread.
    #[napi]
    pub fn set_continues(&self, serves: bool) {
        self.threads().open().set_continues(serves);
    }

    /// Says whether somebody meets expectations other than `100-continue`, which are 417 otherwise.
    #[napi]
    pub fn set_expectations(&self, serves: bool) {
        self.threads().open().set_expectations(serves);
    }

    /// Changes time limits, in milliseconds: for clocks that run as well.
    #[napi]
    pub fn set_times(
        &mut self,
        keep_alive_timeout: u32,
        headers_timeout: u32,
        request_timeout: u32,
    ) {
        self.options.keep_alive_timeout = keep_alive_timeout;
        self.options.headers_timeout = headers_timeout;
        self.options.request_timeout = request_timeout;
        let times = LiveTimes {
            keep_alive_ms: u64::from(keep_alive_timeout),
            headers_ms: u64::from(headers_timeout),
            request_ms: u64::from(request_timeout),
        };
        self.threads().send_all(|| Command::SetTimes(times));
    }

    /// Changes the number of requests after which a connection ends; 0 for no limit.
    #[napi]
    pub fn set_max_requests(&mut self, most: u32) {
        self.options.max_requests_per_socket = most;
        self.threads().send_all(|| Command::SetMaxRequests(most));
    }

    /// From so many connections on further clients are dropped, and that is told; `None`: they are not.
    #[napi]
    pub fn set_most_connections(&self, most: Option<u32>) {
        let most = most.map(|most| most as usize);
        self.threads().open().set_most(most);
    }
}
