//! This crate is the vocabulary of a study. It says what is measured, how it is named and recorded, what a
//! definition declares, and its plan.

pub mod budget;
pub mod canonical;
pub mod cell_id;
pub mod claim;
pub mod definition;
pub mod effects;
pub mod figure;
pub mod fuzz;
pub mod label;
pub mod measure;
pub mod plan;
pub mod purpose;
pub mod record;
pub mod records;
pub mod run_name;
pub mod schema;
pub mod stopping;
