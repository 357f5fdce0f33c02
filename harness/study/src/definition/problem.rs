//! This module says what can be wrong with a definition. It has the headline of each error, the values that
//! are allowed, and the remedy.

use super::formula::{FormulaError, LANGUAGE};
use base::suggest::nearest;
use protocols::SourceError;

/// A `Problem` is what is wrong, apart from where.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Problem {
    /// The text is no TOML.
    #[error("this is not TOML: {message}")]
    Syntax {
        /// The parser's words.
        message: String,
    },
    /// A key or value that does not exist.
    #[error("there is no `{name}` here")]
    Unknown {
        /// The name found.
        name: String,
        /// The names that exist.
        allowed: Vec<String>,
        /// The one that was probably meant.
        nearest: Option<String>,
    },
    /// A key that is needed and not given.
    #[error("`{key}` is missing")]
    Missing {
        /// The key.
        key: String,
        /// What it allows.
        allowed: String,
        /// A line that gives it.
        example: String,
    },
    /// A value of the wrong type or out of range.
    #[error("this value is not allowed")]
    NotAllowed {
        /// What is.
        allowed: String,
        /// A line that gives such a value.
        example: String,
    },
    /// Two keys for one thing, or neither.
    #[error("`{first}` and `{second}` are {}", if *both { "both given" } else { "both missing" })]
    NotExactlyOne {
        /// The relative one.
        first: &'static str,
        /// The absolute one.
        second: &'static str,
        /// Whether both are given.
        both: bool,
    },
    /// An empty list or table.
    #[error("this is empty, so there is nothing to run")]
    Empty,
    /// A value twice in one list.
    #[error("{value} is listed twice")]
    Repeated {
        /// The value.
        value: String,
    },
    /// Two shares that round to the same number.
    #[error("{first} and {second} both give {symbol} = {value} at n = {n}")]
    Coincide {
        /// The earlier share.
        first: f64,
        /// The later share.
        second: f64,
        /// What they are a share of.
        symbol: char,
        /// The number that both give.
        value: u32,
        /// The N at which they do.
        n: u32,
    },
    /// A load that gives less than one message.
    #[error("load {load:?} gives no message at n = {n}: round({load:?} * {n}) = 0")]
    NoMessage {
        /// The load.
        load: f64,
        /// The N.
        n: u32,
    },
    /// A load that gives more messages than anyone can hold.
    #[error("load {load:?} gives more than {most} messages at n = {n}")]
    TooManyMessages {
        /// The load.
        load: f64,
        /// The N.
        n: u32,
        /// The largest M allowed.
        most: u32,
    },
    /// Messages that a source does not have.
    #[error("{0}")]
    Source(SourceError),
    /// A file that cannot be read as messages.
    #[error("{reason}")]
    Messages {
        /// What is wrong with it, and the remedy.
        reason: String,
    },
    /// More than half of the bits flipped.
    #[error("{flips} flips are more than half of n = {n}")]
    TooManyFlips {
        /// The flips d.
        flips: u32,
        /// The N.
        n: u32,
    },
    /// A label that cannot be shown.
    #[error("this label is blank or holds control characters")]
    Label,
    /// A label that does not look like what it is.
    #[error("this label does not show as it is: {reason}")]
    HiddenLabel {
        /// What does not show.
        reason: String,
    },
    /// Labels that a reader takes for each other.
    #[error(
        "`{second}` looks like `{first}`: they differ only in blanks, in letter case or in letters that look alike"
    )]
    LabelsAlike {
        /// The earlier label.
        first: String,
        /// The later label.
        second: String,
    },
    /// Two labels for one protocol.
    #[error("`{second}` has the same parameters as `{first}`, so it would run the same cells again")]
    SameParameters {
        /// The earlier label.
        first: String,
        /// The later label.
        second: String,
    },
    /// A label that a variant made by `k` or `steps` needs.
    #[error("`k` and `steps` make a variant `{label}`, and there is another protocol of that label")]
    LabelTaken {
        /// The label.
        label: String,
    },
    /// Two figures of one name.
    #[error("there are two figures `{name}`, and one would overwrite the other")]
    SameFigure {
        /// The name.
        name: String,
    },
    /// Two claims, or tests of a claim, of one name.
    #[error("there are two {what} `{name}`, and nobody could tell them apart")]
    SameClaim {
        /// What they are.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A protocol that is to be compared with itself.
    #[error("`{label}` is the subject, and would be compared with itself")]
    OwnRival {
        /// The label.
        label: String,
    },
    /// Too few sizes to see growth.
    #[error("{sizes} different n are too few to tell one law of growth from another")]
    FewSizes {
        /// How many.
        sizes: usize,
    },
    /// A region in which there is nothing to compare.
    #[error("the grid runs `{subject}`{} nowhere in this \
     region", rival.as_ref().map_or(String::new(), |rival| format!(" and `{rival}` together")))]
    EmptyRegion {
        /// The label of the subject.
        subject: String,
        /// The label of its rival, if it has one.
        rival: Option<String>,
    },
    /// A list that varies training, where nothing is trained.
    #[error("this has no effect: it varies {trained}, and no protocol is one")]
    NothingTrained {
        /// The protocols that are trained, as a list in words.
        trained: String,
    },
    /// A figure of something that is not run.
    #[error("the grid has no such value, so there would be nothing to show")]
    NotInGrid {
        /// The values that the grid has.
        allowed: Vec<String>,
    },
    /// A key without effect.
    #[error("this has no effect: {because}")]
    NoEffect {
        /// Why.
        because: &'static str,
    },
    /// A key that the figure's kind does not have.
    #[error("a figure of kind {kind} has no such key")]
    NotOfKind {
        /// The kind.
        kind: &'static str,
        /// The kinds that have it.
        kinds: String,
    },
    /// A figure of numbers that no claim asks for.
    #[error("no claim has a test of kind {test}, whose numbers this figure shows")]
    NoTest {
        /// The kind of test.
        test: &'static str,
    },
    /// A checkpoint that a read may never reach.
    #[error(
        "recovery would be reported after {checkpoint} steps, but a read ends after max_steps = {max_steps}"
    )]
    BeyondMaxSteps {
        /// The checkpoint L.
        checkpoint: u32,
        /// The limit.
        max_steps: u32,
    },
    /// A text that is no formula.
    #[error("this is no formula: {error}")]
    Formula {
        /// Why not.
        error: FormulaError,
        /// A text that is one.
        example: &'static str,
    },
    /// A formula whose value is no count.
    #[error("{formula} is {value} at {at}")]
    NoCount {
        /// The formula.
        formula: String,
        /// The axes there.
        at: String,
        /// Its value there.
        value: f64,
        /// The largest count.
        most: u32,
    },
    /// A zipped group of one key.
    #[error("one key has nothing to run in step with")]
    ZipOfOne,
    /// A zipped key without a list.
    #[error("`{key}` runs in step with others and has no list here")]
    ZipOfNoList {
        /// The key.
        key: &'static str,
    },
    /// Zipped lists of different lengths.
    #[error("`{first}` has {expected} values and `{second}` has {length}, so they cannot run in step")]
    ZipLengths {
        /// The group's first key.
        first: &'static str,
        /// Values of its list.
        expected: usize,
        /// Another key of the group.
        second: &'static str,
        /// Values of that list.
        length: usize,
    },
    /// An exclusion of nothing.
    #[error("no cell is like that, so this excludes nothing")]
    ExcludesNothing,
    /// Exclusions of everything.
    #[error("this excludes every cell, so there is nothing to run")]
    NothingLeft,
    /// A protocol that no part of the grid runs.
    #[error("no part of the grid runs this protocol")]
    NeverRun,
    /// Parts that run one condition in two ways.
    #[error(
        "an earlier part runs {protocol} on {source_name} messages at n = {n}, m = {m} with other queries"
    )]
    Disagree {
        /// The protocol's label.
        protocol: String,
        /// Where the messages come from.
        source_name: &'static str,
        /// The N.
        n: u32,
        /// The M.
        m: u32,
    },
    /// A sweep that cannot be meant.
    #[error("this makes {cells} cells or more, and a sweep has at most {most}")]
    TooManyCells {
        /// The number of cells counted so far.
        cells: u64,
        /// The largest number allowed.
        most: u64,
    },
}

impl Problem {
    /// Says that a name is none of those allowed, and which of these was probably meant.
    pub(super) fn unknown<'a>(name: &str, allowed: impl IntoIterator<Item = &'a str>) -> Self {
        let allowed: Vec<String> = allowed.into_iter().map(str::to_owned).collect();
        let nearest = nearest(name, allowed.iter().map(String::as_str)).map(str::to_owned);
        Self::Unknown { name: name.to_owned(), allowed, nearest }
    }

    /// Returns the values that are allowed, in words.
    pub fn allowed(&self) -> String {
        match self {
            Self::Syntax { .. } => "TOML 1.1 (https://toml.io)".to_owned(),
            Self::Unknown { allowed, .. } | Self::NotInGrid { allowed } => allowed.join(", "),
            Self::Missing { allowed, .. } | Self::NotAllowed { allowed, .. } => allowed.clone(),
            Self::NotExactlyOne { first, second, .. } => format!("exactly one of `{first}` and `{second}`"),
            Self::Empty => "at least one value".to_owned(),
            Self::Repeated { .. } => "every value once".to_owned(),
            Self::Coincide { symbol, .. } => format!("values that give a different {symbol} at every n"),
            Self::NoMessage { n, .. } => {
                format!("loads that give at least 1 message: at n = {n}, {} or more", half(*n))
            }
            Self::TooManyMessages { most, .. } => format!("loads that give at most {most} messages"),
            Self::Source(SourceError::Units { source_kind, .. }) => source_kind.about().units.to_owned(),
            Self::Source(SourceError::Count { available, n, .. }) => {
                format!("at most {available} messages, a load of {:.2}", *available as f64 / *n as f64)
            }
            Self::Source(SourceError::Parameter { allowed, .. }) => allowed.clone(),
            Self::Source(SourceError::FileUnits { units, .. }) => format!("n = {units}"),
            Self::Source(SourceError::FileRows { rows, n, .. }) => {
                format!("at most {rows} messages, a load of {:.2}", *rows as f64 / *n as f64)
            }
            Self::Source(SourceError::FileQueries { without, .. }) => {
                format!("m above {without}, or a query of every message")
            }
            Self::Source(SourceError::Absent { .. }) | Self::Messages { .. } => {
                "npy, npz, csv, IDX, PNG, PBM, PGM or Parquet files and folders of pictures, whose values are \
                 of two kinds \
                 or divided by a threshold"
                    .to_owned()
            }
            Self::TooManyFlips { n, .. } => format!("0 to {} flips at n = {n}", n / 2),
            Self::Label => "visible characters".to_owned(),
            Self::HiddenLabel { .. } => {
                "visible characters, single spaces between words, accents on their letters".to_owned()
            }
            Self::LabelsAlike { .. } => "labels that a reader tells apart".to_owned(),
            Self::SameParameters { .. } => "protocols that differ in at least one parameter".to_owned(),
            Self::LabelTaken { .. } | Self::SameFigure { .. } | Self::SameClaim { .. } => {
                "a name that no other has".to_owned()
            }
            Self::OwnRival { .. } => "protocols other than the subject".to_owned(),
            Self::FewSizes { .. } => "at least 4 different n".to_owned(),
            Self::EmptyRegion { .. } => "regions in which the grid runs what is compared".to_owned(),
            Self::NoEffect { .. } | Self::NothingTrained { .. } => {
                "only keys that change the sweep".to_owned()
            }
            Self::NotOfKind { kinds, .. } => format!("kind {kinds}"),
            Self::NoTest { test } => {
                format!("this kind beside a [claim.test.{test}] of a protocol that the figure shows")
            }
            Self::BeyondMaxSteps { max_steps, .. } => format!("1 to {max_steps}"),
            Self::Formula { error: FormulaError::Unavailable { available, .. }, .. } => {
                format!("here, formulas of {}", available.join(" and "))
            }
            Self::Formula { .. } => LANGUAGE.to_owned(),
            Self::NoCount { most, .. } => format!("formulas that give whole numbers from 1 to {most}"),
            Self::ZipOfOne => "groups of two or more keys".to_owned(),
            Self::ZipOfNoList { .. } => "keys of the grid that list values".to_owned(),
            Self::ZipLengths { .. } => "lists of one length".to_owned(),
            Self::ExcludesNothing => "exclusions of cells that the grid has".to_owned(),
            Self::NothingLeft => "exclusions that leave a cell".to_owned(),
            Self::NeverRun => "protocols that the grid or one of its parts runs".to_owned(),
            Self::Disagree { .. } => "parts that meet only where noise and queries are the same".to_owned(),
            Self::TooManyCells { most, .. } => {
                format!("sources x n x loads x protocols x trials up to {most}")
            }
        }
    }

    /// Returns what to do about it.
    pub fn remedy(&self) -> String {
        match self {
            Self::Syntax { .. } => "texts stand in quotes, lists in brackets, every key once".to_owned(),
            Self::Unknown { nearest: Some(nearest), .. } => format!("did you mean `{nearest}`?"),
            Self::Unknown { .. } => "use one of the names allowed, or remove it".to_owned(),
            Self::Missing { example, .. } => format!("add a line such as `{example}`"),
            Self::NotAllowed { example, .. } => format!("write for example `{example}`"),
            Self::NotExactlyOne { first, both: true, .. } => {
                format!("remove one of them, for example `{first}`")
            }
            Self::NotExactlyOne { first, .. } => format!("add a line such as `{first} = [0.1]`"),
            Self::Empty => "add a value, or remove the key where it has a default".to_owned(),
            Self::Repeated { value } => format!("remove one {value}"),
            Self::Coincide { second, .. } => {
                format!("remove {second}, move it further away, or use larger n")
            }
            Self::NoMessage { load, n } => format!("raise the load {load:?}, or remove n = {n}"),
            Self::TooManyMessages { .. } => "lower the load".to_owned(),
            Self::Source(SourceError::Units { source_kind, allowed, only: true, .. }) => format!(
                "use n = {allowed:?}, or leave the others out: `exclude = [{{ sources = [\"{source_kind}\"], \
                 when = \"n != {}\" }}]`",
                allowed.first().copied().unwrap_or_default()
            ),
            Self::Source(SourceError::Units { source_kind, n, allowed, .. }) => format!(
                "use n = {allowed:?}, or leave it out: `exclude = [{{ sources = [\"{source_kind}\"], \
                 when = \"n == {n}\" }}]`"
            ),
            Self::Source(SourceError::Count { source_kind, n, available, only, .. }) => format!(
                "lower it, or leave it out for {}: `exclude = [{{ sources = [\"{source_kind}\"], when = \"{}m > \
                 {available}\" }}]`",
                source_kind.about().title,
                if *only { String::new() } else { format!("n == {n} and ") }
            ),
            Self::Source(SourceError::Parameter { parameter, .. }) => {
                format!("change {parameter}, or use larger n")
            }
            Self::Source(SourceError::FileUnits { file, units, .. }) => format!(
                "use n = [{units}], or leave the others out: `exclude = [{{ sources = [{{ file = {:?} }}], when \
                 = \"n != \
                 {units}\" }}]`",
                file
            ),
            Self::Source(SourceError::FileRows { file, rows, .. }) => format!(
                "lower it, use a file of more rows, or leave it out: `exclude = [{{ sources = [{{ file = {:?} \
                 }}], when = \"m \
                 > {rows}\" }}]`",
                file
            ),
            Self::Source(SourceError::FileQueries { without, .. }) => {
                format!("give every message a query, or let m be above {without}")
            }
            Self::Source(SourceError::Absent { .. }) | Self::Messages { .. } => {
                "correct the file, or name another".to_owned()
            }
            Self::TooManyFlips { n, .. } => format!("lower it to {} or less, or remove n = {n}", n / 2),
            Self::HiddenLabel { .. } => "write the label anew".to_owned(),
            Self::LabelsAlike { second, .. } => format!("rename `{second}`"),
            Self::Label => "give the protocol a name that a legend can show".to_owned(),
            Self::SameParameters { first, second } => {
                format!("remove `{second}` or `{first}`; note that `k` and `steps` override parameters")
            }
            Self::LabelTaken { label } => format!("rename `{label}`"),
            Self::SameFigure { .. } | Self::SameClaim { .. } => "rename one of them".to_owned(),
            Self::OwnRival { label } => format!("remove `{label}`"),
            Self::FewSizes { .. } => "add some".to_owned(),
            Self::EmptyRegion { .. } => "widen the region, or run these protocols there".to_owned(),
            Self::NotInGrid { .. } => {
                "use a value of the grid, or remove the line for all of them".to_owned()
            }
            Self::NoEffect { .. } | Self::NothingTrained { .. } => "remove it".to_owned(),
            Self::NotOfKind { .. } => "remove it, or change the kind".to_owned(),
            Self::NoTest { .. } => "declare the test in a [[claim]], or change the kind".to_owned(),
            Self::BeyondMaxSteps { checkpoint, .. } => {
                format!("raise [read] max_steps to {checkpoint}, or lower this")
            }
            Self::Formula { error: FormulaError::Unknown { nearest: Some(nearest), .. }, .. } => {
                format!("did you mean `{nearest}`?")
            }
            Self::Formula { error: FormulaError::Unavailable { variable: "load", .. }, .. } => {
                "list values of `load`, or leave it out of the formula".to_owned()
            }
            Self::Formula { example, .. } => format!("write for example {example:?}"),
            Self::NoCount { formula, value, .. } if *value > 0.0 && value.fract() != 0.0 => {
                format!("round it, for example \"ceil({formula})\"")
            }
            Self::NoCount { .. } => "change the formula, or remove these values".to_owned(),
            Self::ZipOfOne => r#"write for example `zip = [["n", "load"]]`"#.to_owned(),
            Self::ZipOfNoList { key } => format!("remove `{key}` from the group, or list its values"),
            Self::ZipLengths { .. } => "add the values that are missing, or remove those too many".to_owned(),
            Self::ExcludesNothing => "correct it, or remove it".to_owned(),
            Self::NothingLeft => "exclude less".to_owned(),
            Self::NeverRun => "name it in a part's `protocols`, or remove it".to_owned(),
            Self::Disagree { n, m, .. } => {
                format!("give both parts the same noise and queries, or exclude n = {n}, m = {m} from one")
            }
            Self::TooManyCells { .. } => {
                "lower the trials, or split the sweep into several definitions".to_owned()
            }
        }
    }
}

/// The smallest load, rounded up to four digits, that gives a message.
fn half(n: u32) -> f64 {
    (0.5 / f64::from(n) * 1e4).ceil() / 1e4
}
