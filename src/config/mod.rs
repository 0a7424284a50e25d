//! Settings: the only place that reads the environment.

mod broker;
mod drive;
mod env;
mod reference;
mod secret;
mod settings;
mod work;

pub use broker::{AmqpSettings, BrokerSettings};
pub use drive::{DriveKind, DriveSettings, InvalidDriveUrl, WebdavSettings};
pub use env::{Env, InvalidConfig, Problem, ProcessEnv};
pub use reference::{MongoSettings, ReferenceSettings};
pub use secret::Secret;
pub use settings::{Settings, VARIABLES, log_settings};
pub use work::{SourceAfter, WorkSettings};
