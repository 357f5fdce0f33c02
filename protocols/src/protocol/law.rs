//! Every writing rule obeys these laws, here by name. [`laws`](crate::laws) holds rules against them.

/// A `Law` is what every rule obeys. A rule that does not by its nature says so in
/// [`Rule::EXEMPT`](crate::Rule::EXEMPT).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// The same messages and stream give the same weights and report.
    Function,
    /// A few messages come back: after L steps where it trains so many, after five where it does not.
    Returns,
    /// A few messages are fixed points.
    Stays,
    /// A single unit, a single message, repeated messages and complementary ones are written.
    EdgeCases,
    /// A single message is a fixed point.
    Single,
    /// Repeated messages, and more messages than units, give finite weights or an error that says why not.
    TooMany,
    /// Messages whose units are permuted give the W whose rows and columns are permuted.
    Units,
    /// Messages in which a unit is negated give the W whose row and column of that unit are negated.
    Gauge,
    /// The order of the messages does not matter.
    Order,
    /// W is what the rule declares of it: see [`Nature`](crate::protocol::Nature).
    Nature,
    /// An empty set of messages is refused.
    Emptiness,
    /// A rule that iterates ends where the watch says so, and tells why.
    Watch,
    /// Its name is allowed, and no other rule of the catalogue has it.
    Name,
    /// It says in words what it is, where it comes from and what its parameters do.
    Description,
    /// How it trains can be varied, by one quantity at a time.
    Training,
}

impl Law {
    /// This is the list of all laws.
    pub const ALL: [Self; 15] = [
        Self::Function,
        Self::Returns,
        Self::Stays,
        Self::EdgeCases,
        Self::Single,
        Self::TooMany,
        Self::Units,
        Self::Gauge,
        Self::Order,
        Self::Nature,
        Self::Emptiness,
        Self::Watch,
        Self::Name,
        Self::Description,
        Self::Training,
    ];
}
