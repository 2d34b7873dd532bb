//! Servers that are not DynamoDB.

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// The time limit for a client to send its request.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server on this machine that is not DynamoDB, until the value is dropped.
#[derive(Debug)]
pub struct Stranger {
    address: SocketAddr,
    scheme: &'static str,
    certificate: String,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Stranger {
    /// Starts a web server that answers every request with an HTML page; as an HTTP proxy
    /// (`HTTPS_PROXY`) it refuses to connect.
    #[track_caller]
    pub fn website(status: u16) -> Self {
        Self::serve("http", String::new(), move |stream| say_page(stream, status))
    }

    /// Starts a server with arbitrary answers: `answer` takes the operation (`ListTables`) and the
    /// body of a request, and returns a status and a body.
    #[track_caller]
    pub fn answering(
        answer: impl Fn(&str, &str) -> (u16, Vec<u8>) + Send + Sync + 'static,
    ) -> Self {
        Self::serve("http", String::new(), move |mut stream| {
            let Some((head, body)) = request(&mut stream) else { return };
            let target = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("x-amz-target").then(|| value.trim().to_owned())
            });
            let operation = target.as_deref().and_then(|target| target.split('.').next_back());
            let (status, body) = answer(operation.unwrap_or_default(), &body);
            let head = format!(
                "HTTP/1.1 {status} Whatever\r\nConnection: close\r\n\
                 Content-Type: application/x-amz-json-1.0\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        })
    }

    /// Starts a server that accepts connections and requests, and never answers.
    #[track_caller]
    pub fn silent() -> Self {
        // They stay open until the thread ends.
        let kept: Mutex<Vec<TcpStream>> = Mutex::default();
        Self::serve("http", String::new(), move |stream| {
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(stream);
        })
    }

    /// Starts a web server that supports only TLS, with an untrusted certificate for `localhost`.
    #[track_caller]
    pub fn encrypted() -> Self {
        let made = generate_simple_self_signed(["localhost".to_owned()]);
        let CertifiedKey { cert, signing_key } = made.expect("a certificate can be made");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider has the usual versions")
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .expect("key and certificate fit");
        let config = Arc::new(config);
        Self::serve("https", cert.pem(), move |stream| {
            let Ok(connection) = ServerConnection::new(Arc::clone(&config)) else { return };
            say_page(StreamOwned::new(connection, stream), 404);
        })
    }

    #[track_caller]
    fn serve(
        scheme: &'static str,
        certificate: String,
        answer: impl Fn(TcpStream) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
        let address = listener.local_addr().expect("the port is known");
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stopped.load(Ordering::SeqCst) {
                    break;
                }
                // The server ignores clients that disconnect.
                let _ = stream.set_read_timeout(Some(PATIENCE));
                answer(stream);
            }
        });
        Self { address, scheme, certificate, stop, thread: Some(thread) }
    }

    /// Returns the URL of the server.
    pub fn endpoint(&self) -> String {
        format!("{}://localhost:{}", self.scheme, self.address.port())
    }

    /// Returns the certificate of an [encrypted](Self::encrypted) server, as PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes up the thread, which then checks `stop`.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Reads the head and the body of a request; `None` if the client disconnects.
fn request(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(end) = text.windows(4).position(|end| end == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&text[..end]).into_owned();
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
            });
            let body = &text[end + 4..];
            if body.len() >= length.unwrap_or(0) {
                return Some((head, String::from_utf8_lossy(body).into_owned()));
            }
        }
        match stream.read(&mut buffer) {
            Ok(count @ 1..) => text.extend_from_slice(&buffer[..count]),
            Ok(0) | Err(_) => return None,
        }
    }
}

/// Reads the head of a request and answers with a page.
fn say_page(mut stream: impl Read + Write, status: u16) {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    // Data that does not begin with a word is not a request, and is answered immediately.
    let is_request = |head: &[u8]| head.first().is_none_or(u8::is_ascii_uppercase);
    while is_request(&head) && !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(count @ 1..) => head.extend_from_slice(&buffer[..count]),
            // The client disconnected or sent invalid TLS, which rustls has reported to it.
            Ok(0) | Err(_) => return,
        }
    }
    let page = "<!doctype html><title>Welcome</title><h1>It works!</h1>";
    let length = page.len();
    let answer = format!(
        "HTTP/1.1 {status} Whatever\r\nConnection: close\r\nContent-Type: text/html\r\n\
         Content-Length: {length}\r\n\r\n{page}"
    );
    let _ = stream.write_all(answer.as_bytes()).and_then(|()| stream.flush());
}

/// Returns the URL of a port on this machine on which no server listens.
#[track_caller]
pub fn dead_endpoint() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    format!("http://{}", listener.local_addr().expect("the port is known"))
}
