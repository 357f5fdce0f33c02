//! This module reads a protocol on the command line. It is `hop`, or TOML of an externally tagged [`Spec`],
//! `trn={steps=3}`.

use anyhow::{anyhow, bail};
use base::suggest;
use protocols::Spec;
use toml::{Table, Value};

const FORM: &str = "give a protocol as hop, or with parameters in TOML as trn={steps=3}, texts in quotes as \
                    hop={diagonal=\"literal\"}";

/// Parses a protocol. What is not given takes its default.
///
/// # Errors
/// If it is not TOML of one protocol, or the protocol, a parameter or a value is not in the catalogue; the error lists
/// what is.
pub(crate) fn parse(text: &str) -> anyhow::Result<Spec> {
    let text = text.trim();
    let is_name = !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    let table: Table = if is_name {
        Table::from_iter([(text.to_owned(), Value::Table(Table::new()))])
    } else {
        toml::from_str(text).map_err(|error| anyhow!("{error}{FORM}"))?
    };
    let (name, parameters) = single(&table)?;
    check_keys(name, parameters)?;
    deserialise(name, parameters.clone())
        .map_err(|error| blame(name, parameters).unwrap_or_else(|| anyhow!("`{name}`: {error}")))
}

/// Returns the one protocol and its parameters.
fn single(table: &Table) -> anyhow::Result<(&str, &Table)> {
    let mut entries = table.iter();
    match (entries.next(), entries.next()) {
        (Some((name, Value::Table(parameters))), None) => Ok((name, parameters)),
        (Some((name, value)), None) => bail!("`{name} = {value}` is not a table of parameters; {FORM}"),
        (None, _) => bail!("there is no protocol; {FORM}"),
        (Some((first, _)), Some((second, _))) => {
            bail!("both `{first}` and `{second}`, but one is allowed; {FORM}")
        }
    }
}

fn check_keys(name: &str, parameters: &Table) -> anyhow::Result<()> {
    let catalogue = Spec::catalogue();
    let protocols: Vec<&str> = catalogue.iter().map(|spec| spec.about().name).collect();
    let Some(spec) = catalogue.iter().find(|spec| spec.about().name == name) else {
        let hint = suggest::hint(name, protocols.iter().copied());
        bail!("there is no protocol `{name}`{hint}; there are: {}", protocols.join(", "));
    };
    let allowed: Vec<&str> = spec.about().parameters.iter().map(|parameter| parameter.name).collect();
    for key in parameters.keys() {
        if !allowed.contains(&key.as_str()) {
            let hint = suggest::hint(key, allowed.iter().copied());
            bail!("`{name}` has no parameter `{key}`{hint}; it has: {}", allowed.join(", "));
        }
    }
    // A rule among the parameters is looked at as closely.
    for (parameter, _) in spec.rules() {
        if let Some(Value::Table(rule)) = parameters.get(parameter) {
            let (name, parameters) = single(rule)?;
            check_keys(name, parameters)?;
        }
    }
    Ok(())
}

fn deserialise(name: &str, parameters: Table) -> Result<Spec, String> {
    let tagged = Table::from_iter([(name.to_owned(), Value::Table(parameters))]);
    tagged.try_into().map_err(|error: toml::de::Error| error.message().to_owned())
}

/// Returns the error of the first parameter that is wrong by itself, with what it allows.
fn blame(name: &str, parameters: &Table) -> Option<anyhow::Error> {
    let catalogue = Spec::catalogue();
    let about = catalogue.iter().map(Spec::about).find(|about| about.name == name)?;
    parameters.iter().find_map(|(key, value)| {
        let error = deserialise(name, Table::from_iter([(key.clone(), value.clone())])).err()?;
        let allowed = about.parameters.iter().find(|parameter| parameter.name == key)?.allowed;
        let allowed = if error.contains(allowed) { String::new() } else { format!("; allowed: {allowed}") };
        Some(anyhow!("`{name}`: {key} = {value}: {error}{allowed}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use protocols::protocol::{Hop, HopDiagonal, Trn};

    fn error(text: &str) -> String {
        parse(text).expect_err(text).to_string()
    }

    #[test]
    fn a_name_alone_means_the_defaults() {
        for spec in Spec::catalogue() {
            let name = spec.about().name;
            assert_eq!(parse(name).expect(name), spec);
            assert_eq!(parse(&format!(" {name} = {{}} ")).expect(name), spec);
        }
    }

    #[test]
    fn parameters_are_toml() {
        let literal = Spec::from(Hop { diagonal: HopDiagonal::Literal });
        for text in ["hop={diagonal=\"literal\"}", "hop = { diagonal = 'literal' }", "hop.diagonal='literal'"]
        {
            assert_eq!(parse(text).expect(text), literal);
        }
        let spec = parse("trn={steps=3, optimiser={sgd={momentum=0.5}}}").expect("valid");
        let &Trn { steps, optimiser, .. } = spec.downcast_ref().expect("the same protocol");
        assert_eq!(steps.get(), 3);
        assert!(
            matches!(optimiser, protocols::protocol::Optimiser::Sgd { momentum } if momentum.get() == 0.5)
        );
    }

    #[test]
    fn every_choice_listed_is_accepted() {
        for spec in Spec::catalogue() {
            let about = spec.about();
            for parameter in about.parameters.iter().filter(|p| p.allowed.contains('|')) {
                for choice in parameter.allowed.split('|').map(str::trim) {
                    let bare = choice.starts_with(['"', '{']) || ["true", "false"].contains(&choice);
                    let value = if bare { choice.to_owned() } else { format!("\"{choice}\"") };
                    let text = format!("{}={{{}={value}}}", about.name, parameter.name);
                    parse(&text).expect(&text);
                }
            }
        }
    }

    #[test]
    fn errors_name_what_is_wrong_and_what_is_allowed() {
        insta::assert_snapshot!(error("trm"), @"there is no protocol `trm` (did you mean `trn`?); there are: \
         hop, pse, mpf, margin, mcf, ridge, dreaming, storkey, diederich-opper, pseudo-likelihood, unlearning, \
         daydreaming, stability, perceptron, optimal-noise, equilibrium-propagation, trn, trn-literal, trn-soft, \
         diagonal");
        insta::assert_snapshot!(error("trn={step=3}"), @"`trn` has no parameter `step` (did you mean `steps`?); \
         it has: steps, queries, noise, noise_model, epochs, learning_rate, optimiser, start, coupling, \
         diagonal, loss, cost, redraw, entry, input, thresholds, gain, gain_end, batch, clip, schedule, \
         patience, validate_every, start_diagonal, preset");
        insta::assert_snapshot!(error("trn={noise=0.7}"), @"`trn`: noise = 0.7: 0.7 is not a noise level in [0, 0.5]");
        insta::assert_snapshot!(error("trn={steps=0}"), @"`trn`: steps = 0: invalid value: integer `0`, expected \
         a nonzero u32; allowed: a positive whole number");
        insta::assert_snapshot!(error("trn={epochs=1, \
         start=\"hope\"}"), @"`trn`: start = \"hope\": unknown variant `hope`, expected one of \
          `hop`, `mpf`, `margin`, `mcf`, `zero`, `random`; allowed: hop | mpf | margin | mcf | zero | random | \
          { margin = { l2 = 0.1 } }");
        insta::assert_snapshot!(error("hop={diagonal=literal}"), @r#"
TOML parse error at line 1, column 15
  |
1 | hop={diagonal=literal}
  |               ^^^^^^^
string values must be quoted, expected literal string
give a protocol as hop, or with parameters in TOML as trn={steps=3}, texts in quotes as hop={diagonal="literal"}
"#);
        insta::assert_snapshot!(error("hop=3"), @"`hop = 3` is not a table of parameters; give a \
         protocol as hop, or with parameters in TOML as trn={steps=3}, texts in quotes as \
         hop={diagonal=\"literal\"}");
        insta::assert_snapshot!(error(""), @"there is no protocol; give a protocol as hop, or with \
         parameters in TOML as trn={steps=3}, texts in quotes as hop={diagonal=\"literal\"}");
        insta::assert_snapshot!(error("hop={}\npse={}"), @"both `hop` and `pse`, but one is \
         allowed; give a protocol as hop, or with parameters in TOML as trn={steps=3}, texts in \
         quotes as hop={diagonal=\"literal\"}");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(hop|trn)?[={}\\[\\]\"'.,a-z0-9 \n-]{0,40}|\\PC{0,20}") {
            let _ = parse(&text);
        }
    }
}
