//! These tests check the arithmetic of the model on hand-made measurements. They check the parts that touch
//! the machine by what they keep.

use super::calibration::{Calibration, Part, ProbeSample, Reading};
use super::lattice::{LOADS, LatticePoint, NOISE, UNITS, around};
use super::work::{self, Subject};
use super::*;
use approx::assert_relative_eq;
use proptest::prelude::*;
use protocols::protocol::{Hop, Mpf, Trn};
use protocols::reading::Reader;
use protocols::{Source, Spec};
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;
use study::definition::Definition;
use study::plan::{Cell, plan};

static HOP: LazyLock<Subject> =
    LazyLock::new(|| Subject { spec: Hop::default().into(), source: Source::Random });

/// A sample at a point, of a write of so many seconds; reads take 1, 2, 3 ms a query by noise, asynchronous
/// ones ten times.
fn sample(units: usize, load: usize, write: f64) -> ProbeSample {
    let point = LatticePoint { units, load };
    let sync: Vec<f64> = (1..=NOISE.len()).map(|i| 1e-3 * i as f64).collect();
    let reading =
        Reading { stability: 0.5, structure: 0.25, r#async: sync.iter().map(|s| 10.0 * s).collect(), sync };
    ProbeSample { n: point.n(), load: point.load(), m: point.m(), write: Some(write), reading: Some(reading) }
}

fn size(units: usize, load: usize) -> (f64, f64) {
    let point = LatticePoint { units, load };
    (point.n().into(), point.m().into())
}

fn cells(text: &str) -> Vec<Cell> {
    let definition = Definition::parse("test", Path::new("test.toml"), text);
    plan(&definition.unwrap_or_else(|error| panic!("{error}")))
}

#[test]
fn at_a_point_the_seconds_are_those_measured() {
    let mut calibration = Calibration::default();
    calibration.add(&HOP, sample(1, 3, 7.0));
    let (n, m) = size(1, 3);
    let at = |part| calibration.seconds(&HOP, part, n, m);
    assert_relative_eq!(at(Part::Write), 7.0, max_relative = 1e-12);
    assert_relative_eq!(at(Part::Stability), 0.5, max_relative = 1e-12);
    assert_relative_eq!(at(Part::Structure), 0.25, max_relative = 1e-12);
    // Half way between the first two noise levels.
    let query = |dynamics, noise| at(Part::Query(dynamics, noise));
    assert_relative_eq!(query(Reader::Sync, 0.05), 1.5e-3, max_relative = 1e-12);
    assert_relative_eq!(query(Reader::Async, 0.5), 30e-3, max_relative = 1e-12);
}

#[test]
fn between_points_rates_are_interpolated_and_beyond_them_kept() {
    let mut calibration = Calibration::default();
    let (low, high) = (size(0, 3), size(1, 3));
    let operations = |(n, m): (f64, f64)| HOP.spec.work(n, m);
    // Nine times as slow an operation at the larger size.
    calibration.add(&HOP, sample(0, 3, operations(low)));
    calibration.add(&HOP, sample(1, 3, 9.0 * operations(high)));
    let seconds = |(n, m): (f64, f64)| calibration.seconds(&HOP, Part::Write, n, m) / operations((n, m));
    let middle = (low.0 * high.0).sqrt();
    assert_relative_eq!(seconds((middle, middle)), 3.0, max_relative = 1e-12);
    assert_relative_eq!(seconds((4.0, 4.0)), 1.0, max_relative = 1e-12);
    // Far beyond the lattice, and between loads that nobody measured: as at the nearest point.
    assert_relative_eq!(seconds((10_000.0, 10_000.0)), 9.0, max_relative = 1e-12);
    assert_relative_eq!(seconds((high.0, 0.2 * high.0)), 9.0, max_relative = 1e-12);
    let other = Subject { spec: Spec::from(Mpf::default()), source: Source::Random };
    let unknown = calibration.seconds(&other, Part::Write, 64.0, 32.0);
    assert_relative_eq!(unknown, work::TYPICAL * other.spec.work(64.0, 32.0), max_relative = 1e-12);
}

proptest! {
    #[test]
    fn weights_of_the_points_around_add_up(n in 2.0_f64..5000.0, load in 0.001_f64..5.0) {
        let points = around(n, load * n);
        let total: f64 = points.iter().map(|(_, weight)| weight).sum();
        prop_assert!((total - 1.0).abs() < 1e-12 && points.iter().all(|(_, weight)| *weight >= 0.0));
        // Inside the lattice the weighted logarithms are those of the size.
        if (f64::from(UNITS[0])..f64::from(UNITS[UNITS.len() - 1])).contains(&n) {
            let mean: f64 = points.iter().map(|(point, weight)| weight * f64::from(point.n()).ln()).sum();
            prop_assert!((mean - n.ln()).abs() < 1e-12);
        }
        if (LOADS[0]..LOADS[LOADS.len() - 1]).contains(&load) {
            let mean: f64 = points.iter().map(|(point, weight)| weight * point.load().ln()).sum();
            prop_assert!((mean - load.ln()).abs() < 1e-9);
        }
    }

    /// Against every assignment of up to 7 jobs: never below the best, and at most Graham's bound above it.
    #[test]
    fn the_schedule_is_as_good_as_graham_proved(
        jobs in prop::collection::vec(0.0_f64..10.0, 0..8),
        threads in 1_usize..4,
    ) {
        let best = (0..threads.pow(jobs.len() as u32))
            .map(|code| {
                let mut busy = vec![0.0; threads];
                for (i, job) in jobs.iter().enumerate() {
                    busy[code / threads.pow(i as u32) % threads] += job;
                }
                busy.into_iter().fold(0.0, f64::max)
            })
            .fold(f64::INFINITY, f64::min);
        let wall = wall_seconds(&jobs, threads);
        let bound = 4.0 / 3.0 - 1.0 / (3.0 * threads as f64);
        prop_assert!(wall >= best - 1e-12 && wall <= bound * best + 1e-12, "{wall} against {best}");
    }
}

#[test]
fn grahams_worst_case_is_met() {
    // Graham 1969: 11 where 9 would do.
    assert_eq!(wall_seconds(&[3.0, 3.0, 3.0, 4.0, 4.0, 5.0, 5.0], 3), 11.0);
    assert_eq!(wall_seconds(&[8.0, 1.0, 1.0], 64), 8.0, "the longest cell bounds it");
}

const TEXT: &str = r#"question = "?"
analysis = "."
probes = ["stability", "recovery", "structure"]
[protocols]
HOP = { hop = {} }
TRN = { trn = { epochs = 100, start = "hop" } }
[grid]
n = [32]
load = [1.0]
flips = [0, 3]
trials = 2
queries = 7
"#;

#[test]
fn a_cell_costs_its_write_its_reads_and_its_probes() {
    let mut calibration = Calibration::default();
    calibration.add(&HOP, sample(1, 3, 7.0));
    let cells = cells(TEXT);
    let costs = Model::new(calibration).costs(&cells);
    assert_eq!(costs[0], costs[1], "trials cost the same");
    // Stability and structure; 7 queries at noise 0 and at 3/32, read in both orders; and what every cell takes.
    let query = 1e-3 + (1e-3 + 1e-3 * 3.0 / 3.2);
    assert_relative_eq!(costs[0].write, 7.0, max_relative = 1e-12);
    assert_relative_eq!(costs[0].read, 0.75 + 7.0 * 11.0 * query + 3e-5, max_relative = 1e-12);
}

#[test]
fn training_costs_its_start_and_its_epochs() {
    let write = |trn: Trn| {
        let mut calibration = Calibration::default();
        let mpf = Subject { spec: Spec::from(Mpf::default()), source: Source::Random };
        calibration.add(&mpf, sample(1, 3, 5.0));
        let epoch =
            work::stages(&Spec::from(trn), Source::Random, 32, 32).pop().expect("there are epochs").subject;
        // The probe has 64 queries for each of 32 messages at most.
        let probed = work::shortened(&epoch.spec, 32);
        let share = Spec::from(trn).work(32.0, 32.0) / probed.work(32.0, 32.0);
        calibration.add(&epoch, ProbeSample { reading: None, ..sample(1, 3, 0.25) });
        let mut cell = cells(TEXT).pop().expect("there are cells");
        cell.spec = Spec::from(trn);
        (Model::new(calibration).cost(&cell).write, share)
    };
    let (seconds, share) = write(Trn { epochs: 100, ..Trn::default() });
    assert_relative_eq!(seconds, 5.0 + 25.0, max_relative = 1e-12);
    assert_eq!(share, 1.0);
    // Other rates and another start make no other epoch.
    let (seconds, _) = write(Trn { epochs: 100, start: protocols::protocol::Start::Hop, ..Trn::default() });
    assert_relative_eq!(seconds, 25.0, max_relative = 1e-12);
    let (seconds, share) =
        write(Trn { queries: 1000.try_into().expect("not 0"), epochs: 100, ..Trn::default() });
    assert!(share > 10.0);
    assert_relative_eq!(seconds, 5.0 + 25.0 * share, max_relative = 1e-12);
}

#[test]
fn a_forecast_counts_what_is_to_do() {
    let mut calibration = Calibration::default();
    calibration.add(&HOP, sample(1, 3, 7.0));
    let model = Model::new(calibration);
    let cells: Vec<Cell> = cells(TEXT).into_iter().take(2).collect();
    let cost = model.cost(&cells[0]).total();
    let forecast = |states: [State; 2], threads| Forecast::new(&model, &cells, &states, threads, 4);
    let both = forecast([State::New, State::Changed], 2);
    assert_eq!((both.all.new, both.all.changed, both.all.cells, both.message_sets), (1, 1, 2, 2));
    assert_relative_eq!(both.cpu_seconds, 2.0 * cost + both.tables_seconds);
    assert_relative_eq!(both.wall_seconds, cost + both.tables_seconds);
    assert_relative_eq!(forecast([State::New; 2], 1).wall_seconds, 2.0 * cost + both.tables_seconds);
    let one = forecast([State::Finished, State::New], 2);
    assert_relative_eq!(one.all.write_seconds, 7.0, max_relative = 1e-12);
    assert_relative_eq!(one.all.cpu_seconds_all, 2.0 * cost);
    let none = forecast([State::Finished, State::Failed], 2);
    assert_eq!((none.all.finished, none.all.failed, none.all.longest_seconds), (1, 1, 0.0));
    assert_eq!(none.cpu_seconds, none.tables_seconds);
}

/// The bytes a row that the forecast of disk space rests on.
#[test]
fn the_files_of_the_reference_runs_are_as_large_as_expected() {
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/reference");
    for (name, _) in Definition::shipped().iter().filter(|(name, _)| reference.join(name).is_dir()) {
        let cells = plan(&Definition::load(name).unwrap_or_else(|error| panic!("{error}")));
        let files = ["memories.parquet", "recalls.parquet", "timings.parquet"];
        let bytes: u64 =
            files.iter().map(|f| std::fs::metadata(reference.join(name).join(f)).expect("a run").len()).sum();
        let ratio = Tables::of(&cells).files() / bytes as f64;
        assert!((0.75..1.33).contains(&ratio), "{name}: {ratio} of its {bytes} bytes expected");
    }
}

/// Small probes for real: everything that the cells need is measured once, and is then known.
#[test]
fn calibration_measures_what_is_missing_and_no_more() {
    let text =
        TEXT.replace("n = [32]", "n = [16, 20]").replace("[protocols]", "[protocols]\nMPF = { mpf = {} }");
    let cells = cells(&text);
    let mut model = Model::default();
    assert_eq!(model.calibrate(&cells, Duration::ZERO), 0, "no time, no probes");
    // Writes and reads of HOP and MPF and epochs of TRN at N = 16 and 32.
    let minute = Duration::from_secs(60);
    assert_eq!(model.calibrate(&cells, minute), 3 * 2);
    assert_eq!(model.calibrate(&cells, minute), 0);
    assert_eq!(model.calibration().len(), 3 * 2);
    for (cell, cost) in cells.iter().zip(model.costs(&cells)) {
        // From a tenth of what products alone take at the peak of any CPU to a minute.
        assert!(cost.write > 1e-9 && cost.read > 1e-6 && cost.total() < 60.0, "{}: {cost:?}", cell.label);
    }
    let trained = |label: &str| cells.iter().position(|cell| cell.label == label).expect("a label");
    let costs = model.costs(&cells);
    assert!(
        costs[trained("TRN")].write > costs[trained("HOP")].write,
        "100 epochs are more than one product"
    );
}

#[test]
fn the_cache_keeps_what_this_build_measured() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cache = Cache::at(&folder.path().join("deep").join("er"));
    assert!(cache.load().is_empty(), "nothing is kept yet");
    let mut calibration = Calibration::default();
    calibration.add(&HOP, sample(2, 2, 0.1 + 0.2));
    cache.keep(&calibration).expect("a writable folder");
    assert_eq!(cache.load(), calibration);
    let text = std::fs::read_to_string(cache.path()).expect("it was kept");
    for damaged in
        [text.replacen(" bytes, ", " byte, ", 1), text[..text.len() / 2].to_owned(), "{}".to_owned()]
    {
        assert_ne!(damaged, text);
        std::fs::write(cache.path(), damaged).expect("a writable file");
        assert!(cache.load().is_empty(), "another build's or a damaged file counts for nothing");
    }
    let file = folder.path().join("file");
    std::fs::write(&file, "in the way").expect("a writable folder");
    let error = Cache::at(&file).keep(&calibration).expect_err("a file is no folder");
    assert!(format!("{error:#}").contains("file"), "{error:#}");
}
