//! The report is one HTML file that needs nothing but a browser. It has the verdicts, rankings, every figure
//! and what it shows, what failed, where the numbers come from, an explorer of all estimates, and memories to
//! play with.
//!
//! [`RunReport`] is what one run contributes, a pure function of its definition and records but for the
//! memories of `scene`, which are written anew. [`ReportPage`] puts runs together; [`ReportPage::html`] gives the
//! same bytes for the same records. Templates, style and scripts are files of their own in `page/`. [`serve`]
//! shows it while a sweep runs.

mod anchor;
mod destination;
pub mod drawing;
mod evidence;
mod explorer;
mod failure;
mod finding;
mod packed;
mod page;
mod parameters;
mod picture;
mod ranking;
mod run;
mod scene;
pub mod serve;
pub mod story;
#[cfg(test)]
mod tests;
pub mod verdict;

pub use destination::destination;
pub use run::RunReport;
pub use scene::{Playground, Scene, interest};

use crate::verdict::Claim;

/// A `ReportPage` holds everything that the page shows.
#[derive(Debug)]
pub struct ReportPage<'a> {
    /// The verdicts.
    pub claims: Vec<Claim>,
    /// What each run contributes, in the order of the page.
    pub runs: Vec<&'a RunReport>,
    /// Memories to play with; absent where no run has bitmaps.
    pub stage: Option<&'a Playground>,
    /// Results that are left out, and why.
    pub problems: Vec<String>,
    /// The command that writes the page.
    pub command: String,
    /// Where the page is served and asks its server what is new: a name for the state that it shows.
    pub served: Option<String>,
}

impl ReportPage<'_> {
    /// Makes the page.
    ///
    /// # Errors
    /// If a template fails, which is a fault of the program.
    pub fn html(&self) -> anyhow::Result<String> {
        page::render(self)
    }

    /// Returns what the report is about. That is the question of its run, where there is but one.
    fn title(&self) -> &str {
        match &self.runs[..] {
            [only] => &only.question,
            _ => "How should a Hopfield memory be written?",
        }
    }
}
