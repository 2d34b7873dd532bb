//! Servers that cannot be reached, do not answer, or are not DynamoDB.

use super::{Aws, told};
use crate::support::{SCHEMA, shop, with_schema};
use mizzle_test::{Output, Stranger, TempProject, dead_endpoint};
use std::net::{Ipv4Addr, TcpListener};

const KEY: &str = "AKIDOFTHETESTS000000";
const SECRET: &str = "SecretOfTheTests/kQ9";

/// Runs a command against an endpoint, with credentials in the environment.
fn run(project: &TempProject, args: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = project
        .mizzle(args)
        .env("AWS_ACCESS_KEY_ID", KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .env("AWS_MAX_ATTEMPTS", "1");
    for (name, value) in variables {
        command = command.env(name, value);
    }
    command.run()
}

/// Returns the output of a run, without lines about other servers on this machine.
#[track_caller]
fn said(output: Output) -> String {
    let output = output.assert_code(1);
    let is_neighbour = |line: &&str| !line.contains("something listens on the usual port");
    told(&output, &[KEY, SECRET, "SecretOfTheProxy"])
        .lines()
        .filter(is_neighbour)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn nothing_listens() {
    let project = shop();
    let endpoint = dead_endpoint();
    for (case, args) in [
        ("dead", &["list", "--endpoint", &endpoint][..]),
        ("dead_verbose", &["list", "--verbose", "--endpoint", &endpoint]),
        ("dead_push", &["push", "--yes", "--endpoint", &endpoint]),
        ("dead_json", &["list", "--json", "--endpoint", &endpoint]),
    ] {
        insta::assert_snapshot!(case, redacted(&said(run(&project, args, &[])), &endpoint));
    }
}

/// Redacts ports in a command line that do not follow a host.
fn redacted(text: &str, endpoint: &str) -> String {
    let port = endpoint.rsplit(':').next().unwrap();
    text.replace(&format!("-p {port}:"), "-p [port]:")
        .replace(&format!("-port {port}"), "-port [port]")
}

#[test]
fn something_listens_on_a_usual_port() {
    // Another process that listens on the port already is equivalent.
    let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 4566));
    let output = run(&shop(), &["list", "--endpoint", &dead_endpoint()], &[]).assert_code(1);
    let hint = "help: something listens on the usual port of LocalStack and MiniStack: --endpoint http://localhost:4566";
    assert!(output.stderr.contains(hint), "{}", output.stderr);
}

#[test]
fn the_host_is_not_known() {
    let project = shop();
    let unknown = run(&project, &["list", "--endpoint", "http://dynamodb.invalid:8000"], &[]);
    insta::assert_snapshot!(said(unknown), @"
    $ mizzle list --endpoint http://dynamodb.invalid:8000
    [exit code: 1]
    [stderr]
    error: ListTables failed: there is no host dynamodb.invalid, as far as this machine can find out
      help: is the name right? one of a container is known to other containers only: outside, use localhost and the port that it publishes
    ");
}

#[test]
fn there_is_no_such_region() {
    // The name server does not know these.
    let project = with_schema(SCHEMA);
    project.write("mizzle.config.ts", "export default { schema: \"./schema.ts\" };\n");
    for (case, region) in [("region_slip", "eu-cental-1"), ("region_unknown", "mars-north-1")] {
        let output = run(&project, &["list", "--region", region], &[]);
        insta::assert_snapshot!(case, said(output));
    }
    let output = run(&project, &["list", "--region", "eu central"], &[]).assert_code(2);
    insta::assert_snapshot!(told(&output, &[KEY, SECRET]), @r#"
    $ mizzle list --region 'eu central'
    [exit code: 2]
    [stderr]
    error: The region "eu central" is not usable: a region is made of letters, digits and dashes
      help: give one like eu-central-1
    "#);
    let output = run(&project, &["list", "--endpoint", "localhost:8000"], &[]).assert_code(2);
    insta::assert_snapshot!(told(&output, &[KEY, SECRET]), @r#"
    $ mizzle list --endpoint localhost:[port]
    [exit code: 2]
    [stderr]
    error: The endpoint "localhost:[port]" is not usable: it does not start with http:// or https://
      help: give a URL like http://localhost:[port]
      help: the embedded DynamoDB needs no server: `endpoint: "local"` in the config, or --endpoint local
    "#);
}

#[test]
fn it_is_no_dynamodb() {
    let project = shop();
    for (case, status) in [("website_404", 404), ("website_200", 200), ("website_502", 502)] {
        let website = Stranger::website(status);
        let output = run(&project, &["list", "--verbose", "--endpoint", &website.endpoint()], &[]);
        insta::assert_snapshot!(case, said(output));
    }
    let website = Stranger::website(404);
    let output = run(&project, &["list", "--json", "--endpoint", &website.endpoint()], &[]);
    insta::assert_snapshot!(said(output), @r#"
    $ mizzle list --json --endpoint http://localhost:[port]
    [exit code: 1]
    [stdout]
    {
      "schemaVersion": 1,
      "command": "list",
      "error": {
        "kind": "not-dynamodb",
        "message": "ListTables failed: http://localhost:[port] answered with HTTP status 404, but not as DynamoDB does",
        "hints": [
          "name the endpoint of a DynamoDB: --endpoint, MIZZLE_ENDPOINT or `endpoint` in the config"
        ]
      }
    }
    "#);
}

#[test]
fn tls_is_spoken_on_one_side_only() {
    let project = shop();
    let website = Stranger::website(200);
    let with_tls = website.endpoint().replace("http:", "https:");
    let output = run(&project, &["list", "--verbose", "--endpoint", &with_tls], &[]);
    insta::assert_snapshot!(said(output), @"
    $ mizzle list --verbose --endpoint https://localhost:[port]
    [exit code: 1]
    [stderr]
    error: ListTables failed: https://localhost:[port] does not speak TLS, and the endpoint says https
      help: name it without TLS: http://localhost:[port]
      cause: TLS handshake failed
      cause: received corrupt message of type InvalidContentType
      credentials: a made-up key, for a server on this machine
    ");
    let encrypted = Stranger::encrypted();
    let without_tls = encrypted.endpoint().replace("https:", "http:");
    let output = run(&project, &["list", "--endpoint", &without_tls], &[]);
    insta::assert_snapshot!(said(output), @"
    $ mizzle list --endpoint http://localhost:[port]
    [exit code: 1]
    [stderr]
    error: ListTables failed: http://localhost:[port] answers, but not as DynamoDB does (invalid HTTP version parsed)
      help: name the endpoint of a DynamoDB: --endpoint, MIZZLE_ENDPOINT or `endpoint` in the config
      help: or, if it speaks TLS, begin the endpoint with https://
    ");
}

#[test]
fn the_certificate_is_not_trusted() {
    let project = shop();
    let encrypted = Stranger::encrypted();
    let endpoint = encrypted.endpoint();
    let output = run(&project, &["list", "--verbose", "--endpoint", &endpoint], &[]);
    insta::assert_snapshot!(said(output), @"
    $ mizzle list --verbose --endpoint https://localhost:[port]
    [exit code: 1]
    [stderr]
    error: ListTables failed: the certificate of https://localhost:[port] is not trusted: its issuer is unknown here
      help: if it was made by your company or by yourself, name the certificate of its issuer: SSL_CERT_FILE=/path/to/ca.pem
      cause: TLS handshake failed
      cause: invalid peer certificate: UnknownIssuer
      credentials: a made-up key, for a server on this machine
    ");
    let by_address = endpoint.replace("localhost", "127.0.0.1");
    project.write("ca.pem", encrypted.certificate());
    let trusted = [("SSL_CERT_FILE", "ca.pem")];
    let output = run(&project, &["list", "--endpoint", &by_address], &trusted);
    insta::assert_snapshot!(said(output), @"
    $ mizzle list --endpoint https://127.0.0.1:[port]
    [exit code: 1]
    [stderr]
    error: ListTables failed: the certificate of https://127.0.0.1:[port] is not trusted: it is for another host
      help: name the host that the certificate is for
    ");
    // The hint works: the answering server is recognized as not being DynamoDB.
    let output = run(&project, &["list", "--json", "--endpoint", &endpoint], &trusted);
    assert_eq!(output.assert_code(1).json()["error"]["kind"], "not-dynamodb");
}

#[test]
fn no_answer_comes() {
    let project = shop();
    project.replace("mizzle.config.ts", "out:", "maxAttempts: 1,\n  out:");
    let silent = Stranger::silent();
    let output = run(&project, &["list", "--verbose", "--endpoint", &silent.endpoint()], &[]);
    insta::assert_snapshot!(said(output), @"
    $ mizzle list --verbose --endpoint http://localhost:[port]
    [exit code: 1]
    [stderr]
    error: ListTables failed: timed out after [time] waiting for http://localhost:[port]
      help: does a firewall, a VPN or a proxy stand in the way? if not, run the command again
      cause: operation attempt timeout (single attempt) occurred after [time]
      credentials: a made-up key, for a server on this machine
    ");
}

#[test]
fn a_proxy_is_in_the_way() {
    let aws = Aws::new();
    let project = &aws.project;
    let dead = dead_endpoint();
    let output = run(project, &["list"], &[("HTTP_PROXY", &dead)]);
    insta::assert_snapshot!(said(output), @"
    $ mizzle list
    [exit code: 1]
    [stderr]
    error: ListTables failed: nothing listens at http://127.0.0.1:[port], the proxy to http://dynamodb.eu-central-1.amazonaws.com
      help: HTTP_PROXY leads to the proxy http://127.0.0.1:[port]: correct it, or go around it with NO_PROXY=dynamodb.eu-central-1.amazonaws.com
    ");
    let website = Stranger::website(403);
    let password = website.endpoint().replace("://", "://me:SecretOfTheProxy@");
    let output = run(project, &["list", "--verbose"], &[("HTTP_PROXY", &password)]);
    insta::assert_snapshot!(said(output), @r#"
    $ mizzle list --verbose
    [exit code: 1]
    [stderr]
    error: ListTables failed: http://dynamodb.eu-central-1.amazonaws.com answered with HTTP status 403, but not as DynamoDB does
      help: name the endpoint of a DynamoDB: --endpoint, MIZZLE_ENDPOINT or `endpoint` in the config
      help: HTTP_PROXY leads to the proxy http://localhost:[port]: correct it, or go around it with NO_PROXY=dynamodb.eu-central-1.amazonaws.com
      cause: Error at offset 0: unexpected token '<'. Expected one of '{', '[', '"', 'null', 'true', 'false', <number>
      credentials: the environment (AWS_ACCESS_KEY_ID)
      proxy: http://localhost:[port]
    "#);

    // Encrypted connections use a tunnel, which a proxy may refuse.
    project.replace("mizzle.config.ts", "\"http://", "\"https://");
    for (case, status) in [("proxy_refuses", 403), ("proxy_wants_password", 407)] {
        let website = Stranger::website(status);
        let output = run(project, &["list"], &[("HTTPS_PROXY", &website.endpoint())]);
        insta::assert_snapshot!(case, said(output));
    }
    let output = run(project, &["list", "--json"], &[("HTTPS_PROXY", &dead)]);
    insta::assert_snapshot!(said(output), @r#"
    $ mizzle list --json
    [exit code: 1]
    [stdout]
    {
      "schemaVersion": 1,
      "command": "list",
      "error": {
        "kind": "endpoint-unreachable",
        "message": "ListTables failed: nothing listens at http://127.0.0.1:[port], the proxy to https://dynamodb.eu-central-1.amazonaws.com",
        "hints": [
          "HTTPS_PROXY leads to the proxy http://127.0.0.1:[port]: correct it, or go around it with NO_PROXY=dynamodb.eu-central-1.amazonaws.com"
        ]
      }
    }
    "#);
}
