//! Panics become values here: what went wrong and where, without a word on standard error.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::Once;

thread_local! {
    /// Whether this thread's panics are caught by [`caught`].
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    /// Where the last caught panic of this thread stood, `file:line`.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `work` and catches a panic in it. The panic becomes its message and the place in the source where it
/// stands.
///
/// # Errors
/// If `work` panics.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    silence();
    let outer = CATCHING.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    CATCHING.set(outer);
    outcome.map_err(|panic| {
        let place = PLACE.take().map(|place| format!(" ({place})")).unwrap_or_default();
        format!("{}{place}", words(panic.as_ref()))
    })
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

/// Keeps caught panics off standard error, once for the process; all others are reported as before.
fn silence() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic: &PanicHookInfo<'_>| {
            if CATCHING.get() {
                let place = panic.location().map(|at| format!("{}:{}", at.file(), at.line()));
                PLACE.replace(place);
            } else {
                report(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_tells_what_and_where() {
        let line = line!() + 1;
        let error = caught(|| panic!("{} is odd", 3)).unwrap_err();
        assert_eq!(error, format!("3 is odd ({}:{line})", file!()));
        assert_eq!(caught(|| 4), Ok(4));
    }

    #[test]
    fn catching_nests() {
        let outer: Result<(), String> = caught(|| {
            assert!(caught(|| panic!("inner")).unwrap_err().starts_with("inner"));
            panic!("outer")
        });
        assert!(outer.unwrap_err().starts_with("outer ("));
    }
}
