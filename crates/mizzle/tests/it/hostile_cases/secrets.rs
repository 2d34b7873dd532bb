//! Credentials, from every source and in every kind of failure.

use super::Case;
use mizzle_test::Stranger;

const KEY: &str = "AKIAZOOSECRETKEYID01";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/zooSECRETkey+0001";
const TOKEN: &str = "IQoJb3JpZ2luX2VjEzooTOKEN//////////wEaCXVzLWVhc3QtMSJHMEUCIQ";

fn config(fields: &str) -> String {
    format!("export default {{ schema: \"./schema.ts\", {fields} }};\n")
}

fn credentials() -> String {
    format!(
        "credentials: {{ accessKeyId: \"{KEY}\", secretAccessKey: \"{SECRET}\", sessionToken: \"{TOKEN}\" }}"
    )
}

/// Requires that the secrets are not shown, neither completely nor in part.
fn kept(case: Case) -> Case {
    case.never_says(SECRET).never_says("wJalrXUtnFEMI").never_says("zooSECRET").never_says(TOKEN)
}

/// Starts a server that repeats the received data.
fn echoing() -> Stranger {
    Stranger::answering(|_, body| {
        let message = format!("denied for {KEY} {SECRET} token {TOKEN} {}", body.len());
        let answer = serde_json::json!({ "__type": "AccessDeniedException", "message": message });
        (400, answer.to_string().into_bytes())
    })
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let reason = "no key, secret or token is printed";
    for (name, text) in [
        ("is thrown", format!("throw {{ {} }};\n", credentials())),
        (
            "is thrown in an error",
            format!("throw new Error(JSON.stringify({{ {} }}));\n", credentials()),
        ),
        (
            "is no JSON",
            format!(
                "const secretAccessKey = JSON.parse(\"{SECRET}\");\nexport default {{ secretAccessKey }};\n"
            ),
        ),
        ("is a region", config(&format!("region: \"{SECRET}\""))),
        ("is a profile", config(&format!("profile: \"{SECRET}\""))),
        ("is an endpoint", config(&format!("endpoint: \"{SECRET}\""))),
        ("is an account", config(&format!("accountId: \"{SECRET}\""))),
        ("is a field", config(&format!("\"{SECRET}\": 1, {}", credentials()))),
        (
            "is misspelled",
            config(&format!(
                "credentials: {{ accessKeyID: \"{KEY}\", secretAcessKey: \"{SECRET}\" }}"
            )),
        ),
        ("is a list", config(&format!("credentials: [\"{KEY}\", \"{SECRET}\"]"))),
        ("is a syntax error", format!("export default {{ {} ;;; \n", credentials())),
        (
            "is in a URL",
            config(&format!("endpoint: \"http://{KEY}:{}@127.0.0.1:1\"", "zooSECRETkey0001")),
        ),
        (
            "is logged",
            format!(
                "const c = {{ {} }};\nconsole.log(c);\nconsole.error(c);\nexport default {{ schema: \"./schema.ts\", ...c }};\n",
                credentials()
            ),
        ),
        (
            "does not answer",
            config(&format!(
                "region: \"eu-west-1\", endpoint: \"http://127.0.0.1:1\", {}",
                credentials()
            )),
        ),
    ] {
        for command in [&["list"][..], &["push", "--dry-run", "--verbose"], &["list", "--json"]] {
            let case = Case::new(
                format!("secrets/config {name}/{}", command.join(" ")),
                reason,
                command,
                &[0, 1, 2, 4],
            );
            cases.push(kept(case.file("mizzle.config.ts", text.clone())));
        }
    }
    for command in [
        &["list"][..],
        &["list", "--json", "--verbose"],
        &["push", "--dry-run"],
        &["status"],
        &["migrate"],
    ] {
        let shown = command.join(" ");
        let endpoint = [command, &["--endpoint", "{endpoint}", "--region", "eu-west-1"]].concat();
        let no_config = |case: Case| {
            case.file("mizzle.config.ts", "export default { schema: \"./schema.ts\" };\n")
        };
        let case = Case::new(
            format!("secrets/repeated by a server/{shown}"),
            reason,
            &endpoint,
            &[0, 1, 2],
        );
        let case = no_config(case).server(echoing);
        let case =
            case.variable("AWS_ACCESS_KEY_ID", KEY).variable("AWS_SECRET_ACCESS_KEY", SECRET);
        cases.push(kept(case.variable("AWS_SESSION_TOKEN", TOKEN)));

        let case = Case::new(
            format!("secrets/of the config repeated/{shown}"),
            reason,
            &endpoint,
            &[0, 1, 2],
        );
        let case = case.file("mizzle.config.ts", config(&credentials()));
        cases.push(kept(case.server(echoing)));

        let profile = [&endpoint[..], &["--profile", "p"]].concat();
        for (kind, line) in [
            (
                "keys",
                format!(
                    "aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\naws_session_token = {TOKEN}\n"
                ),
            ),
            (
                "failing process",
                format!("credential_process = sh -c 'echo {SECRET} >&2; echo {SECRET}; exit 3'\n"),
            ),
            ("process without JSON", format!("credential_process = echo {SECRET}\n")),
            ("broken line", format!("{SECRET}\naws_secret_access_key {SECRET}\n")),
        ] {
            let case =
                Case::new(format!("secrets/profile: {kind}/{shown}"), reason, &profile, &[0, 1, 2]);
            let case = no_config(case)
                .server(echoing)
                .file("aws", format!("[profile p]\n{line}[p]\n{line}"));
            cases.push(kept(case.variable("AWS_CONFIG_FILE", "aws")));
        }
    }
    for flag in ["--region", "--profile", "--endpoint"] {
        let case =
            Case::new(format!("secrets/flag {flag}"), reason, &["list", flag, SECRET], &[1, 2]);
        cases.push(kept(case.file("mizzle.config.ts", config(""))));
    }
    cases
}
