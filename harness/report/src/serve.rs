//! This module serves the page over HTTP, on this machine alone. It is for a browser that follows a sweep.

use anyhow::{Context, Result, anyhow};
use std::net::{Ipv4Addr, SocketAddr};
use tiny_http::{Header, Method, Request, Response};

/// An `Answer` is what is answered to a request.
#[derive(Debug)]
pub enum Answer {
    /// HTML.
    Page(String),
    /// JSON.
    Data(String),
    /// There is nothing of that name.
    Nothing,
}

/// A `Server` listens on the loopback interface.
pub struct Server {
    inner: tiny_http::Server,
    address: SocketAddr,
}

impl Server {
    /// Listens on 127.0.0.1. Port 0 takes any that is free.
    ///
    /// # Errors
    /// If the port is taken.
    pub fn on(port: u16) -> Result<Self> {
        let inner = tiny_http::Server::http((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
            anyhow!("cannot serve on port {port}: {error}; name another by --port, or 0 for any that is free")
        })?;
        let address = inner.server_addr().to_ip().context("the server listens on no address")?;
        Ok(Self { inner, address })
    }

    /// Returns the address where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests, one after another, for as long as the process lives. Where `answer` fails, the
    /// browser is told why.
    ///
    /// # Errors
    /// If no request can be taken any more.
    pub fn answer(&self, mut answer: impl FnMut(&str) -> Result<Answer>) -> Result<()> {
        loop {
            self.answer_one(&mut answer)?;
        }
    }

    fn answer_one(&self, answer: &mut impl FnMut(&str) -> Result<Answer>) -> Result<()> {
        let request = self.inner.recv().context("cannot take requests any more")?;
        let response = self.response(&request, answer);
        // A browser that has gone away wants no answer.
        let _ = request.respond(response);
        Ok(())
    }

    fn response(
        &self,
        request: &Request,
        answer: &mut impl FnMut(&str) -> Result<Answer>,
    ) -> Response<std::io::Cursor<Vec<u8>>> {
        if !self.is_for_us(request) {
            return text(403, "this server answers to its own address only");
        }
        if *request.method() != Method::Get && *request.method() != Method::Head {
            return text(405, "there is nothing to change here");
        }
        let path = request.url().split('?').next().unwrap_or("/");
        match answer(path) {
            Ok(Answer::Page(html)) => with_type(Response::from_string(html), "text/html; charset=utf-8"),
            Ok(Answer::Data(json)) => with_type(Response::from_string(json), "application/json"),
            Ok(Answer::Nothing) => text(404, "there is nothing of that name"),
            Err(error) => text(500, &format!("{error:#}")),
        }
    }

    /// Returns whether the request names this server. A page from elsewhere that had its name point here is
    /// refused.
    fn is_for_us(&self, request: &Request) -> bool {
        let port = self.address.port();
        let ours = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
        let mut hosts = request.headers().iter().filter(|header| header.field.equiv("Host"));
        hosts.next().is_some_and(|host| ours.iter().any(|ours| host.value.as_str() == ours))
    }
}

fn text(status: u16, words: &str) -> Response<std::io::Cursor<Vec<u8>>> {
    with_type(Response::from_string(words), "text/plain; charset=utf-8").with_status_code(status)
}

fn with_type(
    response: Response<std::io::Cursor<Vec<u8>>>,
    kind: &'static str,
) -> Response<std::io::Cursor<Vec<u8>>> {
    let header = |name: &str, value: &str| Header::from_bytes(name, value).expect("the header is ASCII");
    response
        .with_header(header("Content-Type", kind))
        .with_header(header("Cache-Control", "no-store"))
        .with_header(header("X-Content-Type-Options", "nosniff"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::thread;

    /// What a server answers to a request of this method, path and host; its page is the path.
    fn asked(method: &str, path: &str, host: Option<&str>) -> String {
        let server = Server::on(0).unwrap();
        let host = host.map_or_else(|| server.address().to_string(), str::to_owned);
        let request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        thread::scope(|scope| {
            scope.spawn(|| {
                server.answer_one(&mut |path| match path {
                    "/" => Ok(Answer::Page("<p>page</p>".to_owned())),
                    "/status" => Ok(Answer::Data("{}".to_owned())),
                    "/broken" => Err(anyhow!("why it broke")),
                    _ => Ok(Answer::Nothing),
                })
            });
            let mut stream = TcpStream::connect(server.address()).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).unwrap();
            text
        })
    }

    #[test]
    fn it_listens_to_this_machine_alone() {
        assert!(Server::on(0).unwrap().address().ip().is_loopback());
    }

    #[test]
    fn pages_and_data_have_their_types_and_are_not_kept() {
        let page = asked("GET", "/", None);
        assert!(page.starts_with("HTTP/1.1 200") && page.ends_with("<p>page</p>"), "{page}");
        assert!(page.contains("text/html") && page.contains("no-store"), "{page}");
        assert!(asked("GET", "/status?now", None).contains("application/json"));
    }

    #[test]
    fn what_it_does_not_serve_it_refuses() {
        let status = |text: String| text.split(' ').nth(1).unwrap_or_default().to_owned();
        assert_eq!(status(asked("GET", "/../etc/passwd", None)), "404");
        assert_eq!(status(asked("POST", "/", None)), "405");
        // A name that elsewhere points here: what a page of that name could read.
        assert_eq!(status(asked("GET", "/", Some("elsewhere.example"))), "403");
        let broken = asked("GET", "/broken", None);
        assert!(broken.contains("500") && broken.ends_with("why it broke"), "{broken}");
    }
}
