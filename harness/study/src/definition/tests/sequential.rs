//! These tests check what `[sequential]` says, and what it may not say.

use super::{BASE, edited, parse};
use crate::measure::Measure;
use crate::stopping::StoppingRule;
use protocols::reading::Reader;

/// The base with 20 trials and this rule.
fn with(rule: &str) -> String {
    edited("trials = 2", "trials = 20") + "[sequential]\n" + rule
}

#[test]
fn a_rule_is_read() {
    assert_eq!(parse(BASE).unwrap().sequential, None);
    let text = with("measure = \"recovered\"\ndynamics = \"async\"\nwidth = 0.1\nlooks = [5, 10]\n");
    let rule = StoppingRule {
        measure: Measure::Recovered,
        dynamics: Some(Reader::Async),
        width: 0.1,
        looks: vec![5, 10],
    };
    assert_eq!(parse(&text).unwrap().sequential, Some(rule));
    let text = with("measure = \"overlap\"\nwidth = 1.5\nlooks = [5]\n");
    assert_eq!(parse(&text).unwrap().sequential.unwrap().dynamics, None);
}

#[test]
fn rules_that_cannot_work_are_refused_with_the_spot_and_the_remedy() {
    let base = "measure = \"recovered\"\nwidth = 0.1\nlooks = [5, 10]\n";
    for (from, to, key, said) in [
        ("recovered", "write-seconds", "sequential.measure", "other than write-seconds"),
        ("recovered", "recoverd", "sequential.measure", "did you mean `recovered`?"),
        ("width = 0.1", "width = 0", "sequential.width", "above 0 and below 1"),
        ("width = 0.1", "width = 1.0", "sequential.width", "above 0 and below 1"),
        ("width = 0.1", "width = nan", "sequential.width", "above 0 and below 1"),
        ("width = 0.1\n", "", "sequential.width", "`width` is missing"),
        ("[5, 10]", "[]", "sequential.looks", "empty"),
        ("[5, 10]", "[4, 10]", "sequential.looks[0]", "from 5"),
        ("[5, 10]", "[10, 10]", "sequential.looks[1]", "rising"),
        ("[5, 10]", "[5, 20]", "sequential.looks[1]", "a look comes before"),
        ("width", "dynamics = \"both\"\nwidth", "sequential.dynamics", "sync, async"),
        ("\"recovered\"", "\"fixed-points\"\ndynamics = \"sync\"", "sequential.dynamics", "none of reading"),
        ("looks", "loosk", "sequential.loosk", "did you mean `looks`?"),
    ] {
        assert!(base.contains(from), "{from}");
        let text = parse(&with(&base.replace(from, to))).unwrap_err().to_string();
        assert!(text.contains(key) && text.contains(said), "{to}:\n{text}");
    }
    let unread = with(base).replace("max_steps = 50", "dynamics = [\"async\"]");
    let text = parse(&unread.replace("width", "dynamics = \"sync\"\nwidth")).unwrap_err().to_string();
    assert!(text.contains("sequential.dynamics") && text.contains("async"), "{text}");
    let text = parse(
        &with("measure = \"strict-minima\"\nwidth = 0.1\nlooks = [5]\n")
            .replace("analysis = ", "probes = [\"stability\", \"recovery\"]\nanalysis = "),
    );
    assert!(text.unwrap_err().to_string().contains("none of the probes measures it"));
    let list = edited("[protocols]", "sequential = [\"recovered\", \"sync\", 0.1, [5]]\n[protocols]");
    assert!(parse(&list).unwrap_err().to_string().contains("sequential"));
}
