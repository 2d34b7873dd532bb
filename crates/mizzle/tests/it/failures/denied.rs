//! Missing permissions, with AWS's own messages.

use super::Aws;

const USER: &str = "User: arn:aws:iam::123456789012:user/ci";
const UPDATE: &str = "is not authorized to perform: dynamodb:UpdateTable on resource: \
                      arn:aws:dynamodb:eu-central-1:123456789012:table/Shop";

#[test]
fn an_action_on_a_table_is_denied() {
    let aws = Aws::with_tables();
    for (case, who, why) in [
        (
            "identity",
            USER,
            "because no identity-based policy allows the dynamodb:UpdateTable action",
        ),
        ("service_control", USER, "with an explicit deny in a service control policy"),
        (
            "boundary",
            "User: arn:aws:sts::123456789012:assumed-role/Deploy/ci-4711",
            "because no permissions boundary allows the dynamodb:UpdateTable action",
        ),
        (
            "permission_set",
            "User: arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Developer_0123456789abcdef/me@example.com",
            "with an explicit deny in an identity-based policy",
        ),
    ] {
        aws.proxy.heal();
        aws.refuse("UpdateTable", 400, "AccessDeniedException", &format!("{who} {UPDATE} {why}"));
        let output = aws.mizzle(&["push", "--yes", "--verbose"]).run().assert_code(1);
        insta::assert_snapshot!(case, aws.told(&output));
    }
    let output = aws.mizzle(&["push", "--yes", "--json"]).run().assert_code(1);
    insta::assert_json_snapshot!(output.json()["error"], @r#"
    {
      "kind": "access-denied",
      "message": "UpdateTable of Shop failed: User: arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Developer_0123456789abcdef/me@example.com is not authorized to perform: dynamodb:UpdateTable on resource: arn:aws:dynamodb:eu-central-1:123456789012:table/Shop with an explicit deny in an identity-based policy (AccessDeniedException)",
      "hints": [
        "the credentials lack the permission dynamodb:UpdateTable on the table Shop",
        "an identity policy denies it: take the denial out of the permission set Developer (IAM Identity Center)"
      ]
    }
    "#);
}

#[test]
fn not_even_a_look_is_allowed() {
    let aws = Aws::with_tables();
    let message = format!(
        "{USER} is not authorized to perform: dynamodb:DescribeTable on resource: \
         arn:aws:dynamodb:eu-central-1:123456789012:table/Shop because no identity-based policy \
         allows the dynamodb:DescribeTable action"
    );
    aws.refuse("DescribeTable", 400, "AccessDeniedException", &message);
    let output = aws.mizzle(&["list"]).run().assert_code(1);
    insta::assert_snapshot!("look", aws.told(&output));
}
