//! Whole figures are drawn from made-up estimates.

mod figures;
mod kinds;
mod laws;
mod queries_needed;
mod refusals;
mod shipped;
