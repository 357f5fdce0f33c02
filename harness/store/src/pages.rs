//! This module checks what a Parquet file says of its own sizes, before polars believes it.
//!
//! polars reserves memory for as many values as a page claims to hold. A file of a few kilobytes that was
//! forged together with its seal can claim 2^61 of them, and an allocation that fails ends the process; no
//! panic that could be caught (seen in fuzzing 0.55). Sizes in bytes need no bound here: the format has them
//! in 31 bits.

use polars_parquet::parquet::error::ParquetError;
use polars_parquet::parquet::page::CompressedPage;
use polars_parquet::parquet::read::{PageReader, read_metadata};
use std::io::Cursor;

/// Says how many rows a byte of a file can stand for at most. Tables of results have a number of its own in
/// nearly every row, so a real one has fewer rows than bytes.
const ROWS_A_BYTE: u64 = 64;

/// Checks that the row groups and pages of a file lie inside it. They may claim no more rows than the file
/// can hold.
///
/// # Errors
/// In words, what is wrong.
pub(super) fn check(bytes: &[u8]) -> Result<(), String> {
    let limit = ROWS_A_BYTE * bytes.len() as u64;
    let metadata = read_metadata(&mut Cursor::new(bytes)).map_err(words)?;
    let groups = metadata.row_groups.iter();
    // A column's number is signed and may be negative.
    let claims = groups.flat_map(|group| {
        let columns = group.parquet_columns().iter().map(|column| i128::from(column.num_values()));
        columns.chain([group.num_rows() as i128])
    });
    if let Some(claim) =
        claims.chain([metadata.num_rows as i128]).find(|claim| !(0..=i128::from(limit)).contains(claim))
    {
        return Err(format!("it claims to hold {claim} rows in {} bytes", bytes.len()));
    }
    for column in metadata.row_groups.iter().flat_map(|group| group.parquet_columns()) {
        let range = column.byte_range();
        let chunk = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
        let chunk =
            chunk.and_then(|(start, end)| bytes.get(start..end)).ok_or("a column lies beyond its end")?;
        for page in PageReader::new(Cursor::new(chunk.to_vec().into()), column, Vec::new(), bytes.len()) {
            // The number of a page is signed too, and polars takes a negative one for 2^64 less it.
            if let CompressedPage::Data(page) = page.map_err(words)?
                && page.num_values() as u64 > limit
            {
                return Err(format!("a page claims to hold {} values", page.num_values()));
            }
        }
    }
    Ok(())
}

fn words(error: ParquetError) -> String {
    error.to_string()
}
