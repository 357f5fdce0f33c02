//! Errors say why a figure cannot be drawn, and what to do about it.

/// A `FigureError` says why a figure cannot be drawn.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FigureError {
    /// The name cannot be the stem of a file.
    #[error("figure name {name:?} cannot name a file: use letters, digits, '-' and '_', at most 100 of them")]
    Name {
        /// The name.
        name: String,
    },
    /// Two figures would write the same files.
    #[error(
        "the figures {first:?} and {second:?} would both write {file}.svg: further pages of a figure \
         have its name with -2, -3, ..., and file systems may not tell capitals from small letters. Rename \
         one of them in the definition"
    )]
    SameFile {
        /// The earlier figure.
        first: String,
        /// The later one.
        second: String,
        /// The stem of the file.
        file: String,
    },
    /// The kind of figure cannot show the measure.
    #[error("figure {figure}: kind {kind} cannot show measure {measure}; it shows {allowed}")]
    Measure {
        /// The figure's name.
        figure: String,
        /// Its kind.
        kind: String,
        /// The measure asked for.
        measure: String,
        /// What the kind shows.
        allowed: String,
    },
    /// No estimate is what the figure asks for.
    #[error(
        "figure {figure} has nothing to draw: it wants {wanted}, the results hold {present}. \
         Change the figure's keys in the definition, or extend its grid and sweep again"
    )]
    Nothing {
        /// The figure's name.
        figure: String,
        /// What it asks for.
        wanted: String,
        /// What there is.
        present: String,
    },
    /// Two estimates stand in the same place.
    #[error(
        "figure {figure}: there are two estimates of {place}. \
         Give every protocol of the definition a label of its own, and draw one run at a time"
    )]
    Twice {
        /// The figure's name.
        figure: String,
        /// Where.
        place: String,
    },
    /// NaN or infinity among the estimates.
    #[error(
        "figure {figure}: the estimate of {place} is {value}, which is no number; the summary is at fault"
    )]
    NoNumber {
        /// The figure's name.
        figure: String,
        /// Where.
        place: String,
        /// The value.
        value: f64,
    },
    /// Zero or less on a logarithmic axis.
    #[error(
        "figure {figure}: the estimate of {place} is {value}, which a logarithmic axis cannot show; \
         measure with a finer clock"
    )]
    NotPositive {
        /// The figure's name.
        figure: String,
        /// Where.
        place: String,
        /// The value.
        value: f64,
    },
    /// A text where an axis needs numbers.
    #[error(
        "figure {figure}: {coordinate} is {value:?}, which no axis of numbers has; \
         use it as `split`, or kind heat-map"
    )]
    Text {
        /// The figure's name.
        figure: String,
        /// What runs along the axis.
        coordinate: String,
        /// The value.
        value: String,
    },
    /// A figure of differences without the protocol in question.
    #[error("figure {figure} compares one protocol with the others: name it by `subject`, one of {labels}")]
    Subject {
        /// The figure's name.
        figure: String,
        /// The labels that there are.
        labels: String,
    },
    /// Nothing to compare with.
    #[error(
        "figure {figure}: no other protocol was read where {subject} was; \
         add one to `protocols`, or to the sweep"
    )]
    NoRival {
        /// The figure's name.
        figure: String,
        /// The subject's label.
        subject: String,
    },
    /// A picture of basins without reads.
    #[error("figure {figure}: there are no reads to show")]
    NoReads {
        /// The figure's name.
        figure: String,
    },
    /// A figure of the queries that training needs without a number.
    #[error("figure {figure} has nothing to draw: {why}")]
    NoQueries {
        /// The figure's name.
        figure: String,
        /// What is missing.
        why: String,
    },
    /// The drawing library refused.
    #[error("drawing failed: {0}")]
    Drawing(String),
}
