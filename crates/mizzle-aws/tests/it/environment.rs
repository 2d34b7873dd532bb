//! Effects of the environment and the shared config files. Each test runs a child process, because
//! all tests of a process share its environment.

use crate::fake::{Answer, Fake};
use mizzle_aws::{Connection, DynamoDb};
use mizzle_core::apply::ControlPlane;
use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

const PROBE: &str = "MIZZLE_TEST_PROBE";

/// Not a test of its own: the code of the child process. `PROBE` is the endpoint and the profile.
#[tokio::test]
#[ignore = "run by the other tests, in a process of its own"]
async fn probe() {
    let Ok(probe) = std::env::var(PROBE) else { return };
    let (endpoint, profile) = probe.split_once(' ').unwrap();
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let connection = Connection {
        endpoint: some(endpoint),
        profile: some(profile),
        max_attempts: Some(1),
        ..Connection::default()
    };
    match DynamoDb::connect(connection).await {
        Err(error) => println!("probe: {error}"),
        Ok(server) => {
            println!("probe: {:?}", server.target());
            let said = match std::env::var("MIZZLE_TEST_ASK").as_deref() {
                // Tests never call AWS itself.
                Ok("nobody") => return,
                Ok("account") => server.account().await.map(|account| format!("{account:?}")),
                _ => server.list_tables().await.map(|_| "ok".to_owned()),
            };
            match said {
                Ok(said) => println!("probe: {said}"),
                Err(error) => println!("probe: {:?} {error}", error.kind),
            }
        }
    }
}

/// A child process whose environment has nothing of AWS except the test's variables.
pub(crate) struct Probe {
    command: Command,
    home: tempfile::TempDir,
}

impl Probe {
    fn new(endpoint: &str, profile: &str) -> Self {
        Self::of("environment::probe").env(PROBE, format!("{endpoint} {profile}"))
    }

    /// Runs one test, which is ignored otherwise.
    pub(crate) fn of(test: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", test, "--ignored", "--nocapture"]);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AWS_") {
                command.env_remove(name);
            }
        }
        command
            .env("HOME", home.path())
            .env("USERPROFILE", home.path())
            .env("AWS_EC2_METADATA_DISABLED", "true");
        Self { command, home }
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    fn connect_only(self) -> Self {
        self.env("MIZZLE_TEST_ASK", "nobody")
    }

    fn account(self) -> Self {
        self.env("MIZZLE_TEST_ASK", "account")
            .env("AWS_ACCESS_KEY_ID", "ENVKEY")
            .env("AWS_SECRET_ACCESS_KEY", "hunter2")
    }

    pub(crate) fn aws_config(self, text: &str) -> Self {
        self.aws_file("config", text)
    }

    /// Writes a file in `~/.aws`.
    pub(crate) fn aws_file(self, name: &str, text: &str) -> Self {
        let directory = self.home.path().join(".aws");
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join(name), text).unwrap();
        self
    }

    /// Returns the lines that the child printed.
    #[track_caller]
    pub(crate) fn run(mut self) -> Vec<String> {
        let output = self.command.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let lines = text
            .lines()
            .filter_map(|line| line.split_once("probe: ").map(|(_, said)| said.to_owned()));
        let lines: Vec<String> = lines.collect();
        assert!(output.status.success() && !lines.is_empty(), "{text}");
        lines
    }
}

fn local(endpoint: &str, region: &str) -> String {
    format!("Target {{ endpoint: {endpoint:?}, region: {region:?}, is_local: true }}")
}

fn remote(endpoint: &str, region: &str) -> String {
    format!("Target {{ endpoint: {endpoint:?}, region: {region:?}, is_local: false }}")
}

/// Returns the profiles `default`, which leaves a trace when it is used, and `work`.
fn profiles(trace: &Path) -> String {
    format!(
        "[default]\nregion = eu-north-1\ncredential_process = touch {}\n\
         [profile work]\nregion = eu-west-3\naws_access_key_id = WORKKEY\n\
         aws_secret_access_key = hunter2\n",
        trace.display()
    )
}

#[test]
fn this_machine_needs_no_credentials_and_nothing_is_asked_for_any() {
    let fake = Fake::start(vec![Answer::no_tables()]);
    let dir = tempfile::tempdir().unwrap();
    let trace = dir.path().join("asked");
    let said = Probe::new(&fake.endpoint(), "")
        .aws_config(&profiles(&trace))
        .env("AWS_ACCESS_KEY_ID", "ENVKEY")
        .env("AWS_SECRET_ACCESS_KEY", "hunter2")
        // The proxy must not be used between a machine and itself.
        .env("HTTP_PROXY", "http://127.0.0.1:1")
        .run();
    assert_eq!(said, [local(&fake.endpoint(), "us-east-1"), "ok".to_owned()]);
    assert!(fake.requests()[0].contains("Credential=local/"), "{}", fake.requests()[0]);
    assert!(!trace.exists());
}

#[test]
fn the_region_of_the_environment_counts_on_this_machine_too() {
    let fake = Fake::start(vec![Answer::no_tables()]);
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        let said = Probe::new(&fake.endpoint(), "").env(name, "ap-south-2").run();
        assert_eq!(said[0], local(&fake.endpoint(), "ap-south-2"));
    }
}

#[test]
fn a_named_profile_wins_over_the_environment() {
    let fake = Fake::start(vec![Answer::no_tables()]);
    let said = Probe::new(&fake.endpoint(), "work")
        .aws_config(&profiles(Path::new("unused")))
        .env("AWS_ACCESS_KEY_ID", "ENVKEY")
        .env("AWS_SECRET_ACCESS_KEY", "hunter2")
        .run();
    assert_eq!(said, [local(&fake.endpoint(), "eu-west-3"), "ok".to_owned()]);
    let request = &fake.requests()[0];
    assert!(request.contains("Credential=WORKKEY/"), "{request}");
    assert!(request.contains("/eu-west-3/dynamodb/"), "{request}");
}

#[test]
fn a_profile_that_is_not_there_is_named() {
    let fake = Fake::start(vec![Answer::no_tables()]);
    let without_files = Probe::new(&fake.endpoint(), "holiday").run();
    let without_profile =
        Probe::new(&fake.endpoint(), "holiday").aws_config(&profiles(Path::new("unused"))).run();
    for said in [without_files, without_profile] {
        let expected = "Credentials ListTables failed: there is no profile \"holiday\" in the AWS \
                        config files";
        assert_eq!(said[1], expected);
    }
    assert_eq!(fake.requests().len(), 0);
}

#[test]
fn the_endpoint_of_the_environment_counts() {
    let fake = Fake::start(vec![Answer::no_tables()]);
    for name in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"] {
        let said = Probe::new("", "").env(name, fake.endpoint()).run();
        assert_eq!(said, [local(&fake.endpoint(), "us-east-1"), "ok".to_owned()], "{name}");
    }
    let said = Probe::new("", "")
        .aws_config(&format!("[default]\nendpoint_url = {}\n", fake.endpoint()))
        .run();
    assert_eq!(said[0], local(&fake.endpoint(), "us-east-1"));
}

#[test]
fn without_an_endpoint_it_is_the_one_of_the_region() {
    let aws = "https://dynamodb.us-east-1.amazonaws.com";
    assert_eq!(Probe::new("", "").connect_only().run(), [remote(aws, "us-east-1")]);
    let china = Probe::new("", "").connect_only().env("AWS_REGION", "cn-north-1").run();
    assert_eq!(china, [remote("https://dynamodb.cn-north-1.amazonaws.com.cn", "cn-north-1")]);
    let profile = Probe::new("", "").connect_only().aws_config(&profiles(Path::new("unused")));
    let aws = "https://dynamodb.eu-north-1.amazonaws.com";
    assert_eq!(profile.run(), [remote(aws, "eu-north-1")]);
    let said = Probe::new("", "").connect_only().env("AWS_REGION", "eu west").run();
    assert!(said[0].starts_with("the region \"eu west\" is not usable"), "{said:?}");
}

/// A name that is not this machine's; RFC 2606 reserves it, so it never resolves.
const ELSEWHERE: &str = "http://dynamodb.invalid:8000";

#[test]
fn requests_go_to_the_endpoint_that_is_given() {
    let nobody = "http://127.0.0.1:1";
    // Requests to other machines would go through the proxy.
    let proxy = Fake::start(vec![Answer::no_tables()]);
    let said = Probe::new(ELSEWHERE, "")
        .env("AWS_ACCESS_KEY_ID", "ENVKEY")
        .env("AWS_SECRET_ACCESS_KEY", "hunter2")
        .env("AWS_ENDPOINT_URL", nobody)
        .env("AWS_ENDPOINT_URL_DYNAMODB", nobody)
        .env("HTTP_PROXY", proxy.endpoint())
        .env("HTTPS_PROXY", nobody)
        .run();
    assert_eq!(said, [remote(ELSEWHERE, "us-east-1"), "ok".to_owned()]);
    let request = &proxy.requests()[0];
    assert!(request.starts_with(&format!("POST {ELSEWHERE}/ ")), "{request}");
}

#[test]
fn no_credentials_anywhere_is_said_so() {
    let said = Probe::new(ELSEWHERE, "").run();
    assert_eq!(said[0], remote(ELSEWHERE, "us-east-1"));
    assert!(
        said[1].starts_with("Credentials ListTables failed: no AWS credentials were found"),
        "{said:?}"
    );
}

#[test]
fn a_metadata_service_that_is_not_there_costs_little() {
    let start = Instant::now();
    let said = Probe::new(ELSEWHERE, "")
        .env("AWS_EC2_METADATA_DISABLED", "false")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1")
        .run();
    assert!(said[1].starts_with("Credentials ListTables failed: "), "{said:?}");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[test]
fn an_ended_session_is_told_from_missing_credentials() {
    let fake = Fake::start(vec![Answer::no_tables()]);
    let probe = Probe::new(&fake.endpoint(), "office").aws_config(
        "[profile office]\nsso_session = corp\nsso_account_id = 123456789012\n\
         sso_role_name = reader\n\
         [sso-session corp]\nsso_region = us-east-1\n\
         sso_start_url = https://corp.invalid/start\n",
    );
    // The place where `aws sso login` stores the session: the SHA-1 of its name.
    let cache = probe.home.path().join(".aws/sso/cache");
    std::fs::create_dir_all(&cache).unwrap();
    std::fs::write(
        cache.join("ee0bfd2552fbd840c02cc48b6e823320543c450f.json"),
        r#"{"accessToken":"hunter2","expiresAt":"2001-01-01T00:00:00Z","region":"us-east-1",
            "startUrl":"https://corp.invalid/start"}"#,
    )
    .unwrap();
    let said = probe.run();
    assert!(said[1].starts_with("ExpiredCredentials ListTables failed: "), "{said:?}");
    assert!(!said[1].contains("hunter2"), "{said:?}");
    assert_eq!(fake.requests().len(), 0);
}

/// Returns the response of STS to `GetCallerIdentity`.
fn caller() -> Answer {
    Answer::http(
        200,
        "text/xml",
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <GetCallerIdentityResult><Account>123456789012</Account><UserId>ME</UserId>\
         <Arn>arn:aws:iam::123456789012:user/me</Arn></GetCallerIdentityResult>\
         <ResponseMetadata><RequestId>R1</RequestId></ResponseMetadata>\
         </GetCallerIdentityResponse>",
    )
}

#[test]
fn the_account_is_the_one_of_the_credentials() {
    // The endpoint of DynamoDB is not that of STS.
    for name in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"] {
        let sts = Fake::start(vec![caller()]);
        let probe = Probe::new(ELSEWHERE, "").account().env(name, sts.endpoint());
        let said = probe.env("AWS_REGION", "eu-west-3").run();
        assert_eq!(said, [remote(ELSEWHERE, "eu-west-3"), "Some(\"123456789012\")".to_owned()]);
        let requests = sts.requests();
        assert_eq!(requests.len(), 1);
        assert!(requests[0].contains("Action=GetCallerIdentity"), "{}", requests[0]);
        assert!(requests[0].contains("Credential=ENVKEY/"), "{}", requests[0]);
        assert!(requests[0].contains("/eu-west-3/sts/"), "{}", requests[0]);
    }
}

#[test]
fn the_account_of_a_profile_is_its_own() {
    let sts = Fake::start(vec![caller()]);
    let probe = Probe::new(ELSEWHERE, "work").account().env("AWS_ENDPOINT_URL_STS", sts.endpoint());
    let said = probe.aws_config(&profiles(Path::new("unused"))).run();
    assert_eq!(said[1], "Some(\"123456789012\")");
    assert!(sts.requests()[0].contains("Credential=WORKKEY/"), "{}", sts.requests()[0]);
}

#[test]
fn there_are_no_accounts_on_this_machine() {
    let sts = Fake::start(vec![caller()]);
    let probe = Probe::new("http://127.0.0.1:1", "").account();
    let said = probe.env("AWS_ENDPOINT_URL_STS", sts.endpoint()).run();
    assert_eq!(said, [local("http://127.0.0.1:1", "us-east-1"), "None".to_owned()]);
    assert_eq!(sts.requests().len(), 0);
}

#[test]
fn an_account_that_cannot_be_found_out_is_said_so() {
    let refused = Answer::http(
        403,
        "text/xml",
        "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code>\
         <Message>The security token included in the request is invalid.</Message></Error>\
         <RequestId>R1</RequestId></ErrorResponse>",
    );
    let elsewhere = Answer::json(400, r#"{"error": "Unsupported service: sts"}"#);
    for (answer, expected) in [
        (
            refused,
            "Credentials GetCallerIdentity failed: The security token included in the request is \
             invalid. (InvalidClientTokenId)",
        ),
        (
            elsewhere,
            "Other GetCallerIdentity failed: {endpoint} answered with HTTP status 400, but not \
             as STS does",
        ),
    ] {
        let sts = Fake::start(vec![answer]);
        let probe = Probe::new(ELSEWHERE, "").account();
        let said = probe.env("AWS_ENDPOINT_URL_STS", sts.endpoint()).run();
        assert_eq!(said[1], expected.replace("{endpoint}", &sts.endpoint()));
    }

    let nobody = "http://127.0.0.1:1";
    let start = Instant::now();
    let said = Probe::new(ELSEWHERE, "").account().env("AWS_ENDPOINT_URL_STS", nobody).run();
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    let expected = format!("Unreachable GetCallerIdentity failed: nothing listens at {nobody}");
    assert!(said[1].starts_with(&expected), "{said:?}");

    let probe = Probe::new(ELSEWHERE, "").env("MIZZLE_TEST_ASK", "account");
    let said = probe.env("AWS_ENDPOINT_URL_STS", nobody).run();
    let expected = "Credentials GetCallerIdentity failed: no AWS credentials were found";
    assert!(said[1].starts_with(expected), "{said:?}");
}
