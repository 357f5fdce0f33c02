//! The frozen plan is the file `plan.json` in the folder of a run.

use super::assign::{Job, Load, assign};
use crate::block::groups;
use crate::needs::needs;
use base::atomic;
use base::next::Next;
use protocols::Source;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::{Path, PathBuf};
use store::provenance::Provenance;
use store::{StoreError, create_folder, sealed};
use study::definition::{Definition, DefinitionError};
use study::plan::{Cell, Planner};
use study::schema::SCHEMA_VERSION;
use study::schema::{Key, key};
use study::stopping::nine_digits;

/// Names the file of the plan.
const PLAN: &str = "plan.json";

/// A `Frozen` is a plan with costs and shards, as it was when it was frozen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frozen {
    /// Version of the schema.
    pub schema_version: u32,
    /// How it came about; it holds the definition.
    pub run: Provenance,
    /// BLAKE3 of the file of the program that froze it.
    pub code: String,
    /// Message sets in place of the definition's; absent where the definition's count.
    pub trials: Option<u32>,
    /// Threads of a shard that wall times are expected for.
    pub threads: usize,
    /// What every shard is expected to take, the first being number 1.
    pub shards: Vec<ShardShare>,
    /// The cells, by condition, in the order of the definition.
    pub conditions: Vec<FrozenCondition>,
}

/// Holds the keys of [`Frozen`] as FORMAT.md lists them.
pub const PLAN_KEYS: &[Key] = &[
    key("schema_version", "Version of the schema."),
    key("run", "Provenance of the freezing, as in `runs` of manifest.json; it holds the definition."),
    key("code", "BLAKE3 of the program's file: shards are computed by no other."),
    key("trials", "Message sets in place of the definition's; null where the definition's count."),
    key("threads", "Threads of a shard that wall times are expected for."),
    key(
        "shards",
        "For each shard, the first being number 1, its `cells`, the `cpu_seconds` and `wall_seconds` expected, \
         and `memory_mib`.",
    ),
    key(
        "conditions",
        "In the order of the definition: `protocol`, `source`, `n`, `m`; `seconds`, the CPU time expected of a \
         cell; `cells`, \
         the ids trial by trial; and `shards`, the shard of each, 0 for a cell that was finished before.",
    ),
    key("blake3", "BLAKE3 of this file's other keys as compact JSON, in their order."),
];

/// A `ShardShare` says what a shard is expected to take.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardShare {
    /// Cells.
    pub cells: usize,
    /// CPU seconds.
    pub cpu_seconds: f64,
    /// Wall time, seconds.
    pub wall_seconds: f64,
    /// Memory, MiB.
    pub memory_mib: u64,
}

/// A `FrozenCondition` holds the cells of one condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrozenCondition {
    /// The protocol's label.
    pub protocol: String,
    /// Where messages come from.
    pub source: Source,
    /// Units N.
    pub n: u32,
    /// Messages M.
    pub m: u32,
    /// CPU seconds expected of a cell.
    pub seconds: f64,
    /// The ids, trial by trial.
    pub cells: Vec<String>,
    /// The shard of each, 0 for a cell that was finished before.
    pub shards: Vec<u32>,
}

/// A `Work` says what a shard has to compute.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Work {
    /// The cells, in the order of the plan.
    pub cells: Vec<Cell>,
    /// The CPU seconds expected of each.
    pub costs: Vec<f64>,
}

/// A `FrozenError` says why a plan cannot be frozen, or a frozen plan not be followed.
#[derive(Debug, thiserror::Error)]
pub enum FrozenError {
    /// The file cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The definition in it is none to this program.
    #[error("{}: this program does not read the definition that it was made by\n{source}", path.display())]
    Definition {
        /// The file.
        path: PathBuf,
        /// What it does not read.
        source: DefinitionError,
    },
    /// There is none.
    #[error(
        "{} is not there: shards follow a frozen plan; make one with `harness plan DEFINITION --shards N` or \
         `harness submit`",
        path.display()
    )]
    None {
        /// The file.
        path: PathBuf,
    },
    /// The definition decides trial by trial what is run.
    #[error(
        "{definition} has [sequential]: what it runs next depends on all records so far, so it cannot be divided \
         beforehand; \
         sweep it on one machine, or take [sequential] out to run all trials in shards"
    )]
    Sequential {
        /// The definition.
        definition: String,
    },
    /// The definition is another than the frozen one.
    #[error(
        "{} was frozen from another text of {definition}; freeze it again (`{}`, or `harness submit`), or give the \
         definition as it was",
        path.display(),
        Next::harness("plan").name(definition).option("--shards", shards)
    )]
    OtherDefinition {
        /// The file.
        path: PathBuf,
        /// The definition.
        definition: String,
        /// Shards of the frozen plan.
        shards: usize,
    },
    /// The plan has another number of shards.
    #[error("{} has {of} shards, not {asked}: give --shard I/{of}, or freeze it again with --shards \
     {asked}", path.display())]
    OtherShards {
        /// The file.
        path: PathBuf,
        /// The number asked for.
        asked: u32,
        /// The number that there are.
        of: usize,
    },
    /// The program is another.
    #[error(
        "{} was frozen by another build of this program ({frozen:.10}; this one is {here:.10}), and numbers of \
         two builds must \
         not be mixed unseen; run `harness resume` or freeze the plan again, either of which takes this build \
         from now on",
        path.display()
    )]
    OtherProgram {
        /// The file.
        path: PathBuf,
        /// BLAKE3 of the program that froze it.
        frozen: String,
        /// BLAKE3 of this program.
        here: String,
    },
    /// The program plans other cells.
    #[error(
        "{}: this program plans other cells for {protocol} at N = {n}, M = {m} than were frozen; a protocol has \
         changed \
         since: freeze the plan again",
        path.display()
    )]
    OtherCells {
        /// The file.
        path: PathBuf,
        /// Where they differ.
        protocol: String,
        /// Units.
        n: u32,
        /// Messages.
        m: u32,
    },
}

/// Checks that what `definition` runs can be divided beforehand.
///
/// # Errors
/// If it stops sequentially.
pub fn divisible(definition: &Definition) -> Result<(), FrozenError> {
    match definition.sequential {
        Some(_) => Err(FrozenError::Sequential { definition: definition.name.clone() }),
        None => Ok(()),
    }
}

impl Frozen {
    /// Freezes the plan `cells` of `definition` in so many shards for processes of so many threads. Of the
    /// cells, `is_finished` tells those that need not be computed. `costs` are the CPU seconds expected of
    /// every cell.
    ///
    /// # Errors
    /// If the definition stops sequentially.
    pub fn new(
        definition: &Definition,
        (run, code): (Provenance, String),
        trials: Option<u32>,
        (cells, costs): (&[Cell], &[f64]),
        is_finished: impl Fn(&str) -> bool,
        (shards, threads): (usize, usize),
    ) -> Result<Self, FrozenError> {
        divisible(definition)?;
        let pending: Vec<usize> = (0..cells.len()).filter(|&i| !is_finished(&cells[i].id)).collect();
        let members = |group: &Vec<usize>| group.iter().map(|&place| pending[place]).collect();
        let groups: Vec<Vec<usize>> =
            groups(pending.iter().map(|&i| &cells[i])).iter().map(members).collect();
        let job = |group: &Vec<usize>| Job {
            seconds: group.iter().map(|&i| costs[i]).sum(),
            bytes: needs(&cells[group[0]]),
        };
        let (of_job, mut loads) = assign(&groups.iter().map(job).collect::<Vec<_>>(), shards, threads);
        loads.iter_mut().for_each(|load| load.cells = 0);
        let mut of_cell = vec![0; cells.len()];
        for (group, shard) in groups.iter().zip(of_job) {
            loads[shard].cells += group.len();
            group.iter().for_each(|&cell| of_cell[cell] = shard as u32 + 1);
        }
        let mut conditions: Vec<FrozenCondition> = Vec::new();
        for ((cell, &seconds), shard) in cells.iter().zip(costs).zip(of_cell) {
            if !conditions.last().is_some_and(|condition| condition.holds(cell)) {
                conditions.push(FrozenCondition::of(cell, seconds));
            }
            let condition = conditions.last_mut().expect("one was just pushed");
            condition.cells.push(cell.id.to_string());
            condition.shards.push(shard);
        }
        let shards = loads.into_iter().map(ShardShare::from).collect();
        let schema_version = SCHEMA_VERSION;
        Ok(Self { schema_version, run, code, trials, threads, shards, conditions })
    }

    /// Returns whether a plan is frozen in the folder of a run.
    pub fn is_in(root: &Path) -> bool {
        root.join(PLAN).exists()
    }

    /// Reads the plan that is frozen in the folder of a run.
    ///
    /// # Errors
    /// If there is none, it is damaged or of another schema version, or it cannot be read.
    pub fn read(root: &Path) -> Result<Self, FrozenError> {
        let path = root.join(PLAN);
        sealed::read(&path)?.ok_or(FrozenError::None { path })
    }

    /// Makes the plan of the content of `path`.
    ///
    /// # Errors
    /// As for [`Frozen::read`].
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self, FrozenError> {
        Ok(sealed::parsed(path, bytes)?)
    }

    /// Returns the content of the plan's file.
    pub fn text(&self) -> String {
        sealed::text(self)
    }

    /// Keeps the plan in the folder of a run. Beside it goes the definition, so that shards need no other
    /// file. The plan comes last: it vouches for the definition.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn write(&self, root: &Path) -> Result<(), FrozenError> {
        create_folder(root)?;
        let definition = self.definition_path(root);
        // A shard that has begun reads it while another plan of the same text is frozen.
        atomic::replace(&definition, |file| file.write_all(self.run.definition_text.as_bytes()))
            .map_err(StoreError::io("write", &definition))?;
        Ok(sealed::write(&root.join(PLAN), self)?)
    }

    /// Returns the file of the definition that was frozen.
    pub fn definition_path(&self, root: &Path) -> PathBuf {
        root.join(format!("{}.toml", self.run.definition))
    }

    /// Reads the definition that was frozen, with its trials.
    ///
    /// # Errors
    /// If this program does not read it.
    pub fn definition(&self, root: &Path) -> Result<Definition, FrozenError> {
        let path = root.join(PLAN);
        let definition = self.run.definition(&path);
        let mut definition = definition.map_err(|source| FrozenError::Definition { path, source })?;
        if let Some(trials) = self.trials {
            definition.override_trials(trials);
        }
        Ok(definition)
    }

    /// Checks that `definition` is what was frozen.
    ///
    /// # Errors
    /// If it is not.
    pub fn check_definition(&self, root: &Path, definition: &Definition) -> Result<(), FrozenError> {
        let same = (&definition.name, &definition.text) == (&self.run.definition, &self.run.definition_text);
        let (path, shards) = (root.join(PLAN), self.shards.len());
        let other = || FrozenError::OtherDefinition { path, definition: definition.name.clone(), shards };
        if same { Ok(()) } else { Err(other()) }
    }

    /// Checks that the program `here` is the one that froze it.
    ///
    /// # Errors
    /// If it is not.
    pub fn check_program(&self, root: &Path, here: &str) -> Result<(), FrozenError> {
        let other = || {
            let (path, frozen, here) = (root.join(PLAN), self.code.clone(), here.to_owned());
            FrozenError::OtherProgram { path, frozen, here }
        };
        if self.code == here { Ok(()) } else { Err(other()) }
    }

    /// Returns what `shard`, of 1 to `of`, has to compute.
    ///
    /// # Errors
    /// If the plan has another number of shards, or this program plans other cells.
    pub fn work(&self, root: &Path, shard: u32, of: u32) -> Result<Work, FrozenError> {
        let path = root.join(PLAN);
        if of as usize != self.shards.len() {
            return Err(FrozenError::OtherShards { path, asked: of, of: self.shards.len() });
        }
        let definition = self.definition(root)?;
        let mut planner = Planner::new(&definition);
        let mut work = Work::default();
        let planned = definition.conditions.iter().map(Some).chain(std::iter::repeat(None));
        for (frozen, condition) in self.conditions.iter().zip(planned) {
            let all = || (0..).zip(&frozen.cells).zip(&frozen.shards);
            let mine = || all().filter(|(_, of)| **of == shard).map(|(cell, _)| cell);
            let trials = mine().map(|(trial, _)| trial);
            let cells = condition.map(|condition| planner.cells(condition, trials)).unwrap_or_default();
            if !cells.iter().map(|cell| cell.id.as_str()).eq(mine().map(|(_, id)| id.as_str())) {
                let FrozenCondition { protocol, n, m, .. } = frozen;
                return Err(FrozenError::OtherCells { path, protocol: protocol.clone(), n: *n, m: *m });
            }
            work.costs.resize(work.costs.len() + cells.len(), frozen.seconds);
            work.cells.extend(cells);
        }
        Ok(work)
    }

    /// Returns the ids of all cells, in the order of the plan. Each has its shard, 0 for those that were
    /// finished before.
    pub fn cells(&self) -> impl Iterator<Item = (&String, u32)> {
        self.conditions
            .iter()
            .flat_map(|condition| condition.cells.iter().zip(condition.shards.iter().copied()))
    }
}

impl FrozenCondition {
    fn of(cell: &Cell, seconds: f64) -> Self {
        let &Cell { source, n, m, .. } = cell;
        let seconds = nine_digits(seconds);
        Self {
            protocol: cell.label.to_string(),
            source,
            n,
            m,
            seconds,
            cells: Vec::new(),
            shards: Vec::new(),
        }
    }

    fn holds(&self, cell: &Cell) -> bool {
        cell.label == self.protocol && (self.source, self.n, self.m) == (cell.source, cell.n, cell.m)
    }
}

impl From<Load> for ShardShare {
    fn from(load: Load) -> Self {
        let Load { cells, cpu_seconds, wall_seconds, memory_mib } = load;
        let (cpu_seconds, wall_seconds) = (nine_digits(cpu_seconds), nine_digits(wall_seconds));
        Self { cells, cpu_seconds, wall_seconds, memory_mib }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use study::plan::plan;

    const TEXT: &str = "question = \"?\"\nanalysis = \".\"\n[protocols]\nHOP = { hop = {} }\nTRN = { trn = {} }\n\
                        [grid]\nn = [16, 64]\nload = [0.25]\nnoise = [0.0]\ntrials = 6\nqueries = 5\n";

    fn definition() -> Definition {
        Definition::parse("test", Path::new("test.toml"), TEXT).unwrap_or_else(|error| panic!("{error}"))
    }

    fn frozen(finished: &HashSet<String>, shards: usize) -> Frozen {
        let definition = definition();
        let cells = plan(&definition);
        let costs: Vec<f64> = cells.iter().map(|cell| f64::from(cell.n) / 3.0).collect();
        let run = Provenance::collect(&definition.name, &definition.text, definition.seed);
        let is_finished = |cell: &str| finished.contains(cell);
        Frozen::new(&definition, (run, "c0de".to_owned()), None, (&cells, &costs), is_finished, (shards, 1))
            .unwrap()
    }

    #[test]
    fn the_shards_of_a_frozen_plan_are_its_cells_divided() {
        let folder = tempfile::tempdir().unwrap();
        let written = frozen(&HashSet::new(), 5);
        written.write(folder.path()).unwrap();
        let frozen = Frozen::read(folder.path()).unwrap();
        assert_eq!(frozen, written);
        let mut cells: Vec<Cell> = Vec::new();
        for shard in 1..=5 {
            let work = frozen.work(folder.path(), shard, 5).unwrap();
            assert_eq!(work.cells.len(), frozen.shards[shard as usize - 1].cells);
            assert_eq!(work.costs.len(), work.cells.len());
            cells.extend(work.cells);
        }
        let planned = plan(&definition());
        assert_eq!(cells.len(), planned.len());
        assert!(
            planned.iter().all(|cell| cells.contains(cell)),
            "down to every stream they are those of the plan"
        );
        let ids: Vec<&str> = frozen.cells().map(|(cell, _)| cell.as_str()).collect();
        assert_eq!(ids, planned.iter().map(|cell| cell.id.as_str()).collect::<Vec<_>>());
        let text = std::fs::read_to_string(folder.path().join(PLAN)).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, PLAN_KEYS.iter().map(|key| key.name).collect::<Vec<_>>());
        assert_eq!(std::fs::read_to_string(folder.path().join("test.toml")).unwrap(), TEXT);
    }

    #[test]
    fn a_frozen_plan_keeps_what_its_streams_are_for() {
        let text = format!("stream = \"tune\"\n{TEXT}");
        let definition = Definition::parse("test", Path::new("test.toml"), &text);
        let definition = definition.unwrap_or_else(|error| panic!("{error}"));
        let run = Provenance::of(&definition);
        assert_eq!((run.stream, run.here().stream), (definition.stream, definition.stream));
        assert_ne!(run.stream, study::purpose::Purpose::default());
    }

    #[test]
    fn what_is_finished_is_in_no_shard() {
        let finished: HashSet<String> =
            plan(&definition()).into_iter().step_by(3).map(|cell| cell.id.to_string()).collect();
        let frozen = frozen(&finished, 2);
        assert!(frozen.cells().all(|(cell, shard)| finished.contains(cell) == (shard == 0)));
        let cells: usize = (1..=2).map(|i| frozen.work(Path::new(""), i, 2).unwrap().cells.len()).sum();
        assert_eq!(cells, 24 - finished.len());
    }

    #[test]
    fn cells_that_are_planned_otherwise_are_refused() {
        let mut frozen = frozen(&HashSet::new(), 1);
        frozen.conditions[1].cells[2] = "other".to_owned();
        let text = frozen.work(Path::new("run"), 1, 1).unwrap_err().to_string();
        assert!(text.contains("run/plan.json") && text.contains("TRN at N = 16, M = 4"), "{text}");
        frozen.conditions.truncate(2);
        frozen.conditions[1] = FrozenCondition { m: 5, ..frozen.conditions[0].clone() };
        assert!(frozen.work(Path::new("run"), 1, 1).is_err());
    }
}
