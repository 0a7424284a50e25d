//! What is written on a message, besides its body.

use crate::broker::Outgoing;
use crate::broker::headers::{self, Header, Headers};

use super::amqp::BasicProperties;
use super::amqp::types::{AMQPValue, FieldTable};
use super::fault::{Fault, short};

/// The properties and headers of a message.
#[derive(Debug, Clone, Default)]
pub(in crate::broker) struct Envelope(pub(super) BasicProperties);

impl Envelope {
    pub(in crate::broker) fn new(message: &Outgoing) -> Result<Self, Fault> {
        let mut properties =
            BasicProperties::default().with_content_type("application/json".into());
        if let Some(id) = &message.message_id {
            properties = properties.with_message_id(short(id)?);
        }
        if let Some(queue) = &message.reply_to {
            properties = properties.with_reply_to(short(queue)?);
        }
        if let Some(id) = &message.correlation_id {
            properties = properties.with_correlation_id(short(id)?);
        }
        if let Some(priority) = message.priority {
            properties = properties.with_priority(priority);
        }
        Ok(Envelope(properties))
    }

    pub(in crate::broker) fn message_id(&self) -> Option<String> {
        self.0.message_id().as_ref().map(ToString::to_string)
    }

    pub(in crate::broker) fn reply_to(&self) -> Option<String> {
        self.0.reply_to().as_ref().map(ToString::to_string)
    }

    pub(in crate::broker) fn correlation_id(&self) -> Option<String> {
        self.0.correlation_id().as_ref().map(ToString::to_string)
    }

    pub(in crate::broker) fn header(&self, name: &str) -> Option<Header> {
        let number = |number: i64| Some(Header::Number(number));
        match self.0.headers().as_ref()?.inner().get(name)? {
            AMQPValue::ShortShortInt(value) => number((*value).into()),
            AMQPValue::ShortShortUInt(value) => number((*value).into()),
            AMQPValue::ShortInt(value) => number((*value).into()),
            AMQPValue::ShortUInt(value) => number((*value).into()),
            AMQPValue::LongInt(value) => number((*value).into()),
            AMQPValue::LongUInt(value) => number((*value).into()),
            AMQPValue::LongLongInt(value) => number(*value),
            AMQPValue::LongString(text) => Some(Header::Text(text.to_string())),
            AMQPValue::ShortString(text) => Some(Header::Text(text.to_string())),
            _ => None,
        }
    }

    /// The envelope of a copy: everything kept but what would change its way. An expiry could
    /// end it in a queue where nothing may be lost, and a user id only its first sender may use.
    pub(in crate::broker) fn copy(&self, ours: Headers) -> Envelope {
        let mut table = FieldTable::default();
        for (name, value) in self.0.headers().iter().flat_map(|table| table.inner()) {
            if !headers::is_left_out(name.as_str()) {
                table.insert(name.clone(), value.clone());
            }
        }
        for (name, header) in ours {
            let value = match header {
                Header::Number(number) => AMQPValue::LongLongInt(number),
                Header::Text(text) => AMQPValue::LongString(text.into()),
            };
            table.insert(name.into(), value);
        }
        let mut copy = BasicProperties::default().with_headers(table);
        macro_rules! keep {
            ($($get:ident $set:ident),*) => {
                $(if let Some(value) = self.0.$get() { copy = copy.$set(value.clone()); })*
            };
        }
        keep!(
            content_type with_content_type, content_encoding with_content_encoding,
            priority with_priority, correlation_id with_correlation_id,
            reply_to with_reply_to, message_id with_message_id,
            timestamp with_timestamp, kind with_type, app_id with_app_id
        );
        Envelope(copy)
    }
}
