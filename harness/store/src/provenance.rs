//! Provenance says where results come from: code, machine, definition and seed.
//!
//! Code is named twice: by the commit of the tree that the program was built from, and by compiler, profile,
//! target and Cargo.lock. All of it was recorded by the build, so that it does not hang on who runs the
//! program, where, or what became of the tree. What cannot be found out is absent; it never stops a run.

use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use study::definition::{Definition, DefinitionError, MessageFiles, Programs};
use study::purpose::Purpose;
use study::schema::{Key, SCHEMA_VERSION, key};
use sysinfo::{CpuRefreshKind, RefreshKind, System};

/// Names the compiler that built this program.
pub const RUSTC: &str = env!("HARNESS_RUSTC");
/// Names the profile that this program was built with.
pub const PROFILE: &str = env!("HARNESS_PROFILE");
/// Names the target that this program was built for.
pub const TARGET: &str = env!("HARNESS_TARGET");

/// What a program was built from: see [`built_from`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildSource {
    /// Commit of the source tree; absent outside a git repository.
    pub commit: Option<String>,
    /// Whether tracked files, results and figures aside, differed from the commit.
    pub dirty: Option<bool>,
    /// BLAKE3 of `git diff HEAD`, where they did.
    pub diff_hash: Option<String>,
    /// BLAKE3 of Cargo.lock; absent where it was built without one.
    pub lock_hash: Option<String>,
}

static SOURCE: OnceLock<BuildSource> = OnceLock::new();

/// States what this program was built from, once, at its beginning: its own build alone knows, as this crate
/// is not built anew for a change above it. A program that does not say was built from an unknown tree.
pub fn built_from(source: BuildSource) {
    SOURCE.get_or_init(|| source);
}

/// A `Provenance` holds everything that is known about how a run came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// Commit of the source tree; absent outside a git repository.
    pub commit: Option<String>,
    /// Whether tracked files, results and figures aside, differed from the commit.
    pub dirty: Option<bool>,
    /// BLAKE3 of `git diff HEAD`, where they did.
    pub diff_hash: Option<String>,
    /// Version of this program.
    pub version: String,
    /// Version of the compiler.
    pub rustc: String,
    /// Build profile: `debug` or `release`.
    pub profile: String,
    /// Target triple.
    pub target: String,
    /// BLAKE3 of Cargo.lock; `unknown` where the program was built without one.
    pub lock_hash: String,
    /// Instruction sets that the build took for granted; empty in results older than the key.
    #[serde(default)]
    pub target_features: Vec<String>,
    /// Instruction sets found at run time, of those that the numerics dispatch on.
    pub features: Vec<String>,
    /// Model of the CPU.
    pub cpu: String,
    /// Physical cores; absent where the system does not tell.
    pub cores: Option<usize>,
    /// Threads that the process may run at once.
    pub threads: usize,
    /// Name of the machine.
    pub host: String,
    /// Name of the definition.
    pub definition: String,
    /// BLAKE3 of its text.
    pub definition_hash: String,
    /// Its text.
    pub definition_text: String,
    /// What was found of the programs that it names; absent where it names none, and in results older than the key.
    #[serde(default)]
    pub programs: Option<Programs>,
    /// What was found of its files of messages; absent where it names none, and in results older than the key.
    #[serde(default)]
    pub files: Option<MessageFiles>,
    /// Root of all random streams.
    pub root_seed: u64,
    /// What the streams are for; results older than the key are of the default.
    #[serde(default)]
    pub stream: Purpose,
    /// The generator.
    pub rng: String,
    /// Version of the schema.
    pub schema_version: u32,
    /// The command line.
    pub arguments: Vec<String>,
    /// When the run began, RFC 3339, UTC.
    pub start: String,
    /// When it wrote its tables; absent in a run that was killed before.
    pub end: Option<String>,
}

/// Holds the name of a fact of machine or build, and how a run states it.
type Fact<'a> = (&'static str, &'a dyn Fn(&Provenance) -> String);

/// A `Change` is a fact of machine or build that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Which.
    pub what: &'static str,
    /// Its value in the run looked at.
    pub then: String,
    /// Its value here.
    pub now: String,
}

/// Holds the keys of [`Provenance`] as FORMAT.md lists them.
pub const KEYS: &[Key] = &[
    key("commit", "Commit of the source tree; null outside a git repository."),
    key(
        "dirty",
        "Whether tracked files, results and figures aside, differed from the commit; null where there is none.",
    ),
    key("diff_hash", "BLAKE3 of the `git diff HEAD` of these files; null where there is no difference."),
    key("version", "Version of the harness."),
    key("rustc", "Version of the compiler."),
    key("profile", "Build profile: `debug` or `release`."),
    key("target", "Target triple of the build."),
    key("lock_hash", "BLAKE3 of Cargo.lock; `unknown` where the program was built without one."),
    key(
        "target_features",
        "Instruction sets that the build took for granted (`-C target-cpu`, `-C target-feature`).",
    ),
    key("features", "Instruction sets found at run time, of those that the numerics dispatch on."),
    key("cpu", "Model of the CPU."),
    key("cores", "Physical cores; null where the system does not tell."),
    key("threads", "Threads that the process may run at once."),
    key("host", "Name of the machine."),
    key("definition", "Name of the definition."),
    key("definition_hash", "BLAKE3 of the definition's text."),
    key("definition_text", "The definition's text, whole."),
    key(
        "programs",
        "What was found of the programs of its external rules: the `folder` of the definition, and by label, in \
         `found`, BLAKE3 of the files and the line printed for `version`; the same by name, in `readers`, where \
         readers are programs. Null where there are none.",
    ),
    key(
        "files",
        "What was found of its files of messages: the `folder` of the definition; by source as it is spelled there, in \
         `found`, BLAKE3 of what the file held, or of the hashes of all its files as text, one after another, where it \
         has queries; by source again, in `distances`, the mean distance of its queries, where it has some; and \
         `instead`, the N of messages that `--messages` put in place of the definition's own. Null where there are \
         none.",
    ),
    key("root_seed", "Root of all random streams."),
    key("stream", "What the random streams are for: `evaluate`, or `tune`, whose numbers are no results."),
    key("rng", "The random generator."),
    key("schema_version", "Version of the schema."),
    key("arguments", "The command line."),
    key("start", "When the run began (RFC 3339, UTC)."),
    key("end", "When it wrote its tables; null in a run that was killed before."),
];

impl Provenance {
    /// Reads the definition that the run was made by. The file that holds it is `path`, for errors.
    ///
    /// # Errors
    /// If this program does not read it.
    pub fn definition(&self, path: &Path) -> Result<Definition, DefinitionError> {
        let (name, text) = (&self.definition, &self.definition_text);
        let definition = Definition::parse_found(name, path, text, self.files.as_ref())?;
        Ok(self.programs.iter().fold(definition, |definition, programs| definition.with_programs(programs)))
    }

    /// Collects what holds now, in this process, for a run of `definition`.
    pub fn of(definition: &Definition) -> Self {
        let Definition { name, text, seed, stream, .. } = definition;
        Self {
            stream: *stream,
            programs: definition.programs(),
            files: definition.files.clone(),
            ..Self::collect(name, text, *seed)
        }
    }

    /// Collects what holds now, in this process, for a run of the definition `name` whose text is `text`.
    pub fn collect(name: &str, text: &str, root_seed: u64) -> Self {
        let BuildSource { commit, dirty, diff_hash, lock_hash } = SOURCE.get().cloned().unwrap_or_default();
        Self {
            commit,
            dirty,
            diff_hash,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            rustc: RUSTC.to_owned(),
            profile: PROFILE.to_owned(),
            target: TARGET.to_owned(),
            lock_hash: lock_hash.unwrap_or_else(|| "unknown".to_owned()),
            target_features: env!("HARNESS_TARGET_FEATURES")
                .split_terminator(',')
                .map(str::to_owned)
                .collect(),
            features: features(),
            cpu: cpu(),
            cores: System::physical_core_count(),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            host: host(),
            definition: name.to_owned(),
            definition_hash: hash(text.as_bytes()),
            definition_text: text.to_owned(),
            programs: None,
            files: None,
            root_seed,
            stream: Purpose::default(),
            rng: "ChaCha8".to_owned(),
            schema_version: SCHEMA_VERSION,
            arguments: std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect(),
            start: rfc3339(SystemTime::now()),
            end: None,
        }
    }

    /// Returns what differs between the machine and build of another run and of this one. Only what may
    /// change the last digits of floating-point sums counts. Empty where both must give the same bits.
    pub fn changes_since(&self, then: &Self) -> Vec<Change> {
        let short = |text: &str, letters| text.chars().take(letters).collect::<String>();
        let tree = |p: &Self| match (&p.commit, &p.diff_hash) {
            (None, _) => "unknown".to_owned(),
            (Some(commit), None) => short(commit, 10),
            (Some(commit), Some(diff)) => format!("{} with changes {}", short(commit, 10), short(diff, 6)),
        };
        // Results of before the key was there do not tell.
        let granted = |p: &Self| match then.target_features.is_empty() {
            true => String::new(),
            false => p.target_features.join(" "),
        };
        let facts: [Fact<'_>; 8] = [
            ("processor", &|p| p.cpu.clone()),
            ("instruction sets", &|p| p.features.join(" ")),
            ("target", &|p| p.target.clone()),
            ("target features", &granted),
            ("source", &tree),
            ("Cargo.lock", &|p| short(&p.lock_hash, 10)),
            ("compiler", &|p| p.rustc.clone()),
            ("profile", &|p| p.profile.clone()),
        ];
        let change = |(what, fact): Fact<'_>| {
            let (then, now) = (fact(then), fact(self));
            (then != now).then_some(Change { what, then, now })
        };
        facts.into_iter().filter_map(change).collect()
    }

    /// Returns whether two runs are of the same definition and must give the same bits.
    pub(crate) fn is_same_kind(&self, other: &Self) -> bool {
        (&self.definition_hash, &self.programs, &self.files)
            == (&other.definition_hash, &other.programs, &other.files)
            && self.changes_since(other).is_empty()
    }

    /// Returns the provenance of the same program on this machine and in this process, from now on.
    #[must_use]
    pub fn here(&self) -> Self {
        Self {
            features: features(),
            cpu: cpu(),
            cores: System::physical_core_count(),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            host: host(),
            arguments: std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect(),
            start: rfc3339(SystemTime::now()),
            end: None,
            ..self.clone()
        }
    }

    /// Marks the end of the run.
    pub fn finish(&mut self) {
        self.end = Some(rfc3339(SystemTime::now()));
    }
}

/// Returns the model of the CPU, `unknown` where the system does not tell.
fn cpu() -> String {
    let cpus = System::new_with_specifics(RefreshKind::nothing().with_cpu(CpuRefreshKind::nothing()));
    cpus.cpus().first().map_or("unknown", |cpu| cpu.brand()).trim().to_owned()
}

/// Returns the name of this machine, `unknown` where the system does not tell.
pub fn host() -> String {
    System::host_name().unwrap_or_else(|| "unknown".to_owned())
}

/// Returns the BLAKE3 hash in hexadecimal.
fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// The instruction sets of this CPU, of those that change which code the numerics run.
pub fn features() -> Vec<String> {
    #[cfg(target_arch = "x86_64")]
    let found = [
        ("avx", is_x86_feature_detected!("avx")),
        ("avx2", is_x86_feature_detected!("avx2")),
        ("fma", is_x86_feature_detected!("fma")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
        ("avx512bw", is_x86_feature_detected!("avx512bw")),
        ("avx512dq", is_x86_feature_detected!("avx512dq")),
        ("avx512vl", is_x86_feature_detected!("avx512vl")),
    ];
    #[cfg(target_arch = "aarch64")]
    let found = [("neon", std::arch::is_aarch64_feature_detected!("neon"))];
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let found: [(&str, bool); 0] = [];
    found.into_iter().filter(|(_, present)| *present).map(|(name, _)| name.to_owned()).collect()
}

/// Writes a time in seconds since 1970 as RFC 3339 in UTC.
pub fn rfc3339_of(seconds: u64) -> String {
    rfc3339(UNIX_EPOCH + Duration::from_secs(seconds))
}

/// Returns the seconds since 1970 of a time as provenance has it; none of any other text. The inverse of the same
/// source's algorithm (`days_from_civil`).
pub fn seconds_of(time: &str) -> Option<u64> {
    let is_form = time.len() == 20 && time.is_ascii() && time.ends_with('Z') && time.as_bytes()[10] == b'T';
    let number = |at: usize, letters: usize| time.get(at..at + letters)?.parse::<u64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
    let (hour, minute, second) = (number(11, 2)?, number(14, 2)?, number(17, 2)?);
    if !is_form || year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (year, shifted_month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Writes a time as RFC 3339 in UTC, to the second. The date follows H. Hinnant, "chrono-Compatible Low-Level
/// Date Algorithms" (`civil_from_days`): years are counted from 1 March of year 0, so that a leap day is the
/// last of its year. Times before 1970 count as 1970.
pub(crate) fn rfc3339(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_agree_with_the_calendar() {
        // Each as `date -u -d @SECONDS +%FT%TZ` prints it: leap days, century years, ends of years.
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (68_169_599, "1972-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(UNIX_EPOCH + Duration::from_secs(seconds)), text);
            assert_eq!(seconds_of(text), Some(seconds), "{text}");
        }
        for text in
            ["", "yesterday", "1969-12-31T23:59:59Z", "2024-13-01T00:00:00Z", "2024-01-01 00:00:00Z", "ü"]
        {
            assert_eq!(seconds_of(text), None, "{text}");
        }
    }

    #[test]
    fn provenance_is_complete_and_survives_json() {
        let provenance = Provenance::collect("quick", "question = \"?\"\n", u64::MAX);
        let json = serde_json::to_string(&provenance).unwrap();
        assert_eq!(serde_json::from_str::<Provenance>(&json).unwrap(), provenance);
        assert!(provenance.rustc.starts_with("rustc 1."), "{}", provenance.rustc);
        assert!(provenance.target.contains('-'));
        assert_eq!(provenance.definition_hash, hash(b"question = \"?\"\n"));
        assert_eq!(provenance.lock_hash, "unknown", "no program has said what it was built from");
        assert!(provenance.threads >= 1 && !provenance.host.is_empty());
    }

    #[test]
    fn what_may_change_digits_is_told_apart_from_what_may_not() {
        let here = Provenance {
            commit: Some("c0ffee".to_owned()),
            diff_hash: None,
            ..Provenance::collect("quick", "", 1)
        };
        let harmless = Provenance {
            host: "elsewhere".to_owned(),
            threads: 64,
            cores: None,
            arguments: Vec::new(),
            start: String::new(),
            end: Some(String::new()),
            definition_text: "other".to_owned(),
            ..here.clone()
        };
        assert_eq!(here.changes_since(&harmless), []);
        let other = || "other".to_owned();
        let changed: [(&str, Provenance); 7] = [
            ("processor", Provenance { cpu: other(), ..here.clone() }),
            ("instruction sets", Provenance { features: vec![other()], ..here.clone() }),
            ("target", Provenance { target: other(), ..here.clone() }),
            ("target features", Provenance { target_features: vec![other()], ..here.clone() }),
            ("source", Provenance { diff_hash: Some(other()), ..here.clone() }),
            ("Cargo.lock", Provenance { lock_hash: other(), ..here.clone() }),
            ("compiler", Provenance { rustc: other(), ..here.clone() }),
        ];
        for (what, then) in changed {
            let changes = here.changes_since(&then);
            assert_eq!(changes.iter().map(|change| change.what).collect::<Vec<_>>(), [what]);
        }
        let older = Provenance { target_features: Vec::new(), ..here.clone() };
        assert_eq!(here.changes_since(&older), [], "results older than the key do not tell");
    }

    #[test]
    fn results_older_than_a_key_are_read() {
        let mut json = serde_json::to_value(Provenance::collect("quick", "", 1)).unwrap();
        json.as_object_mut().unwrap().remove("target_features");
        assert_eq!(serde_json::from_value::<Provenance>(json).unwrap().target_features, [""; 0]);
    }
}
