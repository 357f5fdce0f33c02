//! The story of a benchmark on one page, A4: how memories give way, who holds longest, what the claims become.

use crate::canvas::{
    Across, Canvas, Frontmatter, Painted, Stroke, Type, line_height, nested, size, svg, wrapped,
};
use crate::data::csv::quoted;
use crate::drawn::Drawn;
use crate::error::FigureError;
use crate::style::{Colour, GRID, HAIR, INK, QUIET, RIGHT, WRONG_ON};
use analysis::claim::Verdict;
use base::spreadsheet::text;

/// A `Story` is what the page shows.
#[derive(Clone, Debug)]
pub struct Story<'a> {
    /// Its title.
    pub title: &'a str,
    /// What a stranger must know first.
    pub lead: &'a str,
    /// Maps of what is recovered over load and noise, 180 mm wide.
    pub maps: &'a Drawn,
    /// The loads that are borne against noise, at most 122 mm wide.
    pub capacities: &'a Drawn,
    /// Beside it: a line above the table, and its rows, best first, with the load and the ends of its interval.
    pub table: (String, Vec<(String, String)>),
    /// The claims, in their order.
    pub claims: Vec<StoryClaim>,
}

/// A `StoryClaim` is a claim with what becomes of it.
#[derive(Clone, Debug)]
pub struct StoryClaim {
    /// Such as `C1`.
    pub id: String,
    /// What it says.
    pub statement: String,
    /// The verdict on it as it is claimed, and against the strongest rule known.
    pub verdicts: [Option<Verdict>; 2],
}

const WIDTH: f64 = 210.0;
const HEIGHT: f64 = 297.0;
const MARGIN: f64 = 15.0;
/// Points.
const TITLE: f64 = 16.0;
const HEADING: f64 = 11.0;
const TEXT: f64 = 8.5;
/// Where the columns of verdicts begin, mm.
const VERDICTS: [f64; 2] = [118.0, 142.0];

/// Draws the page, under the name `name`.
///
/// # Errors
/// If it cannot be drawn.
pub fn draw_story(name: &str, story: &Story<'_>) -> Result<Drawn, FigureError> {
    let (_, maps) = size(&story.maps.svg).unwrap_or((0.0, 60.0));
    let (wide, capacities) = size(&story.capacities.svg).unwrap_or((122.0, 90.0));
    let lead = wrapped(story.lead, TEXT, WIDTH - 2.0 * MARGIN);
    let mut y = MARGIN + line_height(TITLE) + lead.len() as f64 * line_height(TEXT) + 4.0;
    let mut heading = |height: f64| {
        let at = y;
        y += line_height(HEADING) + 1.5 + height + 4.0;
        at
    };
    let places = [heading(maps), heading(capacities), heading(0.0)];
    let below = |at: f64| at + line_height(HEADING) + 1.5;
    let alternative = format!("{} Three parts: {}", story.title, HEADINGS.join("; "));
    let caption = vec![
        story.lead.to_owned(),
        format!("Maps: {}", story.maps.caption.join(" ")),
        format!("Loads: {}", story.capacities.caption.join(" ")),
    ];
    let about = Frontmatter { title: &alternative, description: &caption.join(" ") };
    let page = svg((WIDTH, HEIGHT), &about, |canvas| {
        canvas.text(
            (MARGIN, MARGIN + line_height(TITLE) / 2.0),
            story.title,
            Type { bold: true, ..Type::of(TITLE) },
        )?;
        lines(canvas, &lead, (MARGIN, MARGIN + line_height(TITLE) + 1.0), QUIET)?;
        for (at, words) in places.iter().zip(HEADINGS) {
            let middle = at + line_height(HEADING) / 2.0;
            canvas.text((MARGIN, middle), words, Type { bold: true, ..Type::of(HEADING) })?;
        }
        loads(canvas, story, (MARGIN + wide + 5.0, below(places[1])))?;
        verdicts(canvas, story, below(places[2]))
    })?;
    let inner = [
        (story.maps.svg.as_str(), (MARGIN, below(places[0]))),
        (story.capacities.svg.as_str(), (MARGIN, below(places[1]))),
    ];
    Ok(Drawn {
        name: name.to_owned(),
        alternative,
        parameters: Vec::new(),
        finding: String::new(),
        caption,
        label: format!("fig:{name}"),
        svg: nested(&page, &inner),
        csv: csv(story),
    })
}

const HEADINGS: [&str; 3] =
    ["Memories give way with load and noise", "Who holds longest", "What becomes of the paper's claims"];

fn lines(canvas: &Canvas<'_>, texts: &[String], (x, y): (f64, f64), colour: Colour) -> Painted {
    for (i, text) in texts.iter().enumerate() {
        let at = (x, y + (i as f64 + 0.5) * line_height(TEXT));
        canvas.text(at, text, Type { colour, ..Type::of(TEXT) })?;
    }
    Ok(())
}

/// The table beside the loads.
fn loads(canvas: &Canvas<'_>, story: &Story<'_>, (x, y): (f64, f64)) -> Painted {
    let (above, rows) = &story.table;
    let room = WIDTH - MARGIN - x;
    let head = wrapped(above, TEXT, room);
    lines(canvas, &head, (x, y), INK)?;
    let first = y + head.len() as f64 * line_height(TEXT) + 1.5;
    for (i, (name, load)) in rows.iter().enumerate() {
        let top = first + i as f64 * 2.4 * line_height(TEXT);
        canvas.line(&[(x, top), (WIDTH - MARGIN, top)], Stroke::solid(GRID, 2.0 * HAIR))?;
        let middle = |row: f64| top + 0.4 + (row + 0.5) * line_height(TEXT);
        canvas.text((x, middle(0.0)), name, Type { bold: true, ..Type::of(TEXT) })?;
        canvas.text((x, middle(1.0)), load, Type { colour: QUIET, ..Type::of(TEXT) })?;
    }
    Ok(())
}

/// The claims, a row each, under two columns of verdicts.
fn verdicts(canvas: &Canvas<'_>, story: &Story<'_>, top: f64) -> Painted {
    let head = ["as claimed", "against the best known"];
    for (x, words) in VERDICTS.iter().zip(head) {
        canvas.text(
            (MARGIN + x, top + line_height(TEXT) / 2.0),
            words,
            Type { colour: QUIET, ..Type::of(TEXT) },
        )?;
    }
    let mut y = top + line_height(TEXT) + 0.8;
    for claim in &story.claims {
        canvas.line(&[(MARGIN, y), (WIDTH - MARGIN, y)], Stroke::solid(GRID, 2.0 * HAIR))?;
        let statement = wrapped(&claim.statement, TEXT, VERDICTS[0] - 13.0);
        let middle = y + 0.8 + line_height(TEXT) / 2.0;
        canvas.text((MARGIN, middle), &claim.id, Type { bold: true, ..Type::of(TEXT) })?;
        lines(canvas, &statement, (MARGIN + 9.0, y + 0.8), INK)?;
        for (x, verdict) in VERDICTS.iter().zip(claim.verdicts) {
            let (words, colour) = match verdict {
                Some(Verdict::Holds) => ("Holds", RIGHT),
                Some(Verdict::Fails) => ("Fails", WRONG_ON),
                Some(Verdict::Undecided) => ("Undecided", QUIET),
                None => ("\u{2013}", QUIET),
            };
            let how = Type { bold: true, colour, across: Across::Left, ..Type::of(TEXT) };
            canvas.text((MARGIN + x, middle), words, how)?;
        }
        y += statement.len().max(1) as f64 * line_height(TEXT) + 1.6;
    }
    Ok(())
}

/// The verdicts and the loads, a row each.
fn csv(story: &Story<'_>) -> String {
    let mut csv = "part,name,value,second\n".to_owned();
    let mut row = |fields: [String; 4]| {
        csv += &fields.map(|field| quoted(text(&field).into_owned())).join(",");
        csv.push('\n');
    };
    for (name, load) in &story.table.1 {
        row(["load".to_owned(), name.clone(), load.clone(), String::new()]);
    }
    for claim in &story.claims {
        let [first, second] =
            claim.verdicts.map(|verdict| verdict.map_or_else(String::new, |v| v.name().to_owned()));
        row(["claim".to_owned(), claim.id.clone(), first, second]);
    }
    csv
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::tree;

    #[test]
    fn the_page_is_a4_and_holds_both_figures_and_every_verdict() {
        let inner = |width: f64, words: &str| {
            let about = Frontmatter { title: words, description: "" };
            let svg =
                svg((width, 60.0), &about, |canvas| canvas.text((5.0, 5.0), words, Type::of(TEXT))).unwrap();
            Drawn {
                name: "inner".to_owned(),
                alternative: String::new(),
                parameters: Vec::new(),
                finding: String::new(),
                caption: vec![format!("{words}.")],
                label: String::new(),
                svg,
                csv: String::new(),
            }
        };
        let claim = StoryClaim {
            id: "C1".to_owned(),
            statement: "TRN is best.".to_owned(),
            verdicts: [Some(Verdict::Holds), Some(Verdict::Fails)],
        };
        let story = Story {
            title: "How?",
            lead: "A memory.",
            maps: &inner(180.0, "the maps"),
            capacities: &inner(122.0, "the loads"),
            table: ("With noise".to_owned(), vec![("TRN".to_owned(), "0.7".to_owned())]),
            claims: vec![claim],
        };
        let drawn = draw_story("story", &story).unwrap();
        let page = tree(&drawn.svg).unwrap().size();
        assert!(
            (page.width() * 25.4 / 96.0 - 210.0).abs() < 0.1
                && (page.height() * 25.4 / 96.0 - 297.0).abs() < 0.1
        );
        for words in ["the maps", "the loads", "Holds", "Fails", "TRN is best.", "Who holds longest"] {
            assert!(drawn.svg.contains(words), "{words}");
        }
        assert_eq!(drawn.csv, "part,name,value,second\nload,TRN,0.7,\nclaim,C1,Holds,Fails\n");
        assert_eq!(drawn.caption.len(), 3);
    }
}
