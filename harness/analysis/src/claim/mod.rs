//! This module gives the verdicts on claims. It takes them from records, by rules that the definition
//! declares beforehand.
//!
//! A [`ClaimSpec`] names its tests, each a kind of measurement with a subject, a region and a threshold. A
//! test makes rows of evidence ([`EvidenceRow`]), one comparison each:
//!
//! - *required* rows: the claim holds only if each of them speaks for it, beyond chance;
//! - *guards*: the claim fails if one of them (or a required row) speaks against it, beyond chance;
//! - the *map*: the same comparison everywhere in the grid. The part of it that lies in the test's region says in
//!   words where the claim holds and where not ([`Finding::holds`]).
//!
//! A test holds, fails, or is undecided: neither, or a trial that it rests on failed or is missing. A claim has a
//! verdict in each form ([`ClaimForm`]) that a test decides: as the paper has it, and against the strongest rule known.
//! In a form it holds if all of the tests that decide it hold, and fails if one of them fails. So cells that lack
//! can only make a verdict Undecided.
//!
//! p-values of all required rows and guards of a form of a claim are adjusted together (Holm): the chance that any of
//! them speaks wrongly, and with it that the claim holds or fails wrongly in that form, is [`LEVEL`] at most. Rows of a
//! test's map are adjusted together that are of one source and N, all rivals included: the family of a figure
//! of differences with the same rivals. Intervals are for each row by itself.
//!
//! Pure: records in, findings out.

mod capacity;
mod critical_load;
mod difference;
mod evidence;
mod exhaustive_queries;
mod extent;
mod growth;
mod queries_needed;
mod row;
#[cfg(test)]
mod tests;
mod trial;
pub mod wording;
mod write_time;

pub use evidence::Evidence;
pub use queries_needed::KStar;
pub use row::{Bearing, EvidenceRow, LEVEL, Role};
pub use trial::Lacking;

use extent::extent;
use indexmap::IndexMap;
use protocols::Source;
use row::adjust;
use serde::Serialize;
use study::claim::{At, ClaimForm, ClaimId, ClaimSpec, Test};

/// A `Verdict` is what the evidence says of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Verdict {
    /// It is true, as far as the rule goes.
    Holds,
    /// It is not.
    Fails,
    /// The evidence does not decide, or lacks.
    Undecided,
}

impl Verdict {
    /// Returns the verdict of all together: all hold, one fails, or neither. There is none where there is
    /// nothing to go by.
    pub fn all(verdicts: impl IntoIterator<Item = Self>) -> Option<Self> {
        let both = |a, b| match (a, b) {
            (Self::Fails, _) | (_, Self::Fails) => Self::Fails,
            (Self::Holds, Self::Holds) => Self::Holds,
            _ => Self::Undecided,
        };
        verdicts.into_iter().reduce(both)
    }

    /// Returns the name used in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Holds => "Holds",
            Self::Fails => "Fails",
            Self::Undecided => "Undecided",
        }
    }
}

/// A `FormVerdict` is the verdict on a form of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FormVerdict {
    /// Which form.
    pub form: ClaimForm,
    /// The verdict on it.
    pub verdict: Verdict,
}

/// A `Finding` is what a test found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The test's name.
    pub test: String,
    /// Its kind.
    pub kind: &'static str,
    /// Whether it counts for the claim.
    pub decides: bool,
    /// The form of the claim that it counts for.
    pub form: ClaimForm,
    /// Its verdict.
    pub verdict: Verdict,
    /// The row that shows it: of those against the claim the strongest, else of the required ones the weakest.
    pub decisive: Option<EvidenceRow>,
    /// Where in its region it holds, in words.
    pub holds: String,
    /// Where in its region it does not, in words.
    pub fails: String,
    /// Whether no trial failed or is missing of those that its verdict rests on.
    pub complete: bool,
    /// All evidence.
    pub rows: Vec<EvidenceRow>,
}

/// A `Judgement` is what a claim's tests found together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judgement {
    /// Which claim.
    pub id: ClaimId,
    /// What it says.
    pub statement: String,
    /// Where it is said.
    pub source: String,
    /// What its verdict can and cannot show.
    pub analysis: String,
    /// The figure that shows it.
    pub figure: String,
    /// The verdict on each form that a test of this definition decides; others only stand beside those of another.
    pub verdicts: Vec<FormVerdict>,
    /// Cells of the run that failed or are missing, whether or not a test rests on them.
    pub lacking: Lacking,
    /// What its tests found.
    pub tests: Vec<Finding>,
}

/// Returns the verdict on `claim`.
pub fn judge(claim: &ClaimSpec, evidence: &Evidence<'_>) -> Judgement {
    let mut drafts: Vec<Vec<EvidenceRow>> = claim.test.iter().map(|test| rows(test, evidence)).collect();
    for form in ClaimForm::ALL {
        let decides = |test: &Test| test.decides() && test.form() == form;
        let deciding = drafts.iter_mut().zip(&claim.test).filter(|(_, test)| decides(test));
        adjust(deciding.flat_map(|(rows, _)| rows.iter_mut()).filter(|row| row.role != Role::Map));
    }
    for (rows, test) in drafts.iter_mut().zip(&claim.test) {
        if !test.decides() {
            adjust(rows.iter_mut().filter(|row| row.role != Role::Map));
        }
        let mut maps: IndexMap<(Source, u32), Vec<&mut EvidenceRow>> = IndexMap::new();
        for row in rows.iter_mut().filter(|row| row.role == Role::Map) {
            maps.entry((row.at.source, row.at.n)).or_default().push(row);
        }
        maps.into_values().for_each(|map| adjust(map.into_iter()));
    }
    let tests: Vec<Finding> = claim.test.iter().zip(drafts).map(|(test, rows)| finding(test, rows)).collect();
    Judgement {
        id: claim.id,
        statement: claim.statement.clone(),
        source: claim.source.clone(),
        analysis: claim.analysis.clone(),
        figure: claim.figure.clone(),
        verdicts: forms(&tests),
        lacking: evidence.lacking(),
        tests,
    }
}

/// The verdict of the tests that decide a form, for each that one decides.
fn forms(tests: &[Finding]) -> Vec<FormVerdict> {
    let of = |form: ClaimForm| {
        let deciding = tests.iter().filter(|test| test.decides && test.form == form);
        Some(FormVerdict { form, verdict: Verdict::all(deciding.map(|test| test.verdict))? })
    };
    ClaimForm::ALL.into_iter().filter_map(of).collect()
}

fn rows(test: &Test, evidence: &Evidence<'_>) -> Vec<EvidenceRow> {
    match test {
        Test::Difference(test) => difference::rows(test, evidence),
        Test::Capacity(test) => capacity::rows(test, evidence),
        Test::Property(test) => difference::property_rows(test, evidence),
        Test::WriteTime(test) => write_time::rows(test, evidence),
        Test::QueriesNeeded(test) => queries_needed::rows(test, evidence),
        Test::ExhaustiveQueries(test) => exhaustive_queries::rows(test, evidence.confidence()),
    }
}

/// The verdict that adjusted rows give.
fn finding(test: &Test, rows: Vec<EvidenceRow>) -> Finding {
    let of = |role| rows.iter().filter(move |row: &&EvidenceRow| row.role == role);
    let weakest = |rows: &[&EvidenceRow]| -> Option<EvidenceRow> {
        let known = rows.iter().filter(|row| row.effect.is_some());
        known.min_by(|a, b| a.effect.partial_cmp(&b.effect).expect("effects are numbers")).copied().cloned()
    };
    let required: Vec<&EvidenceRow> = of(Role::Required).collect();
    let deciding: Vec<&EvidenceRow> = of(Role::Required).chain(of(Role::Guard)).collect();
    let against: Vec<&EvidenceRow> =
        deciding.iter().copied().filter(|row| row.outcome == Bearing::Against).collect();
    let complete = deciding.iter().all(|row| row.lacking.is_none());
    let verdict = if !complete || required.is_empty() {
        Verdict::Undecided
    } else if !against.is_empty() {
        Verdict::Fails
    } else if required.iter().all(|row| row.outcome == Bearing::For) {
        Verdict::Holds
    } else {
        Verdict::Undecided
    };
    let decisive = if against.is_empty() { weakest(&required) } else { weakest(&against) };
    // Numbers that nothing is tested of say nothing of where it holds; the rest of the grid is for whoever
    // asks for all evidence, and belongs to other tests.
    let asked = |row: &EvidenceRow| test.region().is_none_or(|region| region.has(&row.at));
    let map: Vec<&EvidenceRow> = of(Role::Map).filter(|row| row.p.is_some() && asked(row)).collect();
    let (holds, fails) = where_it_holds(&map);
    Finding {
        test: test.name().to_owned(),
        kind: test.kind(),
        decides: test.decides(),
        form: test.form(),
        verdict,
        decisive,
        holds,
        fails,
        complete,
        rows,
    }
}

/// What the rows of one place, against all rivals, say together.
fn together<'a>(rows: impl IntoIterator<Item = &'a EvidenceRow>) -> Bearing {
    let outcomes: Vec<Bearing> = rows.into_iter().map(|row| row.outcome).collect();
    let any = |outcome| outcomes.contains(&outcome);
    if any(Bearing::Against) {
        Bearing::Against
    } else if any(Bearing::Lacking) {
        Bearing::Lacking
    } else if any(Bearing::Open) {
        Bearing::Open
    } else {
        Bearing::For
    }
}

/// Where every row of a place speaks for the claim, and where one speaks against it; nothing where there is no
/// map.
fn where_it_holds(map: &[&EvidenceRow]) -> (String, String) {
    let mut places: IndexMap<(String, At), Vec<&EvidenceRow>> = IndexMap::new();
    for row in map {
        places.entry((row.quantity.clone(), row.at)).or_default().push(row);
    }
    let words = |outcome: Bearing| {
        let there: Vec<At> = places
            .iter()
            .filter(|(_, rows)| together(rows.iter().copied()) == outcome)
            .map(|((_, at), _)| *at)
            .collect();
        match there.len() {
            _ if places.is_empty() => String::new(),
            0 => format!("none of {} places", places.len()),
            count => format!("{count} of {} places ({})", places.len(), extent(&there)),
        }
    };
    (words(Bearing::For), words(Bearing::Against))
}
