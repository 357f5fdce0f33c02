//! This module makes each record from the columns of its table. The other direction is declared in
//! [`study::schema`].

use super::StoreError;
use super::table::{Columns, StoredTable, Values};
use protocols::probe::{Correction, RandomStarts, Recovery};
use protocols::{Corruption, CorruptionKind, Source};
use study::record::{Coordinates, Memory, MemoryFigures, ProgramTimes, Recall, SharedText, Timing};
use study::schema::Row;

/// Makes every row, up to one that fails. Unlike a collected iterator of results it knows how many there will be, so
/// that no row is moved to make room for others.
fn each_row<T>(
    table: &Columns<'_>,
    row: impl FnMut(usize) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut rows = Vec::with_capacity(table.rows());
    for made in (0..table.rows()).map(row) {
        rows.push(made?);
    }
    Ok(rows)
}

/// `Places` holds the columns of coordinates. `load` follows from them and is not read.
struct Places<'a> {
    cell: Values<'a, SharedText>,
    protocol: Values<'a, SharedText>,
    parameters: Values<'a, SharedText>,
    source: Values<'a, Source>,
    n: Values<'a, u32>,
    m: Values<'a, u32>,
    trial: Values<'a, u32>,
}

impl<'a> Places<'a> {
    fn of(table: &'a Columns<'_>) -> Result<Self, StoreError> {
        let (cell, protocol) = (table.shared("cell")?, table.shared("protocol")?);
        let (parameters, source) = (table.shared("parameters")?, table.name("source")?);
        let (n, m, trial) = (table.u32("n")?, table.u32("m")?, table.u32("trial")?);
        Ok(Self { cell, protocol, parameters, source, n, m, trial })
    }

    /// Returns the coordinates of a row.
    fn row(&self, i: usize) -> Result<Coordinates, StoreError> {
        Ok(Coordinates {
            cell: self.cell.need(i)?,
            protocol: self.protocol.need(i)?,
            parameters: self.parameters.need(i)?,
            source: self.source.need(i)?,
            n: self.n.need(i)?,
            m: self.m.need(i)?,
            trial: self.trial.need(i)?,
        })
    }
}

impl StoredTable for Memory {
    fn decode(table: &Columns<'_>) -> Result<Vec<Self>, StoreError> {
        let (status, message) = (table.name("status")?, table.text("message")?);
        let (places, mut figures) = (Places::of(table)?, figures(table)?);
        each_row(table, |i| {
            let (at, figures) = (places.row(i)?, figures[i].take());
            Ok(Self { at, status: status.need(i)?, message: message.need(i)?, figures })
        })
    }
}

/// Reads the numbers of every memory. A failed cell has none, and a cell has all or none.
fn figures(table: &Columns<'_>) -> Result<Vec<Option<MemoryFigures>>, StoreError> {
    let (iterations, evaluations) = (table.u64("iterations")?, table.u64("evaluations")?);
    let (objective, stop, rank) = (table.f64("objective")?, table.text("stop")?, table.u32("rank")?);
    let (fixed, wrong_bits, tied_bits) =
        (table.u32("fixed")?, table.u64("wrong_bits")?, table.u64("tied_bits")?);
    let (margin_min, margin_mean) = (table.f64("margin_min")?, table.f64("margin_mean")?);
    let (asymmetry, diagonal_ratio) = (table.f64("asymmetry")?, table.f64("diagonal_ratio")?);
    let strict_minima = table.u32("strict_minima")?;
    let (energy_flips, energy_rises) = (table.u64("energy_flips")?, table.u64("energy_rises")?);
    let (corrections, starts) = (corrections(table)?, starts(table)?);
    let of_figures: Vec<&str> =
        Memory::columns().iter().filter(|column| column.nullable).map(|column| column.name).collect();
    let of_figures = table.with_values(&of_figures);
    let row = |i| {
        let Some(iterations) = iterations.get(i) else {
            table.none_in(i, &of_figures, "which has no `iterations` and so no figures at all")?;
            return Ok(None);
        };
        Ok(Some(MemoryFigures {
            iterations,
            evaluations: evaluations.need(i)?,
            objective: objective.get(i),
            stop: stop.need(i)?,
            rank: rank.get(i),
            fixed: fixed.get(i),
            wrong_bits: wrong_bits.get(i),
            tied_bits: tied_bits.get(i),
            margin_min: margin_min.get(i),
            margin_mean: margin_mean.get(i),
            asymmetry: asymmetry.get(i),
            diagonal_ratio: diagonal_ratio.get(i),
            strict_minima: strict_minima.get(i),
            energy_flips: energy_flips.get(i),
            energy_rises: energy_rises.get(i),
            correction: corrections[i],
            starts: starts[i],
        }))
    };
    each_row(table, row)
}

/// Reads the single flips of every memory. There are none in files that are older than their columns.
fn corrections(table: &Columns<'_>) -> Result<Vec<Option<Correction>>, StoreError> {
    if !table.has("bits_corrected") {
        return Ok(vec![None; table.rows()]);
    }
    let (corrected, predicted) = (table.u64("bits_corrected")?, table.u64("bits_predicted")?);
    let (agreeing, returned) = (table.u64("bits_agreeing")?, table.u64("neighbours_returned")?);
    let others = table.with_values(&["bits_predicted", "bits_agreeing", "neighbours_returned"]);
    let row = |i| {
        let Some(corrected) = corrected.get(i) else {
            table.none_in(i, &others, "where `bits_corrected` has none")?;
            return Ok(None);
        };
        let (predicted, agreeing) = (predicted.need(i)?, agreeing.need(i)?);
        Ok(Some(Correction { corrected, predicted, agreeing, returned: returned.need(i)? }))
    };
    each_row(table, row)
}

/// Reads the random starts of every memory. There are none in files that are older than their columns.
fn starts(table: &Columns<'_>) -> Result<Vec<Option<RandomStarts>>, StoreError> {
    if !table.has("starts") {
        return Ok(vec![None; table.rows()]);
    }
    let (starts, stored) = (table.u32("starts")?, table.u32("starts_stored")?);
    let (spurious, distinct) = (table.u32("starts_spurious")?, table.u32("starts_distinct")?);
    let others = table.with_values(&["starts_stored", "starts_spurious", "starts_distinct"]);
    let row = |i| {
        let Some(starts) = starts.get(i) else {
            table.none_in(i, &others, "where `starts` has none")?;
            return Ok(None);
        };
        let (stored, spurious) = (stored.need(i)?, spurious.need(i)?);
        Ok(Some(RandomStarts { starts, stored, spurious, distinct: distinct.need(i)? }))
    };
    each_row(table, row)
}

/// Reads how the queries of every row were corrupted: by flips, where nothing else is said.
fn corruption_kinds(table: &Columns<'_>) -> Result<Vec<CorruptionKind>, StoreError> {
    if !table.has("corruption") {
        return Ok(vec![CorruptionKind::Flips; table.rows()]);
    }
    let kinds = table.name("corruption")?;
    Ok((0..table.rows()).map(|i| kinds.get(i).unwrap_or_default()).collect())
}

impl StoredTable for Recall {
    fn decode(table: &Columns<'_>) -> Result<Vec<Self>, StoreError> {
        let dynamics = table.name("dynamics")?;
        let kinds = corruption_kinds(table)?;
        let (flips, queries, checkpoint) =
            (table.u32("flips")?, table.u32("queries")?, table.u32("checkpoint")?);
        let recovered_first = table.u32("recovered_first")?;
        let recovered_checkpoint = table.u32("recovered_checkpoint")?;
        let (recovered, negative) = (table.u32("recovered")?, table.u32("negative")?);
        let (other_message, spurious) = (table.u32("other_message")?, table.u32("spurious")?);
        let (cycle, unsettled) = (table.u32("cycle")?, table.u32("unsettled")?);
        let (longest_cycle, ties) = (table.u32("longest_cycle")?, table.u64("ties")?);
        let differing = if table.has("differing_sum") { Some(table.u64("differing_sum")?) } else { None };
        let (overlap_sum, steps_sum) = (table.f64("overlap_sum")?, table.u64("steps_sum")?);
        let places = Places::of(table)?;
        let row = |i| {
            Ok(Self {
                at: places.row(i)?,
                dynamics: dynamics.need(i)?,
                flips: Corruption { kind: kinds[i], units: flips.need(i)? },
                checkpoint: checkpoint.need(i)?,
                reads: Recovery {
                    queries: queries.need(i)?,
                    first: recovered_first.need(i)?,
                    at_checkpoint: recovered_checkpoint.need(i)?,
                    recovered: recovered.need(i)?,
                    negative: negative.need(i)?,
                    other_message: other_message.need(i)?,
                    spurious: spurious.need(i)?,
                    cycle: cycle.need(i)?,
                    unsettled: unsettled.need(i)?,
                    longest_cycle: longest_cycle.need(i)?,
                    overlap_sum: overlap_sum.need(i)?,
                    steps_sum: steps_sum.need(i)?,
                    ties: ties.need(i)?,
                },
                differing: differing.as_ref().and_then(|column| column.get(i)),
            })
        };
        each_row(table, row)
    }
}

/// Reads the times of programs, which are missing where none wrote.
fn program_times(table: &Columns<'_>) -> Result<Vec<Option<ProgramTimes>>, StoreError> {
    let column = |name| if table.has(name) { table.f64(name).map(Some) } else { Ok(None) };
    let (reported, wall) = (column("program_reported_seconds")?, column("program_wall_seconds")?);
    let processor = column("program_processor_seconds")?;
    let startup = column("program_startup_seconds")?;
    let row = |i| {
        Some(ProgramTimes {
            reported: reported.as_ref().and_then(|column| column.get(i)),
            wall: wall.as_ref()?.get(i)?,
            processor: processor.as_ref().and_then(|column| column.get(i)),
            startup: startup.as_ref()?.get(i)?,
        })
    };
    Ok((0..table.rows()).map(row).collect())
}

impl StoredTable for Timing {
    fn decode(table: &Columns<'_>) -> Result<Vec<Self>, StoreError> {
        let (write_seconds, read_seconds) = (table.f64("write_seconds")?, table.f64("read_seconds")?);
        let host = table.text("host")?;
        let mut programs = program_times(table)?;
        let places = Places::of(table)?;
        let row = |i: usize| {
            Ok(Self {
                at: places.row(i)?,
                write_seconds: write_seconds.need(i)?,
                read_seconds: read_seconds.need(i)?,
                host: host.need(i)?,
                program: programs[i].take(),
            })
        };
        each_row(table, row)
    }
}
