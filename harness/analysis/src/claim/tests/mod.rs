//! These tests check verdicts on hand-made records.

mod capacity;
mod difference;
mod growth;
mod places;
mod property;

use super::{Bearing, Evidence, EvidenceRow, Finding, Judgement, Role, Verdict, judge};
use protocols::probe::Recovery;
use protocols::reading::Reader;
use std::path::Path;
use study::claim::{ClaimId, ClaimSpec};
use study::definition::Definition;
use study::plan::{Cell, plan};
use study::record::sample::{figures, memory, recall};
use study::record::{Recall, Status, Timing};
use study::records::Records;

/// A definition of protocols A, B and C, whose numbers are made by hand.
const BASE: &str = r#"question = "?"
analysis = "."
[protocols]
A = { trn = {} }
B = { hop = {} }
C = { mpf = {} }
[grid]
n = [64]
load = [0.25, 0.5, 0.75]
noise = [0.0, 0.1]
trials = 12
queries = 100
[[figure]]
name = "recovery"
kind = "load"
[[claim]]
id = "C1"
statement = "A is best."
source = "A test."
analysis = "None."
figure = "recovery"
"#;

/// The plan of the base with `tests` at its end, and its claim.
fn planned(tests: &str) -> (Vec<Cell>, ClaimSpec) {
    planned_from(&format!("{BASE}{tests}"))
}

fn planned_from(text: &str) -> (Vec<Cell>, ClaimSpec) {
    let definition = Definition::parse("test", Path::new("test.toml"), text);
    let mut definition = definition.unwrap_or_else(|error| panic!("{error}"));
    (plan(&definition), definition.claims.swap_remove(0))
}

/// Where a read was made: label, M, trial, dynamics, flips.
struct Read<'a> {
    label: &'a str,
    n: u32,
    m: u32,
    trial: u32,
    dynamics: Reader,
    flips: u32,
}

/// Records of all cells of the plan, each read recovering so many of 100 queries.
fn records(plan: &[Cell], recovered: impl Fn(&Read<'_>) -> u32) -> Records {
    let mut records = Records::default();
    for cell in plan {
        let (at, host) = (cell.coordinates(), "here".to_owned());
        records.memories.push(memory(at.clone(), figures()));
        records.timings.push(Timing {
            at: at.clone(),
            write_seconds: 1.0,
            read_seconds: 1.0,
            host,
            program: None,
        });
        for &dynamics in &cell.task.dynamics {
            for &flips in &cell.task.flips {
                let (n, m, trial) = (cell.n, cell.m, cell.trial);
                let recovered =
                    recovered(&Read { label: &cell.label, n, m, trial, dynamics, flips: flips.units });
                records.recalls.push(Recall {
                    dynamics,
                    flips,
                    reads: Recovery { recovered, ..recall(at.clone()).reads },
                    ..recall(at.clone())
                });
            }
        }
    }
    records
}

fn judged(plan: &[Cell], claim: &ClaimSpec, records: &Records) -> Judgement {
    judge(claim, &Evidence::new(plan, None, records))
}

/// The verdict on the first form that a test decides.
fn verdict_of(judgement: &Judgement) -> Option<Verdict> {
    judgement.verdicts.first().map(|one| one.verdict)
}

fn decided(plan: &[Cell], claim: &ClaimSpec, records: &Records) -> Verdict {
    verdict_of(&judged(plan, claim, records)).expect("a test decides")
}

/// The rows of a role.
fn of(finding: &Finding, role: Role) -> impl Iterator<Item = &EvidenceRow> {
    finding.rows.iter().filter(move |row| row.role == role)
}

#[test]
fn a_claim_holds_if_all_of_its_parts_do_and_fails_if_one_does() {
    use Verdict::{Fails, Holds, Undecided};
    for (parts, expected) in [
        (vec![], None),
        (vec![Holds], Some(Holds)),
        (vec![Holds, Holds], Some(Holds)),
        (vec![Holds, Undecided], Some(Undecided)),
        (vec![Undecided, Fails], Some(Fails)),
        (vec![Fails, Holds, Undecided], Some(Fails)),
    ] {
        assert_eq!(Verdict::all(parts.clone()), expected, "{parts:?}");
    }
}

#[test]
fn ids_are_those_of_definitions() {
    for id in [ClaimId::C1, ClaimId::C2, ClaimId::C3, ClaimId::C4, ClaimId::C5, ClaimId::C6] {
        assert_eq!(serde_json::to_value(id).unwrap(), id.name());
    }
}
