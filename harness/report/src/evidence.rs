//! This module holds the evidence behind the verdicts, as compact data. The page lists it when a reader asks
//! for it.
//!
//! Rows on which a verdict rests are all there. Rows of maps, thousands in a large grid, are not: the page
//! names the command that prints them, and figures show them.

use crate::verdict::Claim;
use analysis::claim::{Role, wording};
use serde::Serialize;

/// An `Evidence` holds the rows of one test.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Evidence {
    /// Anchor of the place where it is listed.
    pub(super) anchor: String,
    /// Cells of each row, in the order of [`COLUMNS`].
    pub(super) rows: Vec<Vec<String>>,
}

/// Holds the headings of the cells.
pub(super) const COLUMNS: [&str; 15] = [
    "role", "quantity", "against", "messages", "read", "N", "M", "load", "d/N", "subject", "rival", "effect",
    "interval", "p", "says",
];

/// Returns the anchor of a test of a claim.
pub(super) fn anchor(claim: &Claim, part: usize, test: usize) -> String {
    format!("evidence-{}-{part}-{test}", claim.id.name())
}

/// Returns the evidence of all tests of all claims.
pub(super) fn evidence(claims: &[Claim]) -> Vec<Evidence> {
    let mut found = Vec::new();
    for claim in claims {
        for (p, part) in claim.parts.iter().enumerate() {
            for (t, test) in part.judgement.tests.iter().enumerate() {
                let rows = test.rows.iter().filter(|row| row.role != Role::Map).map(cells).collect();
                found.push(Evidence { anchor: anchor(claim, p, t), rows });
            }
        }
    }
    found
}

fn cells(row: &analysis::claim::EvidenceRow) -> Vec<String> {
    let at = &row.at;
    let role = if row.role == Role::Required { "required" } else { "guard" };
    let note = row.note.as_ref().map_or(String::new(), |note| format!(" ({note})"));
    vec![
        role.to_owned(),
        row.quantity.clone(),
        row.against.clone().unwrap_or_default(),
        at.source.name().to_owned(),
        at.dynamics.map_or("", |dynamics| dynamics.name()).to_owned(),
        at.n.to_string(),
        at.m.map_or(String::new(), |m| m.to_string()),
        wording::number(at.load()),
        wording::number(at.noise()),
        wording::number(row.subject),
        wording::number(row.rival),
        wording::signed(row.effect),
        wording::interval(row),
        wording::p_value(row.p),
        format!("{}{note}", wording::says(row)),
    ]
}
