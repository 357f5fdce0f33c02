//! The trained network against its definition, and what training makes of it.

mod definition;
mod gradient;
mod tiled;
mod training;
