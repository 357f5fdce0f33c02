//! This module handles sweeps in shards. They are frozen, simulated, submitted and run share by share, and it
//! tells how they stand.

pub(crate) mod freeze;
pub(crate) mod launch;
pub(crate) mod shard;
pub(crate) mod simulate;
pub(crate) mod standing;
