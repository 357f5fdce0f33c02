//! This module draws the figures of a run. They are what a definition declares, drawn from the run's records
//! with the theory and the statistics that belong to it.

use analysis::claim::{Evidence, KStar};
use analysis::kept::Kept;
use analysis::summary::{
    Contrast, CriticalLoad, Estimate, Rank, contrasts, critical_loads, rankings, summarise,
};
use anyhow::{Context, Result};
use figure::theory_marks;
use figure::{self, Context as Surroundings, Drawn};
use run::basins;
use run::margins;
use std::sync::Arc;
use study::claim::{Region, Test};
use study::definition::Definition;
use study::figure::{FigureSpec, Shown};
use study::measure::Measure;
use study::plan::plan;
use study::records::Records;

/// An `Artist` draws the figures of one run.
#[derive(Debug)]
pub struct Artist<'a> {
    experiment: &'a str,
    definition: &'a Definition,
    records: &'a Records,
    /// The estimates of every measure.
    pub estimates: Vec<Estimate>,
    /// Critical loads by measure and level, which identifies by its bits.
    critical: Kept<(Measure, u64), Vec<CriticalLoad>>,
}

impl<'a> Artist<'a> {
    /// Makes the artist for the run `name` of `definition`.
    pub fn new(name: &'a str, definition: &'a Definition, records: &'a Records) -> Self {
        let experiment = name.rsplit('/').next().unwrap_or(name);
        let (estimates, critical) = (summarise(records), Kept::default());
        Self { experiment, definition, records, estimates, critical }
    }

    /// Returns the critical loads of every curve of the run. They are computed once.
    pub(crate) fn critical_loads(&self, measure: Measure, level: f64) -> Arc<Vec<CriticalLoad>> {
        let asked = (measure, level.to_bits());
        self.critical.or_make(asked, || critical_loads(self.records, measure, level))
    }

    /// Draws the pages of one figure.
    ///
    /// # Errors
    /// If there is nothing to draw, or not without ambiguity.
    pub fn draw(&self, spec: &FigureSpec) -> Result<Vec<Drawn>> {
        self.draw_with(spec, &self.contrasts(spec))
    }

    /// Draws the same, where the contrasts are known already.
    ///
    /// # Errors
    /// Likewise.
    pub(crate) fn draw_with(&self, spec: &FigureSpec, contrasts: &[Contrast]) -> Result<Vec<Drawn>> {
        let (marks, mut curves) = theory_marks::of(spec, &self.estimates);
        let trajectories = match spec.kind.shown() {
            Shown::Trajectories => basins::trajectories(spec, self.definition)?,
            _ => Vec::new(),
        };
        let samples = match spec.kind.shown() {
            Shown::Margins => margins::samples(spec, self.definition)?,
            _ => Vec::new(),
        };
        curves.extend(theory_marks::of_margins(&samples));
        // The loads at which half is left, for figures that show shares against load.
        let halves = figure::half_of(spec).map(|(measure, level)| self.critical_loads(measure, level));
        let crossings = halves.as_ref().map_or(&[][..], |halves| halves);
        let k_stars = k_stars_of(spec, self.definition, self.records);
        let ranks = ranks_of(spec, self.records);
        let surroundings = Surroundings {
            crossings,
            marks: &marks,
            curves: &curves,
            contrasts,
            confidence: self.records.confidence,
            trajectories: &trajectories,
            samples: &samples,
            k_stars: &k_stars,
            ranks: &ranks,
            region: region_of(spec, self.definition),
            ..Surroundings::new(self.experiment)
        };
        figure::draw(spec, &self.estimates, &surroundings)
            .with_context(|| format!("cannot draw the figure {:?}", spec.name))
    }

    /// Returns the contrasts that a figure shows. There are none where it is not one of differences.
    pub fn contrasts(&self, spec: &FigureSpec) -> Vec<Contrast> {
        contrasts_of(spec, self.records)
    }
}

/// Ranks the protocols that a figure shows.
fn ranks_of(spec: &FigureSpec, records: &Records) -> Vec<Rank> {
    if spec.kind.shown() != Shown::Ranking {
        return Vec::new();
    }
    let measure = spec.measure.unwrap_or(Measure::Recovered);
    rankings(records, measure, spec.subject.as_deref(), |recall| {
        let at = &recall.at;
        spec.shows(&at.protocol, at.source, at.n, at.m)
            && spec.dynamics.is_none_or(|only| only == recall.dynamics)
            && spec.shows_flips(at.n, recall.flips)
    })
}

/// Finds where the definition's first claim about the subject of a figure is decided.
fn region_of<'a>(spec: &FigureSpec, definition: &'a Definition) -> Option<&'a Region> {
    let tests = definition.claims.iter().flat_map(|claim| &claim.test);
    let mut regions = tests.filter_map(|test| match test {
        Test::Difference(test) if Some(&test.subject) == spec.subject.as_ref() => Some(&test.region),
        _ => None,
    });
    regions.next()
}

/// Computes the queries that training needs by the tests of the definition's claims, for a figure of them.
/// Trials that no look of a sequential run came to are missing for all K alike, and change no number.
fn k_stars_of(spec: &FigureSpec, definition: &Definition, records: &Records) -> Vec<KStar> {
    if spec.kind.shown() != Shown::QueriesNeeded {
        return Vec::new();
    }
    let cells = plan(definition);
    let evidence = Evidence::new(&cells, None, records);
    let of = |test: &Test| match test {
        Test::QueriesNeeded(test) => Some(KStar::of(test, &evidence)),
        _ => None,
    };
    definition.claims.iter().flat_map(|claim| &claim.test).filter_map(of).collect()
}

/// Computes the contrasts that a figure of differences shows.
fn contrasts_of(spec: &FigureSpec, records: &Records) -> Vec<Contrast> {
    let (Shown::Contrasts, Some(subject)) = (spec.kind.shown(), &spec.subject) else { return Vec::new() };
    let measure = spec.measure.unwrap_or(Measure::Recovered);
    // The p-values are those of the whole map, though the figure may show a part of it.
    let mut found = contrasts(records, measure, subject, |label| spec.names(label));
    found.retain(|c| {
        spec.shows_place(c.source, c.n, c.m)
            && spec.dynamics.is_none_or(|only| only == c.dynamics)
            && spec.shows_flips(c.n, c.flips)
    });
    found
}
