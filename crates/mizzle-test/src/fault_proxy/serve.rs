//! HTTP: forwards a request from the client to the server, and the answer back.

use super::{
    Fault, Request, Shared,
    answer::{Answer, Cut, Payload},
    views,
};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    HeaderMap, Method, Response,
    body::Incoming,
    client, header,
    header::{HeaderName, HeaderValue},
    http::request::Parts,
    server,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};

const TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// Headers of a single connection, and one that would make answers unreadable here.
const NOT_FORWARDED: [HeaderName; 11] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::EXPECT,
    header::ACCEPT_ENCODING,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Serves connections forever.
pub(super) async fn run(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        // Ignore a connection that is closed before it is accepted.
        let Ok((stream, _)) = listener.accept().await else { continue };
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let service = service_fn(|request| answer(Arc::clone(&shared), request));
            let connection = server::conn::http1::Builder::new();
            // Serving fails if a fault cuts the connection, or the client disconnects.
            let _ = connection.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// The data that is needed to forward a request.
struct Received {
    request: Request,
    parts: Parts,
    body: Bytes,
    input: Value,
}

async fn answer(
    shared: Arc<Shared>,
    received: hyper::Request<Incoming>,
) -> Result<Response<Payload>, Cut> {
    let (parts, body) = received.into_parts();
    if parts.method == Method::CONNECT {
        let message = "the fault proxy forwards plain HTTP only: use an http:// endpoint";
        return Ok(Answer::error(501, "NotImplemented", message).whole());
    }
    let body = body.collect().await.map_err(|_| Cut)?.to_bytes();
    let input = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let target = parts.headers.get(TARGET).and_then(|target| target.to_str().ok());
    let request = Request::parse(target, &format!("{} {}", parts.method, parts.uri.path()), &input);
    let fault = shared.arrived(&request, &input);
    if let Some(refusal) = fault.as_ref().and_then(Answer::refusal) {
        return Ok(refusal.whole());
    }
    if fault == Some(Fault::CutBefore) {
        return Err(Cut);
    }

    // In its own task: a request that was sent to the server is executed completely, even if the
    // client disconnects meanwhile.
    let received = Received { request, parts, body, input };
    let carried_out = tokio::spawn(carry_out(shared, received, fault.clone()));
    let answer = carried_out.await.map_err(|_| Cut)?;
    match fault {
        None | Some(Fault::Hold { .. } | Fault::Stale { .. }) => Ok(answer.whole()),
        Some(Fault::Overlay(fields)) => Ok(answer.overlaid(&fields).whole()),
        Some(Fault::FailAfter) => Ok(Answer::refusal(&Fault::internal_error()).ok_or(Cut)?.whole()),
        Some(Fault::Truncate(bytes)) => {
            let all_but_one = answer.body.len().saturating_sub(1);
            Ok(answer.truncated(bytes.min(all_but_one)))
        }
        Some(Fault::Delay(time)) => {
            tokio::time::sleep(time).await;
            Ok(answer.whole())
        }
        Some(Fault::CutAfter | Fault::CutBefore | Fault::Refuse { .. } | Fault::Answer(_)) => {
            Err(Cut)
        }
    }
}

/// Returns the server's answer, or the replacement for the client while a change is held.
async fn carry_out(shared: Arc<Shared>, received: Received, fault: Option<Fault>) -> Answer {
    let in_use = shared.lock().views.refuse(&received.request).then(Fault::in_use);
    if let Some(refusal) = in_use.as_ref().and_then(Answer::refusal) {
        return refusal;
    }
    match exchange(&shared, received, fault).await {
        Ok(answer) => answer,
        Err(error) => {
            let message = format!("the server behind the proxy does not answer: {error}");
            Answer::error(502, "BadGateway", &message)
        }
    }
}

async fn exchange(
    shared: &Shared,
    received: Received,
    fault: Option<Fault>,
) -> Result<Answer, Failure> {
    let Received { request, parts, body, input } = received;
    let fault = fault.filter(|fault| matches!(fault, Fault::Hold { .. } | Fault::Stale { .. }));
    let before = match (&fault, views::look_of(&request.operation)) {
        (Some(_), Some((look, field))) => {
            let headers = look_headers(&parts.headers, look)?;
            let body = json!({ field: input[field].clone() }).to_string();
            Some(forward(&shared.server, Method::POST, "/", headers, body.into()).await?)
        }
        _ => None,
    };

    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let answer = forward(&shared.server, parts.method, path, parts.headers, body).await?;

    let mut state = shared.lock();
    if let (Some(fault), Some(before), true) = (fault, before, answer.status.is_success()) {
        state.views.begin(&fault, &request, input, before);
        return Ok(state.views.answer_to_call(&request, answer));
    }
    Ok(state.views.show(&request, answer))
}

/// Returns the headers of a read on the client's behalf. No test server checks the signature.
fn look_headers(headers: &HeaderMap, look: &str) -> Result<HeaderMap, Failure> {
    let mut headers = headers.clone();
    headers.insert(TARGET, HeaderValue::try_from(format!("DynamoDB_20120810.{look}"))?);
    headers.remove(header::CONTENT_LENGTH);
    Ok(headers)
}

/// Sends one request to the server, on its own connection: the server may close a kept connection
/// at the wrong time, which would be a fault that was not injected.
async fn forward(
    server: &str,
    method: Method,
    path: &str,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Answer, Failure> {
    let mut request = hyper::Request::builder().method(method).uri(path).body(Full::new(body))?;
    *request.headers_mut() = headers;
    for name in &NOT_FORWARDED {
        request.headers_mut().remove(name);
    }
    // Some servers choose the service by the host, which in a proxied request is arbitrary.
    request.headers_mut().insert(header::HOST, HeaderValue::try_from(server)?);
    request.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));

    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let (mut parts, body) = sender.send_request(request).await?.into_parts();
    for name in &NOT_FORWARDED {
        parts.headers.remove(name);
    }
    let body = body.collect().await?.to_bytes();
    Ok(Answer { status: parts.status, headers: parts.headers, body })
}
