//! This module finds what stands behind a forecast: how far a run is, and how fast this machine is.

use crate::amounts::duration;
use anyhow::{Result, anyhow};
use protocols::Source;
use run::cost::{Cache, Model, State};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use store::{RunFolder, StoreError};
use study::definition::Definition;
use study::plan::Cell;
use study::record::{SharedText, Status};
use worker::External;

/// Says how long measurements take at most, whatever is left. What is left is then taken from sizes near by.
const BUDGET: Duration = Duration::from_secs(20);

/// A `Progress` says what a folder of results holds.
pub(crate) struct Progress {
    pub(crate) finished: HashMap<String, Status>,
    /// Ids by place: protocol, source, N, M and trial.
    places: HashMap<CellPlace, SharedText>,
    pub(crate) damaged: Vec<StoreError>,
}

/// Holds protocol, source, N, M and trial.
type CellPlace = (SharedText, Source, u32, u32, u32);

impl Progress {
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let folder = RunFolder::new(folder);
        let finished = folder.finished()?;
        let memories = match folder.read() {
            Ok(contents) => contents.records.memories,
            // Nothing there, or damage that `finished` has reported already.
            Err(_) => Vec::new(),
        };
        let places = memories.into_iter().map(|memory| {
            let at = memory.at;
            ((at.protocol, at.source, at.n, at.m, at.trial), at.cell)
        });
        Ok(Self {
            places: places.collect(),
            finished: finished.cells.into_iter().collect(),
            damaged: finished.damaged,
        })
    }

    pub(crate) fn state(&self, cell: &Cell) -> State {
        match self.finished.get(cell.id.as_str()) {
            Some(Status::Ok) => State::Finished,
            Some(_) => State::Failed,
            None if self.is_taken(cell) => State::Changed,
            None => State::New,
        }
    }

    /// Whether the place of a cell has numbers.
    fn is_taken(&self, cell: &Cell) -> bool {
        let place = || (cell.label.clone(), cell.source, cell.n, cell.m, cell.trial);
        !self.places.is_empty() && self.places.contains_key(&place())
    }

    /// Counts the cells with numbers in the tables that the plan does not name.
    pub(crate) fn dropped(&self, cells: &[Cell]) -> usize {
        if self.places.is_empty() {
            return 0;
        }
        let planned: HashSet<&str> = cells.iter().map(|cell| cell.id.as_str()).collect();
        self.places.values().filter(|id| !planned.contains(id.as_str())).count()
    }
}

/// A `Measured` is a model of this machine, and says how it came about.
pub(crate) struct Measured {
    pub(crate) model: Model,
    probes: usize,
    seconds: f64,
    /// Sizes that programs were tried at, if they were.
    programs: Option<usize>,
    /// Where it is kept, or why it is not.
    kept: std::result::Result<PathBuf, String>,
}

impl Measured {
    pub(crate) fn new(cells: &[Cell], anew: bool) -> Self {
        let cache = Cache::of_user();
        let known = cache.as_ref().filter(|_| !anew).map(Cache::load).unwrap_or_default();
        let mut model = Model::new(known);
        let start = Instant::now();
        let probes = model.calibrate(cells, BUDGET);
        let seconds = start.elapsed().as_secs_f64();
        let kept = match cache {
            None => Err("this system has no cache folder; set XDG_CACHE_HOME to have one".to_owned()),
            Some(cache) if probes == 0 => Ok(cache.path().to_owned()),
            Some(cache) => cache
                .keep(model.calibration())
                .map(|()| cache.path().to_owned())
                .map_err(|e| format!("{e:#}")),
        };
        Self { model, probes, seconds, programs: None, kept }
    }

    /// Runs the rules that are programs, to know what they take.
    pub(crate) fn try_programs(&mut self, cells: &[Cell]) -> Result<()> {
        self.programs = Some(self.model.try_programs(cells, BUDGET).map_err(|failure| anyhow!(failure))?);
        Ok(())
    }

    /// Says what the times of programs rest on, where a definition names some.
    pub(crate) fn of_programs(&self, definition: &Definition) -> Option<String> {
        let is_program = |spec: &protocols::Spec| spec.downcast_ref::<External>().is_some();
        let rules = definition.protocols.values().any(is_program).then(|| match self.programs {
            Some(sizes) => format!("tried now at {sizes} sizes"),
            None => "what rules take is not known, --measure tries them".to_owned(),
        });
        let readers =
            (!definition.reads.programs.is_empty()).then(|| "what readers take is a guess".to_owned());
        let parts: Vec<String> = rules.into_iter().chain(readers).collect();
        (!parts.is_empty()).then(|| format!("Programs: {}", parts.join("; ")))
    }

    pub(crate) fn text(&self) -> String {
        let kept = match &self.kept {
            Ok(path) => format!("kept in {}", path.display()),
            Err(reason) => format!("not kept: {reason}"),
        };
        let when = match self.probes {
            0 => "measured before".to_owned(),
            probes => format!("{probes} probes measured now in {}", duration(self.seconds)),
        };
        format!("Times: by probes of this machine, {when}, {kept}")
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        let (path, problem) = (self.kept.as_ref().ok(), self.kept.as_ref().err());
        json!({ "probes_now": self.probes, "seconds": self.seconds, "file": path, "not_kept_because": problem })
    }
}
