//! DynamoDB's protocol over HTTP, for programs on this machine and not for web pages.
//!
//! The server has no access control, and every page in a browser on this machine can send it
//! requests. So requests that come from a page are rejected, and so are host names other than this
//! machine's own: a page's host name may resolve to this machine (DNS rebinding).

use crate::{
    connection::{Limited, Limits, Turns},
    engine::{Answer, Worker, is_operation},
};
use dynoxide::auth_material::{self, AuthMaterial};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited as LimitedBody};
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode,
    body::{Body, Bytes, Incoming},
    header::{AUTHORIZATION, CONTENT_TYPE, DATE, HOST, HeaderName, HeaderValue, ORIGIN, SERVER},
    http::{request::Parts, uri::Authority},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use std::{convert::Infallible, future::Future, pin::pin};
use tokio::{net::TcpStream, time::timeout};
use uuid::Uuid;

/// The maximum size of a request's body. DynamoDB accepts 16 MB.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html>.
const BODY: usize = 16 * 1024 * 1024;

/// The maximum size of a request's head. An SDK's head has one or two KiB.
const HEAD: usize = 64 * 1024;

/// The maximum number of headers of a request.
const HEADERS: usize = 100;

const JSON: &str = "application/x-amz-json-1.0";

/// The prefixes of operations in `X-Amz-Target`.
const TARGETS: [&str; 2] = ["DynamoDB_20120810.", "DynamoDBStreams_20120810."];

/// The names of this machine that a client may use.
const HOSTS: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// The server of one connection.
pub(crate) struct Service {
    worker: Worker,
    port: u16,
    limits: Limits,
}

impl Service {
    pub(crate) fn new(worker: Worker, port: u16, limits: Limits) -> Self {
        Self { worker, port, limits }
    }

    /// Answers the requests of a connection until the client disconnects, or `stop` completes.
    pub(crate) async fn serve(self, stream: TcpStream, stop: impl Future<Output = ()>) {
        // A response that waits for more data to send delays the SDK.
        let _ = stream.set_nodelay(true);
        let turns = Turns::default();
        let stream = Limited::new(TokioIo::new(stream), self.limits, turns.clone());
        let service = service_fn(|request| {
            let turn = turns.answering();
            async {
                let response = self.respond(request).await;
                drop(turn);
                Ok::<_, Infallible>(response)
            }
        });
        let mut connection = pin!(
            http1::Builder::new()
                .header_read_timeout(None)
                .max_buf_size(HEAD)
                .max_headers(HEADERS)
                .serve_connection(stream, service)
        );
        // The error of a failed connection cannot be reported to the client.
        tokio::select! {
            _ = connection.as_mut() => return,
            () = stop => connection.as_mut().graceful_shutdown(),
        }
        let _ = connection.await;
    }

    async fn respond(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        if let Some(message) = reason_to_refuse(&head, self.port) {
            return response(forbidden(message), JSON);
        }
        if head.uri.path() != "/" || !matches!(head.method, Method::GET | Method::POST) {
            return unknown_page();
        }
        if head.method == Method::GET {
            let body = "healthy: dynamodb.us-east-1.amazonaws.com ".to_owned();
            return response(Answer { status: 200, body }, "text/plain");
        }
        if body.size_hint().lower() > BODY as u64 {
            return response(too_large(), JSON);
        }
        let body = LimitedBody::new(body, BODY).collect();
        let body = match timeout(self.limits.body, body).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => return response(too_large(), JSON),
            // The client has disconnected.
            Ok(Err(_)) => return response(Answer::unreadable(), JSON),
            Err(_) => return response(too_slow(), JSON),
        };
        self.operate(&head, &body).await
    }

    async fn operate(&self, head: &Parts, body: &Bytes) -> Response<Full<Bytes>> {
        let sent = text(&head.headers, &CONTENT_TYPE).unwrap_or_default();
        let media = sent.split(';').next().unwrap_or_default().trim();
        let media = match media.to_ascii_lowercase().as_str() {
            JSON => JSON,
            "application/json" => "application/json",
            "" if body.is_empty() && sent.is_empty() => "application/json",
            // A page can send other types than JSON without a preflight request.
            _ => return unknown_page(),
        };
        let target = text(&head.headers, &HeaderName::from_static("x-amz-target"));
        let operation = target
            .and_then(|target| TARGETS.iter().find_map(|start| target.strip_prefix(start)))
            .filter(|operation| is_operation(operation));
        let Some(operation) = operation else { return response(unknown_operation(), media) };
        let refused = auth_material::validate(AuthMaterial {
            authorization: text(&head.headers, &AUTHORIZATION),
            query: head.uri.query().unwrap_or_default(),
            has_date_header: head.headers.contains_key("x-amz-date")
                || head.headers.contains_key(DATE),
        });
        if let Some(body) = refused {
            return response(Answer { status: 400, body }, media);
        }
        let Ok(body) = str::from_utf8(body) else { return response(Answer::unreadable(), media) };
        if body.is_empty() {
            return response(Answer::unreadable(), media);
        }
        response(self.worker.answer(operation.to_owned(), body.to_owned()).await, media)
    }
}

/// Returns the reason to reject a request, which may come from a web page.
fn reason_to_refuse(head: &Parts, port: u16) -> Option<&'static str> {
    let mut hosts = head.headers.get_all(HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok());
    let is_ours = |authority: &Authority| {
        is_this_machine(authority) && authority.port_u16().unwrap_or(80) == port
    };
    let is_own = host.and_then(|host| host.parse().ok()).is_some_and(|host| is_ours(&host))
        && hosts.next().is_none()
        && head.uri.authority().is_none_or(is_ours);
    if !is_own {
        return Some(
            "The embedded DynamoDB answers to 127.0.0.1, localhost and [::1] with its port, and to no other host",
        );
    }
    if head.method == Method::OPTIONS {
        return Some("The embedded DynamoDB lets no web page in");
    }
    let is_foreign = |origin: &HeaderValue| !origin.to_str().is_ok_and(is_local_origin);
    let is_cross_site =
        head.headers.get_all("sec-fetch-site").iter().any(|site| site == "cross-site");
    if is_cross_site || head.headers.get_all(ORIGIN).iter().any(is_foreign) {
        return Some(
            "The embedded DynamoDB answers programs on this machine, and no web page of another host",
        );
    }
    None
}

fn is_local_origin(origin: &str) -> bool {
    let authority = origin.split_once("://").and_then(|(_, host)| host.parse::<Authority>().ok());
    authority.is_some_and(|authority| is_this_machine(&authority))
}

fn is_this_machine(authority: &Authority) -> bool {
    let names_a_user = authority.as_str().contains('@');
    !names_a_user && HOSTS.iter().any(|own| authority.host().eq_ignore_ascii_case(own))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn forbidden(message: &str) -> Answer {
    Answer::error(403, "com.mizzle.local#Forbidden", message)
}

fn too_large() -> Answer {
    let message = "The request is larger than 16 MB";
    Answer::error(413, "com.amazon.coral.service#RequestEntityTooLargeException", message)
}

fn too_slow() -> Answer {
    let message = "The body of the request has not come in";
    Answer::error(408, "com.amazon.coral.service#RequestTimeoutException", message)
}

fn unknown_operation() -> Answer {
    let body = r#"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#.to_owned();
    Answer { status: 400, body }
}

fn unknown_page() -> Response<Full<Bytes>> {
    let body = "<UnknownOperationException/>\n".to_owned();
    response(Answer { status: 404, body }, "application/xml")
}

fn response(answer: Answer, media: &'static str) -> Response<Full<Bytes>> {
    let Answer { status, body } = answer;
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(SERVER, HeaderValue::from_static("mizzle"));
    let id = Uuid::new_v4().simple().to_string().to_ascii_uppercase();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}
