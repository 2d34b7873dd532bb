//! The log for error reports.

use crate::support::shop;
use mizzle_test::Ministack;

const SECRET: &str = "wJalrXUtnFEMIhiddenFromEveryLog0123456789";
const TOKEN: &str = "IQoJb3JpZ2luX2VjEhiddenFromEveryLog";

#[test]
fn it_has_the_stages_and_the_requests_and_no_secret() {
    let database = Ministack::from_env().isolated();
    let project = shop();
    project.write(
        "mizzle.config.ts",
        &format!(
            "export default {{ schema: \"./schema.ts\", endpoint: {:?}, region: \"us-east-1\", credentials: {{ accessKeyId: {:?}, secretAccessKey: {SECRET:?}, sessionToken: {TOKEN:?} }} }};\n",
            database.endpoint, database.access_key
        ),
    );
    let push = ["push", "--yes", "--log-file", "mizzle.log"];
    project.mizzle(push).env("MIZZLE_LOG", "trace").run().assert_code(0);
    let log = project.read("mizzle.log");
    for part in [
        "evaluate",
        "describe",
        "plan",
        "step{",
        "request operation=\"CreateTable\"",
        "status=200",
        "request_id=",
        "elapsed_ms=",
    ] {
        assert!(log.contains(part), "{part} is missing:\n{log}");
    }
    for secret in [SECRET, TOKEN, "Signature=", "authorization"] {
        assert!(!log.contains(secret), "{secret} is in it:\n{log}");
    }
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    let migrate = ["migrate", "--yes", "--log-file", "mizzle.log"];
    project.mizzle(migrate).run().assert_code(0);
    assert!(project.read("mizzle.log").contains("lease"), "{}", project.read("mizzle.log"));
}

#[test]
fn a_level_that_does_not_exist_is_an_error() {
    let output = shop().mizzle(["list"]).env("MIZZLE_LOG", "loud").run().assert_code(2);
    assert!(output.stderr.contains("MIZZLE_LOG must be a level"), "{}", output.stderr);
}
