//! Formulas in definitions are counts derived from the axes, or comparisons that exclude cells. A count is
//! such as `m = "round(load * n)"`, a comparison such as `when = "n > 256 and load > 1"`.
//!
//! A formula has numbers, the variables n, m and load, + - * / with the usual precedence, parentheses, and
//! the functions of [`FUNCTIONS`]. A condition compares two formulas by < <= > >= == !=; several comparisons
//! are joined by `and`. There is nothing else, so a formula always ends, and the same axes give the same
//! value.

use base::suggest::nearest;

/// Parentheses, functions and signs that may stand inside each other.
const DEPTH: usize = 32;

/// What a function of one or two arguments computes.
type Compute = fn(f64, f64) -> f64;

/// Name, number of arguments, and what it computes (from the second argument only where there are two).
const FUNCTIONS: &[(&str, usize, Compute)] = &[
    ("round", 1, |x, _| x.round()),
    ("floor", 1, |x, _| x.floor()),
    ("ceil", 1, |x, _| x.ceil()),
    ("sqrt", 1, |x, _| x.sqrt()),
    ("ln", 1, |x, _| x.ln()),
    ("log2", 1, |x, _| x.log2()),
    ("min", 2, f64::min),
    ("max", 2, f64::max),
];

/// Says what every formula may hold, for errors.
pub(super) const LANGUAGE: &str =
    "numbers, + - * / ( ), and round, floor, ceil, sqrt, ln, log2, min, max of n, m and load";

/// A `Variable` is an axis that a formula reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    /// Units N.
    N,
    /// Messages M.
    M,
    /// The load as listed, or M/N where M is listed.
    Load,
}

impl Variable {
    /// Returns its name in a formula.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::N => "n",
            Self::M => "m",
            Self::Load => "load",
        }
    }
}

/// A `FormulaError` says why a text is no formula.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FormulaError {
    /// Something else should stand here.
    #[error("{expected} should stand at character {at}, not {found}")]
    Expected {
        /// What should.
        expected: &'static str,
        /// What does.
        found: String,
        /// Where, from 1.
        at: usize,
    },
    /// A name that is neither a variable nor a function.
    #[error("there is no `{name}` in formulas")]
    Unknown {
        /// The name.
        name: String,
        /// The one that was probably meant.
        nearest: Option<&'static str>,
    },
    /// A variable that has no value here.
    #[error("`{variable}` has no value here")]
    Unavailable {
        /// Its name.
        variable: &'static str,
        /// The variables that have.
        available: Vec<&'static str>,
    },
    /// A function with another number of arguments.
    #[error("the number of arguments of {function} is {takes}, not {has}")]
    Arguments {
        /// Its name.
        function: &'static str,
        /// Arguments it takes.
        takes: usize,
        /// Arguments it has.
        has: usize,
    },
    /// Too much in parentheses.
    #[error("it is nested more than {DEPTH} deep")]
    Deep,
}

/// Holds the axes at a point of the grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Axes {
    /// Units N.
    pub(super) n: f64,
    /// Messages M.
    pub(super) m: f64,
    /// M/N as listed.
    pub(super) load: f64,
}

/// A `Formula` is a formula of the axes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Formula(Node);

/// A `Predicate` holds comparisons that all have to hold.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Predicate(Vec<(Node, Relation, Node)>);

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Number(f64),
    Variable(Variable),
    Negative(Box<Node>),
    Operation(char, Box<Node>, Box<Node>),
    /// Position in [`FUNCTIONS`].
    Call(usize, Vec<Node>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Relation {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

impl Formula {
    /// Reads a formula of `available` variables.
    pub(super) fn parse(text: &str, available: &[Variable]) -> Result<Self, FormulaError> {
        let mut parser = Parser::new(text, available);
        let node = parser.sum(0)?;
        parser.end().map(|()| Self(node))
    }

    /// Returns its value, which may be no number.
    pub(super) fn at(&self, axes: Axes) -> f64 {
        self.0.at(axes)
    }

    /// Returns whether it reads `variable`.
    pub(super) fn reads(&self, variable: Variable) -> bool {
        self.0.reads(variable)
    }
}

impl Predicate {
    /// Reads a condition of n, m and load.
    pub(super) fn parse(text: &str) -> Result<Self, FormulaError> {
        let mut parser = Parser::new(text, &[Variable::N, Variable::M, Variable::Load]);
        let mut comparisons = Vec::new();
        loop {
            let left = parser.sum(0)?;
            let comparison = parser.comparison()?;
            comparisons.push((left, comparison, parser.sum(0)?));
            if !parser.take("and") {
                return parser.end().map(|()| Self(comparisons));
            }
        }
    }

    /// Returns whether it holds.
    pub(super) fn holds(&self, axes: Axes) -> bool {
        self.0.iter().all(|(left, comparison, right)| {
            let (a, b) = (left.at(axes), right.at(axes));
            match comparison {
                Relation::Less => a < b,
                Relation::LessOrEqual => a <= b,
                Relation::Greater => a > b,
                Relation::GreaterOrEqual => a >= b,
                Relation::Equal => a == b,
                Relation::NotEqual => a != b,
            }
        })
    }
}

impl Node {
    fn at(&self, axes: Axes) -> f64 {
        match self {
            Self::Number(x) => *x,
            Self::Variable(Variable::N) => axes.n,
            Self::Variable(Variable::M) => axes.m,
            Self::Variable(Variable::Load) => axes.load,
            Self::Negative(x) => -x.at(axes),
            Self::Operation(operator, a, b) => {
                let (a, b) = (a.at(axes), b.at(axes));
                match operator {
                    '+' => a + b,
                    '-' => a - b,
                    '*' => a * b,
                    _ => a / b,
                }
            }
            Self::Call(function, arguments) => {
                let argument = |i: usize| arguments.get(i).map_or(f64::NAN, |x| x.at(axes));
                FUNCTIONS[*function].2(argument(0), argument(1))
            }
        }
    }

    fn reads(&self, variable: Variable) -> bool {
        match self {
            Self::Number(_) => false,
            Self::Variable(v) => *v == variable,
            Self::Negative(x) => x.reads(variable),
            Self::Operation(_, a, b) => a.reads(variable) || b.reads(variable),
            Self::Call(_, arguments) => arguments.iter().any(|x| x.reads(variable)),
        }
    }
}

/// What is left of a text, read from left to right.
struct Parser<'a> {
    text: &'a str,
    rest: &'a str,
    available: &'a [Variable],
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, available: &'a [Variable]) -> Self {
        Self { text, rest: text.trim_start(), available }
    }

    /// Goes past `token` if it stands here.
    fn take(&mut self, token: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(token) else { return false };
        // `android` does not begin with `and`.
        let word = token.starts_with(|c: char| c.is_ascii_alphabetic());
        if word && rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
            return false;
        }
        self.rest = rest.trim_start();
        true
    }

    /// Goes past the characters that `is_part` accepts.
    fn take_while(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        token
    }

    fn expected<T>(&self, expected: &'static str) -> Result<T, FormulaError> {
        let found = self.rest.chars().next().map_or("the end".to_owned(), |c| format!("`{c}`"));
        let read = &self.text[..self.text.len() - self.rest.len()];
        Err(FormulaError::Expected { expected, found, at: read.chars().count() + 1 })
    }

    fn end(&self) -> Result<(), FormulaError> {
        if self.rest.is_empty() { Ok(()) } else { self.expected("an operator or the end") }
    }

    fn comparison(&mut self) -> Result<Relation, FormulaError> {
        let comparisons = [
            ("<=", Relation::LessOrEqual),
            (">=", Relation::GreaterOrEqual),
            ("==", Relation::Equal),
            ("!=", Relation::NotEqual),
            ("<", Relation::Less),
            (">", Relation::Greater),
        ];
        match comparisons.into_iter().find(|(token, _)| self.take(token)) {
            Some((_, comparison)) => Ok(comparison),
            None => self.expected("one of < <= > >= == !="),
        }
    }

    fn sum(&mut self, depth: usize) -> Result<Node, FormulaError> {
        self.chain(depth, ['+', '-'], Self::product)
    }

    fn product(&mut self, depth: usize) -> Result<Node, FormulaError> {
        self.chain(depth, ['*', '/'], Self::factor)
    }

    /// Operands joined by operators of one precedence, from left to right.
    fn chain(
        &mut self,
        depth: usize,
        operators: [char; 2],
        operand: fn(&mut Self, usize) -> Result<Node, FormulaError>,
    ) -> Result<Node, FormulaError> {
        let mut node = operand(self, depth)?;
        let mut length = 0;
        while let Some(operator) = self.rest.chars().next().filter(|c| operators.contains(c)) {
            // A chain is a tree as deep as it is long.
            length += 1;
            if length > DEPTH {
                return Err(FormulaError::Deep);
            }
            self.rest = self.rest[1..].trim_start();
            node = Node::Operation(operator, Box::new(node), Box::new(operand(self, depth)?));
        }
        Ok(node)
    }

    fn factor(&mut self, depth: usize) -> Result<Node, FormulaError> {
        if depth > DEPTH {
            return Err(FormulaError::Deep);
        }
        if self.take("-") {
            return Ok(Node::Negative(Box::new(self.factor(depth + 1)?)));
        }
        if self.take("(") {
            let node = self.sum(depth + 1)?;
            return if self.take(")") { Ok(node) } else { self.expected("`)`") };
        }
        match self.rest.chars().next() {
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(),
            Some(c) if c.is_ascii_alphabetic() => self.name(depth),
            _ => self.expected("a number, a variable, a function or `(`"),
        }
    }

    fn number(&mut self) -> Result<Node, FormulaError> {
        let before = self.rest;
        let mut digits = self.rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(before.len());
        let exponent = &before[digits..];
        if let Some(power) = exponent.strip_prefix(['e', 'E']) {
            let sign = usize::from(power.starts_with(['+', '-']));
            let length = power[sign..].find(|c: char| !c.is_ascii_digit()).unwrap_or(power.len() - sign);
            digits += 1 + sign + length;
        }
        match before[..digits].parse() {
            Ok(value) => {
                self.rest = before[digits..].trim_start();
                Ok(Node::Number(value))
            }
            Err(_) => self.expected("a number such as 2, 0.5 or 1e6"),
        }
    }

    fn name(&mut self, depth: usize) -> Result<Node, FormulaError> {
        let variables = [Variable::N, Variable::M, Variable::Load];
        let name = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
        if let Some(variable) = variables.into_iter().find(|v| v.name() == name) {
            if self.available.contains(&variable) {
                return Ok(Node::Variable(variable));
            }
            let available = self.available.iter().map(|v| v.name()).collect();
            return Err(FormulaError::Unavailable { variable: variable.name(), available });
        }
        let Some(function) = FUNCTIONS.iter().position(|(known, ..)| *known == name) else {
            let names = FUNCTIONS.iter().map(|(known, ..)| *known).chain(variables.map(Variable::name));
            return Err(FormulaError::Unknown { name: name.to_owned(), nearest: nearest(name, names) });
        };
        if !self.take("(") {
            return self.expected("`(`");
        }
        let mut arguments = vec![self.sum(depth + 1)?];
        while self.take(",") {
            arguments.push(self.sum(depth + 1)?);
        }
        if !self.take(")") {
            return self.expected("`)`");
        }
        let (known, takes, _) = FUNCTIONS[function];
        if arguments.len() != takes {
            return Err(FormulaError::Arguments { function: known, takes, has: arguments.len() });
        }
        Ok(Node::Call(function, arguments))
    }
}
