use super::tag;
use crate::{control::convert::extras, errors::Unreadable};
use aws_sdk_dynamodb::{
    operation::{
        describe_continuous_backups::DescribeContinuousBackupsOutput,
        describe_contributor_insights::DescribeContributorInsightsOutput,
        describe_kinesis_streaming_destination::DescribeKinesisStreamingDestinationOutput,
        describe_time_to_live::DescribeTimeToLiveOutput,
        get_resource_policy::GetResourcePolicyOutput,
    },
    types as sdk,
};
use mizzle_core::model::{
    ContributorInsightsMode, ContributorInsightsSpecification, KinesisDestination,
    KinesisDestinations, PointInTimeRecoverySpecification, ResourcePolicy, TimeToLiveSpecification,
    TimestampPrecision, TransitionState,
};

#[test]
fn time_to_live_is_read_from_status_and_attribute() {
    let unknown = Unreadable::Unknown { field: "TimeToLiveStatus", value: "DORMANT".to_owned() };
    for (status, attribute, expected) in [
        (Some("ENABLED"), Some("at"), Ok(TimeToLiveSpecification::by("at"))),
        (Some("ENABLING"), Some("at"), Ok(TimeToLiveSpecification::by("at"))),
        (Some("DISABLED"), None, Ok(TimeToLiveSpecification::DISABLED)),
        (Some("DISABLED"), Some("at"), Ok(TimeToLiveSpecification::DISABLED)),
        (Some("DISABLING"), Some("at"), Ok(TimeToLiveSpecification::DISABLED)),
        (Some("ENABLED"), None, Err(Unreadable::Missing("AttributeName"))),
        (Some("DORMANT"), None, Err(unknown)),
        (None, None, Err(Unreadable::Missing("TimeToLiveStatus"))),
    ] {
        let description = sdk::TimeToLiveDescription::builder()
            .set_time_to_live_status(status.map(sdk::TimeToLiveStatus::from))
            .set_attribute_name(attribute.map(str::to_owned));
        let answer = DescribeTimeToLiveOutput::builder()
            .time_to_live_description(description.build())
            .build();
        assert_eq!(extras::time_to_live(answer), expected, "{status:?}");
    }
    let answer = DescribeTimeToLiveOutput::builder().build();
    let missing = Unreadable::Missing("TimeToLiveDescription");
    assert_eq!(extras::time_to_live(answer), Err(missing));
}

#[test]
fn contributor_insights_may_be_on_their_way_or_given_up() {
    let on = ContributorInsightsSpecification::enabled;
    let off = ContributorInsightsSpecification::DISABLED;
    let pending = |status: &str| Some(TransitionState::Pending(status.to_owned()));
    let failed = |reason: &str| Some(TransitionState::Failed(reason.to_owned()));
    let throttled = Some(ContributorInsightsMode::ThrottledKeys);
    let unknown = |field, value: &str| Err(Unreadable::Unknown { field, value: value.to_owned() });
    for (status, mode, failure, expected) in [
        ("ENABLED", None, false, Ok((on(None), None))),
        ("ENABLED", Some("THROTTLED_KEYS"), false, Ok((on(throttled), None))),
        ("ENABLING", Some("THROTTLED_KEYS"), false, Ok((on(throttled), pending("ENABLING")))),
        ("DISABLED", Some("THROTTLED_KEYS"), false, Ok((off, None))),
        ("DISABLING", None, false, Ok((off, pending("DISABLING")))),
        ("FAILED", None, true, Ok((off, failed("AccessDenied: no")))),
        ("FAILED", None, false, Ok((off, failed("contributor insights are FAILED")))),
        ("DORMANT", None, false, unknown("ContributorInsightsStatus", "DORMANT")),
        ("ENABLED", Some("ALL"), false, unknown("ContributorInsightsMode", "ALL")),
    ] {
        let failure = failure.then(|| {
            let failure = sdk::FailureException::builder().exception_name("AccessDenied");
            failure.exception_description("no").build()
        });
        let answer = DescribeContributorInsightsOutput::builder()
            .contributor_insights_status(status.into())
            .set_contributor_insights_mode(mode.map(sdk::ContributorInsightsMode::from))
            .set_failure_exception(failure)
            .build();
        assert_eq!(extras::contributor_insights(answer), expected, "{status}");
    }
    let nothing = DescribeContributorInsightsOutput::builder().build();
    let missing = Unreadable::Missing("ContributorInsightsStatus");
    assert_eq!(extras::contributor_insights(nothing), Err(missing));
}

#[test]
fn a_stream_may_be_on_its_way_or_given_up() {
    let answer = |status: &str, reason: Option<&str>, precision: Option<&str>| {
        let destination = sdk::KinesisDataStreamDestination::builder()
            .stream_arn("arn:a")
            .destination_status(status.into())
            .set_destination_status_description(reason.map(str::to_owned))
            .set_approximate_creation_date_time_precision(precision.map(Into::into))
            .build();
        let answer = DescribeKinesisStreamingDestinationOutput::builder();
        extras::kinesis_destinations(answer.kinesis_data_stream_destinations(destination).build())
    };
    let to = |approximate_creation_date_time_precision| {
        let stream_arn = "arn:a".to_owned();
        let one = KinesisDestination { stream_arn, approximate_creation_date_time_precision };
        KinesisDestinations::new([one])
    };
    let none = || KinesisDestinations::NONE;
    let pending =
        |status: &str| vec![("arn:a".to_owned(), TransitionState::Pending(status.to_owned()))];
    let failed =
        |reason: &str| vec![("arn:a".to_owned(), TransitionState::Failed(reason.to_owned()))];
    let fine = Some(TimestampPrecision::Microsecond);
    for (status, reason, precision, expected) in [
        ("ACTIVE", Some(""), Some("MICROSECOND"), (to(fine), vec![])),
        ("ENABLING", None, None, (to(None), pending("ENABLING"))),
        ("UPDATING", None, Some("MICROSECOND"), (to(fine), pending("UPDATING"))),
        ("DISABLING", None, None, (none(), pending("DISABLING"))),
        ("DISABLED", None, None, (none(), vec![])),
        ("ENABLE_FAILED", Some("no such stream"), None, (none(), failed("no such stream"))),
        (
            "ENABLE_FAILED",
            Some(""),
            None,
            (none(), failed("the Kinesis destination is ENABLE_FAILED")),
        ),
    ] {
        assert_eq!(answer(status, reason, precision), Ok(expected), "{status}");
    }
    let unknown = |field, value: &str| Unreadable::Unknown { field, value: value.to_owned() };
    assert_eq!(answer("DORMANT", None, None), Err(unknown("DestinationStatus", "DORMANT")));
    assert_eq!(
        answer("ACTIVE", None, Some("SECOND")),
        Err(unknown("ApproximateCreationDateTimePrecision", "SECOND"))
    );
}

#[test]
fn recovery_has_days_only_when_it_is_on() {
    let on = |recovery_period_in_days| PointInTimeRecoverySpecification {
        point_in_time_recovery_enabled: true,
        recovery_period_in_days,
    };
    let off = PointInTimeRecoverySpecification::DISABLED;
    let answer = |description: Option<sdk::PointInTimeRecoveryDescription>| {
        let backups = sdk::ContinuousBackupsDescription::builder()
            .continuous_backups_status(sdk::ContinuousBackupsStatus::Enabled)
            .set_point_in_time_recovery_description(description);
        DescribeContinuousBackupsOutput::builder()
            .continuous_backups_description(backups.build().unwrap())
            .build()
    };
    for (status, days, expected) in [
        ("ENABLED", Some(7), Ok(on(Some(7)))),
        ("ENABLED", None, Ok(on(None))),
        ("DISABLED", None, Ok(off)),
        ("DISABLED", Some(7), Ok(off)),
        (
            "DORMANT",
            None,
            Err(Unreadable::Unknown {
                field: "PointInTimeRecoveryStatus",
                value: "DORMANT".to_owned(),
            }),
        ),
    ] {
        let description = sdk::PointInTimeRecoveryDescription::builder()
            .point_in_time_recovery_status(sdk::PointInTimeRecoveryStatus::from(status))
            .set_recovery_period_in_days(days);
        let answer = answer(Some(description.build()));
        assert_eq!(extras::point_in_time_recovery(answer), expected, "{status}");
    }
    assert_eq!(extras::point_in_time_recovery(answer(None)), Ok(off));
}

#[test]
fn tags_are_sorted_and_those_of_aws_left_out() {
    let tags = |tags: &[(&str, &str)]| {
        let tag = |(key, value): &(&str, &str)| {
            sdk::Tag::builder().key(*key).value(*value).build().unwrap()
        };
        extras::tags(tags.iter().map(tag).collect())
    };
    let listed = [("b", "2"), ("aws:cloudformation:stack-id", "x"), ("a", "1"), ("awsome", "")];
    assert_eq!(tags(&listed), [tag("a", "1"), tag("awsome", ""), tag("b", "2")]);
    assert_eq!(tags(&[("a", "1"), ("a", "9")]), [tag("a", "9")]);
    assert_eq!(tags(&[]), []);
}

#[test]
fn a_policy_comes_with_its_revision() {
    let policy = |text: Option<&str>| {
        let answer =
            GetResourcePolicyOutput::builder().set_policy(text.map(str::to_owned)).revision_id("7");
        extras::resource_policy(answer.build())
    };
    let found = policy(Some(r#"{"Statement": []}"#)).unwrap();
    let expected = ResourcePolicy::try_from(r#"{"Statement":[]}"#.to_owned()).unwrap();
    assert_eq!((found.policy, found.revision.as_deref()), (expected, Some("7")));
    for none in [None, Some("")] {
        assert_eq!(policy(none), Ok(extras::Policy::NONE));
    }
    let error = policy(Some("nonsense")).unwrap_err();
    assert!(matches!(error, Unreadable::NotJson { field: "Policy", .. }), "{error}");
}
