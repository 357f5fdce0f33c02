//! The command `doctor` says what this machine has, and what there would spoil a sweep or its times.

use crate::amounts::bytes;
use crate::stdout::{print, print_painted};
use crate::width::{columns, wrapped};
use anyhow::Result;
use base::paint::{bad, faint, good, head, open, width};
use run::sweep::Options;
use serde::Serialize;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::provenance::Provenance;

/// Arguments of `doctor`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness doctor
  harness doctor --results /scratch/me   where results will lie
  harness doctor --json

Exit code: 0 if nothing was found that keeps a sweep from running, 1 otherwise. What only spoils times is a warning.")]
pub(crate) struct Args {
    /// Folder of results.
    #[arg(long, default_value = "results")]
    pub results: PathBuf,
    /// JSON instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// What was found of one thing.
#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    found: String,
    verdict: Verdict,
    /// What follows from it, or what to do; empty where all is well.
    advice: String,
}

/// How a finding bears on a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Verdict {
    Good,
    SpoilsTimes,
    Bad,
}

/// Looks at the machine and prints what was found.
///
/// # Errors
/// If standard output cannot be written.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let about = Provenance::collect("doctor", "", 0);
    let mut findings = vec![program(&about), processor(&about), instructions(&about)];
    findings.extend([
        load(&about),
        clock(),
        memory(),
        disk(&args.results),
        writable(&args.results),
        scheduler(),
    ]);
    if args.json {
        print(&(serde_json::to_string_pretty(&findings)? + "\n"))?;
    } else {
        print_painted(&text(&findings, columns()))?;
    }
    let is_bad = findings.iter().any(|finding| finding.verdict == Verdict::Bad);
    Ok(if is_bad { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn finding(what: &'static str, found: String) -> Finding {
    Finding { what, found, verdict: Verdict::Good, advice: String::new() }
}

fn program(about: &Provenance) -> Finding {
    let commit =
        about.commit.as_deref().map_or("of an unknown commit", |commit| &commit[..commit.len().min(12)]);
    let changed = if about.dirty == Some(true) { ", with changes" } else { "" };
    let found = format!("{} {commit}{changed}, {} build, {}", about.version, about.profile, about.rustc);
    let advice = match about.dirty {
        Some(true) => "results will say that the program differed from its commit".to_owned(),
        _ => String::new(),
    };
    Finding { advice, ..finding("program", found) }
}

fn processor(about: &Provenance) -> Finding {
    let cores = about.cores.map_or_else(String::new, |cores| format!("{cores} cores, "));
    let found = format!("{}, {cores}{} threads may run", about.cpu, about.threads);
    match quota(Path::new("/")).filter(|&quota| quota < about.threads as f64 - 0.01) {
        None => finding("processor", found),
        Some(quota) => Finding {
            verdict: Verdict::SpoilsTimes,
            advice: format!(
                "a control group allows {quota:.1} of them: give `--threads {}`",
                quota.max(1.0).floor()
            ),
            ..finding("processor", found)
        },
    }
}

/// The processors that a control group of the second version allows, where it bounds them.
fn quota(root: &Path) -> Option<f64> {
    let text = fs::read_to_string(root.join("sys/fs/cgroup/cpu.max")).ok()?;
    let mut words = text.split_whitespace();
    let (quota, period): (f64, f64) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    (period > 0.0).then(|| quota / period)
}

fn instructions(about: &Provenance) -> Finding {
    let found = finding(
        "vector units",
        match about.features.as_slice() {
            [] => "none that the numerics use".to_owned(),
            features => features.join(" "),
        },
    );
    let wide = about.features.iter().any(|feature| feature == "avx2" || feature == "neon");
    if wide {
        return found;
    }
    Finding {
        verdict: Verdict::SpoilsTimes,
        advice: "without AVX2 or NEON products run at a fraction of their rate".to_owned(),
        ..found
    }
}

fn load(about: &Provenance) -> Finding {
    let Some(load) =
        fs::read_to_string("/proc/loadavg").ok().and_then(|text| text.split(' ').next()?.parse().ok())
    else {
        return finding("other work", "not known on this system".to_owned());
    };
    let load: f64 = load;
    let found = finding("other work", format!("load {load:.1} over the last minute"));
    if load < 0.5 * about.threads as f64 {
        return found;
    }
    Finding {
        verdict: Verdict::SpoilsTimes,
        advice: "times that are measured now are those of a busy machine; numbers do not depend on it"
            .to_owned(),
        ..found
    }
}

/// Whether the clock of the processor changes with its load.
fn clock() -> Finding {
    let cpu = Path::new("/sys/devices/system/cpu");
    let read = |path: &str| fs::read_to_string(cpu.join(path)).ok().map(|text| text.trim().to_owned());
    let governor = read("cpu0/cpufreq/scaling_governor");
    let boosts = read("cpufreq/boost")
        .map(|boost| boost == "1")
        .or_else(|| read("intel_pstate/no_turbo").map(|no_turbo| no_turbo == "0"));
    let found = match (&governor, boosts) {
        (None, None) => return finding("clock", "not known on this system".to_owned()),
        (governor, boosts) => {
            let governor = governor.as_ref().map(|governor| format!("governor {governor}"));
            let boosts = boosts.map(|boosts| format!("turbo {}", if boosts { "on" } else { "off" }));
            finding("clock", governor.into_iter().chain(boosts).collect::<Vec<_>>().join(", "))
        }
    };
    if boosts != Some(true) && governor.as_deref().is_none_or(|governor| governor == "performance") {
        return found;
    }
    Finding {
        verdict: Verdict::SpoilsTimes,
        advice:
            "the clock changes with load and heat: compare times of one run, and ratios rather than seconds"
                .to_owned(),
        ..found
    }
}

fn memory() -> Finding {
    /// What a sweep of the shipped definitions takes, with room to spare.
    const ENOUGH: u64 = 1 << 30;
    match Options::on(NonZeroUsize::MIN).memory {
        None => finding("memory", "not known on this system".to_owned()),
        Some(there) if there >= ENOUGH => finding("memory", format!("{} free", bytes(there as f64))),
        Some(there) => Finding {
            verdict: Verdict::Bad,
            advice:
                "less than 1 GB: cells may fail for want of memory; `harness plan` says what a sweep takes"
                    .to_owned(),
            ..finding("memory", format!("{} free, limits of this process among it", bytes(there as f64)))
        },
    }
}

/// The nearest folder above a path that is there.
fn there(path: &Path) -> PathBuf {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    full.ancestors().find(|folder| folder.is_dir()).map_or_else(|| PathBuf::from("."), Path::to_owned)
}

/// The bytes of a disk that are free to a user; none where the system does not tell.
#[cfg(unix)]
fn free(folder: &Path) -> Option<u64> {
    let system = rustix::fs::statvfs(folder).ok()?;
    Some(system.f_bavail.saturating_mul(system.f_frsize))
}

#[cfg(not(unix))]
fn free(_: &Path) -> Option<u64> {
    None
}

fn disk(results: &Path) -> Finding {
    /// All shipped definitions together take less.
    const ENOUGH: u64 = 1 << 28;
    let folder = there(results);
    let Some(free) = free(&folder) else {
        return finding("disk", format!("not known of {}", folder.display()));
    };
    let found = finding("disk", format!("{} free at {}", bytes(free as f64), folder.display()));
    if free >= ENOUGH {
        return found;
    }
    Finding {
        verdict: Verdict::Bad,
        advice: "less than 256 MB; `harness plan` says what a sweep takes, and `--results` puts it elsewhere"
            .to_owned(),
        ..found
    }
}

fn writable(results: &Path) -> Finding {
    let folder = there(results);
    match tempfile::tempfile_in(&folder) {
        Ok(_) => finding("results", format!("{} can be written", folder.display())),
        Err(error) => Finding {
            verdict: Verdict::Bad,
            advice: "give another folder by `--results`".to_owned(),
            ..finding("results", format!("{} cannot be written: {error}", folder.display()))
        },
    }
}

/// Whether the commands of Slurm are on the path.
fn scheduler() -> Finding {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = |command: &str| std::env::split_paths(&path).any(|folder| folder.join(command).is_file());
    match (is_there("sbatch"), is_there("squeue")) {
        (true, true) => finding("scheduler", "Slurm: `harness submit` can be used".to_owned()),
        (false, false) => finding("scheduler", "none; `harness sweep` runs here".to_owned()),
        (sbatch, _) => Finding {
            verdict: Verdict::SpoilsTimes,
            advice: "`harness submit` needs both".to_owned(),
            ..finding("scheduler", format!("of Slurm only {}", if sbatch { "sbatch" } else { "squeue" }))
        },
    }
}

fn text(findings: &[Finding], room: usize) -> String {
    let longest = findings.iter().map(|finding| width(finding.what)).max().unwrap_or(0);
    let mut text = String::new();
    for Finding { what, found, verdict, advice } in findings {
        let mark = match verdict {
            Verdict::Good => good("ok "),
            Verdict::SpoilsTimes => open("!  "),
            Verdict::Bad => bad("bad"),
        };
        let blanks = " ".repeat(longest - width(what));
        text += &wrapped(&format!("{mark} {}{blanks}  {found}", head(what)), room, longest + 6);
        text.push('\n');
        if !advice.is_empty() {
            let indent = " ".repeat(longest + 6);
            text += &faint(&(indent + &wrapped(advice, room.saturating_sub(longest + 6), longest + 6)));
            text.push('\n');
        }
    }
    let warned = findings.iter().filter(|finding| finding.verdict == Verdict::SpoilsTimes).count();
    let last = match (findings.iter().filter(|finding| finding.verdict == Verdict::Bad).count(), warned) {
        (0, 0) => "Nothing stands in the way of a sweep or of its times.".to_owned(),
        (0, _) => "Sweeps can run. What is marked ! bears on times alone.".to_owned(),
        _ => "Sweeps may fail for what is marked bad.".to_owned(),
    };
    text + "\n" + &wrapped(&last, room, 0) + "\n"
}
