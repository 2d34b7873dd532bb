//! Misspelt region names.

use mizzle_core::text;

/// The AWS regions, for suggestions: a missing one is only not suggested.
/// Source: <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>.
const REGIONS: [&str; 38] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// True for an AWS region that existed when this list was written.
pub(super) fn is_known(region: &str) -> bool {
    REGIONS.contains(&region)
}

/// Suggests a region for a misspelt one. Many region names are similar, so only one letter may
/// differ.
pub(super) fn did_you_mean(region: &str) -> Option<String> {
    let meant = REGIONS.into_iter().find(|known| text::is_typo(region, known))?;
    Some(format!("did you mean {meant:?}?"))
}
