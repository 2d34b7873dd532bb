//! Servers that cannot be reached, do not answer, or are something else.

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

/// What a run says, but for what happens to listen on this machine.
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

/// Ports within a command line, where no host stands before them.
fn redacted(text: &str, endpoint: &str) -> String {
    let port = endpoint.rsplit(':').next().unwrap();
    text.replace(&format!("-p {port}:"), "-p [port]:")
        .replace(&format!("-port {port}"), "-port [port]")
}

#[test]
fn something_listens_on_a_usual_port() {
    // Whoever has it already is as good.
    let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 4566));
    let output = run(&shop(), &["list", "--endpoint", &dead_endpoint()], &[]).assert_code(1);
    let hint = "help: something listens on the usual port of LocalStack and MiniStack: --endpoint http://localhost:4566";
    assert!(output.stderr.contains(hint), "{}", output.stderr);
}

#[test]
fn the_host_is_not_known() {
    let project = shop();
    let unknown = run(&project, &["list", "--endpoint", "http://dynamodb.invalid:8000"], &[]);
    insta::assert_snapshot!("unknown_host", said(unknown));
}

#[test]
fn there_is_no_such_region() {
    // The name server has never heard of these.
    let project = with_schema(SCHEMA);
    project.write("mizzle.config.ts", "export default { schema: \"./schema.ts\" };\n");
    for (case, region) in [("region_slip", "eu-cental-1"), ("region_unknown", "mars-north-1")] {
        let output = run(&project, &["list", "--region", region], &[]);
        insta::assert_snapshot!(case, said(output));
    }
    let output = run(&project, &["list", "--region", "eu central"], &[]).assert_code(2);
    insta::assert_snapshot!("region_malformed", told(&output, &[KEY, SECRET]));
    let output = run(&project, &["list", "--endpoint", "localhost:8000"], &[]).assert_code(2);
    insta::assert_snapshot!("endpoint_malformed", told(&output, &[KEY, SECRET]));
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
    insta::assert_snapshot!("website_json", said(output));
}

#[test]
fn tls_is_spoken_on_one_side_only() {
    let project = shop();
    let website = Stranger::website(200);
    let with_tls = website.endpoint().replace("http:", "https:");
    let output = run(&project, &["list", "--verbose", "--endpoint", &with_tls], &[]);
    insta::assert_snapshot!("no_tls", said(output));
    let encrypted = Stranger::encrypted();
    let without_tls = encrypted.endpoint().replace("https:", "http:");
    let output = run(&project, &["list", "--endpoint", &without_tls], &[]);
    insta::assert_snapshot!("only_tls", said(output));
}

#[test]
fn the_certificate_is_not_trusted() {
    let project = shop();
    let encrypted = Stranger::encrypted();
    let endpoint = encrypted.endpoint();
    let output = run(&project, &["list", "--verbose", "--endpoint", &endpoint], &[]);
    insta::assert_snapshot!("certificate", said(output));
    let by_address = endpoint.replace("localhost", "127.0.0.1");
    project.write("ca.pem", encrypted.certificate());
    let trusted = [("SSL_CERT_FILE", "ca.pem")];
    let output = run(&project, &["list", "--endpoint", &by_address], &trusted);
    insta::assert_snapshot!("certificate_of_another", said(output));
    // What the hint says helps: what answers now is seen to be no DynamoDB.
    let output = run(&project, &["list", "--json", "--endpoint", &endpoint], &trusted);
    assert_eq!(output.assert_code(1).json()["error"]["kind"], "not-dynamodb");
}

#[test]
fn no_answer_comes() {
    let project = shop();
    project.replace("mizzle.config.ts", "out:", "maxAttempts: 1,\n  out:");
    let silent = Stranger::silent();
    let output = run(&project, &["list", "--verbose", "--endpoint", &silent.endpoint()], &[]);
    insta::assert_snapshot!("silent", said(output));
}

#[test]
fn a_proxy_is_in_the_way() {
    let aws = Aws::new();
    let project = &aws.project;
    let dead = dead_endpoint();
    let output = run(project, &["list"], &[("HTTP_PROXY", &dead)]);
    insta::assert_snapshot!("proxy_dead", said(output));
    let website = Stranger::website(403);
    let password = website.endpoint().replace("://", "://me:SecretOfTheProxy@");
    let output = run(project, &["list", "--verbose"], &[("HTTP_PROXY", &password)]);
    insta::assert_snapshot!("proxy_answers", said(output));

    // What is encrypted goes through a tunnel, which a proxy may refuse.
    project.replace("mizzle.config.ts", "\"http://", "\"https://");
    for (case, status) in [("proxy_refuses", 403), ("proxy_wants_password", 407)] {
        let website = Stranger::website(status);
        let output = run(project, &["list"], &[("HTTPS_PROXY", &website.endpoint())]);
        insta::assert_snapshot!(case, said(output));
    }
    let output = run(project, &["list", "--json"], &[("HTTPS_PROXY", &dead)]);
    insta::assert_snapshot!("proxy_dead_json", said(output));
}
