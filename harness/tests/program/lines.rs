//! Whole command lines with hostile words, into standard streams that are closed or full: each ends with an exit code
//! of its own, and never by a panic.
//!
//! Lines that are well formed are changed at random, by a fixed seed. `HARNESS_TEST_LINES=10000` tries more of them.

use crate::scratch::{ONE_FIGURE, PROGRAM, Running, Scratch, wait_for};
use std::ffi::OsString;
use std::fs::{self, File};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Lines that are tried where nothing else is asked for.
const LINES: usize = 300;

/// Well-formed lines, of every command. What runs a definition gets its name last, since its default takes long.
const WELL_FORMED: [&str; 26] = [
    "sweep --threads 1 --quiet",
    "sweep --log json --rerun all",
    "sweep --shard 1/2 --flush-seconds 1",
    "plan",
    "plan --shards 2",
    "plan --simulate 2,3 --trials 2",
    "submit --trials 4 --dry-run",
    "status d --log-lines 2",
    "resume d --dry-run",
    "merge d",
    "figures d --out drawn",
    "show d --measure recovered --flips 2",
    "show d --csv",
    "verify d --sample 1 --threads 1",
    "replay d --cell 0",
    "claims d",
    "report d --out page.html",
    "bundle d --out d.tar.zst",
    "bundle --check m.npy --sample 1",
    "compare d d --by condition",
    "cost --criterion criterion --from 1",
    "protocols --json",
    "write --protocol hop --messages m.npy --out w.npy --seed 3",
    "write --protocol trn={epochs=1} --messages m.npy --out w.npy",
    "recall --weights w.npy --queries m.npy --out r.npy --max-steps 3",
    "help sweep",
];

/// Options that are put into lines, whether or not the command has them.
const OPTIONS: [&str; 31] = [
    "--results",
    "--out",
    "--trials",
    "--threads",
    "--json",
    "--csv",
    "--quiet",
    "--sample",
    "--seed",
    "--measure",
    "--flips",
    "--cell",
    "--shard",
    "--shards",
    "--log",
    "--rerun",
    "--help",
    "--version",
    "-q",
    "--definition",
    "--by",
    "--exact",
    "--dry-run",
    "--log-lines",
    "--max-steps",
    "--evidence",
    "--failed",
    "--no-such",
    "--",
    "-",
    "--=",
];

/// Numbers that are none, or too large, or odd.
const NUMBERS: [&str; 16] = [
    "0",
    "1",
    "3",
    "-1",
    "-0",
    "0.5",
    "1e400",
    "NaN",
    "inf",
    "18446744073709551616",
    "1/2",
    "3/2",
    "1/0",
    "0x10",
    "٣",
    "100%",
];

/// Names that lead nowhere, or to what is no run, or that a shell, a terminal or a file system would mind.
const NAMES: [&str; 33] = [
    "d",
    "reference/d",
    "results/d",
    "./results/d/",
    "d.toml",
    "none",
    "none.toml",
    "results",
    ".",
    "empty",
    "m.npy",
    "",
    " ",
    "a\nb",
    "a\tb",
    "\"",
    "it's",
    "$(touch pwned)",
    "`touch pwned`",
    "-x",
    "--results",
    "a;b",
    "*",
    "~",
    "..toml",
    "...toml",
    "\u{202e}x",
    "e\u{301}",
    "\u{200b}",
    "\u{1f980}",
    "\u{1b}[31m",
    "C:\\d",
    "=1+1",
];

/// Numbers at random, by the SplitMix64 of Steele, Lea and Flood 2014.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn of(&mut self, words: &[&str]) -> String {
        words[self.below(words.len())].to_owned()
    }

    /// A name or number, some of them longer than any file system takes.
    fn word(&mut self) -> OsString {
        match self.below(12) {
            0 => "x".repeat(300).into(),
            1 => "x/".repeat(3000).into(),
            2 => "\u{e9}".repeat(30_000).into(),
            #[cfg(unix)]
            3 => std::os::unix::ffi::OsStringExt::from_vec(vec![b'd', 0xff, 0xfe]),
            4..8 => self.of(&NUMBERS).into(),
            _ => self.of(&NAMES).into(),
        }
    }

    /// The line of a number: a well-formed one, changed up to three times.
    fn line(&mut self, number: usize) -> Vec<OsString> {
        let well_formed = WELL_FORMED[number % WELL_FORMED.len()];
        let mut line: Vec<OsString> = well_formed.split(' ').map(OsString::from).collect();
        let runs = ["sweep", "plan", "submit"].iter().any(|command| line[0] == *command);
        for _ in 0..self.below(4) {
            let at = 1 + self.below(line.len());
            match self.below(6) {
                0 if at < line.len() => drop(line.remove(at)),
                1 | 2 if at < line.len() => line[at] = self.word(),
                3 => line.insert(at, self.word()),
                4 => {
                    let (option, value) = (self.of(&OPTIONS), self.word());
                    line.splice(at..at, [option.into(), value]);
                }
                _ => {
                    let mut option = OsString::from(self.of(&OPTIONS) + "=");
                    option.push(self.word());
                    line.insert(at, option);
                }
            }
        }
        if runs {
            let definition = if self.below(4) == 0 { self.word() } else { "d.toml".into() };
            line.extend(["--".into(), definition]);
        }
        line
    }

    /// A standard stream that is read, closed or full.
    fn stream(&mut self, read: Stdio) -> Stdio {
        match self.below(4) {
            0 => std::io::pipe().unwrap().1.into(),
            1 if cfg!(target_os = "linux") => File::options().write(true).open("/dev/full").unwrap().into(),
            _ => read,
        }
    }
}

/// A folder with what the lines name.
fn scratch() -> Scratch {
    let scratch = Scratch::swept(ONE_FIGURE).with("PATH", "");
    scratch.succeed(&["plan", "d.toml", "--shards", "2"]);
    fs::create_dir_all(scratch.path("results/empty")).unwrap();
    let dict = "{'descr': '|i1', 'fortran_order': False, 'shape': (2, 8), }\n";
    let mut npy = b"\x93NUMPY\x01\x00".to_vec();
    npy.extend((dict.len() as u16).to_le_bytes());
    npy.extend(dict.bytes().chain([1; 12]).chain([255; 4]));
    fs::write(scratch.path("m.npy"), npy).unwrap();
    scratch.succeed(&["write", "--protocol", "hop", "--messages", "m.npy", "--out", "w.npy"]);
    scratch
}

#[test]
fn no_command_line_ends_by_a_panic() {
    let lines = std::env::var("HARNESS_TEST_LINES").map_or(LINES, |lines| lines.parse().expect("a number"));
    let (scratch, next) = (scratch(), AtomicUsize::new(0));
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get().min(8));
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (scratch, next) = (&scratch, &next);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= lines {
                        break;
                    }
                    tried(scratch, number, &format!("said-{thread}"));
                }
            });
        }
    });
    assert!(!scratch.path("pwned").exists());
}

/// Runs the line of a number; what it says goes to the file `said`.
fn tried(scratch: &Scratch, number: usize, said: &str) {
    let mut draw = Draw(number as u64);
    let line = draw.line(number);
    let said = scratch.path(said);
    let mut command = scratch.other(PROGRAM);
    command.args(&line).stdin(Stdio::null());
    command.stdout(draw.stream(Stdio::null())).stderr(draw.stream(File::create(&said).unwrap().into()));
    let shown = format!("{number}: {}", format!("{line:?}").chars().take(600).collect::<String>());
    // An argument that the system does not take is none of the program's.
    if line.iter().any(|word| word.len() > 100_000) {
        return;
    }
    let mut running = Running::new(&mut command);
    wait_for(&shown, || running.has_ended());
    let code = running.wait().unwrap().code();
    let said = String::from_utf8_lossy(&fs::read(&said).unwrap()).into_owned();
    assert!(matches!(code, Some(0..=5)), "{shown} ended with {code:?}: {said}");
    assert!(!said.contains("panicked"), "{shown}: {said}");
}
