//! Laws that every protocol of the catalogue obeys; a new one is tested before anyone writes a test for it.

use protocols::reading::{Dynamics, Settings};
use protocols::{Patterns, Queries, Spec, Stream, WriteError, probe};
use std::ops::ControlFlow;

fn messages(n: usize, m: usize) -> Patterns {
    Patterns::random(n, m, &mut Stream::named(3, "laws", &[("n", n as u64), ("m", m as u64)]))
}

fn stream() -> Stream {
    Stream::named(3, "training", &[])
}

#[test]
fn writing_is_a_function_of_messages_and_stream() {
    for spec in Spec::catalogue() {
        let (a, b) = (messages(32, 8), messages(32, 8));
        let first = spec.protocol().write(&a, &mut stream()).unwrap();
        let second = spec.protocol().write(&b, &mut stream()).unwrap();
        assert_eq!(first.weights, second.weights, "{}", spec.about().name);
        assert_eq!(first.report, second.report, "{}", spec.about().name);
    }
}

/// They come back after L steps; and stay, but for the network that is trained to be right after exactly L steps.
#[test]
fn a_few_messages_are_stored() {
    for spec in Spec::catalogue() {
        let messages = messages(64, 3);
        let written = spec.protocol().write(&messages, &mut stream()).unwrap();
        let queries = Queries::exact(&messages, 0, 3, &mut stream());
        let settings = Settings { dynamics: Dynamics::Sync, max_steps: 50 };
        let steps = spec.trained().map_or(5, |trn| trn.steps.get());
        let found = probe::recovery(&written.weights, &messages, &queries, settings, steps, &mut stream());
        let name = spec.about().name;
        assert_eq!(found.at_checkpoint, 3, "{name}");
        if name != "trn-literal" {
            assert_eq!(probe::stability(&written.weights, &messages).fixed, 3, "{name}");
            assert_eq!(found.recovered, 3, "{name}");
        }
    }
}

#[test]
fn edge_cases_are_written_or_refused_but_never_panic() {
    let one = Patterns::new(2, vec![1, -1]).unwrap();
    let repeated = Patterns::new(4, [1, -1, 1, 1].repeat(5)).unwrap();
    let complements = Patterns::new(4, vec![1, -1, 1, 1, -1, 1, -1, -1]).unwrap();
    let none = Patterns::new(4, vec![]).unwrap();
    let single = Patterns::new(1, vec![1]).unwrap();
    for spec in Spec::catalogue() {
        let protocol = spec.protocol();
        for set in [&one, &repeated, &complements, &single] {
            let written = protocol.write(set, &mut stream()).unwrap();
            assert_eq!(written.weights.n(), set.n(), "{}", protocol.name());
        }
        assert!(matches!(protocol.write(&none, &mut stream()), Err(WriteError::NoMessages)));
    }
}

#[test]
fn iterative_protocols_stop_when_watched() {
    for spec in Spec::catalogue() {
        let protocol = spec.protocol();
        let report = protocol.write(&messages(16, 4), &mut stream()).unwrap().report;
        let ended = protocol.write_watched(&messages(16, 4), &mut stream(), &mut |k| {
            if k == 2 { ControlFlow::Break("budget".into()) } else { ControlFlow::Continue(()) }
        });
        if report.iterations > 2 {
            let expected = WriteError::Interrupted { iteration: 2, reason: "budget".into() };
            assert_eq!(ended.unwrap_err(), expected, "{}", protocol.name());
        }
    }
}

#[test]
fn names_are_unique_and_those_of_the_catalogue() {
    let names: Vec<_> = Spec::catalogue().iter().map(|s| s.protocol().name()).collect();
    assert_eq!(names, Spec::catalogue().iter().map(|s| s.about().name).collect::<Vec<_>>());
    assert!(names.iter().enumerate().all(|(i, name)| !names[..i].contains(name)));
}
