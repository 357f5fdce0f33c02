//! A reader that is a program is asked the same twice, with other work between, and in a fresh process; then it is
//! asked what readers mostly do.

use super::finding::{Checked, Mark};
use super::rule::{FRESH, LEAKS, ends, fails, prints, terms};
use super::sample::{Size, messages, stream};
use protocols::protocol::Hop;
use protocols::{Patterns, Queries, Spec, Weights, WriteError};
use std::time::Duration;
use worker::{ExternalReader, RecallJob, Workers};

/// Queries of a memory.
const QUERIES: usize = 8;

/// A `Question` is what memories are recalled from.
struct Question {
    name: &'static str,
    messages: Vec<Patterns>,
    weights: Vec<Weights>,
    queries: Vec<Vec<i8>>,
}

impl Question {
    fn new(name: &'static str, size: Size, trials: usize, flips: usize) -> Result<Self, WriteError> {
        let messages = messages(name, size, trials);
        let write = |messages: &Patterns| {
            let written = Spec::from(Hop::default()).protocol().write(messages, &mut stream(name))?;
            Ok(written.weights)
        };
        let weights = messages.iter().map(write).collect::<Result<_, WriteError>>()?;
        let mut stream = stream(name);
        let mut queries = |messages: &Patterns| {
            let flips = flips.min(messages.n());
            Queries::exact(messages, flips, QUERIES, &mut stream).states.signs().to_vec()
        };
        let queries = messages.iter().map(&mut queries).collect();
        Ok(Self { name, messages, weights, queries })
    }

    /// The same with its queries in the other order.
    fn reversed(mut self) -> Self {
        let n = self.messages[0].n();
        for queries in &mut self.queries {
            *queries = queries.chunks(n).rev().flatten().copied().collect();
        }
        self.name = "reversed";
        self
    }

    fn asked(
        &self,
        workers: &Workers,
        reader: &ExternalReader,
        limit: Duration,
        checked: &mut Checked,
    ) -> Option<Vec<Vec<i8>>> {
        let job = RecallJob {
            terms: terms(self.name, self.messages.len(), limit),
            messages: self.messages.clone(),
            weights: self.weights.iter().collect(),
            queries: self.queries.clone(),
        };
        let answer = workers.recall(reader.program(), &job, &|| true);
        answer.map_err(|failure| fails(checked, &failure)).ok().map(|answer| answer.states)
    }
}

/// Checks a reader at a size that a definition has.
pub(super) fn check(reader: &ExternalReader, size: Size, limit: Duration) -> Checked {
    let program = reader.program();
    let mut checked = Checked::of(format!("{}: a reader, `{}`", reader.name(), program.typed()));
    if let Err(error) = look(&mut checked, reader, size, limit) {
        checked.add(Mark::Wrong, format!("its memories cannot be written: {error}"));
    }
    checked
}

fn look(
    checked: &mut Checked,
    reader: &ExternalReader,
    size: Size,
    limit: Duration,
) -> Result<(), WriteError> {
    let trials = reader.program().batch.get() as usize;
    let a = Question::new("a", size, trials, size.0 / 8)?;
    let (b, few) = (Question::new("b", (12, 2), trials, 1)?, Question::new("few", (64, 3), trials, 0)?);
    let workers = Workers::default();
    let Some(first) = a.asked(&workers, reader, limit, checked) else { return Ok(()) };
    let (n, m) = size;
    checked.add(
        Mark::Well,
        format!("recalls from {trials} memories of N = {n}, M = {m}, {QUERIES} queries each"),
    );
    let log = workers.log(reader.program());
    let Some(_) = b.asked(&workers, reader, limit, checked) else { return Ok(()) };
    let Some(second) = a.asked(&workers, reader, limit, checked) else { return Ok(()) };
    checked.hold(first == second, "recalls the same after another job", (Mark::Wrong, LEAKS));
    if let Some(states) = few.asked(&workers, reader, limit, checked) {
        let mut pairs = states.iter().flatten().zip(few.queries.iter().flatten());
        let back = pairs.all(|(state, sign)| *state == 0 || state == sign);
        let otherwise =
            "does not bring back all of three messages of 64 units from themselves; readers may be so";
        checked.hold(back, "brings few messages back from themselves", (Mark::Perhaps, otherwise));
    }
    ends(checked, &workers, reader.program());
    let fresh = Workers::default();
    let Some(third) = a.asked(&fresh, reader, limit, checked) else { return Ok(()) };
    checked.hold(first == third, "recalls the same in a fresh process", (Mark::Wrong, FRESH));
    let Some(reversed) = a.reversed().asked(&fresh, reader, limit, checked) else { return Ok(()) };
    let turned = |states: &Vec<i8>| states.chunks(n).rev().flatten().copied().collect::<Vec<i8>>();
    let otherwise = "answers a query otherwise when the queries beside it stand in another order: sums in another \
                     order may do so, a look at other queries should not";
    checked.hold(
        reversed.iter().map(turned).eq(first),
        "answers each query by itself",
        (Mark::Perhaps, otherwise),
    );
    prints(checked, &log, &reader.program().version);
    Ok(())
}
