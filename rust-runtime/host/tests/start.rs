//! Cells that come early wait no longer than they must, and a host that is to end does so whatever it is doing.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::Host;
use ferrobook_protocol::{CellTiming, Event, Question, Request};
use std::time::{Duration, Instant};

/// The kernel kills a host that takes two seconds.
const SHUTDOWN: Duration = Duration::from_secs(1);

fn phases(timing: &CellTiming) -> Vec<&str> {
    timing.phases.iter().map(|phase| phase.name.as_str()).collect()
}

#[test]
fn waiting_for_the_start_is_a_phase() {
    let mut host = Host::start_with(|_| {});
    let asked = Instant::now();
    let early = host.begin(r#"println!("early");"#);
    assert!(matches!(host.next(), Event::Ready { .. }));
    let waited = asked.elapsed();
    let timing = host.finish(early, "early").stdout("early\n").ok();
    assert_eq!(phases(&timing), ["start", "compile", "snapshot", "run"]);
    let start = timing.phases[0].ms;
    let waited = waited.as_secs_f64() * 1000.0;
    assert!(start > 100.0 && start < waited + 200.0, "{start} {waited}");
    // Two cells at once: the second has not waited for a start.
    let first = host.begin("std::thread::sleep(std::time::Duration::from_millis(300));");
    let second = host.begin("1");
    host.finish(first, "first").ok();
    let timing = host.finish(second, "second").result("1").ok();
    assert!(timing.phases.iter().all(|phase| phase.name != "start" || phase.ms < 100.0), "{timing:?}");
}

#[test]
fn a_shutdown_waits_for_nothing() {
    for delay in [0, 100, 400, 800, 1600] {
        let mut host = Host::start_with(|_| {});
        std::thread::sleep(Duration::from_millis(delay));
        ends_at_once(&mut host, true);
    }
    let mut host = Host::start();
    host.begin_asking(Question::Complete { code: "vec![1].iter().map(|x| x.".to_owned(), cursor: 25 });
    ends_at_once(&mut host, false);
    let mut host = Host::start();
    host.begin("let x = vec![1].into_iter().map(|x| x + 1).collect::<Vec<i32>>();");
    std::thread::sleep(Duration::from_millis(150));
    ends_at_once(&mut host, true);
    let mut host = Host::start();
    host.begin(r#"loop { println!("endless"); }"#);
    host.wait_for("endless");
    ends_at_once(&mut host, false);
}

fn ends_at_once(host: &mut Host, politely: bool) {
    let asked = Instant::now();
    if politely {
        host.send(&Request::Shutdown);
    } else {
        host.close_stdin();
    }
    host.wait_for_exit();
    println!("ended after {:?}", asked.elapsed());
    assert!(asked.elapsed() < SHUTDOWN, "{:?}", asked.elapsed());
}
