//! This crate says what records mean. It has estimates with intervals, stages of sequential runs, agreement,
//! claims and comparisons.

pub mod agreement;
pub mod claim;
pub mod comparison;
pub mod effects;
pub mod failures;
pub mod kept;
pub mod margins;
pub mod rank;
pub mod sequential;
pub mod summary;
pub mod trajectory;
