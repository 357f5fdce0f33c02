//! This module writes an answer, which is complete in memory, within a bounded time.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

/// Says how long, and for how many bytes, a server goes on to read what a client sends that has its answer: where
/// bytes lie unread at the end, the system takes the answer back.
const LINGER: (Duration, usize) = (Duration::from_millis(500), 1 << 20);

/// A `Response` is what is answered.
#[derive(Debug)]
pub(super) struct Response {
    status: u16,
    kind: &'static str,
    body: String,
}

impl Response {
    /// Makes an answer with content of a type.
    pub(super) fn of(kind: &'static str, body: String) -> Self {
        Self { status: 200, kind, body }
    }

    /// Makes a refusal, with words for a person.
    pub(super) fn text(status: u16, words: &str) -> Self {
        Self { status, kind: "text/plain; charset=utf-8", body: words.to_owned() }
    }

    /// Makes the answer that there is nothing of that name.
    pub(super) fn nothing() -> Self {
        Self::text(404, "there is nothing of that name")
    }

    /// Returns its status.
    #[cfg(test)]
    pub(super) fn status(&self) -> u16 {
        self.status
    }

    /// Returns all bytes of it, or its headers only.
    fn bytes(&self, head_only: bool) -> Vec<u8> {
        let allow = if self.status == 405 { "Allow: GET, HEAD\r\n" } else { "" };
        let head = format!(
            "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
             X-Content-Type-Options: nosniff\r\n{allow}Connection: close\r\n\r\n",
            self.status,
            reason(self.status),
            self.kind,
            self.body.len()
        );
        let body = if head_only { "" } else { &self.body };
        [head.as_bytes(), body.as_bytes()].concat()
    }

    /// Writes it within `most` time and ends the connection. A slower client gets no more.
    pub(super) fn write(&self, stream: &mut TcpStream, head_only: bool, most: Duration) {
        if write_within(stream, &self.bytes(head_only), most).is_ok()
            && stream.shutdown(Shutdown::Write).is_ok()
        {
            linger(stream);
        }
    }

    /// Writes it as far as the system takes it at once and ends the connection.
    pub(super) fn write_at_once(&self, stream: &mut TcpStream) {
        // A client that is not served well is no matter.
        if stream.set_nonblocking(true).is_ok() {
            let _ = stream.write(&self.bytes(false));
            let _ = stream.shutdown(Shutdown::Write);
            let _ = stream.read(&mut [0; 2048]);
        }
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}

fn write_within(stream: &mut TcpStream, mut bytes: &[u8], most: Duration) -> std::io::Result<()> {
    let until = Instant::now() + most;
    while !bytes.is_empty() {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(std::io::ErrorKind::TimedOut.into());
        }
        stream.set_write_timeout(Some(left))?;
        match stream.write(bytes) {
            Ok(0) => return Err(std::io::ErrorKind::WriteZero.into()),
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn linger(stream: &mut TcpStream) {
    let (time, mut bytes) = LINGER;
    let (until, mut buffer) = (Instant::now() + time, [0; 4096]);
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() || bytes == 0 || stream.set_read_timeout(Some(left)).is_err() {
            return;
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(count) => bytes = bytes.saturating_sub(count),
        }
    }
}
