//! Nothing outlives a router: no socket, no thread. Alone in its process, so that it can count them.

mod routeros_support;

use std::time::{Duration, Instant};

use mikrotikvpn::routeros::{Deadline, Query, Router};
use routeros_support::{Say, Wire, http, sound};

/// What is open: sockets, and the descriptors a runtime holds.
fn descriptors() -> Vec<String> {
    let mut links: Vec<String> = std::fs::read_dir("/proc/self/fd")
        .unwrap()
        .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
        .map(|link| link.to_string_lossy().into_owned())
        .filter(|link| !link.starts_with("/proc/"))
        .collect();
    links.sort();
    links
}

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

/// Waits until the server's side has noticed too.
fn settled(wanted: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(10) {
        if wanted() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    false
}

#[test]
fn a_dropped_router_leaves_no_socket_and_no_thread() {
    // With tokio's feature `signal`, which the simulator switches on for all test builds, the first
    // runtime makes two descriptors that stay for ever. The extension is built without it.
    drop(Wire::serve(|_, _| Say::Hang).router());

    let wire = Wire::serve(|number, request| match number {
        6 => Say::Keep(http("200 OK", "[")),
        _ => Say::Keep(sound(request)),
    });
    let (before, tasks) = (descriptors(), threads());

    let mut endpoint = wire.endpoint();
    endpoint.host = "localhost".into(); // a name, so that a look-up thread is made
    let router = Router::new(&endpoint, Deadline::after(Duration::from_secs(20))).unwrap();
    router.lists().unwrap();
    assert!(router.secrets(&Query::all()).is_err());
    assert!(
        descriptors().len() > before.len(),
        "connections are kept inside the call"
    );
    drop(router);

    assert!(settled(|| descriptors() == before), "{:?}", descriptors());
    assert!(settled(|| threads() == tasks), "{} threads", threads());
}
