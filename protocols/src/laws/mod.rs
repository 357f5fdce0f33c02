//! Every writing rule obeys the same laws. A rule of your own can be held against them in one line.
//!
//! ```
//! use protocols::{laws, protocol::Hop};
//! assert_eq!(laws::broken(&Hop::default().into()), []);
//! ```

mod kinship;
mod nature;

use crate::noise::Queries;
use crate::patterns::Patterns;
use crate::probe;
pub use crate::protocol::Law;
use crate::protocol::{Spec, Training, WriteError, Written, is_name};
use crate::reading::{Reader, Settings};
use crate::seed::Stream;
use crate::weights::Weights;
use faer::MatRef;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

impl Law {
    /// Holds a rule against the law, exempt or not.
    ///
    /// # Errors
    /// If the rule breaks it.
    pub fn check(self, spec: &Spec) -> Result<(), Broken> {
        let check = match self {
            Self::Function => function,
            Self::Returns => returns,
            Self::Stays => stays,
            Self::EdgeCases => edge_cases,
            Self::Single => single,
            Self::TooMany => too_many,
            Self::Units => kinship::units,
            Self::Gauge => kinship::gauge,
            Self::Order => kinship::order,
            Self::Nature => nature::declared,
            Self::Emptiness => emptiness,
            Self::Watch => watch,
            Self::Name => name,
            Self::Description => description,
            Self::Training => training,
        };
        // A rule that panics breaks the law, and the others are still to be held against it.
        let held = catch_unwind(AssertUnwindSafe(|| check(spec)));
        let found = held.unwrap_or_else(|_| Err("it panics".to_owned()));
        found.map_err(|found| Broken { rule: spec.about().name, law: self, found })
    }

    /// Returns what the law demands.
    pub fn demand(self) -> &'static str {
        match self {
            Self::Function => "the same messages and stream give the same weights and report",
            Self::Returns => "a few messages come back",
            Self::Stays => "a few messages are fixed points",
            Self::EdgeCases => "unusual sets of messages are written",
            Self::Single => "a single message is a fixed point",
            Self::TooMany => "too many messages give finite weights or an error that says why not",
            Self::Units => "permuting the units permutes W",
            Self::Gauge => "negating a unit in all messages negates its weights",
            Self::Order => "the order of the messages does not matter",
            Self::Nature => "W is what the rule declares of it",
            Self::Emptiness => "an empty set of messages is refused",
            Self::Watch => "an iteration ends where the watch says so",
            Self::Name => "its name is allowed and its own",
            Self::Description => "it is described in words",
            Self::Training => "how it trains can be varied",
        }
    }
}

/// A `Broken` is a law that a rule breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{rule}` breaks the law that {}: {found}", law.demand())]
pub struct Broken {
    /// The rule's name.
    pub rule: &'static str,
    /// The law.
    pub law: Law,
    /// What was found instead.
    pub found: String,
}

/// Lists the laws that a rule breaks, but for those that it is exempt from.
pub fn broken(spec: &Spec) -> Vec<Broken> {
    let due = Law::ALL.into_iter().filter(|law| !spec.exempt().contains(law));
    due.filter_map(|law| law.check(spec).err()).collect()
}

/// Nothing, or what was found instead.
type Held = Result<(), String>;

fn require(holds: bool, found: impl FnOnce() -> String) -> Held {
    if holds { Ok(()) } else { Err(found()) }
}

fn messages(n: usize, m: usize) -> Patterns {
    Patterns::random(n, m, &mut Stream::named(3, "laws", &[("n", n as u64), ("m", m as u64)]))
}

fn stream() -> Stream {
    Stream::named(3, "training", &[])
}

fn write(spec: &Spec, messages: &Patterns) -> Result<Written, String> {
    let refused = |error| format!("{} messages of {} units: {error}", messages.count(), messages.n());
    spec.protocol().write(messages, &mut stream()).map_err(refused)
}

fn function(spec: &Spec) -> Held {
    let (first, second) = (write(spec, &messages(32, 8))?, write(spec, &messages(32, 8))?);
    require(first.weights == second.weights, || "other weights".to_owned())?;
    require(first.report == second.report, || format!("{:?} and {:?}", first.report, second.report))
}

/// How three messages are read from themselves.
fn recovery(spec: &Spec) -> Result<(Written, Patterns, probe::Recovery), String> {
    let messages = messages(64, 3);
    let written = write(spec, &messages)?;
    let queries = Queries::exact(&messages, 0, 3, &mut stream());
    let settings = Settings { reader: Reader::Sync, max_steps: 50 };
    let steps = spec.training().map_or(5, |training| training.steps.get());
    let found = probe::recovery(&written.weights, &messages, &queries, settings, steps, &mut stream());
    Ok((written, messages, found))
}

fn returns(spec: &Spec) -> Held {
    let (.., found) = recovery(spec)?;
    require(found.at_checkpoint == 3, || format!("{} of 3 do", found.at_checkpoint))
}

fn stays(spec: &Spec) -> Held {
    let (written, messages, found) = recovery(spec)?;
    let fixed = probe::stability(&written.weights, &messages).fixed;
    require(fixed == 3, || format!("{fixed} of 3 are"))?;
    require(found.recovered == 3, || format!("{} of 3 are where their reads end", found.recovered))
}

fn edge_cases(spec: &Spec) -> Held {
    let sets: [(usize, Vec<i8>); 4] =
        [(2, vec![1, -1]), (4, [1, -1, 1, 1].repeat(5)), (4, vec![1, -1, 1, 1, -1, 1, -1, -1]), (1, vec![1])];
    sets.into_iter().try_for_each(|(n, signs)| {
        let found = write(spec, &Patterns::known(n, signs))?.weights.n();
        require(found == n, || format!("weights of {found} units for messages of {n}"))
    })
}

fn single(spec: &Spec) -> Held {
    [2, 3, 5, 33].into_iter().try_for_each(|n| {
        let messages = messages(n, 1);
        let fixed = probe::stability(&write(spec, &messages)?.weights, &messages).fixed;
        require(fixed == 1, || format!("it is none, of {n} units"))
    })
}

fn too_many(spec: &Spec) -> Held {
    let repeated = Patterns::known(8, messages(8, 3).signs().repeat(2));
    [messages(8, 8), messages(8, 20), repeated].iter().try_for_each(|messages| {
        match spec.protocol().write(messages, &mut stream()) {
            Ok(written) => require(is_finite(&written.weights), || "not all weights are numbers".to_owned()),
            // The rule did not see it.
            Err(WriteError::Weights(error)) => Err(error.to_string()),
            Err(_) => Ok(()),
        }
    })
}

fn is_finite(weights: &Weights) -> bool {
    let finite =
        |matrix: MatRef<'_, f32>| matrix.col_iter().all(|column| column.iter().all(|w| w.is_finite()));
    finite(weights.matrix())
        && weights.input().is_none_or(finite)
        && weights.thresholds().is_none_or(|b| b.iter().all(|b| b.is_finite()))
}

fn emptiness(spec: &Spec) -> Held {
    match spec.protocol().write(&Patterns::known(4, vec![]), &mut stream()) {
        Err(WriteError::NoMessages) => Ok(()),
        Err(other) => Err(other.to_string()),
        Ok(_) => Err("it is written".to_owned()),
    }
}

fn watch(spec: &Spec) -> Held {
    if write(spec, &messages(16, 4))?.report.iterations <= 2 {
        return Ok(());
    }
    let ended = spec.protocol().write_watched(&messages(16, 4), &mut stream(), &mut |iteration| {
        if iteration == 2 { ControlFlow::Break("budget".into()) } else { ControlFlow::Continue(()) }
    });
    match ended {
        Err(WriteError::Interrupted { iteration: 2, reason }) if reason == "budget" => Ok(()),
        Err(other) => Err(other.to_string()),
        Ok(_) => Err("it went on".to_owned()),
    }
}

fn name(spec: &Spec) -> Held {
    let name = spec.about().name;
    require(is_name(name), || {
        "lower-case letters, digits and hyphens are allowed, a letter first".to_owned()
    })?;
    require(spec.protocol().name() == name, || format!("it calls itself {}", spec.protocol().name()))?;
    let others = Spec::catalogue().into_iter().filter(|other| other.about().name == name);
    let same = others.filter(|other| !other.is_same_rule(spec)).count();
    require(same == 0, || "another rule has it".to_owned())
}

fn description(spec: &Spec) -> Held {
    let about = spec.about();
    for (what, words) in [("title", about.title), ("formula", about.formula), ("source", about.source)] {
        require(!words.trim().is_empty(), || format!("there is no {what}"))?;
    }
    require(about.version > 0, || "versions count from 1".to_owned())?;
    about.parameters.iter().try_for_each(|p| {
        let said = !p.allowed.trim().is_empty() && !p.meaning.trim().is_empty();
        require(said, || format!("`{}` is not explained", p.name))
    })
}

fn training(spec: &Spec) -> Held {
    let Some(now) = spec.training() else { return Ok(()) };
    let more = |count: std::num::NonZeroU32| count.saturating_add(1);
    let others = [
        Training { queries: more(now.queries), ..now },
        Training { steps: more(now.steps), ..now },
        Training { epochs: now.epochs.saturating_add(1), ..now },
    ];
    others.into_iter().try_for_each(|other| {
        let varied = spec.with_training(other).training();
        require(varied == Some(other), || format!("{varied:?} instead of {other:?}"))
    })?;
    require(spec.with_training(now) == *spec, || "it is another rule with what it had".to_owned())
}
