//! This module writes protocols as JSON in one form, so that equal parameters are equal texts. Identities of
//! cells and stored tables hang on it.

use protocols::Spec;
use serde::Serialize;
use serde_json::{Map, Value};

/// Returns a protocol as JSON with all keys in alphabetical order. Every parameter is spelled out, but for
/// those of [`Spec::left_out`].
pub fn canonical(spec: &Spec) -> String {
    sorted(spec).to_string()
}

/// Returns every parameter of a protocol with its value. Those that its stored form leaves out come last.
pub fn parameters(spec: &Spec) -> Map<String, Value> {
    let mut tagged = serde_json::to_value(spec).expect("parameters are plain data");
    let mut parameters = match tagged[spec.about().name].take() {
        Value::Object(parameters) => parameters,
        _ => Map::new(),
    };
    for (name, default) in spec.left_out() {
        let default = || serde_json::from_str(default).expect("defaults are JSON");
        parameters.entry(*name).or_insert_with(default);
    }
    parameters
}

/// Returns a value as JSON with all keys in alphabetical order.
pub(crate) fn sorted(value: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(value).expect("numbers, texts and lists have JSON");
    value.sort_all_objects();
    value
}
