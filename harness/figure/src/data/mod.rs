//! A figure chooses estimates, groups them into panels and curves, and writes them as CSV.

pub(crate) mod csv;

mod coordinate;
mod facets;
mod measures;
mod pages;
mod selection;
mod series;

pub(crate) use coordinate::{Along, DEFAULT, Value};
pub(crate) use facets::{By, Facet, grouped, heading, remaining, title};
pub(crate) use measures::{MEASURES, half};
pub(crate) use pages::{Page, pages};
pub(crate) use selection::select;
pub(crate) use series::joined;
