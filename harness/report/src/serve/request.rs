//! This module reads a request, as far as a server that shows a few pages has to understand it (RFC 9112), and never
//! longer or slower than it may be.

use super::response::Response;
use std::io::Read;
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Bounds the bytes of a request, all its headers included.
pub(super) const MOST_BYTES: usize = 8 << 10;

/// Ends the headers.
const END: &[u8] = b"\r\n\r\n";

/// A `Request` is what is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    /// Whether only the headers of the answer are wanted.
    pub head_only: bool,
    /// What, without the question behind it.
    pub path: String,
}

/// Reads the bytes of a request up to the end of its headers, within `most` time.
///
/// # Errors
/// What to answer in place of what was asked for; `None` where nobody is there any more.
pub(super) fn read(stream: &mut TcpStream, most: Duration) -> Result<Vec<u8>, Option<Response>> {
    let (until, mut bytes, mut buffer) = (Instant::now() + most, Vec::new(), [0; 2048]);
    let slow = || Some(Response::text(408, "the request came too slowly"));
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(slow());
        }
        stream.set_read_timeout(Some(left)).map_err(|_| None)?;
        match stream.read(&mut buffer) {
            Ok(0) => return Err(None),
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            Err(error) => match error.kind() {
                std::io::ErrorKind::Interrupted => continue,
                std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut => return Err(slow()),
                _ => return Err(None),
            },
        }
        match bytes.windows(END.len()).position(|window| window == END) {
            Some(end) if end + END.len() <= MOST_BYTES => {
                bytes.truncate(end);
                return Ok(bytes);
            }
            None if bytes.len() < MOST_BYTES => {}
            _ => return Err(Some(Response::text(431, &format!("a request may have {MOST_BYTES} bytes")))),
        }
    }
}

/// Understands a request for a server that has these names.
///
/// # Errors
/// What to answer in place of what was asked for.
pub(super) fn parse(bytes: &[u8], hosts: &[String]) -> Result<Request, Response> {
    let malformed = |why: &str| Response::text(400, &format!("this is no request: {why}"));
    let text = std::str::from_utf8(bytes).map_err(|_| malformed("it is no text"))?;
    let mut lines = text.split("\r\n");
    let first: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
    let &[method, target, "HTTP/1.0" | "HTTP/1.1"] = first.as_slice() else {
        return Err(malformed("it begins with no method, path and version of HTTP"));
    };
    let mut named = Vec::new();
    for line in lines {
        // A line that goes on in the next, or a name that ends in a blank, is read differently by others.
        let field = line.split_once(':').filter(|(name, _)| !name.is_empty() && name.bytes().all(is_of_name));
        let (name, value) = field.ok_or_else(|| malformed("a header has no name"))?;
        if value.contains(|c: char| c.is_control() && c != '\t') {
            return Err(malformed("a header holds a control character"));
        }
        if name.eq_ignore_ascii_case("host") {
            named.push(value.trim_matches([' ', '\t']));
        }
    }
    // A page from elsewhere that had its name point here is refused.
    let &[host] = named.as_slice() else { return Err(malformed("it must name one host")) };
    if !hosts.iter().any(|ours| ours.eq_ignore_ascii_case(host)) {
        return Err(Response::text(403, "this server answers to its own address only"));
    }
    if method != "GET" && method != "HEAD" {
        return Err(Response::text(405, "there is nothing to change here"));
    }
    let path = target.split(['?', '#']).next().unwrap_or_default();
    if !path.starts_with('/') || path.split('/').any(|part| part == "..") {
        return Err(Response::nothing());
    }
    Ok(Request { head_only: method == "HEAD", path: path.to_owned() })
}

/// Returns whether a byte may stand in a header's name.
fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(text: &str) -> u16 {
        parse(text.as_bytes(), &["localhost:1".to_owned()]).map_or_else(|refusal| refusal.status(), |_| 200)
    }

    #[test]
    fn what_others_might_read_differently_is_no_request() {
        assert_eq!(status("GET / HTTP/1.1\r\nHost: localhost:1"), 200);
        assert_eq!(status("GET / HTTP/1.1\r\nhOST:localhost:1\r\nX: \t y "), 200);
        for text in [
            "",
            "GET /",
            "GET / HTTP/2",
            "GET  / HTTP/1.1\r\nHost: localhost:1",
            "GET / HTTP/1.1",
            "GET / HTTP/1.1\r\nHost: localhost:1\r\nHost: localhost:1",
            "GET / HTTP/1.1\r\nHost: localhost:1\r\nhost: elsewhere.example",
            "GET / HTTP/1.1\r\nHost : localhost:1",
            "GET / HTTP/1.1\r\nHost: localhost:1\r\n folded: yes",
            "GET / HTTP/1.1\r\nHost: localhost:1\r\nX: a\nHost: elsewhere.example",
            "GET / HTTP/1.1\r\nHost: localhost:1\r\n: x",
        ] {
            assert_eq!(status(text), 400, "{text:?}");
        }
    }
}
