//! What is asked of Slurm for the jobs of a run.

use super::directive::{self, Unfit};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// Options of the jobs; what is not given is left to the plan or to the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Partition.
    #[arg(long, value_parser = line)]
    pub partition: Option<String>,
    /// Account.
    #[arg(long, value_parser = line)]
    pub account: Option<String>,
    /// Quality of service.
    #[arg(long, value_parser = line)]
    pub qos: Option<String>,
    /// Features that nodes must have; numbers are equal to the bit only on one kind of processor.
    #[arg(long, value_parser = line)]
    pub constraint: Option<String>,
    /// Time limit of every shard, as sbatch takes it; by default three times what the plan expects, and more.
    #[arg(long, value_parser = line)]
    pub time: Option<String>,
    /// Memory of every shard, as sbatch takes it; by default what the plan expects.
    #[arg(long, value_parser = line)]
    pub mem: Option<String>,
    /// Cores of every shard; its threads are as many. By default 1.
    #[arg(long, value_name = "N")]
    pub cpus_per_task: Option<NonZeroU32>,
    /// Shards that run at once, at most.
    #[arg(long, value_name = "N")]
    pub max_parallel: Option<NonZeroU32>,
    /// How often a shard that was ended by a signal or for its memory is queued again; by default 4.
    #[arg(long, value_name = "N")]
    pub max_requeues: Option<u32>,
    /// A further option of sbatch, for example --extra=--exclude=n7; may be given more than once.
    #[arg(long, value_name = "OPTION", allow_hyphen_values = true, value_parser = option)]
    pub extra: Vec<String>,
}

/// A value that sbatch can read in a line of a batch file.
fn line(text: &str) -> Result<String, String> {
    directive::word(text).map(|_| text.to_owned()).map_err(|fault| format!("{fault}; {VALUE}"))
}

/// An option that sbatch can read there.
fn option(text: &str) -> Result<String, String> {
    directive::option(text).map(|_| text.to_owned()).map_err(|fault| format!("{fault}; {OPTION}"))
}

const VALUE: &str = "give one line of text without backslashes";
const OPTION: &str = "give it as --name or --name=value, for example --extra=--exclude=n7";

impl Request {
    /// How often a shard is queued again where nobody says.
    const REQUEUES: u32 = 4;

    /// This request with those options that `other` gives in place of its own.
    #[must_use]
    pub fn overridden_by(self, other: Self) -> Self {
        Self {
            partition: other.partition.or(self.partition),
            account: other.account.or(self.account),
            qos: other.qos.or(self.qos),
            constraint: other.constraint.or(self.constraint),
            time: other.time.or(self.time),
            mem: other.mem.or(self.mem),
            cpus_per_task: other.cpus_per_task.or(self.cpus_per_task),
            max_parallel: other.max_parallel.or(self.max_parallel),
            max_requeues: other.max_requeues.or(self.max_requeues),
            extra: if other.extra.is_empty() { self.extra } else { other.extra },
        }
    }

    /// Cores, and so threads, of a shard.
    pub fn threads(&self) -> usize {
        self.cpus_per_task.map_or(1, |cpus| cpus.get() as usize)
    }

    /// How often a shard is queued again.
    pub fn requeues(&self) -> u32 {
        self.max_requeues.unwrap_or(Self::REQUEUES)
    }

    /// The options that shards and the merge have in common, as sbatch reads them, a line each.
    ///
    /// # Errors
    /// If one cannot stand in a batch file: a request may come from a file, past the command line's checks.
    pub(super) fn common(&self) -> Result<Vec<String>, Unfit> {
        let named = [
            ("partition", &self.partition),
            ("account", &self.account),
            ("qos", &self.qos),
            ("constraint", &self.constraint),
        ];
        let given = named.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        let named = given.map(|(name, value)| Ok(format!("--{name}={}", Self::value(name, value)?)));
        let unfit = |text: &str, fault| Unfit::new("--extra", text, fault, OPTION);
        let extra = self.extra.iter().map(|text| directive::option(text).map_err(|fault| unfit(text, fault)));
        named.chain(extra).collect()
    }

    /// The value of the option `name` as sbatch reads it.
    ///
    /// # Errors
    /// If it cannot stand in a batch file.
    pub(super) fn value(name: &str, value: &str) -> Result<String, Unfit> {
        directive::word(value).map_err(|fault| Unfit::new(&format!("--{name}"), value, fault, VALUE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_later_replaces_its_own_kind_only() {
        let first = Request {
            partition: Some("long".to_owned()),
            mem: Some("1G".to_owned()),
            extra: vec!["--exclusive".to_owned()],
            ..Request::default()
        };
        let then = Request { mem: Some("8G".to_owned()), max_requeues: Some(0), ..Request::default() };
        let both = first.clone().overridden_by(then);
        assert_eq!(both, Request { mem: Some("8G".to_owned()), max_requeues: Some(0), ..first });
        assert_eq!((both.requeues(), both.threads()), (0, 1));
    }

    #[test]
    fn no_value_begins_a_line_of_its_own() {
        assert!(line("main").is_ok() && line("a,b").is_ok());
        assert!(line("main\n#SBATCH --wrap=rm").is_err() && line("").is_err());
    }
}
