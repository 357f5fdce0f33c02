//! What the processes of a group hold and have used is told by the system, in `/proc`. Elsewhere nobody tells.

use std::fs;
use std::time::Duration;

/// A `Usage` is what all processes of a group hold and have used together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Processor time, with that of children that have ended.
    pub(crate) processor: Duration,
    /// Bytes of memory that they hold. Pages that several share count for each.
    pub(crate) memory: u64,
}

/// Bytes of a page. Where pages are larger, memory is taken for less than it is.
const PAGE: u64 = 4096;
/// Units of processor time in a second: `USER_HZ`, 100 on every Linux.
const TICKS: u64 = 100;

/// Asks for a group by the process that leads it.
pub(crate) fn of_group(leader: u32) -> Option<Usage> {
    let processes = fs::read_dir("/proc").ok()?.flatten();
    let numbered = processes.filter(|entry| entry.file_name().to_string_lossy().parse::<u32>().is_ok());
    let mut sum = Usage::default();
    // What ends meanwhile is no longer there.
    for stat in numbered.filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok()) {
        if let Some(Usage { processor, memory }) = of_process(&stat, leader) {
            sum = Usage { processor: sum.processor + processor, memory: sum.memory + memory };
        }
    }
    Some(sum)
}

/// Takes apart what `/proc/PID/stat` says of a process; `None` where it belongs to another group.
fn of_process(stat: &str, leader: u32) -> Option<Usage> {
    // The name of a program stands in parentheses and may hold any character.
    let (_, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let number = |field: usize| fields.get(field)?.parse::<u64>().ok();
    if number(2)? != u64::from(leader) {
        return None;
    }
    let ticks: u64 = (11..=14).map(|field| number(field).unwrap_or(0)).sum();
    let processor = Duration::from_millis(ticks.saturating_mul(1000 / TICKS));
    Some(Usage { processor, memory: number(21)?.saturating_mul(PAGE) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_system_is_taken_apart() {
        let stat =
            "7 (a ) b) S 1 42 42 0 -1 4194304 100 0 0 0 12 3 4 1 20 0 1 0 5 1000000 250 18446744073709551615";
        let due = Usage { processor: Duration::from_millis(200), memory: 250 * 4096 };
        assert_eq!(of_process(stat, 42), Some(due));
        assert_eq!(of_process(stat, 43), None);
        assert_eq!(of_process("7 (short) S 1 42", 42), None);
    }
}
