//! The polite ways to end a program from outside, while it holds the terminal: the terminal is given
//! back first, and then the signal does what it always does.

#[cfg(unix)]
mod unix {
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::io::Errno;
    use signal_hook::consts::signal::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    use signal_hook::{flag, low_level};

    /// Catches them until it is dropped.
    pub(in super::super) struct Signals {
        got: Arc<AtomicUsize>,
        is_over: Arc<AtomicBool>,
    }

    impl Signals {
        pub(in super::super) fn catch() -> io::Result<Self> {
            let signals = Self {
                got: Arc::default(),
                is_over: Arc::default(),
            };
            for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
                // First, so that it acts at once when the terminal is given back.
                flag::register_conditional_default(signal, Arc::clone(&signals.is_over))?;
                let number = usize::try_from(signal).unwrap_or_default();
                flag::register_usize(signal, Arc::clone(&signals.got), number)?;
            }
            Ok(signals)
        }

        /// The last that came.
        pub(in super::super) fn got(&self) -> Option<i32> {
            let number = self.got.load(Ordering::SeqCst);
            (number != 0).then_some(i32::try_from(number).unwrap_or_default())
        }
    }

    impl Drop for Signals {
        fn drop(&mut self) {
            self.is_over.store(true, Ordering::SeqCst);
        }
    }

    /// Ends the process when the terminal is no more, as a hang-up does: who reads keys takes the end of
    /// it for no key and asks again, for ever, and a hang-up comes only to whom the terminal controls.
    pub(in super::super) fn end_with_the_terminal() -> io::Result<()> {
        let watch = std::thread::Builder::new().name("terminal".to_owned());
        watch.spawn(|| {
            if is_hung_up() {
                die_of(SIGHUP);
            }
        })?;
        Ok(())
    }

    /// Waits until nobody is at the other end of the terminal; false where that cannot be known.
    fn is_hung_up() -> bool {
        let keys = rustix::stdio::stdin();
        loop {
            // A hang-up is told also to who waits for nothing.
            let mut watched = [PollFd::new(&keys, PollFlags::empty())];
            match poll(&mut watched, None) {
                Ok(_) => return watched[0].revents().contains(PollFlags::HUP),
                Err(Errno::INTR) => {}
                Err(_) => return false,
            }
        }
    }

    /// Ends the process as the signal does when nobody catches it.
    pub(in super::super) fn die_of(signal: i32) {
        // One that does not end it leaves the command to end with its own status.
        let _alive = low_level::emulate_default_handler(signal);
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use std::io;

    /// Elsewhere the console tells the keys, and what ends the process ends it.
    pub(in super::super) struct Signals;

    impl Signals {
        pub(in super::super) fn catch() -> io::Result<Self> {
            Ok(Self)
        }

        pub(in super::super) fn got(&self) -> Option<i32> {
            None
        }
    }

    pub(in super::super) fn end_with_the_terminal() -> io::Result<()> {
        Ok(())
    }

    pub(in super::super) fn die_of(_signal: i32) {}
}

#[cfg(not(unix))]
pub(super) use elsewhere::{Signals, die_of, end_with_the_terminal};
#[cfg(unix)]
pub(super) use unix::{Signals, die_of, end_with_the_terminal};
