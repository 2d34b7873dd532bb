//! The time limits of one connection.
//!
//! An idle client may stay connected for long: the clients of the SDKs keep their connections. A
//! client that has begun a request must continue it, and then read the response.

use hyper::rt::{Read, ReadBufCursor, Write};
use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, Sleep, sleep};

/// The time limits of a client.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// From one request to the next. The SDKs close an idle connection sooner, after 90 seconds at
    /// most.
    pub(crate) idle: Duration,
    /// For the headers of a request, from its first byte; and until the first byte of the first
    /// one.
    pub(crate) head: Duration,
    /// For the body of a request.
    pub(crate) body: Duration,
    /// While it reads no part of a response.
    pub(crate) answer: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(300),
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            answer: Duration::from_secs(30),
        }
    }
}

/// The number of requests that a connection has begun plus those it has answered: odd while one is
/// being answered. During that time the client is not the slow side.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turns(Arc<AtomicUsize>);

impl Turns {
    /// Marks a request as being answered until the value is dropped.
    pub(crate) fn answering(&self) -> Turn {
        self.0.fetch_add(1, Ordering::Relaxed);
        Turn(self.clone())
    }
}

/// A request that is being answered.
pub(crate) struct Turn(Turns);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A connection that fails once its client exceeds a time limit.
pub(crate) struct Limited<C> {
    connection: C,
    limits: Limits,
    turns: Turns,
    turn: usize,
    reading: Pin<Box<Sleep>>,
    /// True if a part of a request has been received.
    has_begun: bool,
    writing: Pin<Box<Sleep>>,
    is_stuck: bool,
}

impl<C> Limited<C> {
    pub(crate) fn new(connection: C, limits: Limits, turns: Turns) -> Self {
        Self {
            connection,
            limits,
            turns,
            turn: 0,
            reading: Box::pin(sleep(limits.head)),
            has_begun: false,
            writing: Box::pin(sleep(limits.answer)),
            is_stuck: false,
        }
    }

    fn written<T>(
        &mut self,
        context: &mut Context<'_>,
        result: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.is_stuck = false;
            return result;
        }
        if !self.is_stuck {
            self.is_stuck = true;
            self.writing.as_mut().reset(Instant::now() + self.limits.answer);
        }
        timed_out(&mut self.writing, context)
    }
}

/// Fails once the time is over, and is pending until then.
fn timed_out<T>(timer: &mut Pin<Box<Sleep>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
    timer.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
}

impl<C: Read + Unpin> Read for Limited<C> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let result = Pin::new(&mut this.connection).poll_read(context, buffer);
        let turn = this.turns.0.load(Ordering::Relaxed);
        if turn != this.turn {
            this.turn = turn;
            // The next bytes belong to another request.
            this.has_begun = false;
            this.reading.as_mut().reset(Instant::now() + this.limits.idle);
        }
        // The body has a limit of its own, and hyper polls for the end of the connection meanwhile.
        if turn % 2 == 1 {
            return result;
        }
        if result.is_ready() {
            if !this.has_begun {
                this.has_begun = true;
                this.reading.as_mut().reset(Instant::now() + this.limits.head);
            }
            return result;
        }
        timed_out(&mut this.reading, context)
    }
}

impl<C: Write + Unpin> Write for Limited<C> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.connection).poll_write(context, bytes);
        self.written(context, result)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.connection).poll_flush(context);
        self.written(context, result)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.connection).poll_shutdown(context);
        self.written(context, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.connection.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.connection).poll_write_vectored(context, buffers);
        self.written(context, result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::{Engine, Worker},
        http::Service,
    };
    use dynoxide::Database;
    use std::{
        io::{Read as _, Write as _},
        net::{SocketAddr, TcpListener, TcpStream},
        thread,
        time::Instant as Time,
    };

    const SHORT: Duration = Duration::from_millis(100);

    /// Starts a server with short limits, for one connection, and returns its client.
    fn client(limits: Limits) -> TcpStream {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let stream = TcpStream::connect(address).unwrap();
        thread::spawn(move || {
            let engine = Engine::new(Database::memory().unwrap()).unwrap();
            let (worker, _) = Worker::start(engine, None).unwrap();
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let (stream, _) = listener.accept().unwrap();
                stream.set_nonblocking(true).unwrap();
                let stream = tokio::net::TcpStream::from_std(stream).unwrap();
                let service = Service::new(worker, address.port(), limits);
                service.serve(stream, std::future::pending()).await;
            });
        });
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    fn limits() -> Limits {
        let long = Duration::from_secs(60);
        Limits { idle: long, head: long, body: long, answer: long }
    }

    /// Returns the response until the server closes the connection, and the time that this took.
    fn rest(mut stream: TcpStream) -> (String, Duration) {
        let start = Time::now();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        (answer, start.elapsed())
    }

    fn host(stream: &TcpStream) -> String {
        format!("Host: {}\r\n", stream.peer_addr().unwrap())
    }

    #[test]
    fn a_head_that_never_ends_is_given_up() {
        let mut stream = client(Limits { head: SHORT, ..limits() });
        let mut dripping = stream.try_clone().unwrap();
        let start = Time::now();
        thread::spawn(move || {
            let _ = dripping.write_all(b"GET / HTTP/1.1\r\n");
            while dripping.write_all(b"X: 1\r\n").is_ok() {
                thread::sleep(SHORT / 10);
            }
        });
        let mut answer = Vec::new();
        // Closed, or reset because of bytes that were still in transit.
        let _ = stream.read_to_end(&mut answer);
        assert!(start.elapsed() < Duration::from_secs(5) && start.elapsed() >= SHORT);
    }

    #[test]
    fn a_client_that_never_asks_is_given_up() {
        let (answer, took) = rest(client(Limits { head: SHORT, ..limits() }));
        assert_eq!(answer, "");
        assert!(took < Duration::from_secs(5), "{took:?}");
    }

    #[test]
    fn a_body_that_never_comes_is_given_up() {
        let mut stream = client(Limits { body: SHORT, ..limits() });
        let host = host(&stream);
        write!(stream, "POST / HTTP/1.1\r\n{host}Content-Length: 9\r\n\r\n{{").unwrap();
        let (answer, took) = rest(stream);
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(took < Duration::from_secs(5), "{took:?}");
    }

    #[test]
    fn a_silent_client_stays_connected_longer_than_a_slow_one() {
        let mut stream = client(Limits { idle: 5 * SHORT, head: SHORT, ..limits() });
        let request = format!("GET / HTTP/1.1\r\n{}\r\n", host(&stream));
        for pause in [0, 2, 2] {
            thread::sleep(pause * SHORT);
            stream.write_all(request.as_bytes()).unwrap();
            let mut start = [0; 15];
            stream.read_exact(&mut start).unwrap();
            assert_eq!(&start, b"HTTP/1.1 200 OK");
            let mut rest = [0; 1024];
            let mut read = 0;
            while !rest[..read].ends_with(b"amazonaws.com ") {
                read += stream.read(&mut rest[read..]).unwrap();
            }
        }
        let (_, took) = rest(stream);
        assert!(took >= 3 * SHORT && took < Duration::from_secs(5), "{took:?}");
    }
}
