//! The story of the benchmark, on one page: made from the run of `map` and the verdicts.

use crate::drawing::Artist;
use crate::verdict::Claim;
use analysis::summary::CriticalLoad;
use anyhow::{Context, Result};
use figure::{Drawn, Story, StoryClaim, draw_story};
use protocols::reading::Reader;
use protocols::{Corruption, Source};
use study::claim::ClaimForm;
use study::definition::Definition;
use study::figure::{FigureKind, FigureSpec, PrintWidth};
use study::measure::Measure;
use study::records::Records;

/// The figure of the definition that shows the loads.
const CAPACITIES: &str = "capacity-at-noise";
/// The rules whose maps stand side by side.
const MAPPED: [&str; 4] = ["HOP", "PSE, zero diagonal", "MPF, tuned", "TRN"];
/// The flipped bits at which the table compares, about a tenth.
const FLIPS: u32 = 6;

/// Draws the page from the records of the definition `map` and the verdicts on `claims`.
///
/// # Errors
/// If the definition has no such figure or protocols, or nothing was measured of them.
pub fn story(definition: &Definition, records: &Records, claims: &[Claim]) -> Result<Drawn> {
    let artist = Artist::new("map", definition, records);
    let declared = definition.figures.iter().find(|figure| figure.name == CAPACITIES);
    let capacities = declared.with_context(|| format!("the definition `map` has no figure {CAPACITIES}"))?;
    let maps = FigureSpec {
        protocols: Some(MAPPED.map(str::to_owned).to_vec()),
        source: Some(Source::Random),
        dynamics: Some(Reader::Sync),
        n: Some(64),
        width: Some(PrintWidth::PAGE),
        caption: "share of the queries that settle at their message, by load and noise.".into(),
        ..FigureSpec::new("maps", FigureKind::HeatMap)
    };
    let first = |spec: &FigureSpec| -> Result<Drawn> {
        artist.draw(spec)?.into_iter().next().context("a figure has a page")
    };
    let (maps, drawn) = (first(&maps)?, first(capacities)?);
    let names = figure::appearances(&artist.estimates);
    let name = |label: &str| names.get(label).map_or(label.to_owned(), |look| look.name.clone());
    let is_shown = |c: &&CriticalLoad| {
        (c.source, c.n, c.dynamics) == (Source::Random, 64, Some(Reader::Sync))
            && c.flips == Some(Corruption::flips(FLIPS))
            && capacities.names(&c.protocol)
    };
    let found = artist.critical_loads(Measure::Recovered, 0.5);
    let mut loads: Vec<&CriticalLoad> = found.iter().filter(is_shown).collect();
    loads.sort_by(|a, b| load(b).total_cmp(&load(a)));
    let row = |c: &&CriticalLoad| {
        let end =
            |crossing: stats::Crossing| crossing.load().map_or("?".to_owned(), |load| format!("{load:.2}"));
        let (low, high) = (end(c.crossing.low), end(c.crossing.high));
        (name(&c.protocol), format!("{:.2}  [{low}, {high}]", load(c)))
    };
    let story = Story {
        title: "How should a Hopfield memory be written?",
        lead: "A memory stores M messages of N signs in one matrix W. It is read from a noisy query, and should come \
               to rest at the message. Writing rules differ in how many messages they store, and in how much noise \
               they bear. N = 64, random messages, synchronous reads.",
        maps: &maps,
        capacities: &drawn,
        table: (
            format!(
                "Load M/N up to which half is recovered with {FLIPS} of 64 bits flipped, 95 % intervals:"
            ),
            loads.iter().map(row).collect(),
        ),
        claims: claims.iter().map(of_claim).collect(),
    };
    Ok(draw_story("story", &story)?)
}

fn load(critical: &CriticalLoad) -> f64 {
    critical.crossing.value.load().unwrap_or(f64::NAN)
}

fn of_claim(claim: &Claim) -> StoryClaim {
    let of = |form: ClaimForm| claim.verdicts.iter().find(|one| one.form == form).map(|one| one.verdict);
    StoryClaim {
        id: claim.id.name().to_owned(),
        statement: claim.statement.clone(),
        verdicts: [of(ClaimForm::Paper), of(ClaimForm::Field)],
    }
}
