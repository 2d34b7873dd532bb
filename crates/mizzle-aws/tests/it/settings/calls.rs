//! Calls of settings: ARNs that they need, missing policies, backups that are not ready.

use super::{ARN, but, connected, no_policy, no_table, plain};
use crate::fake::{Answer, Fake, operation};
use mizzle_core::{
    apply::{ControlPlane, ServiceError, ServiceErrorKind},
    model::{AuxiliarySettings, PointInTimeRecoverySpecification, ResourcePolicy, Tag},
    plan::{
        Call, DeleteResourcePolicy, DeleteTable, NO_POLICY, PutResourcePolicy, TagResource,
        UntagResource, UpdateContinuousBackups,
    },
};

fn untag() -> Call {
    let tag_keys = vec!["team".to_owned()];
    Call::UntagResource(UntagResource { table_name: "Orders".to_owned(), tag_keys })
}

#[tokio::test]
async fn an_arn_is_asked_for_once() {
    let fake = Fake::serve(plain);
    let server = connected(&fake).await;
    let tags = vec![Tag { key: "team".to_owned(), value: "shop".to_owned() }];
    let tag = Call::TagResource(TagResource { table_name: "Orders".to_owned(), tags });
    server.call(&tag).await.unwrap();
    // Clones share the ARNs.
    server.clone().call(&untag()).await.unwrap();
    assert_eq!(fake.operations(), ["DescribeTable", "TagResource", "UntagResource"]);
    for request in &fake.requests()[1..] {
        assert!(request.contains(&format!("\"ResourceArn\":\"{ARN}\"")), "{request}");
    }

    let delete = Call::DeleteTable(DeleteTable { table_name: "Orders".to_owned() });
    server.call(&delete).await.unwrap();
    server.call(&untag()).await.unwrap();
    assert_eq!(fake.operations()[3..], ["DeleteTable", "DescribeTable", "UntagResource"]);
}

#[tokio::test]
async fn a_description_tells_the_arn() {
    let fake = Fake::serve(plain);
    let server = connected(&fake).await;
    server.describe_table("Orders", AuxiliarySettings::NONE).await.unwrap();
    server.call(&untag()).await.unwrap();
    assert_eq!(fake.operations(), ["DescribeTable", "UntagResource"]);
}

#[tokio::test]
async fn an_arn_that_is_not_found_is_asked_for_again() {
    let fake = but("UntagResource", |_| no_table());
    let server = connected(&fake).await;
    for _ in 0..2 {
        let error = server.call(&untag()).await.unwrap_err();
        assert_eq!(error.kind, ServiceErrorKind::NotFound);
        assert_eq!(error.operation, "UntagResource");
    }
    let round = ["DescribeTable", "UntagResource"];
    assert_eq!(fake.operations(), [round, round].concat());
}

#[tokio::test]
async fn a_table_without_an_arn_is_not_there() {
    let fake = but("DescribeTable", |_| no_table());
    let error = connected(&fake).await.call(&untag()).await.unwrap_err();
    assert_eq!((error.kind, error.operation), (ServiceErrorKind::NotFound, "DescribeTable"));
    assert_eq!(error.table.as_deref(), Some("Orders"));
}

fn delete_policy(revision: Option<&str>) -> Call {
    Call::DeleteResourcePolicy(DeleteResourcePolicy {
        table_name: "Orders".to_owned(),
        expected_revision_id: revision.map(str::to_owned),
    })
}

fn put_policy(revision: Option<&str>) -> Call {
    Call::PutResourcePolicy(PutResourcePolicy {
        table_name: "Orders".to_owned(),
        policy: ResourcePolicy::try_from(r#"{"Statement":[]}"#.to_owned()).unwrap(),
        expected_revision_id: revision.map(str::to_owned),
    })
}

/// Returns the result of a call that the server answers with `PolicyNotFoundException`.
async fn call_without_policy(call: Call, policy: Option<&str>) -> Result<(), ServiceError> {
    let refused = call.operation();
    let policy = policy.map(|policy| Answer::json(200, policy));
    let fake = Fake::serve(move |request| match operation(request) {
        "GetResourcePolicy" => policy.clone().unwrap_or_else(no_policy),
        name if name == refused => no_policy(),
        _ => plain(request),
    });
    connected(&fake).await.call(&call).await
}

#[tokio::test]
async fn a_policy_that_is_not_there_need_not_be_removed() {
    assert_eq!(call_without_policy(delete_policy(None), None).await, Ok(()));
    assert_eq!(call_without_policy(delete_policy(Some("1")), None).await, Ok(()));
    // A policy that appears meanwhile belongs to another writer.
    let present = Some(r#"{"Policy":"{\"Statement\":[]}","RevisionId":"2"}"#);
    assert_eq!(call_without_policy(delete_policy(None), present).await, Ok(()));
}

#[tokio::test]
async fn a_policy_that_somebody_changed_is_left_alone() {
    let present = Some(r#"{"Policy":"{\"Statement\":[]}","RevisionId":"2"}"#);
    for call in [delete_policy(Some("1")), put_policy(Some("1")), put_policy(Some(NO_POLICY))] {
        let operation = call.operation();
        let error = call_without_policy(call, present).await.unwrap_err();
        assert_eq!(error.kind, ServiceErrorKind::Other);
        assert_eq!(
            error.to_string(),
            format!(
                "{operation} of Orders failed: the policy changed after it was read; \
                 run the command again to compare with what it says now \
                 (PolicyNotFoundException)"
            )
        );
    }
    let error = call_without_policy(put_policy(None), present).await.unwrap_err();
    assert_eq!(error.message, "No resource-based policy found");
}

#[tokio::test]
async fn a_revision_is_passed_on() {
    let fake = Fake::serve(plain);
    let server = connected(&fake).await;
    for call in [put_policy(Some("7")), delete_policy(Some("7")), put_policy(Some(NO_POLICY))] {
        server.call(&call).await.unwrap();
    }
    let requests = fake.requests();
    for (request, revision) in requests[1..].iter().zip(["7", "7", NO_POLICY]) {
        let expected = format!("\"ExpectedRevisionId\":\"{revision}\"");
        assert!(request.contains(&expected), "{request}");
    }
    server.call(&delete_policy(None)).await.unwrap();
    assert!(!fake.requests()[4].contains("ExpectedRevisionId"));
}

#[tokio::test]
async fn backups_that_are_not_ready_yet_are_waited_for() {
    let fake = but("UpdateContinuousBackups", |_| {
        Answer::error(400, "ContinuousBackupsUnavailableException", "Backups are being enabled")
    });
    let call = Call::UpdateContinuousBackups(UpdateContinuousBackups {
        table_name: "Orders".to_owned(),
        point_in_time_recovery_specification: PointInTimeRecoverySpecification::DISABLED,
    });
    let error = connected(&fake).await.call(&call).await.unwrap_err();
    assert_eq!(error.kind, ServiceErrorKind::InUse, "{error:?}");
}
