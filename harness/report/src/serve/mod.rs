//! This module serves the page over HTTP, on this machine alone: for a browser that follows a sweep.
//!
//! Whoever is on this machine can connect, so everything has a bound: connections at once, the bytes of a
//! request, the time to send it and the time to take the answer. A connection has one request, and no trouble
//! with one ends the server.

mod request;
mod response;

use anyhow::{Context, Result, anyhow};
use response::Response;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

/// An `Answer` is what a request gets.
#[derive(Debug)]
pub enum Answer {
    /// HTML.
    Page(String),
    /// JSON.
    Data(String),
    /// There is nothing of that name.
    Nothing,
}

/// `Limits` say what one client may take of a server.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Connections at once, of all clients.
    connections: usize,
    /// Time to send a request.
    request: Duration,
    /// Time to take its answer.
    answer: Duration,
}

const LIMITS: Limits =
    Limits { connections: 64, request: Duration::from_secs(10), answer: Duration::from_secs(10) };

/// Says how long no connection is taken after one could not be: what was short may be there again.
const PAUSE: Duration = Duration::from_millis(50);

/// A `Server` listens on the loopback interface.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    limits: Limits,
}

/// An `Asked` is a path that is asked for, and where its answer goes.
struct Asked {
    path: String,
    reply: Sender<Response>,
}

impl Server {
    /// Listens on 127.0.0.1; port 0 takes any that is free.
    ///
    /// # Errors
    /// If the port is taken.
    pub fn on(port: u16) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
            anyhow!("cannot serve on port {port}: {error}; name another by --port, or 0 for any that is free")
        })?;
        let address = listener.local_addr().context("the server listens on no address")?;
        Ok(Self { listener, address, limits: LIMITS })
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests, one after another, for as long as the process lives. Where `answer` fails, the
    /// browser is told why.
    ///
    /// # Errors
    /// If it cannot begin.
    pub fn answer(self, mut answer: impl FnMut(&str) -> Result<Answer>) -> Result<()> {
        let asked = self.start().context("cannot start the thread that takes connections")?;
        for Asked { path, reply } in asked {
            let response = match answer(&path) {
                Ok(Answer::Page(html)) => Response::of("text/html; charset=utf-8", html),
                Ok(Answer::Data(json)) => Response::of("application/json", json),
                Ok(Answer::Nothing) => Response::nothing(),
                Err(error) => Response::text(500, &format!("{error:#}")),
            };
            // A browser that has gone away wants no answer.
            let _ = reply.send(response);
        }
        Ok(())
    }

    /// Takes connections in a thread of its own; what they ask for is received.
    fn start(self) -> std::io::Result<Receiver<Asked>> {
        let (sender, asked) = channel();
        let port = self.address.port();
        let client = Client {
            hosts: [format!("127.0.0.1:{port}"), format!("localhost:{port}")],
            limits: self.limits,
            sender,
        };
        let take = move || take_connections(&self.listener, &Arc::new(client));
        thread::Builder::new().name("connections".to_owned()).spawn(take)?;
        Ok(asked)
    }
}

/// Gives each connection a thread, up to as many as may be.
fn take_connections(listener: &TcpListener, client: &Arc<Client>) {
    loop {
        let Ok((mut stream, _)) = listener.accept() else {
            thread::sleep(PAUSE);
            continue;
        };
        // Each connection holds a reference as long as it lasts; one is held here.
        if Arc::strong_count(client) > client.limits.connections {
            Response::text(503, "too many connections at once").write_at_once(&mut stream);
            continue;
        }
        let client = Arc::clone(client);
        // Where there is no thread for it, the connection is closed.
        let _ = thread::Builder::new().name("connection".to_owned()).spawn(move || client.serve(&mut stream));
    }
}

/// Holds what all connections have in common.
struct Client {
    /// How this server is named.
    hosts: [String; 2],
    limits: Limits,
    sender: Sender<Asked>,
}

impl Client {
    fn serve(&self, stream: &mut TcpStream) {
        let (response, head_only) = match request::read(stream, self.limits.request) {
            Err(None) => return,
            Err(Some(refusal)) => (refusal, false),
            Ok(bytes) => match request::parse(&bytes, &self.hosts) {
                Err(refusal) => (refusal, bytes.starts_with(b"HEAD ")),
                Ok(request) => (self.ask(request.path), request.head_only),
            },
        };
        response.write(stream, head_only, self.limits.answer);
    }

    fn ask(&self, path: String) -> Response {
        let (reply, response) = channel();
        let sent = self.sender.send(Asked { path, reply }).ok();
        sent.and_then(|()| response.recv().ok()).unwrap_or_else(|| Response::text(503, "the server ends"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::time::Instant;

    /// A server of a few paths that lives as long as the tests do.
    fn serving(limits: Limits) -> SocketAddr {
        let server = Server { limits, ..Server::on(0).unwrap() };
        let address = server.address();
        thread::spawn(move || {
            server.answer(|path| match path {
                "/" => Ok(Answer::Page("<p>page</p>".to_owned())),
                "/status" => Ok(Answer::Data("{}".to_owned())),
                "/large" => Ok(Answer::Page("x".repeat(32 << 20))),
                "/broken" => Err(anyhow!("why it broke")),
                _ => Ok(Answer::Nothing),
            })
        });
        address
    }

    /// What is answered to these bytes.
    fn said(address: SocketAddr, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        // A request that is refused early need not be taken in whole.
        let _ = stream.write_all(request);
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    fn status(text: &str) -> &str {
        text.split(' ').nth(1).unwrap_or_default()
    }

    /// What a server answers to a request of this method, path and host.
    fn asked(method: &str, path: &str, host: Option<&str>) -> String {
        let address = serving(LIMITS);
        let host = host.map_or_else(|| address.to_string(), str::to_owned);
        said(address, format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes())
    }

    /// Whether a server goes on to answer, within a while: the connections of before may still be ending.
    fn still_answers(address: SocketAddr) -> bool {
        let request = format!("GET / HTTP/1.1\r\nHost: {address}\r\n\r\n");
        let until = Instant::now() + Duration::from_secs(30);
        while Instant::now() < until {
            if said(address, request.as_bytes()).ends_with("<p>page</p>") {
                return true;
            }
            thread::sleep(PAUSE);
        }
        false
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
        assert!(page.contains("Content-Length: 11\r\n") && page.contains("Connection: close\r\n"), "{page}");
        assert!(asked("GET", "/status?now", None).contains("application/json"));
        let head = asked("HEAD", "/", None);
        assert!(head.contains("Content-Length: 11\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    }

    #[test]
    fn what_it_does_not_serve_it_refuses() {
        for path in ["/../etc/passwd", "/..", "/%2e%2e/etc/passwd", "/status/../", "/else", "etc", "*"] {
            assert_eq!(status(&asked("GET", path, None)), "404", "{path}");
        }
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"] {
            assert_eq!(status(&asked(method, "/", None)), "405", "{method}");
        }
        // A name that elsewhere points here: what a page of that name could read.
        assert_eq!(status(&asked("GET", "/", Some("elsewhere.example"))), "403");
        let broken = asked("GET", "/broken", None);
        assert!(broken.contains("500") && broken.ends_with("why it broke"), "{broken}");
    }

    #[test]
    fn a_request_names_one_host() {
        let address = serving(LIMITS);
        let with = |hosts: &str| said(address, format!("GET / HTTP/1.1\r\n{hosts}\r\n").as_bytes());
        let ours = format!("Host: {address}\r\n");
        assert_eq!(status(&with(&ours)), "200");
        for hosts in ["", &ours.repeat(2), &format!("{ours}Host: elsewhere.example\r\n")] {
            assert_eq!(status(&with(hosts)), "400", "{hosts:?}");
        }
    }

    #[test]
    fn idle_connections_neither_end_it_nor_use_it_up() {
        let address = serving(Limits { request: Duration::from_millis(500), ..LIMITS });
        for _ in 0..4 {
            let idle: Vec<TcpStream> = (0..500).map(|_| TcpStream::connect(address).unwrap()).collect();
            drop(idle);
        }
        assert!(still_answers(address));
        // Held open, they are ended for their slowness.
        let held: Vec<TcpStream> = (0..200).map(|_| TcpStream::connect(address).unwrap()).collect();
        assert!(still_answers(address));
        drop(held);
    }

    #[test]
    fn more_connections_than_may_be_are_told_so() {
        let address = serving(Limits { connections: 4, ..LIMITS });
        let held: Vec<TcpStream> = (0..4).map(|_| TcpStream::connect(address).unwrap()).collect();
        let request = format!("GET / HTTP/1.1\r\nHost: {address}\r\n\r\n");
        let refused = || status(&said(address, request.as_bytes())) == "503";
        assert!((0..20).any(|_| refused()));
        drop(held);
        assert!(still_answers(address));
    }

    #[test]
    fn a_request_has_a_size_and_a_time() {
        let address = serving(Limits { request: Duration::from_millis(300), ..LIMITS });
        let with = |filling: usize| {
            let filling = "x".repeat(filling);
            said(address, format!("GET / HTTP/1.1\r\nHost: {address}\r\nX: {filling}\r\n\r\n").as_bytes())
        };
        assert_eq!(status(&with(request::MOST_BYTES - 200)), "200");
        assert_eq!(status(&with(request::MOST_BYTES)), "431");
        with(20 << 20);
        // A byte now and then does not prolong it.
        let (start, mut slow) = (Instant::now(), TcpStream::connect(address).unwrap());
        while slow.write_all(b"G").is_ok() && start.elapsed() < Duration::from_secs(5) {
            thread::sleep(Duration::from_millis(20));
        }
        assert!(start.elapsed() < Duration::from_secs(5), "it still listens");
        assert!(still_answers(address));
    }

    #[test]
    fn an_answer_that_nobody_reads_is_given_up() {
        let limits = Limits { connections: 1, answer: Duration::from_millis(300), ..LIMITS };
        let address = serving(limits);
        let mut deaf = TcpStream::connect(address).unwrap();
        deaf.write_all(format!("GET /large HTTP/1.1\r\nHost: {address}\r\n\r\n").as_bytes()).unwrap();
        assert!(still_answers(address), "the only connection is free again");
        drop(deaf);
    }
}
