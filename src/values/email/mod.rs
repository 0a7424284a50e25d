//! E-mail addresses: their syntax, and the slips of known providers. Whether one can be delivered
//! to is not known here.

mod domain;
mod providers;
mod typed;

use std::borrow::Cow;
use std::fmt;

pub use typed::{Split, split};

use xxhash_rust::xxh3::xxh3_64;

use super::{Outcome, Reason, Status};
use domain::Fix;

/// A syntactically valid address in lower case.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Email<'a> {
    address: Cow<'a, str>,
    at: usize,
}

impl<'a> Email<'a> {
    /// Of several in one cell the first valid is taken; [`split`] gives all. `is_frequent` says
    /// whether the file has a domain so often that it cannot be a slip of another.
    pub fn parse(text: &'a str, is_frequent: &dyn Fn(&str) -> bool) -> Outcome<Email<'a>> {
        match plain(text) {
            Some(Plain {
                at,
                capitals: false,
            }) => {
                let known = plain_address(Cow::Borrowed(text), at, true);
                known.unwrap_or_else(|| read(text, text, is_frequent))
            }
            Some(Plain { at, capitals: true }) => {
                let known = plain_address(Cow::Owned(text.to_ascii_lowercase()), at, false);
                known.unwrap_or_else(|| Email::parse_any(text, is_frequent))
            }
            None => Email::parse_any(text, is_frequent),
        }
    }

    /// [`Email::parse`], whatever was typed.
    fn parse_any(text: &'a str, is_frequent: &dyn Fn(&str) -> bool) -> Outcome<Email<'a>> {
        let text = text.trim();
        if text.is_empty() {
            return Outcome::blank();
        }
        let mut parts = split(text);
        let (Some(first), second) = (parts.next(), parts.next()) else {
            return Outcome::rejected(Reason::NaoEhEmail);
        };
        let first = read(first, text, is_frequent);
        let Some(second) = second else {
            return first;
        };
        let rest = std::iter::once(second).chain(parts);
        let valid = match first.value.is_some() {
            true => first.value,
            false => rest
                .map(|part| read(part, text, is_frequent))
                .find_map(|outcome| outcome.value),
        };
        match valid {
            Some(email) => Outcome::corrected(email, Reason::VariosEmails, 90),
            None => Outcome::rejected(first.reason.unwrap_or(Reason::NaoEhEmail)),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.address
    }

    pub fn local(&self) -> &str {
        &self.address[..self.at]
    }

    pub fn domain(&self) -> &str {
        &self.address[self.at + 1..]
    }

    /// Owned by nobody's cell.
    pub fn into_owned(self) -> Email<'static> {
        Email {
            address: Cow::Owned(self.address.into_owned()),
            at: self.at,
        }
    }

    /// What duplicates are found by: Gmail ignores dots and what follows a `+`.
    pub fn key(&self) -> String {
        key(&self.address).into_owned()
    }

    /// Of a free provider, not of a company's own domain.
    pub fn is_free(&self) -> bool {
        providers::is_known(self.domain())
    }

    /// Of an office, not of a person: `vendas@`.
    pub fn is_role(&self) -> bool {
        providers::ROLES.contains(&self.local())
    }

    pub fn is_disposable(&self) -> bool {
        providers::DISPOSABLE.contains(&self.domain())
    }
}

/// See [`Email::key`]; `address` in its delivered form.
pub fn key(address: &str) -> Cow<'_, str> {
    match address.split_once('@') {
        Some((local, "gmail.com" | "googlemail.com")) => {
            let local = local.split('+').next().unwrap_or_default();
            format!("{}@gmail.com", local.replace('.', "")).into()
        }
        _ => address.into(),
    }
}

/// A hash of [`key`], mostly without building it.
pub fn key_hash(address: &str) -> u64 {
    const LONGEST: usize = 64;
    let (local, domain) = match address.split_once('@') {
        Some((local, "gmail.com" | "googlemail.com")) if local.len() <= LONGEST => {
            (local, "@gmail.com")
        }
        _ => return xxh3_64(key(address).as_bytes()),
    };
    let mut buffer = [0; LONGEST + 10];
    let mut length = 0;
    let own = local.bytes().take_while(|byte| *byte != b'+');
    for byte in own.filter(|byte| *byte != b'.').chain(domain.bytes()) {
        buffer[length] = byte;
        length += 1;
    }
    xxh3_64(&buffer[..length])
}

/// A text that is one address without anything around it: letters, digits, and `_`, `-`, `+`, and
/// single stops within.
struct Plain {
    /// Where the `@` is.
    at: usize,
    capitals: bool,
}

fn plain(text: &str) -> Option<Plain> {
    let bytes = text.as_bytes();
    let (mut at, mut ats) = (0, 0);
    let (mut odd, mut capitals) = (false, false);
    let mut before = b'.';
    for (place, byte) in bytes.iter().enumerate() {
        let sign = *byte == b'@';
        at = if sign { place } else { at };
        ats += u32::from(sign);
        odd |= !PLAIN[usize::from(*byte)] | (*byte == b'.') & (before == b'.');
        before = *byte;
        capitals |= byte.is_ascii_uppercase();
    }
    let ends = bytes.last().is_some_and(u8::is_ascii_alphanumeric);
    (!odd && ats == 1 && ends).then_some(Plain { at, capitals })
}

/// A [`Plain`] address of a known provider, in small letters.
fn plain_address(text: Cow<'_, str>, at: usize, canonical: bool) -> Option<Outcome<Email<'_>>> {
    let (local, domain) = (&text[..at], &text[at + 1..]);
    let known = !local.ends_with('.')
        && !local.starts_with("www.")
        && (1..=MOST_LOCAL).contains(&local.len())
        && providers::is_known(domain);
    let email = Email { address: text, at };
    known.then(|| judge(email, Fix::None, false, canonical))
}

/// The longest part before the `@`.
const MOST_LOCAL: usize = 64;

/// One address. `cell` is the whole cell, to know whether its form changed.
fn read<'a>(part: &'a str, cell: &str, is_frequent: &dyn Fn(&str) -> bool) -> Outcome<Email<'a>> {
    let Some((local, domain)) = part.split_once('@') else {
        return Outcome::rejected(Reason::NaoEhEmail);
    };
    if local.starts_with("www.") {
        return Outcome::rejected(Reason::NaoEhEmail);
    }
    let fixed_local = match fixed_local(local) {
        Ok(local) => local,
        Err(reason) => return Outcome::rejected(reason),
    };
    let (domain, fix) = match domain::read(domain, is_frequent) {
        Ok(read) => read,
        Err(reason) => return Outcome::rejected(reason),
    };
    if fixed_local.len() + 1 + domain.len() > 254 {
        return Outcome::rejected(Reason::Tamanho);
    }
    let unaccented = !local.is_ascii();
    let email = assemble(part, fixed_local, domain);
    let canonical = email.as_str() == cell;
    judge(email, fix, unaccented, canonical)
}

/// Keeps the text of the cell where it already is the address.
fn assemble<'a>(part: &'a str, local: Cow<'_, str>, domain: Cow<'_, str>) -> Email<'a> {
    let at = local.len();
    let address = match part.split_once('@') {
        Some((typed_local, typed_domain)) if typed_local == local && typed_domain == domain => {
            Cow::Borrowed(part)
        }
        _ => Cow::Owned(format!("{local}@{domain}")),
    };
    Email { address, at }
}

/// The weightiest thing to say of a valid address.
fn judge(email: Email<'_>, fix: Fix, unaccented: bool, canonical: bool) -> Outcome<Email<'_>> {
    if providers::is_stand_in(email.local(), email.domain()) {
        Outcome::rejected(Reason::Placeholder)
    } else if let Fix::Certain(confidence) = fix {
        Outcome::corrected(email, Reason::Dominio, confidence)
    } else if unaccented {
        Outcome::corrected(email, Reason::SemAcentos, 80)
    } else if fix == Fix::Suggested {
        Outcome {
            confidence: 60,
            ..Outcome::alert(email, Reason::Sugestao)
        }
    } else if providers::is_filler(email.local(), email.domain()) {
        Outcome::alert(email, Reason::Placeholder)
    } else if email.is_disposable() {
        Outcome::alert(email, Reason::Descartavel)
    } else if email.is_role() {
        Outcome::alert(email, Reason::Funcao)
    } else {
        Outcome {
            status: if canonical {
                Status::Ok
            } else {
                Status::Padronizado
            },
            ..Outcome::ok(email)
        }
    }
}

/// The part before the `@` in lower case without accents, if it may stand there.
fn fixed_local(local: &str) -> Result<Cow<'_, str>, Reason> {
    let legal = |text: &str| text.bytes().all(|byte| LEGAL[usize::from(byte)]);
    let fixed = if legal(local) {
        Cow::Borrowed(local)
    } else {
        Cow::Owned(
            joined(local)
                .and_then(|local| unaccented(&local))
                .ok_or(Reason::LocalInvalido)?,
        )
    };
    let dots = fixed.starts_with('.') || fixed.ends_with('.') || fixed.contains("..");
    match legal(&fixed) && (1..=MOST_LOCAL).contains(&fixed.len()) && !dots {
        true => Ok(fixed),
        false => Err(Reason::LocalInvalido),
    }
}

/// The bytes that may stand before the `@`.
const LEGAL: [bool; 256] = {
    let mut legal = [false; 256];
    let signs = b"abcdefghijklmnopqrstuvwxyz0123456789.!#$%&'*+/=?^_`{|}~-";
    let mut at = 0;
    while at < signs.len() {
        legal[signs[at] as usize] = true;
        at += 1;
    }
    legal
};

/// The bytes of most addresses.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let signs = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+@";
    let mut at = 0;
    while at < signs.len() {
        plain[signs[at] as usize] = true;
        at += 1;
    }
    plain
};

/// Without the spaces around dots and at the ends; `None` when there are others.
fn joined(text: &str) -> Option<String> {
    let mut joined = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let stop = |c: char| matches!(c, '.' | ',');
        if !joined.is_empty() && !joined.ends_with(stop) && !word.starts_with(stop) {
            return None;
        }
        joined.push_str(word);
    }
    Some(joined)
}

/// Lower-case ASCII; `None` when a letter has no plain form.
fn unaccented(text: &str) -> Option<String> {
    text.chars()
        .map(|c| match c.is_ascii() {
            true => Some(c.to_ascii_lowercase()),
            false => super::fold::plain_latin(c)
                .filter(|_| c.is_lowercase() || c.is_uppercase())
                .map(|c| c.to_ascii_lowercase()),
        })
        .collect()
}

impl fmt::Display for Email<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

/// Censored: an address never reaches a log by way of `{:?}`.
impl fmt::Debug for Email<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Email(***@{})", self.domain())
    }
}

#[cfg(test)]
mod tests;
