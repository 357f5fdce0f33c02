//! Laws that every protocol of the catalogue obeys; a new one is tested before anyone writes a test for it.

use protocols::laws::{Broken, Law, broken};
use protocols::protocol::{About, Hop, Report};
use protocols::{Mat, Patterns, Rule, Spec, Stream, Watch, Weights, WriteError, Written};
use serde::{Deserialize, Serialize};

/// No protocol of the catalogue breaks one of the laws, but for those that say so.
fn hold(laws: &[Law]) {
    for spec in Spec::catalogue() {
        for law in laws.iter().filter(|law| !spec.exempt().contains(law)) {
            assert_eq!(law.check(&spec), Ok(()));
        }
    }
}

#[test]
fn writing_is_a_function_of_messages_and_stream() {
    hold(&[Law::Function]);
}

/// They come back after L steps; and stay, but for the network that is trained to be right after exactly L steps.
#[test]
fn a_few_messages_are_stored() {
    hold(&[Law::Returns, Law::Stays]);
    let exempt = Spec::catalogue().into_iter().filter(|spec| !spec.exempt().is_empty());
    let exempt: Vec<_> = exempt.map(|spec| (spec.about().name, spec.exempt())).collect();
    assert_eq!(exempt, [("trn-literal", [Law::Stays].as_slice())]);
}

#[test]
fn edge_cases_are_written_or_refused_but_never_panic() {
    hold(&[Law::EdgeCases, Law::Emptiness]);
}

#[test]
fn iterative_protocols_stop_when_watched() {
    hold(&[Law::Watch]);
}

#[test]
fn names_are_unique_and_those_of_the_catalogue() {
    hold(&[Law::Name, Law::Description]);
    let names: Vec<_> = Spec::catalogue().iter().map(|s| s.protocol().name()).collect();
    assert_eq!(names, Spec::names());
    assert!(names.iter().enumerate().all(|(i, name)| !names[..i].contains(name)));
}

#[test]
fn training_can_be_varied_where_there_is_one() {
    hold(&[Law::Training]);
    let trained = Spec::catalogue().into_iter().filter(|spec| spec.training().is_some());
    assert_eq!(trained.map(|spec| spec.about().name).collect::<Vec<_>>(), ["trn", "trn-literal", "trn-soft"]);
}

/// A rule that writes nothing, or what it likes, under a name that is taken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Careless {
    panics: bool,
}

impl Rule for Careless {
    const ABOUT: &'static About =
        &About { name: "hop", title: "", formula: "W = 0", source: "nowhere", version: 1, parameters: &[] };

    fn write_messages(
        &self,
        messages: &Patterns,
        _: &mut Stream,
        _: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        assert!(!self.panics, "as it was told to");
        let n = messages.n();
        // All units disagree with what they are.
        let matrix = Mat::from_fn(n, n, |i, j| if i == j { -1.0 } else { 0.0 });
        Ok(Written { weights: Weights::new(matrix)?, report: Report::closed(None) })
    }
}

#[test]
fn a_rule_that_breaks_laws_is_told_which() {
    let found =
        |rule: Careless| broken(&rule.into()).into_iter().map(|broken| broken.law).collect::<Vec<_>>();
    // After an odd number of steps no message is there.
    assert_eq!(found(Careless::default()), [Law::Returns, Law::Stays, Law::Name, Law::Description]);
    let panicking = found(Careless { panics: true });
    assert!([Law::Function, Law::EdgeCases, Law::Watch].iter().all(|law| panicking.contains(law)));
    let told = Broken { rule: "hop", law: Law::Name, found: "another rule has it".to_owned() };
    assert_eq!(Law::Name.check(&Careless::default().into()), Err(told.clone()));
    assert_eq!(
        told.to_string(),
        "`hop` breaks the law that its name is allowed and its own: another rule has it"
    );
    assert_eq!(broken(&Hop::default().into()), []);
}
