//! Queries of messages become signs as the messages do, and each is joined with the message that it belongs to.
//!
//! Where the messages are -1 and +1, a 0 among queries that have both is a unit that is unknown.

use crate::content::Content;
use crate::error::Trouble;
use crate::formats::Numbers;
use crate::signs::{Division, units};
use protocols::Patterns;
use protocols::source::Pairs;
use std::fmt;

/// A `QueriesTold` is what should be known of queries before they are read.
#[derive(Clone, Debug, PartialEq)]
pub struct QueriesTold {
    /// How many there are.
    pub queries: usize,
    /// How many messages have one.
    pub messages: usize,
    /// The fewest units in which one differs from its message.
    pub least: u32,
    /// The most.
    pub most: u32,
    /// The mean.
    pub mean: f64,
    /// Units that are unknown, of all queries together.
    pub unknown: usize,
}

impl fmt::Display for QueriesTold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { queries, messages, least, most, mean, unknown } = self;
        write!(
            f,
            "{queries} queries of {messages} messages, which differ from them in {least} to {most} units, {mean:.1} in \
             the mean"
        )?;
        if *unknown > 0 {
            write!(f, "; units that are unknown, 0: {unknown}, counted as differing")?;
        }
        Ok(())
    }
}

/// Reads which of so many messages each query belongs to.
pub(crate) fn targets(content: &Content, messages: usize) -> Result<Vec<u32>, Trouble> {
    let values = content.list()?;
    let is_row = |value: f64| value.fract() == 0.0 && (0.0..messages as f64).contains(&value);
    match values.iter().position(|&value| !is_row(value)) {
        Some(place) => {
            let one = values.iter().all(|&value| is_row(value - 1.0));
            Err(Trouble::Target { place, value: values[place], messages, one })
        }
        None => Ok(values.into_iter().map(|value| value as u32).collect()),
    }
}

/// Joins queries with their messages: the rows of `targets`, or else query q with message q.
pub(crate) fn of(
    content: &Content,
    targets: Option<Vec<u32>>,
    messages: &Patterns,
    division: Division,
) -> Result<(Pairs, QueriesTold), Trouble> {
    let Numbers { rows, values } = content.numbers(None)?;
    let found = units(rows, &values)?;
    if found != messages.n() {
        return Err(Trouble::Width { found, units: messages.n() });
    }
    let listed = targets.is_some();
    let targets = targets.unwrap_or_else(|| (0..messages.count() as u32).collect());
    let unpaired = Trouble::Unpaired { queries: rows, targets: targets.len(), listed };
    if targets.len() != rows {
        return Err(unpaired);
    }
    let (signs, unknown) = signs(&values, found, division)?;
    let lost = unknown.iter().flatten().filter(|unknown| **unknown).count();
    let states = Patterns::new(found, signs).map_err(|_| Trouble::Empty)?;
    let pairs = Pairs::new(messages, states, unknown, targets).ok_or(unpaired)?;
    let distances = pairs.distances();
    let sum: f64 = distances.iter().copied().map(f64::from).sum();
    let told = QueriesTold {
        queries: rows,
        messages: messages.count() - pairs.without(),
        least: distances.iter().copied().min().unwrap_or(0),
        most: distances.iter().copied().max().unwrap_or(0),
        mean: sum / rows as f64,
        unknown: lost,
    };
    Ok((pairs, told))
}

/// Signs of queries, and for each whether it stands for an unknown unit, where any does.
type Known = (Vec<i8>, Option<Vec<bool>>);

fn signs(values: &[f64], units: usize, division: Division) -> Result<Known, Trouble> {
    let (minus, plus) = match division {
        Division::UpTo(most) => {
            return Ok((values.iter().map(|&value| if value > most { 1 } else { -1 }).collect(), None));
        }
        Division::Two { minus, plus } => (minus, plus),
    };
    // Queries of 0 and 1 beside messages of -1 and +1 are another spelling, and their 0 is nothing unknown.
    let may_lack = minus == -1.0 && plus == 1.0 && values.contains(&minus) && values.contains(&plus);
    let is_known = |value: f64| value == minus || value == plus;
    let is_read = |value: f64| is_known(value) || (may_lack && value == 0.0);
    if let Some(at) = values.iter().position(|&value| !is_read(value)) {
        let (row, column) = (at / units, at % units);
        return Err(Trouble::QueryValue { value: values[at], row, column, minus, plus });
    }
    let unknown: Vec<bool> = values.iter().map(|&value| !is_known(value)).collect();
    let unknown = Some(unknown).filter(|unknown| unknown.contains(&true));
    Ok((values.iter().map(|&value| if value == plus { 1 } else { -1 }).collect(), unknown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MessagesError, read};
    use protocols::Stream;
    use protocols::source::{MessageFile, Threshold};
    use std::fs;

    /// What is found of these texts: messages, queries and, where there are some, targets.
    fn found(
        messages: &str,
        queries: &str,
        targets: Option<&str>,
        threshold: Option<Threshold>,
    ) -> Result<(MessageFile, QueriesTold), MessagesError> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("m.csv"), messages).unwrap();
        fs::write(folder.path().join("q.csv"), queries).unwrap();
        let file = MessageFile::new("m.csv", None, threshold).unwrap();
        let file = file.with_queries(Some("q.csv"), targets.map(|_| "t.csv")).unwrap();
        if let Some(targets) = targets {
            fs::write(folder.path().join("t.csv"), targets).unwrap();
        }
        let found = read(file, folder.path())?;
        let told = found.queries.as_ref().unwrap().1.clone();
        Ok((found.provide(), told))
    }

    fn signs(file: MessageFile) -> Vec<i8> {
        let count = file.rows().unwrap().count();
        let source = protocols::Source::File(file);
        let stream = || Stream::named(1, "test", &[]);
        let messages = source.draw(file.rows().unwrap().n(), count, &mut stream()).unwrap();
        let own = source.own_queries().unwrap();
        let mut queries = source.queries(&messages, &mut stream(), own, 100, &mut stream());
        for (sign, unknown) in
            queries.states.signs().to_vec().iter().zip(queries.unknown.take().unwrap_or_default())
        {
            assert!(!unknown || sign.abs() == 1, "a coin's");
        }
        let mut rows: Vec<Vec<i8>> = queries.states.rows().map(<[i8]>::to_vec).collect();
        rows.sort_unstable();
        rows.concat()
    }

    #[test]
    fn queries_have_the_signs_of_their_messages() {
        // The messages' 3 is -1, also in queries that have no other value.
        let (file, told) = found("3,7\n7,7\n", "3,3\n3,3\n", None, None).unwrap();
        assert_eq!(signs(file), [-1; 4]);
        assert_eq!((told.least, told.most, told.mean, told.messages), (1, 2, 1.5, 2));
        let otsu = Some(Threshold::Otsu);
        let (file, _) = found("0,10\n250,240\n", "11,9\n10,255\n200,0\n", Some("0\n0\n1\n"), otsu).unwrap();
        assert_eq!(signs(file), [-1, 1, 1, -1, 1, -1]);
        let told = found("0,1\n1,1\n", "0,1\n-1,1\n", None, None).unwrap_err().to_string();
        assert!(
            told.contains("q.csv: has -1 in row 1, column 0") && told.contains("the messages 0 and 1"),
            "{told}"
        );
    }

    #[test]
    fn a_zero_beside_both_signs_is_a_unit_that_is_unknown() {
        let (_, told) = found("-1,1,1\n1,1,-1\n", "-1,0,1\n0,1,-1\n", None, None).unwrap();
        assert_eq!((told.unknown, told.least, told.most), (2, 1, 1));
        assert!(told.to_string().ends_with("units that are unknown, 0: 2, counted as differing"), "{told}");
        // 0 and 1 alone are bits, and no signs that lack some.
        let told = found("-1,1,1\n1,1,-1\n", "0,0,1\n0,1,0\n", None, None).unwrap_err().to_string();
        assert!(told.contains("q.csv: has 0 in row 0, column 0") && told.contains("-1 and 1"), "{told}");
    }

    #[test]
    fn all_files_are_part_of_the_content() {
        let content =
            |messages, queries, targets| found(messages, queries, targets, None).unwrap().0.content();
        let (m, q) = ("0,1\n1,0\n", "0,1\n0,0\n");
        let all = [
            content(m, q, None),
            content(m, q, Some("0\n1\n")),
            content(m, q, Some("1\n0\n")),
            content(m, "1,1\n0,0\n", None),
            content("0,1\n1,1\n", q, None),
        ];
        assert_eq!(std::collections::BTreeSet::from(all).len(), all.len());
    }
}
