//! The author of a rule states all that others need to know about it. This is its description, its
//! parameters, how it writes, and what it costs.
//!
//! A rule is a struct of its parameters that implements [`Rule`]. Everything else in the workspace meets it as a
//! [`Spec`]: definitions and the command line read it, tables and figures name it, costs are forecast for
//! it.
//!
//! ```
//! use protocols::protocol::{About, Report, Rule, Watch, WriteError, Written};
//! use protocols::{Mat, Patterns, Stream, Weights, laws, register};
//! use serde::{Deserialize, Serialize};
//!
//! /// Every weight is the sign of the outer product's.
//! #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
//! #[serde(deny_unknown_fields, default)]
//! struct Clipped {}
//!
//! impl Rule for Clipped {
//!     const ABOUT: &'static About = &About {
//!         name: "clipped",
//!         title: "clipped outer product",
//!         formula: "W_ij = sign(sum_m xi_i^m xi_j^m), W_ii = 0",
//!         source: "Sompolinsky 1986",
//!         version: 1,
//!         parameters: &[],
//!     };
//!
//!     fn write_messages(
//!         &self,
//!         messages: &Patterns,
//!         _: &mut Stream,
//!         _: &mut Watch<'_>,
//!     ) -> Result<Written, WriteError> {
//!         let sum = |i, j| messages.rows().map(|xi| f32::from(xi[i] * xi[j])).sum::<f32>();
//!         let weight = |i, j| if i == j || sum(i, j) == 0.0 { 0.0 } else { sum(i, j).signum() };
//!         let weights = Weights::new(Mat::from_fn(messages.n(), messages.n(), weight))?;
//!         Ok(Written { weights, report: Report::closed(None) })
//!     }
//! }
//!
//! register::<Clipped>()?;
//! assert_eq!(laws::broken(&Clipped {}.into()), []);
//! # Ok::<(), protocols::RegisterError>(())
//! ```

use super::law::Law;
use super::nature::Nature;
use super::parameter::Noise;
use super::work;
use super::{Protocol, Watch, WriteError, Written};
use crate::described::Parameter;
use crate::patterns::Patterns;
use crate::seed::Stream;
use crate::weights::Weights;
use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use std::any::Any;
use std::fmt::{self, Debug};
use std::num::NonZeroU32;
use std::sync::Arc;

/// An `About` holds what the catalogue says of a rule.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct About {
    /// The name in definitions: lower-case letters, digits and hyphens.
    pub name: &'static str,
    /// The name in full.
    pub title: &'static str,
    /// The rule.
    pub formula: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// Raised whenever the same parameters, messages and stream give other weights than before.
    pub version: u32,
    /// Its parameters, in the order of the struct's fields.
    pub parameters: &'static [Parameter],
}

/// A `Rule` is a writing rule with its parameters. It is the trait that an author implements.
///
/// The type is a struct with a field for every parameter, of types that refuse what is not allowed
/// ([`parameter`](super::parameter)), and with `#[serde(deny_unknown_fields, default)]`, so that a definition gives
/// what it likes.
pub trait Rule:
    Clone + Debug + Default + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// This is what the catalogue says of the rule.
    const ABOUT: &'static About;

    /// The serialised form leaves these parameters out at their default, each given with that default as
    /// JSON. They were added when results had been stored already, whose identities hang on that form.
    const LEFT_OUT: &'static [(&'static str, &'static str)] = &[];

    /// The rule breaks these laws by its nature. Its doc says why.
    const EXEMPT: &'static [Law] = &[];

    /// Writes `messages` (M x N), of which there is at least one. Randomness comes from `stream` alone;
    /// `watch` is called once an iteration.
    ///
    /// # Errors
    /// If the parameters do not fit the messages, the numbers diverge, or `watch` breaks.
    fn write_messages(
        &self,
        messages: &Patterns,
        stream: &mut Stream,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError>;

    /// Declares what W is like, whatever the messages. The laws hold it to that.
    fn nature(&self) -> Nature {
        Nature::default()
    }

    /// Adds a message to weights that the rule wrote, without the messages before. The result is what it
    /// would write anew. None where it cannot, or declares no such thing.
    fn add(&self, _: &Weights, _message: &[i8]) -> Option<Weights> {
        None
    }

    /// Lists the rules among its parameters, each with the parameter's name. What they write is a part of what
    /// this one writes, so the identities of results hang on their versions too.
    fn rules(&self) -> Vec<(&'static str, Spec)> {
        Vec::new()
    }

    /// Says how it trains, if it trains an unrolled network on noisy queries. Sweeps can then vary K and L.
    fn training(&self) -> Option<Training> {
        None
    }

    /// Trains otherwise from now on. Called only where [`Rule::training`] says how it trains.
    fn set_training(&mut self, _: Training) {}

    /// Says what a write of `m` messages of `n` units is made of. This is the rule itself once; or one epoch,
    /// as often as it trains.
    fn stages(&self, _n: usize, _m: usize) -> Vec<Stage> {
        match self.training() {
            None => vec![Stage { spec: self.clone().into(), times: 1.0 }],
            Some(training) => {
                let mut epoch = self.clone();
                epoch.set_training(Training { epochs: 1, ..training });
                vec![Stage { spec: epoch.into(), times: training.epochs.into() }]
            }
        }
    }

    /// Counts the operations of a write of `m` messages of `n` units, of one epoch where it trains. They are
    /// multiply-adds, and the rest weighed roughly against them. Seconds an operation are measured, so this
    /// only has to grow with N and M as the work does.
    fn work(&self, n: f64, m: f64) -> f64 {
        match self.training() {
            None => work::minimised(n, m, 100.0),
            Some(training) => work::trained(n, m, (training.queries, training.steps), 1.0),
        }
    }

    /// Counts the bytes that a write of `m` messages of `n` units holds at the same time. They are those
    /// beside the messages, or fewer: what has less to its disposal is refused.
    fn bytes(&self, n: u64, _m: u64) -> u64 {
        work::F32 * n * n
    }
}

/// A `Training` says how a rule trains an unrolled network on noisy queries.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Training {
    /// Queries a message, K.
    pub queries: NonZeroU32,
    /// Unrolled steps, L.
    pub steps: NonZeroU32,
    /// Noise level of the queries.
    pub noise: Noise,
    /// Passes over all queries.
    pub epochs: u32,
}

/// A `Stage` is a part of a write. It is a rule, and how many times it is worked through, by epochs where it
/// trains.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// What is worked through.
    pub spec: Spec,
    /// How many times.
    pub times: f64,
}

/// A `Spec` is a protocol with its parameters, as a definition gives it. An example is
/// `{ trn = { steps = 3 } }`; what is not given takes its default.
///
/// ```
/// use protocols::Spec;
/// use protocols::protocol::{Hop, HopDiagonal};
/// let spec = Spec::from(Hop { diagonal: HopDiagonal::Literal });
/// assert_eq!(spec.about().name, "hop");
/// assert_eq!(spec.downcast_ref::<Hop>().map(|hop| hop.diagonal), Some(HopDiagonal::Literal));
/// ```
#[derive(Clone)]
pub struct Spec(Arc<dyn Known>);

/// What a [`Rule`] says of itself, without its type.
trait Known: Protocol + erased_serde::Serialize + fmt::Debug {
    fn about(&self) -> &'static About;
    fn left_out(&self) -> &'static [(&'static str, &'static str)];
    fn exempt(&self) -> &'static [Law];
    fn nature(&self) -> Nature;
    fn add(&self, weights: &Weights, message: &[i8]) -> Option<Weights>;
    fn rules(&self) -> Vec<(&'static str, Spec)>;
    fn training(&self) -> Option<Training>;
    fn with_training(&self, training: Training) -> Spec;
    fn stages(&self, n: usize, m: usize) -> Vec<Stage>;
    fn work(&self, n: f64, m: f64) -> f64;
    fn bytes(&self, n: u64, m: u64) -> u64;
    fn as_any(&self) -> &dyn Any;
    fn equals(&self, other: &dyn Any) -> bool;
}

impl<R: Rule> Known for R {
    fn about(&self) -> &'static About {
        R::ABOUT
    }

    fn left_out(&self) -> &'static [(&'static str, &'static str)] {
        R::LEFT_OUT
    }

    fn exempt(&self) -> &'static [Law] {
        R::EXEMPT
    }

    fn nature(&self) -> Nature {
        Rule::nature(self)
    }

    fn add(&self, weights: &Weights, message: &[i8]) -> Option<Weights> {
        Rule::add(self, weights, message)
    }

    fn rules(&self) -> Vec<(&'static str, Spec)> {
        Rule::rules(self)
    }

    fn training(&self) -> Option<Training> {
        Rule::training(self)
    }

    fn with_training(&self, training: Training) -> Spec {
        let mut rule = self.clone();
        rule.set_training(training);
        rule.into()
    }

    fn stages(&self, n: usize, m: usize) -> Vec<Stage> {
        Rule::stages(self, n, m)
    }

    fn work(&self, n: f64, m: f64) -> f64 {
        Rule::work(self, n, m)
    }

    fn bytes(&self, n: u64, m: u64) -> u64 {
        Rule::bytes(self, n, m)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn equals(&self, other: &dyn Any) -> bool {
        other.downcast_ref() == Some(self)
    }
}

impl<R: Rule> From<R> for Spec {
    fn from(rule: R) -> Self {
        Self(Arc::new(rule))
    }
}

impl Spec {
    /// Returns the protocol behind the parameters.
    pub fn protocol(&self) -> &dyn Protocol {
        &*self.0
    }

    /// Returns the rule itself, if it is of that type.
    pub fn downcast_ref<R: Rule>(&self) -> Option<&R> {
        self.0.as_any().downcast_ref()
    }

    /// Tells whether the other is of the same type, with whatever parameters.
    pub(crate) fn is_same_rule(&self, other: &Self) -> bool {
        self.0.as_any().type_id() == other.0.as_any().type_id()
    }

    /// Returns what the catalogue says of it.
    pub fn about(&self) -> &'static About {
        self.0.about()
    }

    /// Returns the parameters that the serialised form leaves out at their default. Each comes with that
    /// default as JSON.
    pub fn left_out(&self) -> &'static [(&'static str, &'static str)] {
        self.0.left_out()
    }

    /// Returns the laws that it breaks by its nature.
    pub fn exempt(&self) -> &'static [Law] {
        self.0.exempt()
    }

    /// Returns what it declares of its weights.
    pub fn nature(&self) -> Nature {
        self.0.nature()
    }

    /// Adds a message to weights that it wrote, where it can do so without the messages before.
    ///
    /// ```
    /// use protocols::{Patterns, Spec, Stream};
    /// let mut stream = Stream::named(1, "messages", &[]);
    /// let messages = Patterns::random(16, 3, &mut stream);
    /// let hop = Spec::named("hop").expect("it is in the catalogue");
    /// let two = hop.protocol().write(&messages.slice(0, 2), &mut stream)?.weights;
    /// let three = hop.protocol().write(&messages, &mut stream)?.weights;
    /// assert_eq!(hop.add(&two, messages.row(2)), Some(three));
    /// # Ok::<(), protocols::WriteError>(())
    /// ```
    pub fn add(&self, weights: &Weights, message: &[i8]) -> Option<Weights> {
        self.0.add(weights, message)
    }

    /// Lists the rules among its parameters, see [`Rule::rules`].
    pub fn rules(&self) -> Vec<(&'static str, Self)> {
        self.0.rules()
    }

    /// Says how it trains, if it trains an unrolled network.
    pub fn training(&self) -> Option<Training> {
        self.0.training()
    }

    /// Returns the same rule trained otherwise. It is the rule itself, if it trains nothing.
    pub fn with_training(&self, training: Training) -> Self {
        if self.training().is_some() { self.0.with_training(training) } else { self.clone() }
    }

    /// Says what a write of `m` messages of `n` units is made of, see [`Rule::stages`].
    pub fn stages(&self, n: usize, m: usize) -> Vec<Stage> {
        self.0.stages(n, m)
    }

    /// Counts the operations of a write, of one epoch where it trains, see [`Rule::work`].
    pub fn work(&self, n: f64, m: f64) -> f64 {
        self.0.work(n, m)
    }

    /// Counts the bytes that a write holds at the same time beside the messages, or fewer, see
    /// [`Rule::bytes`].
    pub fn bytes(&self, n: u64, m: u64) -> u64 {
        self.0.bytes(n, m)
    }
}

impl fmt::Debug for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl PartialEq for Spec {
    /// The same rule with the same parameters.
    fn eq(&self, other: &Self) -> bool {
        self.0.equals(other.0.as_any())
    }
}

impl Serialize for Spec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The number of a variant is for formats without names, which a catalogue that anyone extends could not be
        // read from.
        serializer.serialize_newtype_variant("Spec", 0, self.about().name, &Parameters(&*self.0))
    }
}

/// The parameters alone.
struct Parameters<'a>(&'a dyn Known);

impl Serialize for Parameters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        erased_serde::serialize(self.0, serializer)
    }
}
