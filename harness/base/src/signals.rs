//! Some signals ask a sweep to end: SIGINT (Ctrl-C) and SIGTERM. SIGUSR1 asks it to put on disk what is
//! finished.
//!
//! The first one is noted, and the sweep ends at its next opportunity with everything on disk. A second one ends the
//! process at once; what is on disk survives that as it survives SIGKILL. SIGUSR1 ends nothing.

#[cfg(unix)]
use signal_hook::consts::SIGUSR1;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// A `Signal` asks the process to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT, Ctrl-C.
    Interrupt,
    /// SIGTERM, the polite kill of schedulers.
    Terminate,
}

impl Signal {
    /// This is the list of both signals.
    pub const ALL: [Self; 2] = [Self::Interrupt, Self::Terminate];

    /// Returns the signal's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
        }
    }

    /// Returns the exit code of a process that it ended. That is 128 plus its number, as shells report it.
    pub fn exit_code(self) -> u8 {
        128 + self.number() as u8
    }

    fn number(self) -> i32 {
        match self {
            Self::Interrupt => SIGINT,
            Self::Terminate => SIGTERM,
        }
    }
}

/// `Signals` holds the signals noted so far. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Signals {
    /// Number of the last signal; 0 for none.
    last: Arc<AtomicUsize>,
    /// Whether SIGUSR1 came, and nobody has heeded it yet.
    flush: Arc<AtomicBool>,
}

impl Signals {
    /// Notes SIGINT, SIGTERM and SIGUSR1 from now on, for the rest of the process. Without it, they end the process.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn catch() -> io::Result<Self> {
        let signals = Self::default();
        let noted = Arc::new(AtomicBool::new(false));
        for signal in Signal::ALL {
            let number = signal.number();
            // In this order, the first signal finds the flag down and raises it, the second finds it raised.
            flag::register_conditional_shutdown(number, signal.exit_code().into(), Arc::clone(&noted))?;
            flag::register(number, Arc::clone(&noted))?;
            flag::register_usize(number, Arc::clone(&signals.last), number as usize)?;
        }
        #[cfg(unix)]
        flag::register(SIGUSR1, Arc::clone(&signals.flush))?;
        Ok(signals)
    }

    /// Returns the last signal, if there was one.
    pub fn caught(&self) -> Option<Signal> {
        let last = self.last.load(Ordering::SeqCst);
        Signal::ALL.into_iter().find(|signal| signal.number() as usize == last)
    }

    /// Tells whether SIGUSR1 has come since this was last asked.
    pub fn asked_to_flush(&self) -> bool {
        self.flush.swap(false, Ordering::SeqCst)
    }

    /// Behaves as if `signal` had come.
    pub fn note(&self, signal: Signal) {
        self.last.store(signal.number() as usize, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_those_of_shells() {
        assert_eq!(Signal::ALL.map(Signal::exit_code), [130, 143]);
    }

    #[test]
    fn clones_share_what_is_noted() {
        let signals = Signals::default();
        let clone = signals.clone();
        assert_eq!(clone.caught(), None);
        signals.note(Signal::Terminate);
        assert_eq!(clone.caught(), Some(Signal::Terminate));
    }
}
