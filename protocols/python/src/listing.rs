//! The catalogues of protocols and readers are listed as by the commands `protocols` and `readers` of the harness.

use ::protocols::Spec;
use ::protocols::protocol::{About, Parameter};
use ::protocols::reading::{Reader, ReaderAbout};
use pyo3::prelude::*;
use serde_json::{Map, Value, json};

/// List the writing protocols, with their parameters, defaults and sources.
#[pyfunction]
pub(crate) fn protocols(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let entry = |spec: &Spec| {
        let About { name, title, formula, source, version, parameters } = spec.about();
        let defaults = defaults(spec);
        json!({
            "name": name, "title": title, "formula": formula, "source": source, "version": version,
            "parameters": listed(parameters, |key| defaults.get(key).cloned()),
        })
    };
    python(py, &Spec::catalogue().iter().map(entry).collect())
}

/// List the readers, with their parameters, defaults and sources.
#[pyfunction]
pub(crate) fn readers(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let entry = |reader: Reader| {
        let ReaderAbout { name, title, formula, cost, ends, source, parameters } = reader.about();
        let defaults = reader.parameters();
        let default =
            |key: &str| defaults.iter().find(|(name, _)| *name == key).map(|(_, text)| text.clone());
        json!({
            "name": name, "title": title, "formula": formula, "cost": cost, "ends": ends, "source": source,
            "parameters": listed(parameters, |key| default(key).map(Value::String)),
        })
    };
    python(py, &Reader::catalogue().into_iter().map(entry).collect())
}

fn listed(parameters: &[Parameter], default: impl Fn(&str) -> Option<Value>) -> Vec<Value> {
    let entry = |parameter: &Parameter| {
        let Parameter { name, allowed, meaning } = parameter;
        json!({ "name": name, "default": default(name), "allowed": allowed, "meaning": meaning })
    };
    parameters.iter().map(entry).collect()
}

/// All parameters at their defaults, those too that the serialised form leaves out.
fn defaults(spec: &Spec) -> Map<String, Value> {
    let mut tagged = serde_json::to_value(spec).expect("parameters are plain data");
    let Value::Object(mut defaults) = tagged[spec.about().name].take() else { return Map::new() };
    for (key, default) in spec.left_out() {
        let default = serde_json::from_str(default).expect("a default is JSON");
        defaults.entry(*key).or_insert(default);
    }
    defaults
}

/// Plain data as that of Python.
fn python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.call_method1("loads", (value.to_string(),))
}
