//! What goes wrong on a wire, in our words.

use std::time::Duration;

use tokio::time::timeout;

use crate::broker::BrokerError;

use super::amqp::types::ShortString;
use super::amqp::{Error, ErrorKind, Result as Outcome};

/// What went wrong, with the reply code when it was the broker who said so.
#[derive(Debug)]
pub(in crate::broker) struct Fault {
    pub code: Option<u16>,
    pub error: BrokerError,
}

impl Fault {
    pub const REFUSED: u16 = 403;
    pub const NOT_FOUND: u16 = 404;
    pub const NOT_ALLOWED: u16 = 530;
    pub const NOT_IMPLEMENTED: u16 = 540;
    pub const INTERNAL: u16 = 541;

    pub(in crate::broker) fn is(&self, codes: &[u16]) -> bool {
        self.code.is_some_and(|code| codes.contains(&code))
    }

    /// The same while connecting, when a refusal means the credentials or the virtual host,
    /// except that a full house is not a closed one.
    pub(super) fn at_the_door(self) -> Fault {
        let at_the_door = self.is(&[Fault::REFUSED, Fault::NOT_ALLOWED]);
        let error = match self.error {
            BrokerError::Operation(text) if text.ends_with("is reached") => {
                BrokerError::Unreachable(text)
            }
            _ if at_the_door => BrokerError::Refused,
            other => other,
        };
        Fault {
            code: self.code,
            error,
        }
    }
}

impl From<BrokerError> for Fault {
    fn from(error: BrokerError) -> Self {
        Fault { code: None, error }
    }
}

impl From<Fault> for BrokerError {
    fn from(fault: Fault) -> Self {
        fault.error
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let reply = match error.kind() {
            ErrorKind::ProtocolError(reply) => reply,
            // It ends the connection, and the message is the first again on the next one.
            ErrorKind::ParsingError(_) => {
                let text = "a message cannot be read, perhaps for a property that is not UTF-8; \
                            somebody has to take it off the queue";
                return BrokerError::Unreachable(text.to_owned()).into();
            }
            _ => return BrokerError::Unreachable(error.to_string()).into(),
        };
        let code = reply.get_id();
        let text = reply.get_message().to_string();
        let ours = error.is_amqp_soft_error()
            || matches!(code, Fault::NOT_ALLOWED | Fault::NOT_IMPLEMENTED);
        Fault {
            code: Some(code),
            error: match ours {
                true => BrokerError::Operation(text),
                false => BrokerError::Unreachable(text),
            },
        }
    }
}

/// Ends `exchange` with an error after `limit`.
pub(super) async fn within<T>(
    limit: Duration,
    exchange: impl Future<Output = Outcome<T>>,
) -> Result<T, Fault> {
    match timeout(limit, exchange).await {
        Ok(outcome) => Ok(outcome?),
        Err(_) => Err(BrokerError::Timeout(limit).into()),
    }
}

/// A name as the protocol has it: at most 255 bytes.
pub(super) fn short(text: &str) -> Result<ShortString, Fault> {
    ShortString::try_new(text).map_err(|_| {
        let start: String = text.chars().take(40).collect();
        BrokerError::Operation(format!("`{start}…` is longer than 255 bytes")).into()
    })
}
