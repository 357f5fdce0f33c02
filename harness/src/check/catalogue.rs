//! Rules and readers of the catalogue are held against the laws that all of them obey.

use super::finding::{Checked, Mark};
use super::sample;
use protocols::probe::recovery;
use protocols::protocol::{Hop, Law};
use protocols::reading::{Reader, Settings};
use protocols::{Queries, Spec, laws};

/// Checks a rule of the catalogue.
pub(super) fn rule(label: &str, spec: &Spec) -> Checked {
    let mut checked = Checked::of(format!("{label}: the rule `{}`", spec.about().name));
    let exempt = spec.exempt();
    let broken = laws::broken(spec);
    let held = Law::ALL.len() - exempt.len() - broken.len();
    checked.add(Mark::Well, format!("obeys {held} laws of rules; it is exempt from {}", exempt.len()));
    for law in broken {
        checked.add(Mark::Wrong, law.to_string());
    }
    checked
}

/// Checks a reader of the catalogue.
pub(super) fn reader(reader: Reader) -> Checked {
    let mut checked = Checked::of(format!("{reader}: a reader of the catalogue"));
    let messages = &sample::messages("reader", (64, 3), 1)[0];
    let written = Spec::from(Hop::default()).protocol().write(messages, &mut sample::stream("writing"));
    let written = match written {
        Ok(written) => written,
        Err(error) => {
            checked.add(Mark::Wrong, format!("three messages cannot be written: {error}"));
            return checked;
        }
    };
    let queries = Queries::exact(messages, 3, 30, &mut sample::stream("queries"));
    let settings = Settings { reader, max_steps: 50 };
    let read = || recovery(&written.weights, messages, &queries, settings, 1, &mut sample::stream("order"));
    let (first, second) = (read(), read());
    let again = "reads the same memory alike twice";
    checked.hold(first == second, again, (Mark::Wrong, "reads the same memory otherwise the second time"));
    let found =
        format!("brings back {} of 30 queries of 3 messages with 3 of 64 bits flipped", first.recovered);
    let mark = if first.recovered == 30 { Mark::Well } else { Mark::Perhaps };
    checked.add(mark, found);
    checked
}
