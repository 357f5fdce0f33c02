//! This module measures how much memory a thread holds. Every allocation of the program is counted for the
//! thread that makes it.
//!
//! A cell is computed by one thread, so what its thread allocates is what the cell allocates. Counting costs
//! two additions an allocation, and the numerics allocate before their loops. What is not counted: stacks,
//! the code itself, and memory that the allocator keeps for later.

#![expect(unsafe_code, reason = "a global allocator can only be given by an unsafe trait")]

use mimalloc::MiMalloc;
use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;

thread_local! {
    /// Bytes that this thread has allocated and not freed; below 0 where it frees what another allocated.
    static HELD: Cell<i64> = const { Cell::new(0) };
    /// The most that was held since the last [`Meter::start`].
    static PEAK: Cell<i64> = const { Cell::new(0) };
}

/// A `Meter` measures what this thread allocates from [`Meter::start`] on. The latest meter of a thread is
/// the one that counts.
#[derive(Debug)]
pub struct Meter {
    before: i64,
}

impl Meter {
    /// Starts to measure.
    pub fn start() -> Self {
        let before = HELD.get();
        PEAK.set(before);
        Self { before }
    }

    /// Returns the most bytes held at once since the start. What was held at the start does not count.
    pub fn peak(&self) -> u64 {
        u64::try_from(PEAK.get() - self.before).unwrap_or(0)
    }
}

/// An allocator that keeps what is freed for a while: a cell's matrices are then the pages of the cell
/// before. Fresh from the system, page by page, a matrix of 64 MiB costs more than writing it.
const KEEPING: MiMalloc = MiMalloc;

/// That allocator, counting.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count(bytes: i64) {
    // A thread that ends frees its last memory when its counters are gone already.
    let _ = HELD.try_with(|held| {
        held.set(held.get() + bytes);
        PEAK.set(PEAK.get().max(held.get()));
    });
}

// SAFETY: every call goes to the other allocator unchanged; counting neither allocates nor panics.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        let pointer = unsafe { KEEPING.alloc(layout) };
        if !pointer.is_null() {
            count(layout.size() as i64);
        }
        pointer
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        let pointer = unsafe { KEEPING.alloc_zeroed(layout) };
        if !pointer.is_null() {
            count(layout.size() as i64);
        }
        pointer
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { KEEPING.dealloc(pointer, layout) };
        count(-(layout.size() as i64));
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller promises.
        let moved = unsafe { KEEPING.realloc(pointer, layout, size) };
        if !moved.is_null() {
            count(size as i64 - layout.size() as i64);
        }
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hint::black_box;

    const MIB: u64 = 1 << 20;

    #[test]
    fn the_peak_is_what_was_held_at_once() {
        let before = black_box(vec![1_u8; 3 << 20]);
        let meter = Meter::start();
        for size in [1 << 20, 5 << 20, 2 << 20] {
            drop(black_box(vec![1_u8; size]));
        }
        let both = black_box((vec![0_u8; 3 << 20], vec![1_u8; 3 << 20]));
        drop((before, both));
        assert!((6 * MIB..6 * MIB + 4096).contains(&meter.peak()), "{}", meter.peak());
        assert!(Meter::start().peak() < 4096, "what was freed before counts no more");
    }

    #[test]
    fn a_vector_that_grows_counts_once() {
        let meter = Meter::start();
        let mut grown = Vec::with_capacity(1 << 20);
        grown.resize(4 << 20, 0_u8);
        black_box(&grown);
        assert!((4 * MIB..4 * MIB + 4096).contains(&meter.peak()), "{}", meter.peak());
    }

    #[test]
    fn other_threads_do_not_count() {
        let meter = Meter::start();
        std::thread::scope(|scope| {
            scope.spawn(|| drop(black_box(vec![1_u8; 8 << 20])));
        });
        assert!(meter.peak() < MIB, "{}", meter.peak());
    }
}
