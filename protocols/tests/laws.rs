//! Laws that every protocol of the catalogue obeys; a new one is tested before anyone writes a test for it.

use protocols::laws::{Broken, Law, broken};
use protocols::patterns::overlap;
use protocols::protocol::{About, Coupling, Hop, HopDiagonal, Nature, Report, Trn, TrnDiagonal};
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
    hold(&[Law::Returns, Law::Stays, Law::Single]);
    let exempt = Spec::catalogue().into_iter().filter(|spec| !spec.exempt().is_empty());
    let exempt: Vec<_> = exempt.map(|spec| (spec.about().name, spec.exempt())).collect();
    let order = [Law::Order].as_slice();
    let due = [("storkey", order), ("diederich-opper", order), ("perceptron", order)];
    assert_eq!(exempt, [&due[..], &[("trn-literal", &[Law::Stays, Law::Single])]].concat());
}

#[test]
fn edge_cases_are_written_or_refused_but_never_panic() {
    hold(&[Law::EdgeCases, Law::TooMany, Law::Emptiness]);
}

#[test]
fn messages_that_are_akin_give_weights_that_are_akin() {
    hold(&[Law::Units, Law::Gauge, Law::Order]);
}

#[test]
fn weights_are_what_rules_declare_of_them() {
    hold(&[Law::Nature]);
    let hop = |diagonal| Spec::from(Hop { diagonal });
    let literal = hop(HopDiagonal::Literal);
    assert_eq!(Law::Nature.check(&literal), Ok(()));
    assert!(!literal.nature().zero_diagonal && hop(HopDiagonal::Zero).nature().zero_diagonal);
    // A symmetric TRN without diagonal declares both, and the usual one neither.
    let trn = Trn { coupling: Coupling::Symmetric, diagonal: TrnDiagonal::Zero, ..Trn::default() };
    let nature = Spec::from(trn).nature();
    assert!(nature.symmetric && nature.zero_diagonal);
    assert_eq!(Law::Nature.check(&trn.into()), Ok(()));
    assert_eq!(Spec::from(Trn::default()).nature(), Nature::default());
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
    assert_eq!(
        found(Careless::default()),
        [Law::Returns, Law::Stays, Law::Single, Law::Name, Law::Description]
    );
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

/// The outer product with a fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Faulty {
    fault: Fault,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Fault {
    #[default]
    None,
    /// The last unit hears less than the others.
    Place,
    /// Units that are +1 count more.
    Sign,
    /// Later messages count more.
    Time,
    /// The diagonal is M, and it denies that.
    Diagonal,
    /// Its weights are noisy, and it calls them symmetric.
    Asymmetry,
    /// Messages near to others count more, and it calls them local.
    Distance,
    /// It says that it can add a message, and does not.
    Memory,
    /// Too many messages make it lose its head.
    Overload,
}

impl Rule for Faulty {
    const ABOUT: &'static About = &About { name: "faulty", ..*Hop::ABOUT };

    fn nature(&self) -> Nature {
        let memory = self.fault == Fault::Memory;
        let symmetric = self.fault == Fault::Asymmetry;
        let (local, zero_diagonal) = (self.fault == Fault::Distance, self.fault == Fault::Diagonal);
        Nature { symmetric, zero_diagonal, local, incremental: memory, ..Nature::default() }
    }

    fn add(&self, weights: &Weights, _: &[i8]) -> Option<Weights> {
        Some(weights.clone())
    }

    fn write_messages(
        &self,
        messages: &Patterns,
        stream: &mut Stream,
        _: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        let n = messages.n();
        let weight = |i: usize, j: usize| {
            let terms = messages.rows().enumerate().map(|(m, xi)| {
                let term = f32::from(xi[i] * xi[j]);
                let half = |so: bool| if so { 0.5 * term } else { term };
                match self.fault {
                    Fault::Place => half(i == n - 1),
                    Fault::Sign => half(xi[i] == 1),
                    Fault::Time => term * (1.0 + 0.1 * m as f32),
                    Fault::Distance => {
                        term * messages.rows().map(|other| overlap(xi, other).abs() as f32).sum::<f32>()
                    }
                    _ => term,
                }
            });
            let diagonal = i == j && self.fault != Fault::Diagonal;
            if diagonal { 0.0 } else { terms.sum::<f32>() }
        };
        let mut matrix = Mat::from_fn(n, n, weight);
        match self.fault {
            Fault::Asymmetry => {
                let noise =
                    Mat::from_fn(n, n, |i, j| if i == j { 0.0 } else { 0.1 * stream.normal() as f32 });
                matrix += noise;
            }
            Fault::Overload if messages.count() > n => matrix[(0, 1)] = f32::NAN,
            _ => {}
        }
        Ok(Written { weights: Weights::new(matrix)?, report: Report::closed(None) })
    }
}

#[test]
fn each_fault_breaks_the_law_that_is_there_for_it() {
    let cases: [(Fault, &[Law]); 9] = [
        (Fault::None, &[]),
        (Fault::Place, &[Law::Units]),
        (Fault::Sign, &[Law::Gauge]),
        (Fault::Time, &[Law::Order]),
        (Fault::Diagonal, &[Law::Nature]),
        (Fault::Asymmetry, &[Law::Nature]),
        (Fault::Distance, &[Law::Nature]),
        (Fault::Memory, &[Law::Nature]),
        (Fault::Overload, &[Law::TooMany]),
    ];
    let laws = [Law::TooMany, Law::Units, Law::Gauge, Law::Order, Law::Nature];
    for (fault, expected) in cases {
        let spec = Spec::from(Faulty { fault });
        let broken: Vec<Law> = laws.into_iter().filter(|law| law.check(&spec).is_err()).collect();
        assert_eq!(broken, expected, "{fault:?}");
    }
}
