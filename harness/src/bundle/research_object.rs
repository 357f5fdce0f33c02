//! This module describes a bundle for machines, by RO-Crate 1.2: <https://w3id.org/ro/crate/1.2>.

use super::archive::files;
use super::bundled::{Bundled, Whence};
use super::sums;
use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;
use store::provenance::{Provenance, rfc3339_of};

/// The name of the description.
pub(super) const NAME: &str = "ro-crate-metadata.json";

/// Describes the files below `folder`. `time` is when the last run ended, in seconds since 1970.
///
/// # Errors
/// If a file cannot be read.
pub(super) fn describe(
    folder: &Path,
    runs: &[Bundled],
    whence: &Whence,
    time: u64,
    license: &str,
) -> Result<Value> {
    // The list of hashes is written last, with the hash of this description in it.
    let names: Vec<String> =
        files(folder)?.into_iter().filter(|name| name != NAME && name != sums::NAME).collect();
    let mut parts: Vec<Value> = names.iter().map(|name| reference(&address(name))).collect();
    parts.push(reference(sums::NAME));
    let named: Vec<&str> = runs.iter().map(|one| one.name.as_str()).collect();
    let actions: Vec<(String, &Bundled, &Provenance)> = runs
        .iter()
        .flat_map(|one| one.manifest.runs.iter().enumerate().map(move |(i, run)| (one, i, run)))
        .map(|(one, i, run)| (format!("#run-{}-{i}", address(&one.name)), one, run))
        .collect();
    let mut graph = vec![
        json!({
            "@id": NAME,
            "@type": "CreativeWork",
            "conformsTo": { "@id": "https://w3id.org/ro/crate/1.2" },
            "about": { "@id": "./" },
        }),
        json!({
            "@id": "./",
            "@type": "Dataset",
            "name": format!("Runs of a benchmark of Hopfield memories: {}", named.join(", ")),
            "description":
                "Definitions, results, figures, verdicts and their origin, as `harness bundle` packed them.",
            "datePublished": rfc3339_of(time),
            "license": { "@id": license },
            "keywords": "Hopfield network, associative memory, learning rules, benchmark, reproducibility",
            "hasPart": parts,
            "mentions": actions.iter().map(|(id, ..)| reference(id)).collect::<Vec<_>>(),
        }),
        json!({ "@id": license, "@type": "CreativeWork", "name": license, "description": "Its licence." }),
        program(whence),
    ];
    for name in &names {
        graph.push(file(folder, name)?);
    }
    graph.push(json!({
        "@id": sums::NAME, "@type": "File", "name": sums::NAME, "encodingFormat": "text/plain",
        "description": "SHA-256 of every file",
    }));
    let tables = |one: &Bundled| {
        let below = format!("results/{}/", one.name);
        names
            .iter()
            .filter(|name| name.starts_with(&below))
            .map(|name| reference(&address(name)))
            .collect::<Vec<_>>()
    };
    graph.extend(actions.iter().map(|(id, one, run)| {
        let mut action = Map::new();
        action.insert("@id".to_owned(), json!(id));
        action.insert("@type".to_owned(), json!("CreateAction"));
        action.insert("name".to_owned(), json!(format!("A run of {}", one.name)));
        action.insert("description".to_owned(), json!(run.arguments.join(" ")));
        action.insert("instrument".to_owned(), reference("#harness"));
        action.insert("object".to_owned(), reference(&address(&one.run.swept)));
        action.insert("result".to_owned(), json!(tables(one)));
        action.insert("startTime".to_owned(), json!(run.start));
        if let Some(end) = &run.end {
            action.insert("endTime".to_owned(), json!(end));
        }
        Value::Object(action)
    }));
    Ok(json!({ "@context": "https://w3id.org/ro/crate/1.2/context", "@graph": graph }))
}

fn reference(id: &str) -> Value {
    json!({ "@id": id })
}

/// The program that made figures, verdicts and report.
fn program(whence: &Whence) -> Value {
    let program = &whence.program;
    let version = match &program.commit {
        Some(commit) => format!("{} (commit {commit})", program.version),
        None => program.version.clone(),
    };
    json!({
        "@id": "#harness",
        "@type": "SoftwareApplication",
        "name": "harness",
        "description": "A benchmark of writing protocols and readers of Hopfield memories.",
        // Where it comes from is said there; no address of it is known.
        "url": { "@id": "README.txt" },
        "version": version,
        "softwareVersion": version,
    })
}

/// A file with its size, format and hash.
fn file(folder: &Path, name: &str) -> Result<Value> {
    let path = folder.join(name);
    let size = fs::metadata(&path).with_context(|| format!("{name} cannot be read"))?.len();
    Ok(json!({
        "@id": address(name),
        "@type": "File",
        "name": name,
        "description": description(name),
        "contentSize": size.to_string(),
        "encodingFormat": format(name),
        "sha256": sums::hash(&path)?,
    }))
}

/// A name as an address: what an address does not hold is written by its bytes.
fn address(name: &str) -> String {
    let mut address = String::new();
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                address.push(byte.into())
            }
            _ => address += &format!("%{byte:02X}"),
        }
    }
    address
}

fn format(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "json" => "application/json",
        "toml" => "application/toml",
        "html" => "text/html",
        "csv" => "text/csv",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "tar" => "application/x-tar",
        "tex" => "application/x-tex",
        "sh" => "application/x-sh",
        "parquet" => "application/vnd.apache.parquet",
        _ => "text/plain",
    }
}

fn description(name: &str) -> &'static str {
    match name.split('/').next().unwrap_or_default() {
        "definitions" => "What was asked: protocols, grid, reads, figures and claims",
        "results" if name.ends_with(".json") => "What the tables hold, and how they came about",
        "results" => "A table of results; FORMAT.md of the source describes its columns",
        "paper-figs" => "A figure, its caption, or the numbers behind it",
        "source" => "The source at the commit that is its name",
        "claims.txt" | "claims.json" => "The verdicts on claims, and their evidence",
        "report.html" => "Verdicts, figures and numbers on one page",
        "provenance.json" => "By which program, on which machine and when",
        "commands.sh" => "The commands that make the runs anew",
        "Cargo.lock" => "The libraries of the program that made the bundle",
        _ => "What the bundle holds",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_addresses() {
        assert_eq!(address("results/my run/ü.svg"), "results/my%20run/%C3%BC.svg");
        assert_eq!(address("results/quick/recalls.parquet"), "results/quick/recalls.parquet");
    }
}
