//! The harness: from a definition to a plan, to records in Parquet, to estimates with intervals, to figures.
//!
//! Every arrow goes one way. [`plan`] and [`summary`] are pure functions; only [`execute`] computes, only [`store`] touches
//! Parquet, only [`figure`] knows plotters; [`cmd`] puts them together and nothing imports it.

pub mod agreement;
pub mod atomic;
pub mod cmd;
pub mod definition;
pub mod execute;
pub mod figure;
pub mod npy;
pub mod plan;
pub mod protocol_text;
pub mod provenance;
pub mod record;
pub mod replan;
pub mod schema;
pub mod stats;
pub mod store;
pub mod suggest;
pub mod summary;
pub mod sweep;
pub mod table;
pub mod theory;
pub mod theory_marks;
mod work;
