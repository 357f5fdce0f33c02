//! This module says how many threads a matrix product may use.

use faer::Par;

/// A memory of so many units is huge. Memories of fewer units are written and read on one thread each:
/// several side by side use a machine better.
pub const HUGE_UNITS: usize = 2048;

/// Returns the threads of products for a memory of `n` units. They are faer's global setting for huge ones,
/// else one. The crate starts no threads and leaves that setting to its user. Products are split between
/// threads by rows and columns of the result, never within a sum, so that results do not depend on it.
pub(crate) fn threads(n: usize) -> Par {
    if n >= HUGE_UNITS { faer::get_global_parallelism() } else { Par::Seq }
}
