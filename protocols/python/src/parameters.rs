//! Protocols, readers and probes are given as in definitions: a name, or a table of parameters under a name.

use crate::refusal::{HopfieldError, ProtocolError, ReaderError};
use protocols::Spec;
use protocols::reading::Reader;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use serde::Deserialize;
use serde_json::{Map, Number, Value};

/// Plain data of Python as that of a definition.
pub(crate) fn value(object: &Bound<'_, PyAny>) -> PyResult<Value> {
    let refused =
        || HopfieldError::new_err(format!("{object}: a finite number, a text or a table is needed"));
    if object.is_none() {
        Ok(Value::Null)
    } else if let Ok(truth) = object.cast::<PyBool>() {
        Ok(Value::Bool(truth.is_true()))
    } else if let Ok(text) = object.cast::<PyString>() {
        Ok(Value::String(text.to_string()))
    } else if object.is_instance_of::<PyInt>() {
        let whole =
            object.extract::<u64>().map(Number::from).or_else(|_| object.extract::<i64>().map(Number::from));
        whole.map(Value::Number).map_err(|_| refused())
    } else if let Ok(number) = object.cast::<PyFloat>() {
        Number::from_f64(number.value()).map(Value::Number).ok_or_else(refused)
    } else if let Ok(table) = object.cast::<PyDict>() {
        self::table(table).map(Value::Object)
    } else if object.is_instance_of::<PyList>() || object.is_instance_of::<PyTuple>() {
        let items = object.try_iter()?.map(|item| value(&item?));
        items.collect::<PyResult<_>>().map(Value::Array)
    } else if object.hasattr("dtype")? && object.hasattr("item")? {
        // A number of numpy.
        value(&object.call_method0("item")?)
    } else {
        Err(refused())
    }
}

/// A dictionary with names for keys.
pub(crate) fn table(dictionary: &Bound<'_, PyDict>) -> PyResult<Map<String, Value>> {
    dictionary.iter().map(|(key, item)| Ok((key.extract()?, value(&item)?))).collect()
}

/// Returns the protocol of a name or of a table of one entry, with further parameters.
pub(crate) fn spec(protocol: &Bound<'_, PyAny>, further: Option<&Bound<'_, PyDict>>) -> PyResult<Spec> {
    let form = "give a protocol by its name, \"hop\", or with parameters, {\"trn\": {\"steps\": 3}}";
    let (name, mut parameters) = match value(protocol)? {
        Value::String(name) => (name, Map::new()),
        Value::Object(tagged) if tagged.len() == 1 => {
            let (name, parameters) = tagged.into_iter().next().expect("one entry");
            let Value::Object(parameters) = parameters else {
                let error = format!("`{name}`: {parameters} is no table of parameters; {form}");
                return Err(ProtocolError::new_err(error));
            };
            (name, parameters)
        }
        other => return Err(ProtocolError::new_err(format!("{other} is no protocol; {form}"))),
    };
    for (key, value) in further.map(table).transpose()?.unwrap_or_default() {
        if let Some(before) = parameters.insert(key.clone(), value) {
            return Err(ProtocolError::new_err(format!("`{name}`: {key} is given twice, first as {before}")));
        }
    }
    deserialise(&name, &parameters).map_err(|error| ProtocolError::new_err(blame(&name, &parameters, &error)))
}

fn deserialise(name: &str, parameters: &Map<String, Value>) -> Result<Spec, String> {
    let tagged = Map::from_iter([(name.to_owned(), Value::Object(parameters.clone()))]);
    serde_json::from_value(Value::Object(tagged)).map_err(|error| error.to_string())
}

/// Says which parameter is wrong by itself, and what it allows.
fn blame(name: &str, parameters: &Map<String, Value>, error: &str) -> String {
    let Some(spec) = Spec::named(name) else { return error.to_owned() };
    let wrong = parameters.iter().find_map(|(key, value)| {
        let alone = Map::from_iter([(key.clone(), value.clone())]);
        Some((key, value, deserialise(name, &alone).err()?))
    });
    let Some((key, value, error)) = wrong else { return format!("`{name}`: {error}") };
    match spec.about().parameters.iter().find(|parameter| parameter.name == key) {
        Some(known) => format!("`{name}`: {key} = {value}: {error}; allowed: {}", known.allowed),
        None => format!("`{name}`: {error}"),
    }
}

/// Returns the reader of a name, a text with parameters such as `soft(beta=2)`, or a table of one entry.
pub(crate) fn reader(reader: &Bound<'_, PyAny>) -> PyResult<Reader> {
    if let Ok(text) = reader.cast::<PyString>() {
        return text.to_str()?.parse().map_err(|error| ReaderError::new_err(format!("{text}: {error}")));
    }
    let given = value(reader)?;
    Reader::deserialize(&given).map_err(|error| ReaderError::new_err(format!("{given}: {error}")))
}
