//! Profiles and regions in the environment and the shared config file. Each test runs a child
//! process, because all tests of a process share its environment.

use crate::environment::Probe;
use mizzle_aws::profiles;

/// Not a test of its own: the code of the child process.
#[tokio::test]
#[ignore = "run by the other tests, in a process of its own"]
async fn probe() {
    match profiles().await {
        Ok(profiles) => {
            println!("probe: {:?} {:?}", profiles.active, profiles.region);
            for profile in profiles.known {
                println!("probe: {} {:?}", profile.name, profile.region);
            }
        }
        Err(error) => println!("probe: {error}"),
    }
}

fn child() -> Probe {
    Probe::of("profiles::probe")
}

const CONFIG: &str = "\
[default]
region = eu-north-1
[profile work]
region = eu-west-3
aws_access_key_id = WORKKEY
aws_secret_access_key = hunter2
[profile assumed]
role_arn = arn:aws:iam::123456789012:role/reader
source_profile = work
[profile nowhere]
output = json
[sso-session corp]
sso_region = us-east-1
sso_start_url = https://corp.invalid/start
";

#[test]
fn profiles_have_their_regions() {
    assert_eq!(
        child().aws_config(CONFIG).run(),
        [
            r#"None Some("eu-north-1")"#,
            r#"assumed Some("eu-west-3")"#,
            r#"default Some("eu-north-1")"#,
            "nowhere None",
            r#"work Some("eu-west-3")"#,
        ]
    );
}

#[test]
fn the_environment_chooses_profile_and_region() {
    let said = child().aws_config(CONFIG).env("AWS_PROFILE", "work").run();
    assert_eq!(said[0], r#"Some("work") Some("eu-west-3")"#);
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        let said = child().aws_config(CONFIG).env("AWS_PROFILE", "work").env(name, "sa-east-1");
        assert_eq!(said.run()[0], r#"Some("work") Some("sa-east-1")"#, "{name}");
    }
    let elsewhere = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(elsewhere.path(), "[profile other]\n").unwrap();
    let said = child().aws_config(CONFIG).env("AWS_CONFIG_FILE", elsewhere.path()).run();
    assert_eq!(said, ["None None", "other None"]);
}

#[test]
fn nothing_is_set_up() {
    assert_eq!(child().run(), ["None None"]);
    assert_eq!(child().env("AWS_PROFILE", "gone").run(), [r#"Some("gone") None"#]);
}

#[test]
fn a_file_that_cannot_be_understood_is_named_without_its_content() {
    let said = child().aws_config("[default]\nregion = eu-west-1\nhunter2\n").run();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("the AWS config file cannot be read: "), "{said:?}");
    assert!(said[0].contains(".aws/config") && said[0].contains('3'), "{said:?}");
    assert!(!said[0].contains("hunter2"), "{said:?}");
}

/// A trap: if the file were opened, the parser would fail on it.
#[test]
fn the_file_with_the_credentials_is_not_opened() {
    let said = child().aws_config(CONFIG).aws_file("credentials", "[default\nhunter2\n").run();
    assert_eq!(said.len(), 5, "{said:?}");
}
