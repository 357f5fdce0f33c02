//! This module reads what `cargo bench -p protocols` measured, and keeps it as one Parquet table. It reads
//! criterion's own files.
//!
//! Criterion leaves a folder a benchmark, `<group>/<function>/<value>/new`, with `benchmark.json` (its names) and
//! `sample.json` (iterations and nanoseconds of every sample). A group that fixes the number of messages says so in its
//! name: `write m=64`.

use crate::{StoreError, file};
use polars::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use stats::{Line, fit_line, quantile};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use study::measure::CONFIDENCE;

/// A `Benchmark` holds the seconds of one piece of work at one N.
#[derive(Clone, Debug, PartialEq)]
pub struct Benchmark {
    /// What is measured: `write`, `read`, `train_step`.
    pub group: String,
    /// The protocol, or the dynamics of a read.
    pub function: String,
    /// Units N.
    pub n: u32,
    /// Messages M, where the group fixes them.
    pub m: Option<u32>,
    /// Samples taken.
    pub samples: u32,
    /// Median over the samples, seconds an iteration.
    pub seconds: f64,
    /// Lower quartile.
    pub low: f64,
    /// Upper quartile.
    pub high: f64,
    /// Floating-point operations an iteration, where the benchmark counts them.
    pub operations: Option<u64>,
}

/// A `BenchmarkError` says why benchmarks cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum BenchmarkError {
    /// A folder or file that cannot be read.
    #[error("cannot read {}; run `cargo bench -p protocols` first, or name criterion's folder with \
     --criterion", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file that cannot be read, or something else that has its name.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file that is not criterion's.
    #[error("{} is not as criterion 0.8 writes it ({reason}); remove it and run `cargo bench -p protocols` \
     again", path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Nothing there.
    #[error("no benchmark in {}; run `cargo bench -p protocols` first", path.display())]
    None {
        /// The folder.
        path: PathBuf,
    },
    /// The table cannot be built.
    #[error("cannot write the benchmarks as Parquet: {reason}")]
    Encode {
        /// Why not.
        reason: String,
    },
}

/// Holds `benchmark.json`, as far as it is needed.
#[derive(Deserialize)]
struct Names {
    group_id: String,
    function_id: Option<String>,
    value_str: Option<String>,
    throughput: Option<BTreeMap<String, u64>>,
}

/// Holds `sample.json`, as far as it is needed.
#[derive(Deserialize)]
struct BenchmarkSample {
    iters: Vec<f64>,
    times: Vec<f64>,
}

/// Reads the benchmarks in criterion's folder, by group, function and N. Those whose value is no N are left
/// out.
///
/// # Errors
/// If a file cannot be read or is not criterion's, or there is no benchmark.
pub fn read(folder: &Path) -> Result<Vec<Benchmark>, BenchmarkError> {
    let mut found = Vec::new();
    for group in folders(folder)? {
        for function in folders(&group)? {
            for value in folders(&function)? {
                let new = value.join("new");
                if new.join("benchmark.json").exists() {
                    found.extend(benchmark(&new)?);
                }
            }
        }
    }
    if found.is_empty() {
        return Err(BenchmarkError::None { path: folder.to_owned() });
    }
    let key = |b: &Benchmark| (b.group.clone(), b.function.clone(), b.n);
    found.sort_by_key(key);
    Ok(found)
}

fn folders(folder: &Path) -> Result<Vec<PathBuf>, BenchmarkError> {
    let failed = |source| BenchmarkError::Read { path: folder.to_owned(), source };
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    Ok(folders)
}

fn json<T: DeserializeOwned>(path: &Path) -> Result<T, BenchmarkError> {
    let missing = || io::Error::from(io::ErrorKind::NotFound);
    let text =
        file::read(path)?.ok_or_else(|| BenchmarkError::Read { path: path.to_owned(), source: missing() })?;
    serde_json::from_slice(&text)
        .map_err(|e| BenchmarkError::Content { path: path.to_owned(), reason: e.to_string() })
}

fn benchmark(new: &Path) -> Result<Option<Benchmark>, BenchmarkError> {
    let names: Names = json(&new.join("benchmark.json"))?;
    let path = new.join("sample.json");
    let BenchmarkSample { iters, times } = json(&path)?;
    let (Some(function), Some(Ok(n))) = (names.function_id, names.value_str.map(|value| value.parse()))
    else {
        return Ok(None);
    };
    if iters.is_empty()
        || iters.len() != times.len()
        || iters.iter().any(|&count| count.is_nan() || count <= 0.0)
    {
        let reason = "it has no sample, or not a time for every count of iterations".to_owned();
        return Err(BenchmarkError::Content { path, reason });
    }
    let seconds: Vec<f64> = times.iter().zip(&iters).map(|(time, count)| time / count * 1e-9).collect();
    let (group, m) = match names.group_id.split_once(" m=") {
        Some((group, m)) => (group.to_owned(), m.parse().ok()),
        None => (names.group_id, None),
    };
    let at = |share| {
        let reason = || "a time is no number".to_owned();
        quantile(&seconds, share)
            .ok_or_else(|| BenchmarkError::Content { path: path.clone(), reason: reason() })
    };
    let (low, median, high) = (at(0.25)?, at(0.5)?, at(0.75)?);
    let (samples, operations) =
        (seconds.len() as u32, names.throughput.and_then(|t| t.get("Elements").copied()));
    Ok(Some(Benchmark { group, function, n, m, samples, seconds: median, low, high, operations }))
}

/// Computes how time grows with N, for each group and function. That is the least squares line of log seconds
/// on log N from `from` units on, with its number of sizes; none where there are under three.
pub fn growth(benchmarks: &[Benchmark], from: u32) -> BTreeMap<(String, String), (usize, Option<Line>)> {
    let mut points: BTreeMap<(String, String), (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    for b in benchmarks.iter().filter(|b| b.n >= from) {
        let (x, y) = points.entry((b.group.clone(), b.function.clone())).or_default();
        x.push(f64::from(b.n).ln());
        y.push(b.seconds.ln());
    }
    let fit = |(x, y): (Vec<f64>, Vec<f64>)| (x.len(), fit_line(&x, &y, CONFIDENCE));
    points.into_iter().map(|(name, points)| (name, fit(points))).collect()
}

/// Returns the benchmarks as a Parquet file with `metadata`.
///
/// # Errors
/// If polars cannot write it.
pub fn parquet(benchmarks: &[Benchmark], metadata: Vec<(String, String)>) -> Result<Vec<u8>, BenchmarkError> {
    let text = |get: fn(&Benchmark) -> &str| benchmarks.iter().map(get).collect::<Vec<_>>();
    let count = |get: fn(&Benchmark) -> Option<u32>| benchmarks.iter().map(get).collect::<Vec<_>>();
    let time = |get: fn(&Benchmark) -> f64| benchmarks.iter().map(get).collect::<Vec<_>>();
    let operations: Vec<Option<u64>> = benchmarks.iter().map(|b| b.operations).collect();
    let columns = vec![
        Column::new("group".into(), text(|b| &b.group)),
        Column::new("function".into(), text(|b| &b.function)),
        Column::new("n".into(), count(|b| Some(b.n))),
        Column::new("m".into(), count(|b| b.m)),
        Column::new("samples".into(), count(|b| Some(b.samples))),
        Column::new("seconds".into(), time(|b| b.seconds)),
        Column::new("low".into(), time(|b| b.low)),
        Column::new("high".into(), time(|b| b.high)),
        Column::new("operations".into(), operations),
    ];
    let mut bytes = Vec::new();
    let written = DataFrame::new(benchmarks.len(), columns).and_then(|mut frame| {
        ParquetWriter::new(&mut bytes)
            .with_key_value_metadata(Some(KeyValueMetadata::from_static(metadata)))
            .finish(&mut frame)
    });
    written.map(|_| bytes).map_err(|e| BenchmarkError::Encode { reason: e.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder as criterion leaves it.
    fn benchmark_folder(root: &Path, path: &str, names: &str, sample: &str) {
        let new = root.join(path).join("new");
        std::fs::create_dir_all(&new).unwrap();
        std::fs::write(new.join("benchmark.json"), names).unwrap();
        std::fs::write(new.join("sample.json"), sample).unwrap();
    }

    fn written(root: &Path, n: u32, nanoseconds: f64) {
        let names = format!(
            r#"{{"group_id":"write m=64","function_id":"hop","value_str":"{n}","throughput":null,"full_id":"x"}}"#
        );
        let times: Vec<f64> = [1.0, 2.0, 3.0].iter().map(|count| count * nanoseconds).collect();
        let sample = format!(r#"{{"sampling_mode":"Linear","iters":[1.0,2.0,3.0],"times":{times:?}}}"#);
        benchmark_folder(root, &format!("write m_64/hop/{n}"), &names, &sample);
    }

    #[test]
    fn a_square_law_has_exponent_two() {
        let root = tempfile::tempdir().unwrap();
        for n in [64, 128, 256, 512] {
            written(root.path(), n, 1e3 * f64::from(n * n));
        }
        // Criterion's own reports are folders too.
        std::fs::create_dir_all(root.path().join("write m_64/report")).unwrap();
        let found = read(root.path()).unwrap();
        assert_eq!(found.iter().map(|b| b.n).collect::<Vec<_>>(), [64, 128, 256, 512]);
        assert_eq!((found[0].m, found[0].samples, found[0].group.as_str()), (Some(64), 3, "write"));
        assert!((found[0].seconds - 4096e-6).abs() < 1e-12);
        let name = ("write".to_owned(), "hop".to_owned());
        let (sizes, line) = &growth(&found, 128)[&name];
        assert_eq!(*sizes, 3);
        assert!((line.as_ref().unwrap().slope - 2.0).abs() < 1e-9);
        assert!(growth(&found, 256)[&name].1.is_none(), "two sizes fit any line");
        assert!(!parquet(&found, Vec::new()).unwrap().is_empty());
    }

    #[test]
    fn errors_name_the_file_and_the_remedy() {
        let root = tempfile::tempdir().unwrap();
        let nothing = read(root.path()).unwrap_err().to_string();
        assert!(nothing.contains("cargo bench -p protocols"), "{nothing}");
        assert!(matches!(read(&root.path().join("none")), Err(BenchmarkError::Read { .. })));
        let names = r#"{"group_id":"g","function_id":"f","value_str":"8"}"#;
        for sample in ["{", r#"{"iters":[],"times":[]}"#, r#"{"iters":[0.0],"times":[1.0]}"#] {
            benchmark_folder(root.path(), "g/f/8", names, sample);
            let error = read(root.path()).unwrap_err().to_string();
            assert!(error.contains("sample.json"), "{error}");
        }
    }
}
