//! This module says where Slurm has put this process.

use store::Placement;

/// Returns the task of Slurm that this process is part of, by its environment; `None` outside of one.
pub fn place() -> Option<Placement> {
    of(|name| std::env::var(name).ok())
}

fn of(variable: impl Fn(&str) -> Option<String>) -> Option<Placement> {
    let array = variable("SLURM_ARRAY_JOB_ID").zip(variable("SLURM_ARRAY_TASK_ID"));
    let job = array.map(|(job, task)| format!("{job}_{task}")).or_else(|| variable("SLURM_JOB_ID"))?;
    let restart = variable("SLURM_RESTART_COUNT").and_then(|count| count.parse().ok()).unwrap_or(0);
    let node = variable("SLURMD_NODENAME").unwrap_or_else(|| "unknown".to_owned());
    Some(Placement { job, restart, node })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_named_as_slurm_names_it() {
        let environment = |pairs: &'static [(&str, &str)]| {
            move |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(of(environment(&[])), None);
        let place =
            |job: &str, restart, node: &str| Some(Placement { job: job.into(), restart, node: node.into() });
        assert_eq!(of(environment(&[("SLURM_JOB_ID", "7")])), place("7", 0, "unknown"));
        let task = environment(&[
            ("SLURM_JOB_ID", "9"),
            ("SLURM_ARRAY_JOB_ID", "7"),
            ("SLURM_ARRAY_TASK_ID", "2"),
            ("SLURM_RESTART_COUNT", "3"),
            ("SLURMD_NODENAME", "n1"),
        ]);
        assert_eq!(of(task), place("7_2", 3, "n1"));
    }
}
