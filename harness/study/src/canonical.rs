//! Protocols as JSON in one form, so that equal parameters are equal texts: identities of cells and stored
//! tables hang on it.

use protocols::Spec;
use serde::Serialize;
use serde_json::{Map, Value};

/// A protocol as JSON with every parameter spelled out, but for those of [`Spec::left_out`], and all keys in
/// alphabetical order.
pub fn canonical(spec: &Spec) -> String {
    sorted(spec).to_string()
}

/// Every parameter of a protocol with its value, those that its stored form leaves out last.
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

/// A value as JSON with all keys in alphabetical order.
pub(crate) fn sorted(value: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(value).expect("numbers, texts and lists have JSON");
    value.sort_all_objects();
    value
}
