//! The time that clean prose and hostile lines cost: in proportion to their length.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use std::time::{Duration, Instant};

use inkstone_privacy::{find, redact};

/// Asked for on clean prose; a quarter of what is measured, since tests run beside others.
const PROSE_BYTES_PER_SECOND_MIN: f64 = 50e6;
const PROSE_BYTES: usize = 32 << 20;
/// A hostile line, and the longest it may take: the worst take under a second, and anything that
/// grows with the square of a megabyte takes minutes.
const HOSTILE_BYTES: usize = 1 << 20;
const HOSTILE_TIME_MAX: Duration = Duration::from_secs(5);

/// The best of three: the machine may be busy with something else.
fn best(mut run: impl FnMut()) -> Duration {
    let time = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..3).map(time).min().unwrap()
}

#[test]
fn clean_prose_costs_little() {
    let english = "It was on the last day of autumn, some 40 years ago, that the old lamp above the door went out; nobody noticed it: not the porter, not his wife.\n";
    let chinese = "我冒了严寒，回到相隔二千余里，别了二十余年的故乡去。时候既然是深冬；渐近故乡时，天气又阴晦了，冷风吹进船舱中，呜呜的响。\n";
    for (name, sentence) in [("English", english), ("Chinese", chinese)] {
        let text = sentence.repeat(PROSE_BYTES / sentence.len());
        let time = best(|| assert!(find(&text).is_empty()));
        let rate = text.len() as f64 / time.as_secs_f64();
        println!("{name}: {:.0} MB/s", rate / 1e6);
        assert!(
            rate >= PROSE_BYTES_PER_SECOND_MIN,
            "{name}: {:.0} MB/s",
            rate / 1e6
        );
    }
}

#[test]
fn hostile_lines_cost_in_proportion_to_their_length() {
    let parts = [
        "a",
        "1",
        "1 ",
        "1-",
        "+1",
        "@",
        "a@",
        "a@a.",
        ":",
        "::",
        "a:",
        "12:",
        "ab:",
        "ab-",
        "eyJ",
        "eyJ.",
        "sk-",
        " sk-aaaa",
        "-----BEGIN ",
        "-----BEGIN A PRIVATE KEY-----",
        "://",
        "://a:b",
        "password:",
        "password: a",
        "密码：",
        "号",
        "1号",
        "路1号",
        "栋1栋",
        "1.1.",
        "°",
        "1°",
        "(at)",
        "token=",
        "1A2b3C4d",
        "GB82",
        "GB82 ",
        "1 Aa ",
        "1 St ",
        "A ",
        "[",
        "key: \"",
        "10.20.30.40.",
        "京A",
        "0",
        "00",
        "01 ",
        "4111 ",
        "PuTTY-User-Key-File-",
        "Q~",
        ":AA",
        "1:AA",
        "wx",
        "0x",
        "bc1",
        "AC1",
        "邮编1",
        "地址：区",
        "地址：路1",
        "Bearer a1B2",
    ];
    for part in parts {
        let text = part.repeat(HOSTILE_BYTES / part.len());
        let time = best(|| drop(redact(&text)));
        assert!(time < HOSTILE_TIME_MAX, "{part:?}: {time:?}");
        if time > Duration::from_millis(200) {
            println!("{part:?}: {time:?}");
        }
    }
}
