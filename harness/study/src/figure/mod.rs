//! A definition declares figures. It says what each shows of the results, and in which form.
//!
//! CONTRIBUTING.md has a table of the kinds and their keys; the crate `figure` draws them.

mod caption;
mod coordinate;
mod kind;
mod spec;
mod theory;
mod width;

pub use caption::Caption;
pub use coordinate::Coordinate;
pub use kind::{FigureKind, Shown};
pub use spec::FigureSpec;
pub use theory::Theory;
pub use width::PrintWidth;
