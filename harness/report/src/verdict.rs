//! This module puts the verdicts on the paper's claims together from all runs that test them.

use analysis::claim::{Evidence, FormVerdict, Judgement, Verdict, judge};
use base::next::Next;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use store::runs::{Run, StoredRun};
use study::claim::{ClaimForm, ClaimId, ClaimSpec};
use study::plan::plan;

/// A `Claim` is a claim of the paper, and what the definitions that test it found.
#[derive(Clone, Debug, Serialize)]
pub struct Claim {
    /// Which claim.
    pub id: ClaimId,
    /// What it says.
    pub statement: String,
    /// The verdict of all parts together on each form of it, the paper's first.
    pub verdicts: Vec<FormVerdict>,
    /// What each run says of it.
    pub parts: Vec<Part>,
}

/// A `Part` is what one run says of a claim.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    /// The definition's name.
    pub definition: String,
    /// The folder of the run; absent where there is none yet.
    pub run: Option<PathBuf>,
    /// Cells that are due.
    pub cells: usize,
    /// Confidence of each interval.
    pub confidence: f64,
    /// The command that makes the run, or completes it.
    pub command: String,
    /// The file of the figure that shows it.
    pub figure_file: PathBuf,
    /// The verdict and its evidence.
    #[serde(flatten)]
    pub judgement: Judgement,
}

impl Claim {
    /// Puts claims together by id, each from its parts.
    pub fn together(parts: impl IntoIterator<Item = Part>) -> Vec<Self> {
        let mut claims: BTreeMap<ClaimId, Vec<Part>> = BTreeMap::new();
        for part in parts {
            claims.entry(part.judgement.id).or_default().push(part);
        }
        claims.into_values().map(Self::of).collect()
    }

    fn of(parts: Vec<Part>) -> Self {
        let first = &parts[0].judgement;
        let of = |form: ClaimForm| {
            let all = parts.iter().flat_map(|part| &part.judgement.verdicts);
            let verdict = Verdict::all(all.filter(|one| one.form == form).map(|one| one.verdict));
            // What no test decides is not decided, and every claim has the paper's form.
            let undecided = (form == ClaimForm::Paper).then_some(Verdict::Undecided);
            Some(FormVerdict { form, verdict: verdict.or(undecided)? })
        };
        let verdicts = ClaimForm::ALL.into_iter().filter_map(of).collect();
        Self { id: first.id, statement: first.statement.clone(), verdicts, parts }
    }
}

/// Judges the claims of the definition of `run` by what it has `stored`. `root` is the folder of results.
pub fn parts(run: &Run, stored: &StoredRun, root: &Path) -> Vec<Part> {
    let Run { definition, folder, .. } = run;
    if definition.claims.is_empty() {
        return Vec::new();
    }
    let cells = plan(definition);
    let sequential = stored.manifest.as_ref().and_then(|manifest| manifest.sequential.as_ref());
    let evidence = Evidence::new(&cells, sequential.map(|outcome| &outcome.stops[..]), &stored.records);
    let path = folder.as_ref().map(|folder| folder.path().to_owned());
    let part = |claim| Part {
        definition: definition.name.clone(),
        run: path.clone(),
        cells: evidence.due(),
        confidence: stored.records.confidence,
        command: sweep_command(run, root),
        figure_file: figure_file(root, path.as_deref(), &definition.name, claim),
        judgement: judge(claim, &evidence),
    };
    definition.claims.iter().map(part).collect()
}

/// Returns the command that makes a run below `root`, or completes it.
pub(crate) fn sweep_command(run: &Run, root: &Path) -> String {
    Next::checkout("sweep").name(&run.swept).results(root).to_string()
}

/// Returns where `figures` puts the figure of a run.
fn figure_file(root: &Path, run: Option<&Path>, name: &str, claim: &ClaimSpec) -> PathBuf {
    let folder = run.and_then(|run| run.strip_prefix(root).ok()).unwrap_or_else(|| Path::new(name));
    Path::new("paper-figs").join(folder).join(format!("{}.svg", claim.figure))
}
