//! Applying a plan: the ports, and the executor that uses them.

mod backup;
mod data;
mod effect_status;
mod error_details;
mod executor;
mod fence;
mod pace;
mod port;
mod wait;

pub use backup::{BackupError, BackupPlane, BackupStatus, await_backup, begin_backup};
pub use data::{DataError, DataOperation, DataPlane};
pub use effect_status::extras;
pub(crate) use effect_status::{EffectStatus, effect_status};
pub use error_details::{
    CertificateFlaw, CredentialsSource, ErrorDetails, FailureCause, ProfileSource,
};
pub use executor::{Event, Failure, Observer, Options, Report, StepError, apply};
pub use fence::{Fence, Fenced};
pub use port::{Clock, ControlPlane, ServiceError, ServiceErrorKind};
pub use wait::{WaitError, describe_all, settle_all};
