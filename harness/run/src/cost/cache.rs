//! This module keeps calibrations between runs. There is a file for each machine, which counts only for the
//! build that wrote it.

use super::Calibration;
use anyhow::{Context, Result};
use base::atomic;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;
use store::provenance::{PROFILE, RUSTC, TARGET, features, host};

/// A `Cache` says where calibrations are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    path: PathBuf,
}

/// Holds what stands in the file of the cache.
#[derive(Serialize, Deserialize)]
struct Kept {
    build: String,
    calibration: Calibration,
}

impl Cache {
    /// Names the file in the user's cache folder; `None` where the system has none.
    pub fn of_user() -> Option<Self> {
        folder(|name| std::env::var_os(name)).map(|folder| Self::at(&folder))
    }

    /// Names the file of this machine in `folder`.
    pub fn at(folder: &Path) -> Self {
        let machine = format!("{} {} {}", host(), TARGET, features().join(" "));
        let name = &blake3::hash(machine.as_bytes()).to_hex()[..16];
        Self { path: folder.join(format!("cost-{name}-{}.json", PROFILE)) }
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Loads what this build has measured. It is nothing where there is no such file, or one that is damaged
    /// or of another build.
    pub fn load(&self) -> Calibration {
        let kept =
            std::fs::read(&self.path).ok().and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
        kept.filter(|kept| kept.build == build()).map(|kept| kept.calibration).unwrap_or_default()
    }

    /// Keeps `calibration` for this build.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn keep(&self, calibration: &Calibration) -> Result<()> {
        let kept = Kept { build: build(), calibration: calibration.clone() };
        let folder = self.path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).with_context(|| format!("{}: cannot be made", folder.display()))?;
        atomic::write(&self.path, |file| serde_json::to_writer_pretty(file, &kept).map_err(Into::into))
    }
}

/// Finds the folder for files that can be made again, by the environment.
fn folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let path = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = path("XDG_CACHE_HOME")
        .or_else(|| path("LOCALAPPDATA"))
        .or_else(|| path("HOME").map(|home| home.join(".cache")));
    cache.map(|cache| cache.join("hopfield-harness"))
}

/// Returns the name of the program: its version, compiler and file. A new build may be faster or slower, so
/// it measures anew.
fn build() -> String {
    let file = std::env::current_exe().and_then(std::fs::metadata).ok();
    let modified = file.as_ref().and_then(|file| file.modified().ok()?.duration_since(UNIX_EPOCH).ok());
    let (version, rustc) = (env!("CARGO_PKG_VERSION"), RUSTC);
    format!(
        "{version}, {rustc}, {} bytes, {} ns",
        file.map_or(0, |f| f.len()),
        modified.map_or(0, |t| t.as_nanos())
    )
}
