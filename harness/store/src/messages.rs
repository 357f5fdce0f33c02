//! This module reads messages of one's own from a Parquet file: a column of lists, a message each, or all columns,
//! a unit each.
//!
//! polars is built for the types of our tables alone. So narrow numbers are read as the 32-bit ones that they are
//! stored as, and lists of fixed size as lists: the decoder below polars takes whatever types it is told.
//!
//! A file of others has no seal, so what it claims of its sizes is checked first, and a panic of polars is an error.

use super::pages;
use base::panics::caught;
use messages::{Numbers, Trouble};
use polars::prelude::*;
use polars_parquet::read::{
    BasicDecompressor, PageReader, column_iter_to_arrays, infer_schema, read_metadata,
};
use std::io::Cursor;

/// Values that are held at most, as of other formats.
const MOST_VALUES: usize = 1 << 27;

/// Reads the column `entry` of lists, or the only one that there is, or all columns where none is of lists.
///
/// # Errors
/// If it is no Parquet file of such columns.
pub fn read_messages(bytes: &[u8], entry: Option<&str>) -> Result<Numbers, Trouble> {
    caught(|| pages::check(bytes)).unwrap_or_else(Err).map_err(damaged)?;
    caught(|| numbers(&columns(bytes).map_err(wrong)?, entry))
        .unwrap_or_else(|panic| Err(damaged(format!("its reader panicked: {panic}"))))
}

/// Decodes all columns.
fn columns(bytes: &[u8]) -> PolarsResult<Vec<Column>> {
    let metadata = read_metadata(&mut Cursor::new(bytes))?;
    let mut columns = Vec::new();
    for field in infer_schema(&metadata)?.iter_values().map(widened) {
        let mut arrays: Vec<ArrayRef> = Vec::new();
        for group in &metadata.row_groups {
            let (mut leaves, mut types) = (Vec::new(), Vec::new());
            for leaf in group.columns_under_root_iter(&field.name).into_iter().flatten() {
                let range = leaf.byte_range();
                let chunk = bytes.get(range.start as usize..range.end as usize).unwrap_or_default();
                let pages = PageReader::new(Cursor::new(chunk.to_vec().into()), leaf, Vec::new(), usize::MAX);
                leaves.push(BasicDecompressor::new(pages, Vec::new()));
                types.push(&leaf.descriptor().descriptor.primitive_type);
            }
            arrays.extend(column_iter_to_arrays(leaves, types, field.clone(), None)?.0);
        }
        columns.push(Series::try_from((field.name.clone(), arrays))?.into_column());
    }
    Ok(columns)
}

/// The field with numbers as wide as they are stored, and lists of any size.
fn widened(field: &ArrowField) -> ArrowField {
    use ArrowDataType::{FixedSizeList, Int8, Int16, Int32, LargeList, List, UInt8, UInt16};
    let dtype = match &field.dtype {
        Int8 | Int16 | UInt8 | UInt16 => Int32,
        List(inner) | LargeList(inner) | FixedSizeList(inner, _) => LargeList(Box::new(widened(inner))),
        other => other.clone(),
    };
    ArrowField { dtype, ..field.clone() }
}

fn damaged(reason: String) -> Trouble {
    Trouble::Damaged { format: "a Parquet file", reason }
}

fn wrong(error: PolarsError) -> Trouble {
    damaged(error.to_string())
}

fn numbers(columns: &[Column], entry: Option<&str>) -> Result<Numbers, Trouble> {
    let names = |columns: &[&Column]| columns.iter().map(|column| column.name().to_string()).collect();
    if let Some(entry) = entry {
        let named = columns.iter().find(|column| column.name() == entry);
        let named = named.ok_or_else(|| Trouble::NoEntry {
            entry: entry.to_owned(),
            names: names(&columns.iter().collect::<Vec<_>>()),
        })?;
        return lists(named);
    }
    let of_lists: Vec<&Column> = columns.iter().filter(|column| column.dtype().is_list()).collect();
    match of_lists[..] {
        [] => units(columns),
        [only] => lists(only),
        _ => Err(Trouble::Several { names: names(&of_lists) }),
    }
}

/// A message in every row.
fn lists(column: &Column) -> Result<Numbers, Trouble> {
    let name = column.name();
    if !column.dtype().is_list() {
        return Err(damaged(format!(
            "its column {name:?} is of {}, not of lists of numbers",
            column.dtype()
        )));
    }
    let rows = column.list().map_err(wrong)?;
    let (mut values, mut units) = (Vec::new(), None);
    for (row, list) in rows.amortized_iter().enumerate() {
        let list = list.ok_or_else(|| damaged(format!("row {row} of {name:?} (counted from 0) is null")))?;
        let before = values.len();
        extend(&mut values, list.as_ref())?;
        let found = values.len() - before;
        let first = *units.get_or_insert(found);
        if found != first {
            return Err(Trouble::Ragged { line: row as u64 + 1, found, first });
        }
    }
    Ok(Numbers { rows: rows.len(), values })
}

/// A unit in every column.
fn units(columns: &[Column]) -> Result<Numbers, Trouble> {
    let mut by_unit = Vec::new();
    for column in columns {
        extend(&mut by_unit, column.as_materialized_series())?;
    }
    let rows = columns.first().map_or(0, Column::len);
    let values = (0..rows).flat_map(|row| by_unit.iter().skip(row).step_by(rows).copied()).collect();
    Ok(Numbers { rows, values })
}

fn extend(values: &mut Vec<f64>, series: &Series) -> Result<(), Trouble> {
    let (name, dtype) = (series.name(), series.dtype());
    if !(dtype.is_primitive_numeric() || dtype.is_bool()) {
        let told = format!(
            "its column {name:?} is of {dtype}, not of numbers; leave it out, or name a column of lists as `entry`"
        );
        return Err(damaged(told));
    }
    if values.len() + series.len() > MOST_VALUES {
        return Err(Trouble::Values { values: values.len() + series.len(), most: MOST_VALUES });
    }
    let numbers = series.cast(&DataType::Float64).map_err(wrong)?;
    let numbers = numbers.f64().map_err(wrong)?;
    if numbers.null_count() > 0 {
        return Err(damaged(format!("its column {name:?} has a null, where every unit needs a value")));
    }
    values.extend(numbers.into_no_null_iter());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parquet(columns: Vec<Column>) -> Vec<u8> {
        let mut frame = DataFrame::new_infer_height(columns).unwrap();
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes).finish(&mut frame).unwrap();
        bytes
    }

    fn of_lists(rows: &[&[i64]]) -> Column {
        let rows: Vec<Series> = rows.iter().map(|row| Series::new("".into(), row)).collect();
        Column::new("x".into(), rows)
    }

    #[test]
    fn a_column_of_lists_and_columns_of_numbers_are_rows() {
        let lists =
            parquet(vec![Column::new("label".into(), [7_i32, 8]), of_lists(&[&[1, 0, 1], &[0, 0, 1]])]);
        let expected = Numbers { rows: 2, values: vec![1.0, 0.0, 1.0, 0.0, 0.0, 1.0] };
        assert_eq!(read_messages(&lists, None).unwrap(), expected);
        assert_eq!(read_messages(&lists, Some("x")).unwrap(), expected);
        let columns = ["a", "b", "c"].into_iter().zip([[true, false], [false, false], [true, true]]);
        let columns = columns.map(|(name, values)| Column::new(name.into(), values)).collect();
        assert_eq!(read_messages(&parquet(columns), None).unwrap(), expected);
    }

    /// Eight bits are stored as 32, and polars is not built for them.
    #[test]
    fn narrow_numbers_are_as_wide_as_they_are_stored() {
        use ArrowDataType::{FixedSizeList, Float32, Int8, Int32, LargeList, UInt16};
        let field = |dtype| ArrowField::new("x".into(), dtype, true);
        let wide = |dtype| widened(&field(dtype)).dtype;
        assert_eq!((wide(Int8), wide(UInt16), wide(Float32)), (Int32, Int32, Float32));
        assert_eq!(wide(FixedSizeList(Box::new(field(Int8)), 64)), LargeList(Box::new(field(Int32))));
    }

    #[test]
    fn what_is_no_table_of_messages_is_told() {
        let told = |bytes: &[u8], entry| read_messages(bytes, entry).unwrap_err().to_string();
        let two = of_lists(&[&[1, 0]]);
        let several = parquet(vec![two.clone(), two.clone().with_name("y".into())]);
        assert!(told(&several, None).starts_with("has \"x\", \"y\"; say which one"));
        assert!(told(&several, Some("z")).contains("has no \"z\"; it has \"x\", \"y\""));
        let ragged = parquet(vec![of_lists(&[&[1, 0], &[1]])]);
        assert!(told(&ragged, None).contains("line 2 has 1 values where the first row has 2"));
        let texts = parquet(vec![Column::new("name".into(), ["a", "b"])]);
        assert!(told(&texts, None).contains("\"name\" is of str, not of numbers"));
        let nulls = parquet(vec![Column::new("a".into(), [Some(1.0), None])]);
        assert!(told(&nulls, None).contains("has a null"));
        for length in [4, 20, several.len() / 2, several.len() - 5] {
            assert!(told(&several[..length], None).contains("damaged a Parquet file"), "{length}");
        }
    }
}
