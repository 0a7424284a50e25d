//! The steps a job passes through, in order.

use std::fmt;

/// How far a job came. Failures, crash points and dead letters name one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    Receive,
    Begin,
    Fetch,
    Survey,
    Treat,
    Report,
    Upload,
    Finish,
    Settle,
}

impl Stage {
    pub const ALL: [Stage; 9] = [
        Stage::Receive,
        Stage::Begin,
        Stage::Fetch,
        Stage::Survey,
        Stage::Treat,
        Stage::Report,
        Stage::Upload,
        Stage::Finish,
        Stage::Settle,
    ];

    /// The stage of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == name)
    }

    /// The stable name used in headers, logs and crash points.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Receive => "receive",
            Stage::Begin => "begin",
            Stage::Fetch => "fetch",
            Stage::Survey => "survey",
            Stage::Treat => "treat",
            Stage::Report => "report",
            Stage::Upload => "upload",
            Stage::Finish => "finish",
            Stage::Settle => "settle",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
