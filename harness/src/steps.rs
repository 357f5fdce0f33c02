//! This module shows on a terminal how far a command of several steps is.

use crate::width::columns;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal};
use std::time::Duration;

/// A `Steps` is a bar of steps on standard error. Where that is no terminal it shows nothing.
#[derive(Debug)]
pub(crate) struct Steps {
    bar: ProgressBar,
    /// Columns of its words.
    room: usize,
}

/// How many columns the bar has.
const BAR: usize = 14;
/// Says how often it moves, whether or not a step has ended.
const TICK: Duration = Duration::from_millis(100);

impl Steps {
    /// Begins to count so many steps, unless it is to be quiet.
    pub(crate) fn begin(steps: usize, quiet: bool) -> Self {
        let shown = !quiet && io::stderr().is_terminal();
        let bar = if shown { ProgressBar::new(steps as u64) } else { ProgressBar::hidden() };
        let template = format!("{{spinner}} {{bar:{BAR}}} {{pos}}/{{len}} {{msg}}");
        bar.set_style(ProgressStyle::with_template(&template).expect("the template is valid"));
        if shown {
            bar.enable_steady_tick(TICK);
        }
        // The numbers beside the bar take up to eight columns.
        Self { bar, room: columns().saturating_sub(BAR + 12) }
    }

    /// Says what is being done.
    pub(crate) fn say(&self, what: &str) {
        self.bar.set_message(what.chars().take(self.room).collect::<String>());
    }

    /// Counts a step that has ended, and says which.
    pub(crate) fn end(&self, which: &str) {
        self.bar.inc(1);
        self.say(which);
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
