//! Measurements of a memory, one file each.
