//! The log of a program is what it prints that is no answer. Its end is kept, in bounded memory.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Lines that are kept.
const LINES: usize = 12;
/// Bytes of a line that are kept.
const BYTES: usize = 300;

/// A `Tail` holds the last lines that a program printed. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tail(Arc<Mutex<VecDeque<String>>>);

impl Tail {
    fn lock(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line.
    pub(crate) fn push(&self, line: String) {
        let mut lines = self.lock();
        if lines.len() == LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    /// Forgets all lines.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// Returns the lines.
    pub(crate) fn text(&self) -> String {
        self.lock().iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}

/// Reads lines until the source ends and hands each on; of a line, however long, `most` bytes are kept.
pub(crate) fn lines(mut source: impl Read, most: usize, mut take: impl FnMut(String)) {
    let (mut buffer, mut line) = (vec![0; 1 << 16], Vec::new());
    let mut give = |line: &mut Vec<u8>| {
        take(String::from_utf8_lossy(line).trim_end_matches('\r').to_owned());
        line.clear();
    };
    loop {
        let read = match source.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) => break,
        };
        for piece in buffer[..read].split_inclusive(|&byte| byte == b'\n') {
            let text = piece.strip_suffix(b"\n").unwrap_or(piece);
            line.extend(text.iter().take(most.saturating_sub(line.len())));
            if text.len() < piece.len() {
                give(&mut line);
            }
        }
    }
    if !line.is_empty() {
        give(&mut line);
    }
}

/// Reads what belongs into the log.
pub(crate) fn follow(source: impl Read, tail: &Tail) {
    lines(source, BYTES, |line| tail.push(line));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_without_end_take_no_memory_and_the_last_are_kept() {
        let tail = Tail::default();
        let long = [vec![b'x'; 1 << 20], b"\nlast\r\nopen".to_vec()].concat();
        follow(&long[..], &tail);
        assert_eq!(tail.text(), format!("{}\nlast\nopen", "x".repeat(BYTES)));
        (0..100).for_each(|i| tail.push(i.to_string()));
        assert_eq!(
            tail.text().lines().collect::<Vec<_>>(),
            (88..100).map(|i| i.to_string()).collect::<Vec<_>>()
        );
    }
}
