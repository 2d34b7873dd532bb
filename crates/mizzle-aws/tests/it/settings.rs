//! Settings that `DescribeTable` leaves out, from servers with inconsistent responses.

mod calls;

use crate::{
    failures::connect,
    fake::{Answer, Fake, operation},
};
use mizzle_aws::DynamoDb;
use mizzle_core::{
    apply::{ControlPlane, ServiceErrorKind},
    model::{
        AuxiliarySetting, AuxiliarySettings, ContributorInsightsSpecification, ResourcePolicy, Tag,
        Transition, TransitionState,
    },
};
use std::collections::BTreeSet;

const ARN: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/Orders";

fn table(status: &str) -> Answer {
    Answer::json(
        200,
        &format!(
            r#"{{"Table":{{"TableName":"Orders","TableStatus":"{status}","TableArn":"{ARN}",
               "KeySchema":[{{"AttributeName":"id","KeyType":"HASH"}}],
               "AttributeDefinitions":[{{"AttributeName":"id","AttributeType":"S"}}],
               "BillingModeSummary":{{"BillingMode":"PAY_PER_REQUEST"}}}}}}"#
        ),
    )
}

fn no_table() -> Answer {
    Answer::error(400, "ResourceNotFoundException", "Requested resource not found")
}

fn no_policy() -> Answer {
    Answer::error(400, "PolicyNotFoundException", "No resource-based policy found")
}

/// Returns the response of a server with every operation, for a table without any settings.
fn plain(request: &str) -> Answer {
    match operation(request) {
        "DescribeTable" => table("ACTIVE"),
        "DescribeTimeToLive" => {
            Answer::json(200, r#"{"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}}"#)
        }
        "DescribeContinuousBackups" => Answer::json(
            200,
            r#"{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED",
               "PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"DISABLED"}}}"#,
        ),
        "ListTagsOfResource" => Answer::json(200, r#"{"Tags":[]}"#),
        "GetResourcePolicy" => no_policy(),
        _ => Answer::json(200, "{}"),
    }
}

async fn connected(fake: &Fake) -> DynamoDb {
    connect(fake.endpoint(), Some(1)).await
}

/// Starts a server that differs from `plain` in one operation.
fn but(special: &'static str, mut answer: impl FnMut(&str) -> Answer + Send + 'static) -> Fake {
    Fake::serve(move |request| match operation(request) {
        name if name == special => answer(request),
        _ => plain(request),
    })
}

#[tokio::test]
async fn only_what_is_wanted_is_asked_for() {
    let fake = Fake::serve(plain);
    let server = connected(&fake).await;
    let table = server.describe_table("Orders", AuxiliarySettings::NONE).await.unwrap().unwrap();
    assert_eq!(fake.operations(), ["DescribeTable"]);
    let definition = &table.definition;
    assert_eq!((&definition.tags, &definition.resource_policy), (&None, &None));
    assert_eq!(definition.time_to_live_specification, None);
    assert_eq!(definition.point_in_time_recovery_specification, None);
    assert!(table.unsupported.is_empty());
}

#[tokio::test]
async fn the_extras_are_asked_for_side_by_side() {
    // Each of the first five is answered only when the sixth is.
    let mut waiting = 0;
    let fake = Fake::serve(move |request| match operation(request) {
        "DescribeTable" => plain(request),
        _ if waiting < 5 => {
            waiting += 1;
            plain(request).held()
        }
        _ => plain(request),
    });
    let server = connected(&fake).await;
    let table = server.describe_table("Orders", AuxiliarySettings::ALL).await.unwrap().unwrap();
    assert_eq!(table.definition.tags, Some(Vec::new()));
    assert_eq!(table.definition.resource_policy, Some(ResourcePolicy::NONE));
    assert_eq!(table.policy_revision, None);
    assert_eq!(fake.operations().len(), 7);
}

#[tokio::test]
async fn every_page_of_tags_is_listed_without_those_of_aws() {
    let fake = but("ListTagsOfResource", |request| {
        assert!(request.contains(ARN), "{request}");
        let page = if request.contains("NextToken\":\"two") {
            r#"{"Tags":[{"Key":"b","Value":"3"}],"NextToken":"three"}"#
        } else if request.contains("NextToken\":\"three") {
            // A page can be empty without being the last one, and an empty token means none.
            r#"{"Tags":[{"Key":"c","Value":"4"},{"Key":"b","Value":"5"}],"NextToken":""}"#
        } else {
            r#"{"Tags":[{"Key":"z","Value":"1"},{"Key":"aws:cloudformation:stack-name",
               "Value":"2"}],"NextToken":"two"}"#
        };
        Answer::json(200, page)
    });
    let extras = AuxiliarySettings { tags: true, ..AuxiliarySettings::NONE };
    let table = connected(&fake).await.describe_table("Orders", extras).await.unwrap().unwrap();
    let tag = |key: &str, value: &str| Tag { key: key.to_owned(), value: value.to_owned() };
    let expected = [tag("b", "5"), tag("c", "4"), tag("z", "1")];
    assert_eq!(table.definition.tags.as_deref(), Some(&expected[..]));
}

#[tokio::test]
async fn what_the_server_lacks_is_noted_and_nothing_else_is_lost() {
    for (special, extra) in [
        ("DescribeTimeToLive", AuxiliarySetting::TimeToLive),
        ("DescribeContinuousBackups", AuxiliarySetting::PointInTimeRecovery),
        ("ListTagsOfResource", AuxiliarySetting::Tags),
        ("GetResourcePolicy", AuxiliarySetting::ResourcePolicy),
    ] {
        let message = "An unknown operation was requested.";
        for answer in [
            Answer::error(400, "UnknownOperationException", message),
            // The embedded server returns no more than this.
            Answer::json(400, r#"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#),
            Answer::error(501, "InternalFailure", "not yet implemented"),
        ] {
            let fake = but(special, move |_| answer.clone());
            let server = connected(&fake).await;
            let table =
                server.describe_table("Orders", AuxiliarySettings::ALL).await.unwrap().unwrap();
            assert_eq!(table.unsupported, BTreeSet::from([extra]), "{special}");
            let definition = table.definition;
            let known = [
                definition.time_to_live_specification.is_some(),
                definition.point_in_time_recovery_specification.is_some(),
                definition.tags.is_some(),
                definition.resource_policy.is_some(),
            ];
            assert_eq!(known.iter().filter(|known| **known).count(), 3, "{special}");
        }
    }
}

#[tokio::test]
async fn a_table_that_goes_between_two_requests_is_gone() {
    for (special, code) in [
        ("DescribeTimeToLive", "ResourceNotFoundException"),
        ("DescribeTimeToLive", "ResourceNotFound"),
        ("DescribeContinuousBackups", "TableNotFoundException"),
        ("ListTagsOfResource", "AccessDeniedException"),
        ("GetResourcePolicy", "ResourceNotFoundException"),
    ] {
        let mut looks = 0;
        let fake = Fake::serve(move |request| match operation(request) {
            "DescribeTable" if looks > 0 => no_table(),
            "DescribeTable" => {
                looks += 1;
                plain(request)
            }
            name if name == special => Answer::error(400, code, "gone"),
            _ => plain(request),
        });
        let server = connected(&fake).await;
        assert_eq!(
            server.describe_table("Orders", AuxiliarySettings::ALL).await,
            Ok(None),
            "{special}"
        );
    }
}

#[tokio::test]
async fn a_refused_extra_is_an_error_that_names_the_operation() {
    let error = |special, code: &'static str, status: &'static str| async move {
        let fake = Fake::serve(move |request| match operation(request) {
            "DescribeTable" => table(status),
            name if name == special => Answer::error(400, code, "No."),
            _ => plain(request),
        });
        connected(&fake).await.describe_table("Orders", AuxiliarySettings::ALL).await.unwrap_err()
    };
    for special in [
        "DescribeTimeToLive",
        "DescribeContinuousBackups",
        "ListTagsOfResource",
        "GetResourcePolicy",
    ] {
        let denied = error(special, "AccessDeniedException", "ACTIVE").await;
        assert_eq!(denied.kind, ServiceErrorKind::AccessDenied);
        let expected = format!("{special} of Orders failed: No. (AccessDeniedException)");
        assert_eq!(denied.to_string(), expected);
        // A table that only some requests find will soon be found by all.
        let early = error(special, "ResourceNotFoundException", "ACTIVE").await;
        assert_eq!((early.kind, early.operation), (ServiceErrorKind::InUse, special));
        let wrong = error(special, "ValidationException", "ACTIVE").await;
        assert_eq!((wrong.kind, wrong.operation), (ServiceErrorKind::Validation, special));
    }
}

/// "Cannot describe time to live while table is in CREATING state"
#[tokio::test]
async fn a_table_that_is_coming_or_going_is_asked_for_nothing_else() {
    for status in ["CREATING", "DELETING"] {
        let fake = Fake::serve(move |request| match operation(request) {
            "DescribeTable" => table(status),
            _ => Answer::error(400, "ValidationException", "Cannot describe it in that state"),
        });
        let server = connected(&fake).await;
        let described =
            server.describe_table("Orders", AuxiliarySettings::ALL).await.unwrap().unwrap();
        assert_eq!((described.status.as_str(), described.tells_extras()), (status, false));
        assert_eq!(described.definition.time_to_live_specification, None);
        assert_eq!(fake.operations(), ["DescribeTable"]);
    }
    // The creation or deletion begins between two requests.
    for (special, code) in [
        ("DescribeTimeToLive", "ValidationException"),
        ("DescribeContinuousBackups", "TableNotFoundException"),
        ("ListTagsOfResource", "AccessDeniedException"),
        ("GetResourcePolicy", "ResourceNotFoundException"),
    ] {
        for status in ["CREATING", "DELETING"] {
            let mut looks = 0;
            let fake = Fake::serve(move |request| match operation(request) {
                "DescribeTable" if looks > 0 => table(status),
                "DescribeTable" => {
                    looks += 1;
                    plain(request)
                }
                name if name == special => Answer::error(400, code, "No."),
                _ => plain(request),
            });
            let server = connected(&fake).await;
            let described =
                server.describe_in_part("Orders", AuxiliarySettings::ALL).await.unwrap().unwrap();
            assert_eq!(described.table.status.as_str(), status, "{special}");
            assert_eq!((described.missing.len(), described.table.definition.tags), (0, None));
        }
    }
}

#[tokio::test]
async fn what_hangs_on_a_table_is_seen_and_never_an_error() {
    let fake = Fake::serve(|request| match operation(request) {
        "DescribeTable" => Answer::json(
            200,
            &format!(
                r#"{{"Table":{{"TableName":"Orders","TableStatus":"ACTIVE","TableArn":"{ARN}",
                   "KeySchema":[{{"AttributeName":"id","KeyType":"HASH"}}],
                   "AttributeDefinitions":[{{"AttributeName":"id","AttributeType":"S"}}],
                   "MultiRegionConsistency":"STRONG",
                   "WarmThroughput":{{"ReadUnitsPerSecond":12000,"WriteUnitsPerSecond":4000,"Status":"UPDATING"}},
                   "GlobalSecondaryIndexes":[{{"IndexName":"byId","IndexStatus":"ACTIVE",
                     "KeySchema":[{{"AttributeName":"id","KeyType":"HASH"}}],
                     "Projection":{{"ProjectionType":"ALL"}},
                     "WarmThroughput":{{"ReadUnitsPerSecond":12000,"WriteUnitsPerSecond":4000,"Status":"UPDATING"}}}}],
                   "VectorIndexes":[
                     {{"IndexName":"bySound","IndexStatus":"CREATING","Backfilling":true}},
                     {{"IndexName":"byMeaning","IndexStatus":"ACTIVE","Dimensions":768,
                       "VectorAttribute":{{"AttributeName":"embedding"}},"DistanceFunction":"COSINE",
                       "ItemCount":12,"IndexSizeBytes":36864}}]}}}}"#
            ),
        ),
        "DescribeKinesisStreamingDestination" => Answer::json(
            200,
            r#"{"TableName":"Orders","KinesisDataStreamDestinations":[
               {"StreamArn":"arn:z","DestinationStatus":"ACTIVE"},
               {"StreamArn":"arn:a","DestinationStatus":"ENABLING"},
               {"StreamArn":"arn:b","DestinationStatus":"DISABLED"}]}"#,
        ),
        "DescribeContributorInsights" if request.contains("IndexName") => {
            Answer::json(200, r#"{"ContributorInsightsStatus":"ENABLED"}"#)
        }
        "DescribeContributorInsights" => {
            Answer::json(200, r#"{"ContributorInsightsStatus":"DISABLED"}"#)
        }
        _ => plain(request),
    });
    let extras = AuxiliarySettings { attachments: true, ..AuxiliarySettings::NONE };
    let table = connected(&fake).await.describe_table("Orders", extras).await.unwrap().unwrap();
    assert_eq!(table.region.as_deref(), Some("us-east-1"));
    assert!(table.is_warming && table.indexes["byId"].is_warming);
    assert!(!table.is_settled(), "a vector index is being built");
    let unmanaged = &table.unmanaged;
    assert!(unmanaged.is_strongly_consistent);
    assert_eq!(unmanaged.vector_index_names(), ["byMeaning", "bySound"]);
    assert_eq!(unmanaged.vector_indexes[0].dimensions, Some(768));
    let destinations = table.definition.kinesis_destinations.unwrap();
    let streams: Vec<&str> = destinations.iter().map(|one| one.stream_arn.as_str()).collect();
    assert_eq!(streams, ["arn:a", "arn:z"]);
    let enabling = Transition {
        extra: AuxiliarySetting::KinesisDestination,
        part: Some("arn:a".to_owned()),
        state: TransitionState::Pending("ENABLING".to_owned()),
    };
    assert_eq!(table.transitions, [enabling]);
    let insights = table.definition.contributor_insights.unwrap();
    assert_eq!(insights.table, Some(ContributorInsightsSpecification::DISABLED));
    assert_eq!(insights.indexes["byId"], ContributorInsightsSpecification::enabled(None));

    for (code, unsupported) in
        [("UnknownOperationException", true), ("AccessDeniedException", false)]
    {
        let fake = Fake::serve(move |request| match operation(request) {
            "DescribeKinesisStreamingDestination" | "DescribeContributorInsights" => {
                Answer::error(400, code, "No.")
            }
            _ => plain(request),
        });
        let server = connected(&fake).await;
        let table = server.describe_table("Orders", AuxiliarySettings::ALL).await.unwrap().unwrap();
        for (extra, operation) in [
            (AuxiliarySetting::ContributorInsights, "DescribeContributorInsights"),
            (AuxiliarySetting::KinesisDestination, "DescribeKinesisStreamingDestination"),
        ] {
            assert_eq!(table.unsupported.contains(&extra), unsupported);
            let reason = table.unmanaged.withheld.get(&extra).cloned();
            let denied = format!("{operation} of Orders failed: No. (AccessDeniedException)");
            assert_eq!(reason, (!unsupported).then_some(denied));
            // A managed setting must be readable.
            let managed = server.describe_table("Orders", AuxiliarySettings::from(extra)).await;
            assert_eq!(managed.is_ok(), unsupported);
        }
    }
}

#[tokio::test]
async fn a_refused_extra_need_not_hide_the_others() {
    let fake = but("ListTagsOfResource", |_| Answer::error(400, "AccessDeniedException", "no"));
    let server = connected(&fake).await;
    let described =
        server.describe_in_part("Orders", AuxiliarySettings::ALL).await.unwrap().unwrap();
    let missing: Vec<_> =
        described.missing.iter().map(|(extra, error)| (*extra, error.kind)).collect();
    assert_eq!(missing, [(AuxiliarySetting::Tags, ServiceErrorKind::AccessDenied)]);
    let definition = &described.table.definition;
    assert_eq!(definition.tags, None);
    assert!(definition.time_to_live_specification.is_some());
    assert!(definition.resource_policy.is_some());

    // A deleted table looks the same at first.
    let mut looks = 0;
    let fake = Fake::serve(move |request| match operation(request) {
        "DescribeTable" => {
            looks += 1;
            if looks == 1 { table("ACTIVE") } else { no_table() }
        }
        "ListTagsOfResource" => Answer::error(400, "AccessDeniedException", "no"),
        _ => plain(request),
    });
    let gone =
        connected(&fake).await.describe_in_part("Orders", AuxiliarySettings::ALL).await.unwrap();
    assert!(gone.is_none());

    let fake = but("DescribeTable", |_| Answer::error(400, "AccessDeniedException", "no"));
    let error = connected(&fake)
        .await
        .describe_in_part("Orders", AuxiliarySettings::ALL)
        .await
        .unwrap_err();
    assert_eq!(error.kind, ServiceErrorKind::AccessDenied);
}

#[tokio::test]
async fn answers_that_make_no_sense_are_errors_that_name_what_is_wrong() {
    for (special, answer, message) in [
        ("DescribeTimeToLive", "{}", "the answer lacks TimeToLiveDescription"),
        (
            "DescribeTimeToLive",
            r#"{"TimeToLiveDescription":{"TimeToLiveStatus":"DORMANT"}}"#,
            "TimeToLiveStatus is \"DORMANT\", which this version of mizzle does not know",
        ),
        ("DescribeContinuousBackups", "{}", "the answer lacks ContinuousBackupsDescription"),
        (
            "GetResourcePolicy",
            r#"{"Policy":"nonsense","RevisionId":"1"}"#,
            "Policy is not JSON: expected ident at line 1 column 2",
        ),
        (
            "DescribeTable",
            r#"{"Table":{"TableName":"Orders","TableStatus":"ACTIVE",
               "KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]}}"#,
            "the answer lacks TableArn",
        ),
    ] {
        let fake = but(special, move |_| Answer::json(200, answer));
        let error = connected(&fake)
            .await
            .describe_table("Orders", AuxiliarySettings::ALL)
            .await
            .unwrap_err();
        let expected = format!("{special} of Orders failed: {message}");
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn an_empty_page_is_not_the_end_of_a_table() {
    let pages = |last: &'static str| {
        let mut pages = vec![
            r#"{"Count":0,"ScannedCount":1,"LastEvaluatedKey":{"id":{"S":"a"}}}"#,
            r#"{"Count":0,"ScannedCount":1,"LastEvaluatedKey":{"id":{"S":"b"}}}"#,
            last,
        ];
        pages.reverse();
        but("Scan", move |_| Answer::json(200, pages.pop().unwrap()))
    };
    for (last, is_empty) in [
        (r#"{"Count":0,"ScannedCount":0}"#, true),
        (r#"{"Count":1,"ScannedCount":1,"LastEvaluatedKey":{"id":{"S":"c"}}}"#, false),
    ] {
        let fake = pages(last);
        assert_eq!(connected(&fake).await.is_empty("Orders").await, Ok(is_empty));
        let requests = fake.requests();
        assert_eq!(requests.len(), 3);
        assert!(!requests[0].contains("ExclusiveStartKey"), "{}", requests[0]);
        for (request, key) in requests[1..].iter().zip(["a", "b"]) {
            let expected = format!(r#""ExclusiveStartKey":{{"id":{{"S":"{key}"}}}}"#);
            assert!(request.contains(&expected), "{request}");
        }
        for request in requests {
            for part in [r#""ConsistentRead":true"#, r#""Select":"COUNT""#, r#""Limit":1"#] {
                assert!(request.contains(part), "{request}");
            }
        }
    }
}
