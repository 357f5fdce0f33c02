//! The plan of a sweep has its cells, each with an identity and the streams it draws from. It is a pure
//! function of the definition.

use crate::canonical::{canonical, sorted};
use crate::cell_id::CellId;
use crate::definition::{Condition, Definition};
use crate::measure::Probe;
use crate::purpose::Purpose;
use crate::record::{Coordinates, SharedText};
use crate::schema::SCHEMA_VERSION;
use protocols::reading::Reader;
use protocols::{Corruption, CorruptionKind, Patterns, Queries, Source, Spec, Stream};
use serde::Serialize;
use std::fmt::Write;
use std::sync::Arc;
use worker::ExternalReader;

/// A `Task` is what the cells of one N have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Root seed of all streams.
    pub seed: u64,
    /// What the streams are for.
    pub stream: Purpose,
    /// How queries are corrupted, distinct and ascending; none where no probe reads queries.
    pub flips: Vec<Corruption>,
    /// Queries for every d.
    pub queries: u32,
    /// The readers, ascending.
    pub dynamics: Vec<Reader>,
    /// What those of them are that are programs.
    pub programs: Vec<ExternalReader>,
    /// Steps after which a read ends unsettled.
    pub max_steps: u32,
    /// What is measured, ascending.
    pub probes: Vec<Probe>,
}

/// A `Cell` is a protocol that writes one message set and is measured on it. It is the unit of work.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// [`Cell::identity`].
    pub id: CellId,
    /// The protocol's label in the definition.
    pub label: SharedText,
    /// The protocol with its parameters.
    pub spec: Spec,
    /// Where the messages come from.
    pub source: Source,
    /// Units N.
    pub n: u32,
    /// Messages M.
    pub m: u32,
    /// The message set's number.
    pub trial: u32,
    /// Steps L after which recovery is reported.
    pub checkpoint: u32,
    /// The rest, shared.
    pub task: Arc<Task>,
}

/// Returns the cells of `definition`, by condition and trial. It is a pure function, so that the same
/// definition has the same cells in the same order.
pub fn plan(definition: &Definition) -> Vec<Cell> {
    let mut planner = Planner::new(definition);
    let conditions = definition.conditions.iter();
    conditions.flat_map(|condition| planner.cells(condition, 0..condition.trials)).collect()
}

/// A `Planner` plans the cells of a definition, condition by condition.
pub struct Planner<'a> {
    definition: &'a Definition,
    /// What the last condition asked for.
    task: Option<Arc<Task>>,
}

impl<'a> Planner<'a> {
    /// Returns a planner for `definition`.
    pub fn new(definition: &'a Definition) -> Self {
        Self { definition, task: None }
    }

    /// Returns the cells of these trials of a condition.
    pub fn cells(&mut self, condition: &Condition, trials: impl IntoIterator<Item = u32>) -> Vec<Cell> {
        let definition = self.definition;
        let (label, spec) =
            definition.protocols.get_index(condition.protocol).expect("conditions number the protocols");
        let checkpoint = spec.training().map_or(definition.reads.checkpoint, |training| training.steps.get());
        // Conditions side by side mostly ask for the same queries: their cells share what they ask for.
        let same =
            self.task.take().filter(|t| *t.flips == *condition.flips && t.queries == condition.queries);
        let task = self.task.insert(same.unwrap_or_else(|| Arc::new(self::task(definition, condition))));
        let &Condition { source, n, m, .. } = condition;
        let label = SharedText::from(label.as_str());
        let unnamed = CellId::of(&blake3::hash(&[]));
        let first = Cell {
            id: unnamed,
            label,
            spec: spec.clone(),
            source,
            n,
            m,
            trial: 0,
            checkpoint,
            task: Arc::clone(task),
        };
        let mut names = Names::of(&first);
        trials.into_iter().map(|trial| Cell { id: names.id(trial), trial, ..first.clone() }).collect()
    }
}

fn task(definition: &Definition, condition: &Condition) -> Task {
    Task {
        seed: definition.seed,
        stream: definition.stream,
        flips: condition.flips.to_vec(),
        queries: condition.queries,
        dynamics: definition.reads.dynamics.clone(),
        programs: definition.reads.programs.clone(),
        max_steps: definition.reads.max_steps,
        probes: definition.probes.clone(),
    }
}

/// The names and versions of the rules among a protocol's parameters, and among theirs.
fn versions(spec: &Spec) -> Vec<(&'static str, u32)> {
    let rules = spec.rules().into_iter();
    rules
        .flat_map(|(_, rule)| {
            let about = rule.about();
            [vec![(about.name, about.version)], versions(&rule)].concat()
        })
        .collect()
}

/// Exactly what can change the numbers of a cell.
#[derive(Serialize)]
struct Identity<'a> {
    schema: u32,
    protocol: &'a str,
    version: u32,
    /// The rules among the parameters, whose versions count as the protocol's own does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rules: Vec<(&'static str, u32)>,
    parameters: &'a Spec,
    source: Source,
    n: u32,
    m: u32,
    trial: u32,
    seed: u64,
    #[serde(skip_serializing_if = "Purpose::is_evaluate")]
    stream: Purpose,
    flips: &'a [Corruption],
    queries: u32,
    dynamics: &'a [Reader],
    max_steps: u32,
    checkpoint: u32,
    probes: &'a [Probe],
}

/// Returns the id that a text gives.
fn hashed(text: &str) -> CellId {
    CellId::of(&blake3::hash(text.as_bytes()))
}

/// Names the cells of a condition, which differ in their trial alone: what they share is written once, since a plan
/// may have a million of them.
struct Names {
    /// The text that identifies a cell, up to its trial and, for a while, beyond.
    text: String,
    /// The length of what stands before the trial.
    before: usize,
    /// What stands behind it.
    after: String,
}

impl Names {
    /// Cuts the text that identifies `cell` at its trial.
    fn of(cell: &Cell) -> Self {
        let text = cell.identifying();
        let trial = format!("\"trial\":{}", cell.trial);
        // Behind it there is only `version`, a number; before it a parameter could have the same name.
        let at = text.rfind(&trial).expect("a cell is identified by its trial too");
        let (before, after) = (at + "\"trial\":".len(), text[at + trial.len()..].to_owned());
        Self { text, before, after }
    }

    /// Returns [`Cell::identity`] of the cell of a trial.
    fn id(&mut self, trial: u32) -> CellId {
        self.text.truncate(self.before);
        write!(self.text, "{trial}{}", self.after).expect("text can be written to");
        hashed(&self.text)
    }
}

impl Cell {
    /// Returns the identity of the cell. It is the first 16 hexadecimal digits of the BLAKE3 hash of all that
    /// can change the cell's numbers, as canonical JSON. Labels, comments, formatting and other cells are no
    /// part of it.
    pub fn identity(&self) -> CellId {
        hashed(&self.identifying())
    }

    /// Returns all that can change the cell's numbers, as canonical JSON.
    fn identifying(&self) -> String {
        let about = self.spec.about();
        // What a program is, its reader's text identifies.
        let Task { seed, stream, flips, queries, dynamics, programs: _, max_steps, probes } = &*self.task;
        let identity = Identity {
            schema: SCHEMA_VERSION,
            protocol: about.name,
            version: about.version,
            rules: versions(&self.spec),
            parameters: &self.spec,
            source: self.source,
            n: self.n,
            m: self.m,
            trial: self.trial,
            seed: *seed,
            stream: *stream,
            flips,
            queries: *queries,
            dynamics,
            max_steps: *max_steps,
            checkpoint: self.checkpoint,
            probes,
        };
        sorted(&identity).to_string()
    }

    /// Returns the cell's coordinates in tables.
    pub fn coordinates(&self) -> Coordinates {
        Coordinates {
            cell: self.id.as_str().into(),
            protocol: self.label.clone(),
            parameters: canonical(&self.spec).into(),
            source: self.source,
            n: self.n,
            m: self.m,
            trial: self.trial,
        }
    }

    /// Returns the stream of the messages, the same for every protocol.
    pub fn messages_stream(&self) -> Stream {
        self.stream("messages", None)
    }

    /// Returns the stream of the test queries with that corruption, the same for every protocol and reader.
    pub fn queries_stream(&self, flips: Corruption) -> Stream {
        self.stream("queries", Some(flips))
    }

    /// Makes at most `count` test queries of the cell's messages with that corruption, the same for every protocol and
    /// reader. They are fewer only where the source has queries of its own, and fewer of them for these messages.
    pub fn queries(&self, messages: &Patterns, flips: Corruption, count: u32) -> Queries {
        let (mut drawn, mut stream) = (self.messages_stream(), self.queries_stream(flips));
        self.source.queries(messages, &mut drawn, flips, count as usize, &mut stream)
    }

    /// Returns the stream of a protocol's own randomness while writing.
    pub fn training_stream(&self) -> Stream {
        self.stream("training", None)
    }

    /// Returns the stream of the orders of asynchronous updates. They are for reads from queries with that
    /// corruption.
    pub fn order_stream(&self, flips: Corruption) -> Stream {
        self.stream("order", Some(flips))
    }

    /// Returns the stream of a reader's own randomness, where it is a program. It is the same for every protocol.
    pub fn reader_stream(&self) -> Stream {
        self.stream("reader", None)
    }

    /// Returns the stream of random states to read from and the order of their updates. It is the same for
    /// every protocol.
    pub fn starts_stream(&self) -> Stream {
        self.stream("starts", None)
    }

    fn stream(&self, name: &str, flips: Option<Corruption>) -> Stream {
        let mut axes = vec![("n", u64::from(self.n)), ("m", self.m.into()), ("trial", self.trial.into())];
        axes.extend(flips.map(|corruption| ("d", u64::from(corruption.units))));
        // Flips have no word of their own: their streams are older than other corruptions.
        let kind = flips.map(|corruption| corruption.kind).filter(|kind| *kind != CorruptionKind::Flips);
        let kind = kind.map_or(String::new(), |kind| format!("/{}", kind.name()));
        let name = self.task.stream.stream(&format!("{name}/{}{kind}", self.source.name()));
        Stream::named(self.task.seed, &name, &axes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocols::protocol::{Hop, HopDiagonal, Mpf, Pse};
    use std::collections::{HashMap, HashSet};
    use std::path::Path;

    const TEXT: &str = r#"question = "Why?"
analysis = "Because."
[protocols]
HOP = { hop = {} }
TRN = { trn = { steps = 3 } }
[grid]
n = [16, 64]
load = [0.25, 0.5]
noise = [0.1, 0.0]
trials = 2
queries = 10
"#;

    fn planned(text: &str) -> Vec<Cell> {
        plan(
            &Definition::parse("test", Path::new("test.toml"), text)
                .unwrap_or_else(|error| panic!("{error}")),
        )
    }

    fn quick() -> Vec<Cell> {
        plan(&Definition::load("quick").unwrap_or_else(|error| panic!("{error}")))
    }

    #[test]
    fn order_is_source_units_messages_protocol_trial() {
        let places: Vec<_> = planned(TEXT).iter().map(|c| (c.n, c.m, c.label.clone(), c.trial)).collect();
        let mut expected = Vec::new();
        for (n, m) in [(16, 4), (16, 8), (64, 16), (64, 32)] {
            for label in ["HOP", "TRN"] {
                expected.extend((0..2).map(|trial| (n, m, label.into(), trial)));
            }
        }
        assert_eq!(places, expected);
        let sources: Vec<_> = quick().iter().map(|c| c.source).collect();
        assert!(sources.is_sorted() && sources.first() != sources.last());
    }

    #[test]
    fn every_id_is_the_identity_of_its_cell() {
        for (name, _) in Definition::shipped() {
            let cells = plan(&Definition::load(name).unwrap_or_else(|error| panic!("{error}")));
            assert!(cells.iter().step_by(7).all(|cell| cell.id == cell.identity()), "{name}");
        }
    }

    #[test]
    fn the_checkpoint_is_the_protocols_own() {
        let cells = planned(TEXT);
        let checkpoint = |label: &str| cells.iter().find(|c| c.label == label).map(|c| c.checkpoint);
        assert_eq!((checkpoint("HOP"), checkpoint("TRN")), (Some(5), Some(3)));
    }

    #[test]
    fn other_cells_and_words_leave_an_identity_alone() {
        let before: HashSet<CellId> = planned(TEXT).into_iter().map(|cell| cell.id).collect();
        for (from, to) in [
            ("HOP =", "# a comment\n\"outer product\"   ="),
            ("HOP = { hop = {} }\n", "PSE = { pse = {} }\nHOP = { hop = { diagonal = \"zero\" } }\n"),
            (
                "HOP = { hop = {} }\nTRN = { trn = { steps = 3 } }",
                "TRN = { trn = { steps = 3 } }\nHOP = { hop = {} }",
            ),
            ("[0.25, 0.5]", "[1.0, 0.5, 0.25]"),
            ("load = [0.25, 0.5]", "load = [0.5, 0.25]\nsources = [\"random\"]\nsteps = [3]"),
            ("[16, 64]", "[64, 32, 16]"),
            ("[0.1, 0.0]", "[0.0, 0.1]"),
            ("trials = 2", "trials = 3"),
            ("Why?", "Why not?"),
            ("[grid]", "[read]\ndynamics = [\"async\", \"sync\"]\nmax_steps = 50\n[grid]"),
            ("[protocols]", "probes = [\"structure\", \"recovery\", \"stability\"]\n[protocols]"),
        ] {
            assert!(TEXT.contains(from));
            let after: HashSet<CellId> =
                planned(&TEXT.replace(from, to)).into_iter().map(|cell| cell.id).collect();
            assert!(before.is_subset(&after), "{from} became {to}");
        }
    }

    #[test]
    fn all_that_changes_numbers_changes_the_identity() {
        let cell = planned(TEXT).swap_remove(0);
        let task = |change: fn(&mut Task)| {
            let mut task = (*cell.task).clone();
            change(&mut task);
            Cell { task: Arc::new(task), ..cell.clone() }
        };
        let literal = Spec::from(Hop { diagonal: HopDiagonal::Literal });
        let changed = [
            Cell { spec: literal, ..cell.clone() },
            Cell { spec: Pse::default().into(), ..cell.clone() },
            Cell { source: Source::Glyphs, ..cell.clone() },
            Cell { n: 17, ..cell.clone() },
            Cell { m: 5, ..cell.clone() },
            Cell { trial: 1, ..cell.clone() },
            Cell { checkpoint: 6, ..cell.clone() },
            task(|t| t.seed = 2),
            task(|t| t.stream = Purpose::Tune),
            task(|t| t.flips = vec![Corruption::flips(0)]),
            task(|t| t.flips[0].kind = CorruptionKind::Erasure),
            task(|t| t.queries = 11),
            task(|t| t.dynamics = vec![Reader::Sync]),
            task(|t| t.dynamics = vec!["soft".parse().unwrap()]),
            task(|t| t.dynamics = vec!["soft(beta=2)".parse().unwrap()]),
            task(|t| t.max_steps = 51),
            task(|t| t.probes = vec![Probe::Recovery]),
        ];
        let ids: HashSet<_> = changed.iter().map(Cell::identity).chain([cell.id]).collect();
        assert_eq!(ids.len(), changed.len() + 1);
        assert_eq!(Cell { label: "other".into(), ..cell.clone() }.identity(), cell.id);
    }

    #[test]
    fn every_default_is_part_of_the_parameters() {
        insta::assert_snapshot!(
            canonical(&Mpf::default().into()),
            @r#"{"mpf":{"gradient_tolerance":0.00001,"l2":0.0,"max_iterations":1000,"thresholds":false}}"#
        );
        let cell = planned(TEXT).swap_remove(0);
        let at = cell.coordinates();
        assert_eq!((at.cell.as_str(), at.protocol), (cell.id.as_str(), cell.label));
        assert_eq!(at.parameters, canonical(&cell.spec));
    }

    #[test]
    fn protocols_face_the_same_messages_and_queries() {
        let mut first: HashMap<_, (u64, u64, u64, u64)> = HashMap::new();
        for cell in planned(TEXT) {
            let words = (
                cell.messages_stream().word(),
                cell.queries_stream(Corruption::flips(2)).word(),
                cell.training_stream().word(),
                cell.order_stream(Corruption::flips(2)).word(),
            );
            assert_eq!(*first.entry((cell.n, cell.m, cell.trial)).or_insert(words), words);
        }
        let words: HashSet<u64> = first.values().flat_map(|&(a, b, c, d)| [a, b, c, d]).collect();
        assert_eq!(words.len(), 4 * first.len(), "every size, trial and purpose has a stream of its own");
        let cell = planned(TEXT).swap_remove(0);
        assert_ne!(
            cell.queries_stream(Corruption::flips(1)).word(),
            cell.queries_stream(Corruption::flips(2)).word()
        );
    }

    #[test]
    fn streams_of_tuning_are_disjoint_from_those_of_results() {
        let with = |stream: &str| planned(&TEXT.replace("[protocols]", &format!("{stream}\n[protocols]")));
        let words = |cells: &[Cell]| -> HashSet<u64> {
            let of = |cell: &Cell| {
                let (order, queries) =
                    (cell.order_stream(Corruption::flips(2)), cell.queries_stream(Corruption::flips(2)));
                [cell.messages_stream(), cell.training_stream(), order, queries]
                    .map(|mut stream| stream.word())
            };
            cells.iter().flat_map(of).collect()
        };
        let ids = |cells: &[Cell]| cells.iter().map(|cell| cell.id).collect::<HashSet<_>>();
        let (results, tuning) = (planned(TEXT), with("stream = \"tune\""));
        assert_eq!(words(&results).len(), words(&tuning).len());
        assert!(words(&results).is_disjoint(&words(&tuning)) && ids(&results).is_disjoint(&ids(&tuning)));
        assert_eq!(with("stream = \"evaluate\""), results, "the default may be said");
    }

    /// Changes with every change of the defaults, of a protocol's version or of the schema: then stored results are
    /// computed anew.
    #[test]
    fn the_quick_plan_is_what_it_was() {
        let cells = quick();
        let ids: HashSet<_> = cells.iter().map(|cell| &cell.id).collect();
        assert_eq!(ids.len(), cells.len());
        assert_eq!(cells.len(), 2 * 12 * 4 * 10);
        let first: Vec<String> =
            cells.iter().step_by(10).take(4).map(|cell| format!("{} {}", cell.label, cell.id)).collect();
        insta::assert_snapshot!(first.join("\n"), @r"
        HOP d8d350e6a0e38fee
        PSE e6f6460a2b12fd10
        MPF 54deae70d48c1622
        TRN 1f4a5f22a97c66aa
        ");
    }
}
