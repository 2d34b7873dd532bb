//! Carrying out a plan: the ports, and the executor that works through them.

mod port;

pub use port::{Clock, ControlPlane, ServiceError, ServiceErrorKind};
