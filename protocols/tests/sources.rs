//! Sources of messages: what all of them keep to, and what is known of the memories that they make.

use protocols::protocol::{Hop, Mpf};
use protocols::source::Cliques;
use protocols::{Patterns, Protocol, Source, SourceError, Stream, character, probe};
use std::collections::HashSet;

fn stream(name: &str) -> Stream {
    Stream::named(5, name, &[])
}

/// An N that every source of the catalogue has: 36 = 6 x 6 = 9 x 8 / 2; or its own.
fn units(source: Source) -> usize {
    match source {
        Source::Glyphs | Source::Digits | Source::Codes => 64,
        Source::SmallGlyphs => 35,
        _ => 36,
    }
}

#[test]
fn every_source_draws_what_is_asked_for_and_always_the_same() {
    for source in Source::catalogue() {
        let n = units(source);
        for m in [1, 7, 30] {
            let drawn = source.draw(n, m, &mut stream("messages")).expect("it has as many");
            assert_eq!((drawn.n(), drawn.count()), (n, m), "{source}");
            assert_eq!(source.draw(n, m, &mut stream("messages")), Ok(drawn.clone()), "{source}");
            if m == 30 {
                assert_ne!(source.draw(n, m, &mut stream("others")), Ok(drawn), "{source}");
            }
        }
        let about = source.about();
        for text in [about.title, about.formula, about.units, about.source] {
            assert!(!text.trim().is_empty(), "{source}");
        }
        assert!(about.parameters.iter().all(|p| !p.allowed.is_empty() && !p.meaning.is_empty()), "{source}");
    }
}

#[test]
fn what_is_drawn_without_replacement_is_there_once_and_ends() {
    let kinds = [
        (Source::Glyphs, 94),
        (Source::SmallGlyphs, 94),
        (Source::Digits, 1750),
        (Source::Codes, 64),
        (Source::Cliques(Cliques::default()), 126),
    ];
    for (source, count) in kinds {
        let all = source.draw(units(source), count, &mut stream("all")).expect("they are there");
        assert_eq!(all.rows().collect::<HashSet<_>>().len(), count, "{source}");
        let more = source.check(units(source), count + 1);
        assert!(matches!(more, Err(SourceError::Count { available, .. }) if available == count), "{source}");
    }
}

#[test]
fn random_messages_and_glyphs_are_those_that_they_always_were() {
    let random = Source::Random.draw(50, 9, &mut stream("random")).unwrap();
    assert_eq!(random, Patterns::random(50, 9, &mut stream("random")));
    // The first rounds of a shuffle of the characters in order.
    let mut letters: Vec<char> = ('!'..='~').collect();
    stream("glyphs").choose(&mut letters, 20);
    for (source, n) in [(Source::Glyphs, 64), (Source::SmallGlyphs, 35)] {
        let glyphs = source.draw(n, 20, &mut stream("glyphs")).unwrap();
        let read: Vec<char> = glyphs.rows().filter_map(character).collect();
        assert_eq!(read, letters[..20]);
    }
    assert_eq!((Source::Random.name(), Source::Glyphs.name()), ("random", "glyphs"));
}

#[test]
fn what_glyphs_cannot_give_is_refused() {
    let told = |n, m| Source::Glyphs.check(n, m).unwrap_err().to_string();
    assert_eq!(told(32, 4), "glyphs are 8 x 8 bitmaps, so n must be 64, not 32");
    assert_eq!(told(64, 95), "there are 94 distinct glyphs, but m = 95 were asked for");
}

/// Writes `written` of all cliques of half the vertices, and counts how many of all are fixed points.
fn stored(rule: &dyn Protocol, (n, all, written): (usize, usize, usize), name: &str) -> u32 {
    let cliques = Source::Cliques(Cliques::default()).draw(n, all, &mut stream(name)).unwrap();
    let memory = rule.write(&cliques.slice(0, written), &mut stream("training")).unwrap().weights;
    probe::stability(&memory, &cliques).fixed
}

/// In how many of so many draws all cliques are fixed points, and how many are in the mean.
fn all_stored(rule: &dyn Protocol, size: (usize, usize, usize), draws: u32) -> (u32, f64) {
    let found: Vec<u32> = (0..draws).map(|draw| stored(rule, size, &format!("draw {draw}"))).collect();
    let all = found.iter().filter(|&&count| count as usize == size.1).count();
    (all as u32, f64::from(found.iter().sum::<u32>()) / f64::from(draws))
}

/// Hillar and Tran 2018: minimum probability flow on a fraction of the cliques makes fixed points of all.
#[test]
fn mpf_stores_all_cliques_from_a_fraction_of_them() {
    // Half of the 252 on 5 of 10 vertices: in 177 of 200 draws all, 251.76 (+- 0.06) in the mean. In 40 draws fewer
    // than 22 have a probability below 1e-6.
    let (all, mean) = all_stored(&Mpf::default(), (45, 252, 126), 40);
    assert!(all >= 22 && mean > 251.0, "{all} of 40, {mean}");
    // A fifth of the 924 on 6 of 12: in 189 of 200 draws all. In 20 draws fewer than 12 have a probability below 1e-6.
    let (all, mean) = all_stored(&Mpf::default(), (66, 924, 185), 20);
    assert!(all >= 12 && mean > 923.0, "{all} of 20, {mean}");
    // The outer product stores none, and neither does a flow that is stopped early.
    assert_eq!(all_stored(&Hop::default(), (45, 252, 126), 5), (0, 0.0));
    assert_eq!(all_stored(&Mpf { max_iterations: 5, ..Mpf::default() }, (45, 252, 126), 20).0, 0);
}
