//! This is the compiled half of the Python package `hopfield_protocols`: writing protocols, reading and probes over
//! numpy arrays.
//!
//! It computes nothing itself. Arguments become what the crate `protocols` takes, the work is done while other threads
//! of Python go on, and what comes out becomes arrays. An error of the crate is an exception with the same words. The
//! other half, in Python, stands in `package/`.

mod array;
mod listing;
mod memory;
mod parameters;
mod probe;
mod pulse;
mod recall;
mod refusal;
mod seeds;
mod trial;
mod write;

/// Memory that is freed stays at hand for the next call: asking the system for it takes as long as a recall.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Writing protocols of Hopfield memories, reading and probes.
#[pyo3::pymodule]
mod _native {
    #[pymodule_export]
    use crate::listing::{protocols, readers};
    #[pymodule_export]
    use crate::memory::Memory;
    #[pymodule_export]
    use crate::recall::Reads;
    #[pymodule_export]
    use crate::refusal::{
        HopfieldError, PatternsError, ProbeError, ProtocolError, ReaderError, WeightsError, WriteError,
    };
    #[pymodule_export]
    use crate::write::write;
}
