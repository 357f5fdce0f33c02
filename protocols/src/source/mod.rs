//! Messages come from a source: they are random signs, dependent in one way or another, or bitmaps and codes.
//!
//! Each kind of source has a file, which says what is drawn and where that comes from. A definition names it
//! by `"biased"`, with its defaults, or `{ biased = { activity = 0.2 } }`; tables and file names have it as
//! `biased(activity=0.2)`, which is read as well.

mod biased;
mod chain;
mod cliques;
mod codes;
mod digits;
mod error;
mod features;
mod file;
mod file_text;
mod glyphs;
mod hierarchical;
mod interned;
mod kind;
pub mod number;
mod pairs;
mod patches;
mod random;
mod small_glyphs;
mod text;
mod threshold;

pub use biased::Biased;
pub use chain::Chain;
pub use cliques::Cliques;
pub use error::SourceError;
pub use features::Features;
pub use file::MessageFile;
pub use hierarchical::Hierarchical;
pub use kind::SourceAbout;
pub use pairs::Pairs;
pub use patches::Patches;
pub use threshold::Threshold;

use self::kind::Kind;
use crate::corruption::{Corruption, CorruptionKind};
use crate::noise::Queries;
use crate::patterns::Patterns;
use crate::seed::Stream;

/// A `Source` is a source of message sets, with its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// Independent fair signs, any N.
    Random,
    /// The 94 printable, non-blank 8 x 8 characters of the public-domain font in the crate `font8x8`: N = 64,
    /// set pixels +1. Real bitmaps, strongly correlated and mostly background.
    Glyphs,
    /// The same characters of another font, 5 x 7: N = 35.
    SmallGlyphs,
    /// Hand-written digits, 8 x 8: N = 64.
    Digits,
    /// Independent signs of which few are +1.
    Biased(Biased),
    /// Signs that are correlated along a line.
    Chain(Chain),
    /// Signs that are correlated in a plane.
    Patches(Patches),
    /// Children of few ancestors.
    Hierarchical(Hierarchical),
    /// Signs of mixtures of few features.
    Features(Features),
    /// Cliques of a graph, N its possible edges.
    Cliques(Cliques),
    /// Rows of a Hadamard matrix, orthogonal to each other.
    Codes,
    /// Rows of a file of one's own.
    File(MessageFile),
}

impl Source {
    /// Lists every kind of source with its default parameters, in the order of tables. Files of one's own come after
    /// them, and have no default.
    pub fn catalogue() -> Vec<Self> {
        vec![
            Self::Random,
            Self::Glyphs,
            Self::SmallGlyphs,
            Self::Digits,
            Self::Biased(Biased::default()),
            Self::Chain(Chain::default()),
            Self::Patches(Patches::default()),
            Self::Hierarchical(Hierarchical::default()),
            Self::Features(Features::default()),
            Self::Cliques(Cliques::default()),
            Self::Codes,
        ]
    }

    fn kind(&self) -> &dyn Kind {
        match self {
            Self::Random => &random::Random,
            Self::Glyphs => &glyphs::Glyphs,
            Self::SmallGlyphs => &small_glyphs::SmallGlyphs,
            Self::Digits => &digits::Digits,
            Self::Biased(biased) => biased,
            Self::Chain(chain) => chain,
            Self::Patches(patches) => patches,
            Self::Hierarchical(hierarchical) => hierarchical,
            Self::Features(features) => features,
            Self::Cliques(cliques) => cliques,
            Self::Codes => &codes::Codes,
            Self::File(file) => file,
        }
    }

    /// Returns what the catalogue says of it.
    pub fn about(&self) -> &'static SourceAbout {
        self.kind().about()
    }

    /// Lists its parameters with their values, in order; without those that follow from N where not given.
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        self.kind().parameters()
    }

    /// Returns the messages in words, with their parameters, such as `glyphs` or `biased messages (activity 0.1)`.
    pub fn title(&self) -> String {
        if let Self::File(file) = self {
            return format!("messages of {}", file.name());
        }
        let values: Vec<String> =
            self.parameters().iter().map(|(name, value)| format!("{name} {value}")).collect();
        let title = self.about().title;
        if values.is_empty() { title.to_owned() } else { format!("{title} ({})", values.join(", ")) }
    }

    /// Returns whether it is `other`, where a file of which no content is said may hold anything.
    pub fn names(self, other: Self) -> bool {
        match (self, other) {
            (Self::File(file), Self::File(other)) if file.content().is_none() => file == other.asked(),
            _ => self == other,
        }
    }

    /// Returns a file that stands for all of one's own, for catalogues.
    pub fn files() -> Self {
        Self::File(MessageFile::new("x.npy", None, None).expect("it is a name"))
    }

    /// Returns the text that stands for it in tables, such as `random` or `biased(activity=0.1)`.
    pub fn name(self) -> &'static str {
        interned::name(self)
    }

    /// Checks that the source has `m` messages of `n` units.
    ///
    /// # Errors
    /// If it has not.
    pub fn check(self, n: usize, m: usize) -> Result<(), SourceError> {
        self.kind().check(n, m).map_err(|misfit| misfit.of(self, n, m))
    }

    /// Draws `m` messages of `n` units.
    ///
    /// # Errors
    /// As [`Source::check`].
    pub fn draw(self, n: usize, m: usize, stream: &mut Stream) -> Result<Patterns, SourceError> {
        self.check(n, m)?;
        if let Self::File(file) = self
            && file.rows().is_none()
        {
            return Err(SourceError::Absent { file: file.name() });
        }
        Ok(Patterns::known(n, self.kind().draw(n, m, stream)))
    }

    /// Returns how the queries of its own are corrupted: by so many units in the mean, 0 where nobody has looked.
    /// `None` where it has none.
    pub fn own_queries(self) -> Option<Corruption> {
        let Self::File(file) = self else { return None };
        file.queries()?;
        Some(Corruption { kind: CorruptionKind::Own, units: file.distance().unwrap_or(0) })
    }

    /// Makes `count` queries of `messages`, which it has drawn by `drawn`; or takes as many of those of its own, or all
    /// where they are fewer.
    ///
    /// # Panics
    /// If fewer units than are to be corrupted, or queries of its own were not given.
    pub fn queries(
        self,
        messages: &Patterns,
        drawn: &mut Stream,
        corruption: Corruption,
        count: usize,
        stream: &mut Stream,
    ) -> Queries {
        match self {
            Self::File(file) if corruption.kind == CorruptionKind::Own => {
                let taken = file.taken(messages.count(), count, drawn, stream);
                taken.expect("whoever draws has asked for the queries")
            }
            _ => Queries::corrupted(messages, corruption, count, stream),
        }
    }
}

/// Returns the character whose glyph this bitmap is, in either font, such as `A`. None where it is no glyph.
pub fn character(bitmap: &[i8]) -> Option<char> {
    glyphs::character(bitmap).or_else(|| small_glyphs::character(bitmap))
}
