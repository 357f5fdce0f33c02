//! A rule from outside is registered and then read, written and compared like any other. In a file of its own, because
//! the catalogue is one for the process.

use protocols::protocol::parameter::{Fraction, Noise};
use protocols::protocol::{About, Hop, Parameter, Protocol, Stage, Training, Trn, TrnLiteral};
use protocols::{Patterns, RegisterError, Rule, Spec, Stream, Watch, WriteError, Written, laws, register};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// The outer product, faded: what a newcomer would write first.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Faded {
    rounds: NonZeroU32,
    copies: NonZeroU32,
    passes: u32,
    noise: Noise,
    shift: f64,
    fade: Fade,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Fade {
    None,
    Steps { every: NonZeroU32, factor: Fraction },
}

impl Default for Faded {
    fn default() -> Self {
        let noise = 0.1.try_into().expect("it is allowed");
        let one = NonZeroU32::MIN;
        Self { rounds: one, copies: one, passes: 7, noise, shift: 0.0, fade: Fade::None }
    }
}

impl Rule for Faded {
    const ABOUT: &'static About = &About {
        name: "faded-2",
        title: "faded outer product",
        formula: "W = sum_m xi^m xi^mT",
        source: "this test",
        version: 1,
        parameters: &[
            Parameter::new("rounds", "a positive whole number", "rounds"),
            Parameter::new("copies", "a positive whole number", "copies"),
            Parameter::new("passes", "a whole number", "passes"),
            Parameter::new("noise", Noise::ALLOWED, "noise"),
            Parameter::new("shift", "a number", "shift"),
            Parameter::new("fade", "\"none\" | { steps = { every = 3, factor = 0.5 } }", "fading"),
        ],
    };

    fn write_messages(
        &self,
        messages: &Patterns,
        stream: &mut Stream,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        Hop::default().write_watched(messages, stream, watch)
    }

    fn training(&self) -> Option<Training> {
        let &Self { rounds: steps, copies: queries, passes: epochs, noise, .. } = self;
        Some(Training { queries, steps, noise, epochs })
    }

    fn set_training(&mut self, training: Training) {
        let Training { queries: copies, steps: rounds, noise, epochs: passes } = training;
        *self = Self { rounds, copies, passes, noise, ..*self };
    }
}

/// A struct whose description forgets a parameter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Forgetful {
    depth: u32,
}

/// Declares a rule that writes like HOP, with another description.
macro_rules! other {
    ($kind:ty, $name:literal) => {
        impl Rule for $kind {
            const ABOUT: &'static About = &About { name: $name, parameters: &[], ..*Hop::ABOUT };

            fn write_messages(
                &self,
                messages: &Patterns,
                stream: &mut Stream,
                watch: &mut Watch<'_>,
            ) -> Result<Written, WriteError> {
                Hop::default().write_watched(messages, stream, watch)
            }
        }
    };
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct NoTable;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Loud {}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Thief {}

other!(Forgetful, "forgetful");
other!(NoTable, "no-table");
other!(Loud, "Loud");
other!(Thief, "mpf");

/// The error of a definition's text, and what it points at.
fn error(text: &str) -> (String, String) {
    let error = toml::from_str::<Table>(text).expect_err(text);
    (error.message().to_owned(), text[error.span().expect("a place")].to_owned())
}

type Table = std::collections::BTreeMap<String, Spec>;

fn parse(text: &str) -> Spec {
    toml::from_str::<Table>(text).expect(text).remove("x").expect("it is there")
}

/// In one test, because the catalogue grows in it.
#[test]
fn a_rule_from_outside_is_one_of_the_catalogue() {
    let before = Spec::names();
    assert!(before.len() >= 18 && before.ends_with(&["trn-literal", "trn-soft", "diagonal"]), "{before:?}");
    assert!(error("x = { faded-2 = {} }").0.ends_with("`trn-literal`, `trn-soft`, `diagonal`"));

    register::<Faded>().expect("it is in order");
    assert_eq!(Spec::names(), [before, vec!["faded-2"]].concat());
    assert_eq!(register::<Faded>(), Err(RegisterError::Taken { name: "faded-2" }));
    assert_eq!(register::<Thief>(), Err(RegisterError::Taken { name: "mpf" }));
    assert_eq!(register::<Hop>(), Err(RegisterError::Taken { name: "hop" }));
    assert_eq!(register::<Loud>(), Err(RegisterError::Name { name: "Loud" }));
    assert_eq!(register::<NoTable>(), Err(RegisterError::NoTable { name: "no-table" }));
    let forgotten = RegisterError::Parameters { name: "forgetful", stated: vec![], known: &["depth"] };
    assert_eq!(register::<Forgetful>(), Err(forgotten));

    let faded = Spec::from(Faded::default());
    assert_eq!(Spec::named("faded-2"), Some(faded.clone()));
    assert_eq!(Spec::catalogue().last(), Some(&faded));
    assert_eq!(faded.downcast_ref(), Some(&Faded::default()));
    assert_eq!(faded.downcast_ref::<Hop>(), None);
    assert_eq!(laws::broken(&faded), []);
    assert_ne!(faded, Spec::from(Hop::default()));

    // Read and written in both formats, numbers that JSON does not have included.
    let given = Faded { shift: f64::INFINITY, rounds: NonZeroU32::new(4).unwrap(), ..Faded::default() };
    assert_eq!(parse("x.faded-2 = { shift = inf, rounds = 4 }"), given.into());
    let nan = parse("x.faded-2.shift = nan");
    assert!(nan.downcast_ref::<Faded>().is_some_and(|faded| faded.shift.is_nan()));
    let fade = r#"{"steps":{"every":3,"factor":0.5}}"#;
    let text = format!(
        r#"{{"faded-2":{{"rounds":1,"copies":1,"passes":7,"noise":0.1,"shift":0.0,"fade":{fade}}}}}"#
    );
    let read: Spec = serde_json::from_str(&text).expect(&text);
    assert_eq!(serde_json::to_string(&read).expect("plain data"), text);
    assert_eq!(parse("x.faded-2.fade.steps = { every = 3, factor = 0.5 }"), read);

    stand(&[
        ("x = { faded-2 = { fade = { steps = { every = 3 } } } }", "{ every = 3 }: missing field `factor`"),
        (
            "x = { faded-2 = { fade = { steps = { evry = 3 } } } }",
            "evry: unexpected keys in table: evry, available keys: every, factor",
        ),
        ("x = { faded-2 = { fade = 3 } }", "3: wanted string or table"),
        ("x = { faded-2 = 3 }", "3: invalid type: integer `3`, expected struct Faded"),
    ]);
}

/// Errors of definitions, each where it was found.
fn stand(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let (message, place) = error(text);
        assert_eq!(format!("{place}: {message}"), *expected, "{text}");
    }
}

#[test]
fn errors_stand_where_they_were_found() {
    stand(&[
        ("x = { hop = { diagonl = 1 } }", "diagonl: unknown field `diagonl`, expected `diagonal`"),
        ("x = { hop = { diagonal = 'zer' } }", "'zer': unknown variant `zer`, expected `zero` or `literal`"),
        ("x = { trn = { steps = 3, noise = 0.7 } }", "0.7: 0.7 is not a noise level in [0, 0.5]"),
        ("x = { trn = { steps = 0 } }", "0: invalid value: integer `0`, expected a nonzero u32"),
        (
            "x = { trn-literal = { schedule = { step = { every = 0, factor = 0.5 } } } }",
            "0: invalid value: integer `0`, expected a nonzero u32",
        ),
        ("x = { trn = { optimiser = { sgd = { momentum = 1.5 } } } }", "1.5: 1.5 is not a number in [0, 1)"),
        ("x = { trn = { optimiser = { sgd = {} } } }", "{}: missing field `momentum`"),
        (
            "x = { trn = { optimiser = { sdg = {} } } }",
            "sdg: unknown variant `sdg`, expected `adam` or `sgd`",
        ),
        ("x = { trn = { gain = nan } }", "nan: NaN is not a positive number"),
        ("x = { trn-literal = 3 }", "3: invalid type: integer `3`, expected a table of parameters"),
    ]);
    let json =
        serde_json::from_str::<Spec>(r#"{"trn": {"steps": 3, "gain": -1}}"#).expect_err("-1 is no gain");
    assert_eq!((json.line(), json.to_string().starts_with("-1 is not a positive number")), (1, true));
}

/// A rule among the parameters of another is read, written and complained of as one that stands alone.
#[test]
fn a_rule_within_a_rule_is_read_like_any_other() {
    let spec =
        parse("x = { diagonal = { rule = { pse = { diagonal = 'zero' } }, value = { scalar = 0.25 } } }");
    let text = r#"{"diagonal":{"rule":{"pse":{"diagonal":"zero"}},"value":{"scalar":0.25}}}"#;
    assert_eq!(serde_json::to_string(&spec).expect("plain data"), text);
    assert_eq!(serde_json::from_str::<Spec>(text).expect(text), spec);
    let again = toml::to_string(&Table::from([("x".to_owned(), spec.clone())])).expect("it has names");
    assert_eq!(parse(&again), spec, "{again}");
    assert_eq!(spec.rules(), [("rule", parse("x.pse.diagonal = 'zero'"))]);
    // What a rule leaves out at its default it leaves out here too.
    let margin = serde_json::to_string(&parse("x.diagonal.rule.margin = {}")).expect("plain data");
    let alone = serde_json::to_string(&parse("x.margin = {}")).expect("plain data");
    assert_eq!(margin, format!(r#"{{"diagonal":{{"rule":{alone},"value":{{"scalar":0.2}}}}}}"#));
    stand(&[
        (
            "x = { diagonal = { rule = { pse = { diagonl = 1 } } } }",
            "diagonl: unknown field `diagonl`, expected `diagonal`",
        ),
        (
            "x = { diagonal = { rule = { trn = { steps = 3, noise = 0.7 } } } }",
            "0.7: 0.7 is not a noise level in [0, 0.5]",
        ),
        (
            "x = { diagonal = { value = { scalar = -1 } } }",
            "{ scalar = -1 }: -1 is not a number of at least 0",
        ),
        ("x = { trn = { start = { margin = { l2 = -1 } } } }", "-1: -1 is not a number of at least 0"),
        ("x = { trn = { start = { margin = { l3 = 1 } } } }", MARGIN_HAS),
        (
            "x = { trn = { start = 'hope' } }",
            "'hope': unknown variant `hope`, expected one of `hop`, `mpf`, `margin`, `mcf`, `zero`, `random`",
        ),
    ]);
    let (message, place) = error("x = { diagonal = { rule = { psi = {} } } }");
    assert!(
        place == "psi" && message.starts_with("unknown variant `psi`, expected one of `hop`"),
        "{message}"
    );
    let (message, place) = error("x = { diagonal = { rule = { diagonal = { value = 'zero' } } } }");
    assert!(message.starts_with("`diagonal` sets the diagonal of another rule"), "{message}");
    assert_eq!(place, "diagonal");
    // However deep: refused at the first.
    let deep = format!("{}{}", r#"{"diagonal":{"rule":"#.repeat(1000), "}}".repeat(1000));
    assert!(serde_json::from_str::<Spec>(&deep).is_err());
}

const MARGIN_HAS: &str = "l3: unknown field `l3`, expected one of `loss`, `l2`, `copies`, `noise`, `noise_model`, \
                          `thresholds`, `max_iterations`, `gradient_tolerance`, `diagonal`";

/// A start is a name, or a rule with its parameters; with its defaults it is written as the name.
#[test]
fn a_start_is_given_by_name_or_with_parameters() {
    let start = |text: &str| {
        let spec = parse(&format!("x.trn.start = {text}"));
        serde_json::to_value(&spec).expect("plain data")["trn"]["start"].to_string()
    };
    for name in ["hop", "mpf", "margin", "mcf", "zero", "random"] {
        assert_eq!(start(&format!("'{name}'")), format!("\"{name}\""));
    }
    assert_eq!(start("{ margin = {} }"), "\"margin\"");
    let given = start("{ mcf = { noise = 0.2 } }");
    assert!(given.starts_with(r#"{"mcf":{"noise":0.2,"#), "{given}");
    assert_eq!(parse("x.trn.start = { mcf = { noise = 0.2 } }").rules().len(), 1);
    assert_eq!(parse("x.trn = {}").rules(), []);
    for wrong in ["{ hop = {} }", "{}", "{ margin = {}, mcf = {} }", "3", "{ pse = {} }"] {
        let text = format!("x.trn.start = {wrong}");
        assert!(toml::from_str::<Table>(&text).is_err(), "{text}");
    }
}

#[test]
fn what_is_not_given_takes_the_default_of_its_rule() {
    assert_eq!(parse("x.trn = {}"), Trn::default().into());
    assert_eq!(parse("x.trn-literal = {}"), TrnLiteral::default().into());
    let literal = TrnLiteral(Trn { epochs: 3, ..TrnLiteral::default().0 });
    assert_eq!(parse("x.trn-literal.epochs = 3"), literal.into());
    assert_ne!(Spec::from(literal), literal.0.into(), "another rule with the same parameters");
}

#[test]
fn a_rule_has_costs_without_stating_any() {
    let training = Spec::from(Faded::default());
    let stages = training.stages(100, 10);
    let [Stage { spec, times }] = stages.as_slice() else { panic!("{stages:?}") };
    assert_eq!((spec, *times), (&Faded { passes: 1, ..Faded::default() }.into(), 7.0));
    for spec in [training, Thief {}.into()] {
        assert!(spec.work(100.0, 10.0) > 1e5 && spec.work(200.0, 10.0) > 3.0 * spec.work(100.0, 10.0));
        assert_eq!(spec.bytes(100, 10), 40_000);
    }
    assert_eq!(Spec::from(Thief {}).stages(8, 2), [Stage { spec: Thief {}.into(), times: 1.0 }]);
}
