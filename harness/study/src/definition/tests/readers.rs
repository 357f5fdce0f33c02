use super::{edited, parse};
use protocols::reading::Reader;
use protocols::{Corruption, CorruptionKind};

fn reader(text: &str) -> Reader {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn readers_are_named_or_given_by_a_table() {
    let list = r#"dynamics = ["soft", "sync", { soft = { beta = 2 } }, "held(c=0.1)", { nearest = {} }]"#;
    let definition = parse(&edited("max_steps = 50", list)).expect("it is right");
    let due = ["sync", "held(c=0.1)", "soft(beta=2)", "soft", "nearest"].map(reader);
    assert_eq!(definition.reads.dynamics, due, "in the order of tables");
    let figure = edited("max_steps = 50", list)
        .replace("kind = \"load\"", "kind = \"load\"\ndynamics = \"soft(beta=2)\"");
    let definition = parse(&figure).expect("it is right");
    assert_eq!(definition.figures[0].dynamics, Some(reader("soft(beta=2)")));
}

#[test]
fn corruptions_are_crossed_with_levels_of_noise() {
    let text = edited("noise = [0.0, 0.1]", "flips = [6, 0]\ncorruptions = [\"erasure\", \"flips\"]");
    let definition = parse(&text).expect("it is right");
    let erased = |units| Corruption { kind: CorruptionKind::Erasure, units };
    let due = [Corruption::flips(0), Corruption::flips(6), erased(0), erased(6)];
    assert!(definition.conditions.iter().all(|condition| *condition.flips == due));
    let figure = text.replace("kind = \"load\"", "kind = \"load\"\nflips = \"erasure 6\"");
    assert_eq!(parse(&figure).expect("it is right").figures[0].flips, Some(erased(6)));
}

#[test]
fn errors_stand_where_they_are_and_say_what_is_allowed() {
    let wrong = [
        ("max_steps = 50", "dynamics = [{ soft = { beta = 0 } }]", "a positive number"),
        (
            "max_steps = 50",
            "dynamics = [{ soft = { gain = 1 } }]",
            "beta, damping, lambda, steps, from, diagonal",
        ),
        ("max_steps = 50", "dynamics = [\"softly\"]", "did you mean `soft`?"),
        ("max_steps = 50", "dynamics = [\"soft\", \"soft(beta=3)\"]", "listed twice"),
        ("noise =", "corruptions = [\"erased\"]\nnoise =", "flips, bernoulli, erasure, block"),
        ("noise =", "corruptions = []\nnoise =", "empty"),
        ("kind = \"load\"", "kind = \"load\"\nflips = \"erasure 6\"", "the grid has no such value"),
    ];
    for (from, to, said) in wrong {
        let error = parse(&edited(from, to)).expect_err(to).to_string();
        assert!(error.contains(said), "{to}:\n{error}");
    }
}
