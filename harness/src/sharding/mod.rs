//! Sweeps in shards: frozen, simulated, submitted, run share by share, and how they stand.

pub(crate) mod freeze;
pub(crate) mod launch;
pub(crate) mod shard;
pub(crate) mod simulate;
pub(crate) mod standing;
