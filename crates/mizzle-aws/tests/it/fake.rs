//! An HTTP server that answers what it is told to.

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

/// What to do with a request.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// Write these bytes, then close the connection.
    Raw(String),
    /// Keep the connection open and say nothing.
    Silence,
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

    /// An error as DynamoDB words it.
    pub(crate) fn error(status: u16, code: &str, message: &str) -> Self {
        let message = message.replace('\n', "\\n");
        Self::json(
            status,
            &format!(
                r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"{message}"}}"#
            ),
        )
    }

    /// `ListTables` of an account without tables.
    pub(crate) fn no_tables() -> Self {
        Self::json(200, r#"{"TableNames":[]}"#)
    }
}

/// A server that is stopped when the value goes.
pub(crate) struct Fake {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    arrivals: mpsc::Receiver<()>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Fake {
    /// Gives the answers in turn; the last one again and again.
    pub(crate) fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (arrived, arrivals) = mpsc::channel();
        let stop = Arc::new(AtomicBool::new(false));
        let (seen, stopping) = (Arc::clone(&requests), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            let mut answers = answers.into_iter().peekable();
            let mut silent = Vec::new();
            for stream in listener.incoming() {
                if stopping.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(mut stream) = stream else { continue };
                // What breaks off (a TLS greeting, a client that gave up) is no request.
                let Some(request) = read_request(&mut stream) else { continue };
                let Some(current) = answers.peek().cloned() else { return };
                seen.lock().unwrap().push(request);
                let _ = arrived.send(());
                match current {
                    Answer::Raw(bytes) => {
                        let _ = stream.write_all(bytes.as_bytes());
                    }
                    Answer::Silence => silent.push(stream),
                }
                let last = answers.next();
                if answers.peek().is_none() {
                    answers = Vec::from_iter(last).into_iter().peekable();
                }
            }
        });
        Self { address, requests, arrivals, stop, thread: Some(thread) }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Head and body of every request so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
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
