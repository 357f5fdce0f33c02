//! This module bounds the numbers of the command line. Each has an upper limit, which its error names.

use std::str::FromStr;

/// Bounds the threads of a command; more than any machine has cores for.
pub(crate) const THREADS: u64 = 1024;
/// Bounds the shards of a plan, and workers for them; each shard is a row of the plan and a folder.
pub(crate) const SHARDS: u64 = 100_000;
/// Bounds the message sets of every size.
pub(crate) const TRIALS: u64 = 1_000_000;

/// Reads a whole number from 1 to `MOST`.
pub(crate) fn up_to<const MOST: u64, T: FromStr>(text: &str) -> Result<T, String> {
    let number = text.parse().ok().filter(|number| (1..=MOST).contains(number));
    let number = number.and_then(|_: u64| text.parse().ok());
    number.ok_or_else(|| format!("a whole number from 1 to {MOST} is needed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::{NonZeroU32, NonZeroUsize};

    #[test]
    fn numbers_lie_between_one_and_their_limit() {
        assert_eq!(up_to::<THREADS, NonZeroUsize>("1024"), Ok(NonZeroUsize::new(1024).expect("not 0")));
        for text in ["0", "-1", "1025", "99999999999999999999", "many", "1.5", ""] {
            let error = up_to::<THREADS, NonZeroU32>(text).expect_err(text);
            assert_eq!(error, "a whole number from 1 to 1024 is needed");
        }
    }
}
