//! Credentials that are missing, expired, or not accepted.

use super::{Aws, TOKEN, told};
use crate::support::shop;
use mizzle_test::{CheckingMoto, Database, Fault, On, TempProject};

const SECRET: &str = "SecretOfTheTests/kQ9";

/// Profiles from `aws configure sso`, and a few that do not work.
const PROFILES: &str = "\
[profile work]
region = eu-central-1

[profile office]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Deploy

[profile deploy]
role_arn = arn:aws:iam::210987654321:role/Deploy
source_profile = office

[profile old]
sso_start_url = https://corp.example.test/start
sso_region = us-east-1
sso_account_id = 123456789012
sso_role_name = Deploy

[profile script]
credential_process = echo 'the vault is locked' >&2; exit 3

[sso-session corp]
sso_region = us-east-1
sso_start_url = https://corp.example.test/start
";

/// Writes a file of the home folder.
fn home(project: &TempProject, path: &str, text: &str) {
    let file = project.home().join(path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

/// The file in which `aws sso login` stores the session `corp`: the SHA-1 of its name.
const SESSION: &str = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";

/// Returns the file of `aws sso login`, with an expiry time.
fn session(until: &str) -> String {
    format!(
        r#"{{"accessToken": "{TOKEN}", "expiresAt": "{until}", "region": "us-east-1",
            "startUrl": "https://corp.example.test/start"}}"#
    )
}

#[test]
fn there_are_none() {
    let aws = Aws::new();
    for (case, args) in [
        ("none", &["list"][..]),
        ("none_verbose", &["list", "--verbose"]),
        ("none_json", &["list", "--json", "--verbose"]),
        ("none_push", &["push", "--yes"]),
    ] {
        insta::assert_snapshot!(case, aws.told(&aws.stranger(args).run().assert_code(1)));
    }
    home(&aws.project, ".aws/config", PROFILES);
    insta::assert_snapshot!(aws.told(&aws.stranger(&["list"]).run().assert_code(1)), @"
    $ mizzle list
    [exit code: 1]
    [stderr]
    error: ListTables failed: no AWS credentials were found
      help: there are the profiles deploy, office, old, script and work: choose one with --profile or AWS_PROFILE
      help: or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
      help: or work on this machine, which needs none: --endpoint local
    ");
    let half = aws.stranger(&["list"]).env("AWS_ACCESS_KEY_ID", &aws.database.access_key);
    insta::assert_snapshot!(aws.told(&half.run().assert_code(1)), @"
    $ mizzle list
    [exit code: 1]
    [stderr]
    error: ListTables failed: AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not
      help: set that right, or name a profile instead: --profile, AWS_PROFILE, or `profile` in the config
    ");
    assert!(aws.proxy.requests().is_empty(), "{:?}", aws.proxy.requests());
}

#[test]
fn the_profile_is_not_there() {
    let aws = Aws::new();
    let unknown = || aws.stranger(&["list", "--profile", "wrok"]).run().assert_code(1);
    insta::assert_snapshot!(aws.told(&unknown()), @r#"
    $ mizzle list --profile wrok
    [exit code: 1]
    [stderr]
    error: ListTables failed: there is no profile "wrok" in the AWS config files
      help: to use the credentials of the environment instead, as in a pipeline: --profile none, or MIZZLE_PROFILE=none
      help: the files hold no profile at all
      help: make one: aws configure sso --profile wrok, or aws configure --profile wrok
    "#);
    home(&aws.project, ".aws/config", PROFILES);
    insta::assert_snapshot!(aws.told(&unknown()), @r#"
    $ mizzle list --profile wrok
    [exit code: 1]
    [stderr]
    error: ListTables failed: there is no profile "wrok" in the AWS config files
      help: to use the credentials of the environment instead, as in a pipeline: --profile none, or MIZZLE_PROFILE=none
      help: did you mean "work"?
      help: there are the profiles deploy, office, old, script and work: --profile and AWS_PROFILE choose one
    "#);
    let of_environment = aws.stranger(&["list", "--json"]).env("AWS_PROFILE", "ofice");
    insta::assert_snapshot!(aws.told(&of_environment.run().assert_code(1)), @r#"
    $ mizzle list --json
    [exit code: 1]
    [stdout]
    {
      "schemaVersion": 1,
      "command": "list",
      "error": {
        "kind": "unknown-profile",
        "message": "ListTables failed: there is no profile \"ofice\" in the AWS config files",
        "hints": [
          "AWS_PROFILE names it: correct it, or unset it to use other credentials",
          "did you mean \"office\"?",
          "there are the profiles deploy, office, old, script and work: --profile and AWS_PROFILE choose one"
        ]
      }
    }
    "#);
}

/// A pipeline has credentials in its environment, but none of the profiles of the config.
#[test]
fn another_profile_than_the_config_s_is_used() {
    let aws = Aws::new();
    aws.project.replace(
        "mizzle.config.ts",
        "maxAttempts",
        "profile: \"production\",\n  maxAttempts",
    );
    std::fs::create_dir(aws.project.path().join("migrations")).unwrap();
    insta::assert_snapshot!(aws.told(&aws.mizzle(&["status"]).run().assert_code(1)), @r#"
    $ mizzle status
    [exit code: 1]
    [stderr]
    Target: http://dynamodb.eu-central-1.amazonaws.com (eu-central-1)
    warning: There are no migrations in migrations: `mizzle generate` writes the first one
    error: Scan of mizzle_migrations failed: there is no profile "production" in the AWS config files
      help: to use the environment (AWS_ACCESS_KEY_ID) instead: --profile none, or MIZZLE_PROFILE=none
      help: the files hold no profile at all
      help: make one: aws configure sso --profile production, or aws configure --profile production
    "#);
    assert!(aws.proxy.requests().is_empty(), "{:?}", aws.proxy.requests());
    for command in [
        aws.mizzle(&["push", "--yes", "--profile", "none"]),
        aws.mizzle(&["push", "--yes"]).env("MIZZLE_PROFILE", "none"),
        // The sources of AWS's chain that precede this one.
        aws.mizzle(&["push", "--yes", "--profile", "none"]).env("AWS_PROFILE", "missing"),
    ] {
        command.run().assert_code(0);
    }
    // The flag overrides the variable, and the variable overrides the config.
    let output = aws.mizzle(&["list"]).env("MIZZLE_PROFILE", "other").run().assert_code(1);
    assert!(output.stderr.contains("no profile \"other\""), "{}", output.stderr);
    let output = aws.mizzle(&["list", "--profile", "third"]).env("MIZZLE_PROFILE", "none");
    let output = output.run().assert_code(1);
    assert!(output.stderr.contains("no profile \"third\""), "{}", output.stderr);
    insta::assert_snapshot!(
        aws.told(&aws.mizzle(&["list", "--profile", ""]).run().assert_code(2)),
        @"
    $ mizzle list --profile ''
    [exit code: 2]
    [stderr]
    error: --profile is empty
      help: name a profile of the AWS config files
      help: or none, for the credentials of the environment: --profile none
    "
    );
    let output = aws.stranger(&["list", "--profile", "two words"]).run().assert_code(1);
    assert!(output.stderr.contains("--profile 'two words'"), "{}", output.stderr);
}

#[test]
fn the_profile_does_not_work() {
    let aws = Aws::new();
    home(&aws.project, ".aws/config", PROFILES);
    for (case, profile) in [("profile_empty", "work"), ("profile_script", "script")] {
        let output = aws.stranger(&["list", "--verbose", "--profile", profile]).run();
        insta::assert_snapshot!(case, aws.told(&output.assert_code(1)));
    }
    home(
        &aws.project,
        ".aws/config",
        &format!("[profile work\naws_secret_access_key = {SECRET}\n"),
    );
    let output = aws.stranger(&["list"]).run().assert_code(1);
    insta::assert_snapshot!(told(&output, &[SECRET]), @"
    $ mizzle list
    [exit code: 1]
    [stderr]
    error: ListTables failed: the AWS config files make no sense: error parsing [home]/.aws/config on line 1: Profile definition must end with ']'
      help: set that right, or name a profile instead: --profile, AWS_PROFILE, or `profile` in the config
    ");
}

#[test]
fn nobody_has_signed_in() {
    let aws = Aws::new();
    home(&aws.project, ".aws/config", PROFILES);
    for (case, args) in [
        ("sso_never", &["list", "--profile", "office"][..]),
        ("sso_never_verbose", &["list", "--verbose", "--profile", "office"]),
        ("sso_never_role", &["list", "--json", "--profile", "deploy"]),
        ("sso_never_old", &["list", "--profile", "old"]),
    ] {
        insta::assert_snapshot!(case, aws.told(&aws.stranger(args).run().assert_code(1)));
    }
    assert!(aws.proxy.requests().is_empty(), "{:?}", aws.proxy.requests());
}

#[test]
fn the_session_is_over() {
    let aws = Aws::new();
    home(&aws.project, ".aws/config", PROFILES);
    home(&aws.project, SESSION, &session("2001-01-01T00:00:00Z"));
    for (case, args) in [
        ("sso_over", &["push", "--yes", "--profile", "office"][..]),
        ("sso_over_verbose", &["list", "--verbose", "--profile", "office"]),
        ("sso_over_json", &["list", "--json", "--profile", "office"]),
    ] {
        insta::assert_snapshot!(case, aws.told(&aws.stranger(args).run().assert_code(1)));
    }
    let chosen = aws.stranger(&["list"]).env("AWS_PROFILE", "deploy");
    insta::assert_snapshot!(aws.told(&chosen.run().assert_code(1)), @r#"
    $ mizzle list
    [exit code: 1]
    [stderr]
    error: ListTables failed: the session of the profile "office" is over
      help: sign in: aws sso login --profile office
    "#);

    // The portal may have ended the session before the time in its file.
    home(&aws.project, SESSION, &session("2999-01-01T00:00:00Z"));
    let message = "Session token not found or invalid";
    let asked = On::operation("GET /federation/credentials").every();
    let asked = aws.proxy.inject(asked, Fault::refuse(401, "UnauthorizedException", message));
    let ended = aws
        .stranger(&["list", "--verbose", "--profile", "office"])
        .env("AWS_ENDPOINT_URL_SSO", "http://portal.sso.us-east-1.amazonaws.com");
    insta::assert_snapshot!(aws.told(&ended.run().assert_code(1)), @r#"
    $ mizzle list --verbose --profile office
    [exit code: 1]
    [stderr]
    error: ListTables failed: the session of the profile "office" is over
      help: sign in: aws sso login --profile office
      cause: UnauthorizedException: Session token not found or invalid
      credentials: the profile "office"
      proxy: http://127.0.0.1:[port]
    "#);
    assert_eq!(asked.met(), 1, "{:?}", aws.proxy.requests());
    assert_eq!(aws.proxy.requests().len(), 1, "{:?}", aws.proxy.requests());
}

#[test]
fn the_token_has_expired() {
    let aws = Aws::new();
    let message = "The security token included in the request is expired";
    aws.refuse("ListTables", 400, "ExpiredTokenException", message);
    for (case, args) in [
        ("expired_environment", &["list"][..]),
        ("expired_environment_verbose", &["list", "--verbose"]),
        ("expired_push_json", &["push", "--yes", "--json", "--verbose"]),
    ] {
        insta::assert_snapshot!(case, aws.told(&aws.mizzle(args).run().assert_code(1)));
    }
    let Database { access_key, secret_key, .. } = &aws.database;
    home(
        &aws.project,
        ".aws/credentials",
        &format!(
            "[work]\naws_access_key_id = {access_key}\naws_secret_access_key = {secret_key}\n\
             aws_session_token = {TOKEN}\n"
        ),
    );
    let output = aws.stranger(&["list", "--profile", "work"]).run().assert_code(1);
    insta::assert_snapshot!(aws.told(&output), @r#"
    $ mizzle list --profile work
    [exit code: 1]
    [stderr]
    error: ListTables failed: The security token included in the request is expired (ExpiredTokenException)
      help: the profile "work" holds keys of a session that is over: renew them, or sign in again
    "#);
    let output = aws.stranger(&["list", "--verbose"]).env("AWS_PROFILE", "work").run();
    insta::assert_snapshot!(aws.told(&output.assert_code(1)), @r#"
    $ mizzle list --verbose
    [exit code: 1]
    [stderr]
    error: ListTables failed: The security token included in the request is expired (ExpiredTokenException)
      help: the profile "work" holds keys of a session that is over: renew them, or sign in again
      request id FAULTPROXY
      credentials: the profile "work"
      proxy: http://127.0.0.1:[port]
    "#);
    aws.project.replace(
        "mizzle.config.ts",
        "maxAttempts",
        &format!(
            "credentials: {{ accessKeyId: {access_key:?}, secretAccessKey: {secret_key:?}, \
             sessionToken: \"{TOKEN}\" }},\n  maxAttempts"
        ),
    );
    let output = aws.stranger(&["list", "--verbose"]).run().assert_code(1);
    insta::assert_snapshot!(aws.told(&output), @"
    $ mizzle list --verbose
    [exit code: 1]
    [stderr]
    error: ListTables failed: The security token included in the request is expired (ExpiredTokenException)
      help: `credentials` in the config are of a session that is over: put new ones there, or name a profile instead
      request id FAULTPROXY
      credentials: `credentials` in the config
      proxy: http://127.0.0.1:[port]
    ");
}

#[test]
fn the_key_is_not_known_to_aws() {
    let aws = Aws::new();
    let message = "The security token included in the request is invalid.";
    aws.refuse("ListTables", 400, "UnrecognizedClientException", message);
    for (case, args) in [("unknown_key", &["list"][..]), ("unknown_key_json", &["list", "--json"])]
    {
        insta::assert_snapshot!(case, aws.told(&aws.mizzle(args).run().assert_code(1)));
    }
    // AWS repeats the signed request, including the session token.
    aws.proxy.heal();
    let message = format!(
        "The request signature we calculated does not match the signature you provided. Check your \
         AWS Secret Access Key and signing method. Consult the service documentation for details.\
         \n\nThe Canonical String for this request should have been\n'POST\n/\n\nhost:dynamodb\n\
         x-amz-security-token:{TOKEN}\n'"
    );
    aws.refuse("ListTables", 400, "InvalidSignatureException", &message);
    let output = aws.mizzle(&["list", "--verbose"]).run().assert_code(1);
    insta::assert_snapshot!(aws.told(&output), @"
    $ mizzle list --verbose
    [exit code: 1]
    [stderr]
    error: ListTables failed: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details. (InvalidSignatureException)
      help: the secret access key does not belong to the access key: set both again
      help: the credentials come from the environment (AWS_ACCESS_KEY_ID)
      request id FAULTPROXY
      credentials: the environment (AWS_ACCESS_KEY_ID)
      proxy: http://127.0.0.1:[port]
    ");
}

#[test]
fn a_server_that_checks_keys_refuses_wrong_ones() {
    let moto = CheckingMoto::start(&["dynamodb:ListTables", "dynamodb:DescribeTable"]);
    let right = moto.database();
    let secrets = [right.access_key.as_str(), &right.secret_key, SECRET];
    let project_of = |database: &Database| {
        let project = shop();
        project.connect(database);
        project
    };
    let project = project_of(&right);
    let output = project.mizzle(["list"]).run().assert_code(0);
    told(&output, &secrets);
    let output = project.mizzle(["push", "--yes"]).run().assert_code(1);
    insta::assert_snapshot!(told(&output, &secrets), @"
    $ mizzle push --yes
    [exit code: 1]
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    + Shop: new table
      + Create table
          key (pk S, sk S)
          LSI byDate (pk S, createdAt N) ALL
          GSI byEmail (email S) ALL
          GSI byStatus (status S, createdAt N) ALL
    Shop: Create table
    Shop: Create table: CreateTable of Shop failed: User: arn:aws:iam::123456789012:user/ci is not authorized to perform: dynamodb:CreateTable (AccessDenied)
    error: CreateTable of Shop failed: User: arn:aws:iam::123456789012:user/ci is not authorized to perform: dynamodb:CreateTable (AccessDenied)
      help: the credentials lack the permission dynamodb:CreateTable on the table Shop
      help: allow it in a policy of the user ci
    Applied 0 of 1 step in [time]
    ");

    let wrong_secret = Database { secret_key: SECRET.to_owned(), ..right.clone() };
    let output = project_of(&wrong_secret).mizzle(["list"]).run().assert_code(1);
    insta::assert_snapshot!(told(&output, &secrets), @"
    $ mizzle list
    [exit code: 1]
    [stderr]
    error: ListTables failed: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details. (SignatureDoesNotMatch)
      help: the secret access key does not belong to the access key: set both again
      help: the credentials come from `credentials` in the config
    ");
    let wrong_key = Database::new(&right.endpoint, "AKIDOFNOBODYATALL000", "us-east-1");
    let output = project_of(&wrong_key).mizzle(["list"]).run().assert_code(1);
    insta::assert_snapshot!(told(&output, &[SECRET, "AKIDOFNOBODYATALL000"]), @"
    $ mizzle list
    [exit code: 1]
    [stderr]
    error: ListTables failed: The security token included in the request is invalid. (InvalidClientTokenId)
      help: the access key is not known there: it was mistyped or deleted, or belongs to a session whose token is missing
      help: or the account has not enabled the region us-east-1
      help: the credentials come from `credentials` in the config
    ");
    let output = shop().mizzle(["list", "--verbose", "--endpoint", &right.endpoint]).run();
    insta::assert_snapshot!(told(&output.assert_code(1), &secrets), @"
    $ mizzle list --verbose --endpoint http://127.0.0.1:[port]
    [exit code: 1]
    [stderr]
    error: ListTables failed: The security token included in the request is invalid. (InvalidClientTokenId)
      help: this server checks keys, and mizzle has made one up: name its own with `credentials` in the config, or with --profile
      request id [id]
      credentials: a made-up key, for a server on this machine
    ");
}
