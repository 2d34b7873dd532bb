//! An HTTP server with given responses.

use serde_json::Value;
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::Duration,
};

/// The reaction to a request.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// Write these bytes, then close the connection.
    Raw(String),
    /// Keep the connection open and write nothing.
    Silence,
    /// Keep the connection open, and write these bytes when the next request is answered.
    Held(String),
}

impl Answer {
    pub(crate) fn http(status: u16, content_type: &str, body: &str) -> Self {
        Self::Raw(format!(
            "HTTP/1.1 {status} Whatever\r\nConnection: close\r\nContent-Type: {content_type}\r\n\
             x-amzn-RequestId: REQUEST1\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::http(status, "application/x-amz-json-1.0", body)
    }

    /// Returns an error in DynamoDB's format.
    pub(crate) fn error(status: u16, code: &str, message: &str) -> Self {
        let message = message.replace('\n', "\\n");
        Self::json(
            status,
            &format!(
                r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"{message}"}}"#
            ),
        )
    }

    /// Delays the response until the next request is answered.
    pub(crate) fn held(self) -> Self {
        match self {
            Self::Raw(bytes) => Self::Held(bytes),
            Self::Silence | Self::Held(_) => self,
        }
    }

    /// Returns the response of `ListTables` for an account without tables.
    pub(crate) fn no_tables() -> Self {
        Self::json(200, r#"{"TableNames":[]}"#)
    }
}

/// A server that is stopped on drop.
pub(crate) struct Fake {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    arrivals: mpsc::Receiver<()>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Fake {
    /// Starts a server that sends the responses in turn, repeating the last one.
    pub(crate) fn start(answers: Vec<Answer>) -> Self {
        let mut answers = answers.into_iter().peekable();
        Self::serve(move |_| {
            let answer = answers.next().unwrap();
            if answers.peek().is_none() {
                answers = vec![answer.clone()].into_iter().peekable();
            }
            answer
        })
    }

    /// Starts a server that sends the response of `answer` to a request's head and body.
    pub(crate) fn serve(mut answer: impl FnMut(&str) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (arrived, arrivals) = mpsc::channel();
        let stop = Arc::new(AtomicBool::new(false));
        let (seen, stopping) = (Arc::clone(&requests), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            let mut silent = Vec::new();
            let mut held: Vec<(TcpStream, String)> = Vec::new();
            for stream in listener.incoming() {
                if stopping.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(mut stream) = stream else { continue };
                // An interrupted transfer (a TLS greeting, a client that gave up) is not a request.
                let Some(request) = read_request(&mut stream) else { continue };
                let answer = answer(&request);
                seen.lock().unwrap().push(request);
                let _ = arrived.send(());
                match answer {
                    Answer::Raw(bytes) => {
                        held.push((stream, bytes));
                        for (mut stream, bytes) in held.drain(..) {
                            let _ = stream.write_all(bytes.as_bytes());
                        }
                    }
                    Answer::Silence => silent.push(stream),
                    Answer::Held(bytes) => held.push((stream, bytes)),
                }
            }
        });
        Self { address, requests, arrivals, stop, thread: Some(thread) }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the head and body of every request so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// Returns the operations of the requests, in order.
    pub(crate) fn operations(&self) -> Vec<String> {
        self.requests().iter().map(|request| operation(request).to_owned()).collect()
    }

    /// Waits for a request that has not been waited for.
    pub(crate) fn wait_for_request(&self) {
        self.arrivals.recv_timeout(Duration::from_secs(30)).unwrap();
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread from waiting for a connection.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Returns the operation of a request.
pub(crate) fn operation(request: &str) -> &str {
    let target = request.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("x-amz-target").then_some(value.trim())
    });
    target.and_then(|target| target.rsplit('.').next()).unwrap_or_default()
}

/// Returns the JSON of a request.
pub(crate) fn body(request: &str) -> Value {
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap()
}

fn read_request(stream: &mut TcpStream) -> Option<String> {
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let mut received = Vec::new();
    loop {
        let mut some = [0; 4096];
        let read = stream.read(&mut some).ok().filter(|read| *read > 0)?;
        received.extend_from_slice(&some[..read]);
        let text = String::from_utf8_lossy(&received);
        if !text.starts_with("POST") {
            return None;
        }
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let value = value.trim().parse::<usize>().ok();
            name.eq_ignore_ascii_case("content-length").then_some(value)?
        });
        if body.len() >= length.unwrap_or(0) {
            return Some(text.into_owned());
        }
    }
}
