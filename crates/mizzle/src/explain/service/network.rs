//! Servers that cannot be reached, do not respond, or are not DynamoDB.

use super::region;
use crate::server::{TargetName, embedded};
use mizzle_core::apply::{CertificateFlaw, FailureCause, ServiceError};
use std::{
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

/// The default ports of DynamoDB servers for development.
const USUAL_PORTS: [(u16, &str); 2] =
    [(8000, "DynamoDB Local and mizzle local"), (4566, "LocalStack and MiniStack")];

const DYNAMODB_IS_MEANT: &str =
    "name the endpoint of a DynamoDB: --endpoint, MIZZLE_ENDPOINT or `endpoint` in the config";

/// The timeout of a connection attempt: on this machine a port accepts or refuses connections at
/// once.
const PATIENCE: Duration = Duration::from_millis(100);

/// Returns the hints for a network error.
pub(super) fn hints(error: &ServiceError, target: &TargetName) -> Vec<String> {
    let endpoint = target.endpoint.as_str();
    let mut hints = match &error.background.obstacle {
        Some(FailureCause::NothingListens) if target.is_local => nothing_listens(endpoint),
        Some(FailureCause::NothingListens) => {
            vec!["is the server running, and are host and port right?".to_owned()]
        }
        Some(FailureCause::UnknownHost) => unknown_host(target),
        Some(FailureCause::NoTls) => {
            vec![format!("name it without TLS: {}", endpoint.replacen("https://", "http://", 1))]
        }
        Some(FailureCause::OnlyTls) => {
            vec![format!("name it with TLS: {}", endpoint.replacen("http://", "https://", 1))]
        }
        Some(FailureCause::Certificate(flaw)) => vec![certificate(*flaw).to_owned()],
        Some(FailureCause::Proxy) => Vec::new(),
        Some(FailureCause::ProxyPassword) => {
            let address = error.background.proxy.as_deref().unwrap_or_default();
            let address = address.replacen("://", "://<user>:<password>@", 1);
            vec![format!("put them into its address: {}={address}", proxy_variable(endpoint))]
        }
        Some(FailureCause::Silence) => vec![
            "does a firewall, a VPN or a proxy stand in the way? if not, run the command again"
                .to_owned(),
        ],
        Some(FailureCause::Stranger) => vec![DYNAMODB_IS_MEANT.to_owned()],
        Some(FailureCause::NoHttp) => {
            let mut hints = vec![DYNAMODB_IS_MEANT.to_owned()];
            if endpoint.starts_with("http://") {
                hints.push("or, if it speaks TLS, begin the endpoint with https://".to_owned());
            }
            hints
        }
        Some(
            FailureCause::NoCredentials { .. }
            | FailureCause::UnknownProfile { .. }
            | FailureCause::SignedOut { .. }
            | FailureCause::BrokenProfile { .. },
        )
        | None => {
            vec!["is this machine connected to the network, and is the endpoint right?".to_owned()]
        }
    };
    if let Some(proxy) = &error.background.proxy {
        let variable = proxy_variable(endpoint);
        hints.push(format!(
            "{variable} leads to the proxy {proxy}: correct it, or go around it with NO_PROXY={}",
            host(endpoint)
        ));
    }
    hints
}

/// Returns the variable that configures the proxy for an endpoint.
fn proxy_variable(endpoint: &str) -> &'static str {
    if endpoint.starts_with("https://") { "HTTPS_PROXY" } else { "HTTP_PROXY" }
}

fn certificate(flaw: CertificateFlaw) -> &'static str {
    match flaw {
        CertificateFlaw::UnknownIssuer | CertificateFlaw::Other => {
            "if it was made by your company or by yourself, name the certificate of its issuer: SSL_CERT_FILE=/path/to/ca.pem"
        }
        CertificateFlaw::Time => "renew it, or set the clock of this machine, whichever is wrong",
        CertificateFlaw::OtherHost => "name the host that the certificate is for",
    }
}

fn nothing_listens(endpoint: &str) -> Vec<String> {
    let port = port(endpoint);
    let mut hints = neighbours(port);
    hints.extend(embedded::INSTEAD.map(str::to_owned));
    hints.push(format!("or start DynamoDB Local there: docker run --rm -p {port}:8000 amazon/dynamodb-local, or java -jar DynamoDBLocal.jar -sharedDb -port {port}"));
    hints
}

/// Returns hints about DynamoDB servers that listen on other default ports.
fn neighbours(asked: u16) -> Vec<String> {
    let listens = |port: u16| {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        TcpStream::connect_timeout(&address, PATIENCE).is_ok()
    };
    let others = USUAL_PORTS.iter().filter(|(port, _)| *port != asked && listens(*port));
    others
        .map(|(port, whose)| {
            format!(
                "something listens on the usual port of {whose}: --endpoint http://localhost:{port}"
            )
        })
        .collect()
}

fn unknown_host(target: &TargetName) -> Vec<String> {
    let TargetName { endpoint, region, .. } = target;
    if !host(endpoint).contains("amazonaws.com") {
        return vec![
            "is the name right? one of a container is known to other containers only: outside, use localhost and the port that it publishes".to_owned(),
        ];
    }
    if region::is_known(region) {
        return vec!["is this machine connected to the network?".to_owned()];
    }
    let mut hints: Vec<String> = region::did_you_mean(region).into_iter().collect();
    hints.push(format!(
        "is {region} a region of AWS? --region, AWS_REGION or `region` in the config names another"
    ));
    hints
}

/// Returns the host of a valid endpoint.
fn host(endpoint: &str) -> &str {
    let (_, rest) = endpoint.split_once("://").unwrap_or(("", endpoint));
    let authority = rest.split('/').next().unwrap_or(rest);
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host,
        _ => authority,
    }
}

/// Returns the port of a valid endpoint.
fn port(endpoint: &str) -> u16 {
    let (scheme, rest) = endpoint.split_once("://").unwrap_or(("", endpoint));
    let authority = rest.split('/').next().unwrap_or(rest);
    let port = authority.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    port.unwrap_or(if scheme == "https" { 443 } else { 80 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_have_hosts_and_ports() {
        for (endpoint, expected) in [
            ("http://localhost:8000", ("localhost", 8000)),
            ("http://127.0.0.1", ("127.0.0.1", 80)),
            (
                "https://dynamodb.eu-central-1.amazonaws.com",
                ("dynamodb.eu-central-1.amazonaws.com", 443),
            ),
            ("http://[::1]:8000/x", ("[::1]", 8000)),
            ("http://[::1]", ("[::1]", 80)),
        ] {
            assert_eq!((host(endpoint), port(endpoint)), expected, "{endpoint}");
        }
    }
}
