//! This module writes the page that a stranger reads first, `README.txt` of a bundle.

use super::bundled::{Bundled, Whence};

/// Writes the page.
pub(super) fn text(runs: &[Bundled], whence: &Whence) -> String {
    let mut text =
        String::from("Runs of a benchmark of Hopfield memories, with all that is said of them.\n\n");
    for Bundled { name, run, manifest } in runs {
        let cells: u64 = manifest.cells.values().sum();
        text += &format!(
            "results/{name}: {cells} cells\n    {}\n",
            run.definition.question.trim().replace('\n', " ")
        );
    }
    text += "\n\
        definitions/            what was asked, one TOML a run\n\
        results/                the tables in Parquet, and a manifest.json for each run\n\
        paper-figs/             the figures, with their captions and the numbers behind them\n\
        claims.txt, claims.json the verdicts and their evidence\n\
        report.html             all of it on one page that needs no network\n\
        provenance.json         by which program, on which machine, when\n\
        source/, Cargo.lock     the source of the runs, and the libraries of the program that made this bundle\n\
        commands.sh             makes the runs anew\n\
        SHA256SUMS              the hash of each file: `sha256sum -c SHA256SUMS`\n\
        ro-crate-metadata.json  the same for machines (RO-Crate 1.2)\n\
        \n\
        `harness bundle --check FILE` checks the hashes and computes a sample of the cells again. The hashes show\n\
        damage. They are no signature: whoever changes a file can change its hash.\n\
        PDFs of the figures are not here, since they have other bytes each time; `harness figures` makes them.\n";
    for source in whence.sources.iter().filter(|source| source.file.is_none()) {
        text += &format!(
            "Not here: the source of commit {}. It was bundled outside a checkout that has it.\n",
            source.commit
        );
    }
    if whence.sources.is_empty() {
        text += "Not here: any source. The program was built outside a repository, and the runs name no commit.\n";
    }
    for lack in &whence.lacks {
        text += &format!("Not here: {}\n", lack.replace('\n', " "));
    }
    text
}
