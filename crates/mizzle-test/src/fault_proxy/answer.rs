//! A response from the server, or from the proxy itself, to the client.

use super::Fault;
use bytes::Bytes;
use hyper::{
    HeaderMap, Response, StatusCode,
    body::{Body, Frame, SizeHint},
    header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue},
};
use serde_json::{Value, json};
use std::{
    pin::Pin,
    task::{Context, Poll},
};

/// A complete response.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    /// Creates an error in DynamoDB's format.
    pub(super) fn error(status: u16, code: &str, message: &str) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
        headers.insert("x-amzn-requestid", HeaderValue::from_static("FAULTPROXY"));
        let body = json!({
            "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"),
            "message": message,
        });
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers,
            body: body.to_string().into(),
        }
    }

    /// Returns the response of a fault that does not call the server.
    pub(super) fn refusal(fault: &Fault) -> Option<Self> {
        match fault {
            Fault::Refuse { status, code, message } => Some(Self::error(*status, code, message)),
            Fault::Answer(body) => Some(Self::error(200, "", "").with_json(body)),
            Fault::FailAfter
            | Fault::CutBefore
            | Fault::CutAfter
            | Fault::Truncate(_)
            | Fault::Delay(_)
            | Fault::Overlay(_)
            | Fault::Hold { .. }
            | Fault::Stale { .. } => None,
        }
    }

    /// Replaces some fields, unless the response is an error.
    pub(super) fn overlaid(self, fields: &Value) -> Self {
        if !self.status.is_success() {
            return self;
        }
        let mut body = self.json();
        overlay(&mut body, fields);
        self.with_json(&body)
    }

    /// Returns the body; `Null` if it is not JSON.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// Replaces the body.
    pub(super) fn with_json(mut self, body: &Value) -> Self {
        self.body = body.to_string().into();
        // DynamoDB's checksum of the body; boto3 compares it.
        self.headers.remove("x-amz-crc32");
        self
    }

    /// Returns the complete response for the client.
    pub(super) fn whole(self) -> Response<Payload> {
        let length = self.body.len();
        self.truncated(length)
    }

    /// Returns a response for the client with only the first bytes of the body.
    pub(super) fn truncated(self, bytes: usize) -> Response<Payload> {
        let payload = Payload {
            remaining: self.body.len() as u64,
            missing: bytes < self.body.len(),
            first: Some(self.body.slice(..bytes.min(self.body.len()))),
            flushed: false,
        };
        let mut response = Response::new(payload);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response.headers_mut().insert(CONTENT_LENGTH, self.body.len().into());
        response
    }
}

/// Merges fields into an object recursively; replaces any other value.
fn overlay(body: &mut Value, fields: &Value) {
    match (body, fields) {
        (Value::Object(body), Value::Object(fields)) => {
            for (name, value) in fields {
                overlay(body.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (body, fields) => *body = fields.clone(),
    }
}

/// Closes the connection without sending the rest.
#[derive(Debug, thiserror::Error)]
#[error("the proxy cuts the connection")]
pub(super) struct Cut;

/// A body that may be cut before the announced length.
#[derive(Debug)]
pub(super) struct Payload {
    /// The number of announced bytes that are not sent yet.
    remaining: u64,
    first: Option<Bytes>,
    missing: bool,
    flushed: bool,
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        if let Some(first) = self.first.take().filter(|first| !first.is_empty()) {
            self.remaining -= first.len() as u64;
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        if !self.missing {
            return Poll::Ready(None);
        }
        // An error drops the data that hyper has not sent yet. It sends when a body is pending.
        if !self.flushed {
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(Cut)))
    }

    fn is_end_stream(&self) -> bool {
        self.first.as_ref().is_none_or(Bytes::is_empty) && !self.missing
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_laid_over_an_answer_and_not_over_an_error() {
        let answer =
            Answer::error(200, "", "").with_json(&json!({ "Table": { "A": 1, "B": [1, 2] } }));
        let fields = json!({ "Table": { "B": [3], "C": { "D": 4 } } });
        let overlaid = answer.overlaid(&fields);
        assert_eq!(overlaid.json(), json!({ "Table": { "A": 1, "B": [3], "C": { "D": 4 } } }));
        let error = Answer::error(400, "ValidationException", "No.");
        assert_eq!(error.clone().overlaid(&fields).json(), error.json());

        let given = Answer::refusal(&Fault::Answer(json!({ "Status": "ENABLED" }))).unwrap();
        assert_eq!((given.status, given.json()), (StatusCode::OK, json!({ "Status": "ENABLED" })));
    }
}
