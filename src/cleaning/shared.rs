//! Telephones and addresses that several people share. Needs a first look at the table: about 60
//! bytes are kept for each distinct telephone, 25 for each address.

use std::collections::{HashMap, HashSet};

use polars::prelude::{DataFrame, PolarsResult};
use xxhash_rust::xxh3::xxh3_64;

use crate::recipe::rules::Check;
use crate::recipe::{ColumnKind, Profile};
use crate::values::{email, name};

/// A telephone with so many CPFs is nobody's own.
const MOST_CPFS: usize = 5;

/// Hashes of what is shared.
#[derive(Debug, Default)]
pub(super) struct SharedKeys {
    phones: HashSet<u64>,
    emails: HashSet<u64>,
}

impl SharedKeys {
    pub(super) fn has_phone(&self, text: &str) -> bool {
        self.phones.contains(&xxh3_64(text.as_bytes()))
    }

    pub(super) fn has_email(&self, text: &str) -> bool {
        self.emails.contains(&email::key_hash(text))
    }
}

/// Counts the people behind each telephone and address.
pub(super) struct Sharing {
    /// The columns of telephones and of CPFs.
    phones: Option<(usize, usize)>,
    /// The column of addresses.
    emails: Option<usize>,
    cpf: Option<usize>,
    name: Option<usize>,
    /// For each telephone, up to five different CPFs.
    by_phone: HashMap<u64, Vec<u64>>,
    /// For each address, the first of its people.
    by_email: HashMap<u64, u64>,
    found: SharedKeys,
}

impl Sharing {
    /// `None` if no rule asks for it, or the table lacks the columns.
    pub(super) fn new(profile: &Profile, checks: Option<&[Check<usize>]>) -> Option<Self> {
        let asks = |check| checks.is_some_and(|checks| checks.contains(&check));
        let first = |kind| profile.first(kind);
        let (cpf, name) = (first(ColumnKind::Cpf), first(ColumnKind::Name));
        let sharing = Sharing {
            phones: first(ColumnKind::Phone)
                .zip(cpf)
                .filter(|_| asks(Check::SharedPhone)),
            emails: first(ColumnKind::Email)
                .filter(|_| asks(Check::SharedEmail) && (cpf.is_some() || name.is_some())),
            cpf,
            name,
            by_phone: HashMap::new(),
            by_email: HashMap::new(),
            found: SharedKeys::default(),
        };
        (sharing.phones.is_some() || sharing.emails.is_some()).then_some(sharing)
    }

    pub(super) fn observe(&mut self, frame: &DataFrame, gone: &[bool]) -> PolarsResult<()> {
        let column = |place: Option<usize>| {
            let cells = place.map(|place| frame.columns()[place].str());
            cells.transpose()
        };
        let phones = column(self.phones.map(|(phone, _)| phone))?;
        let emails = column(self.emails)?;
        let (cpfs, names) = (column(self.cpf)?, column(self.name)?);
        for row in (0..frame.height()).filter(|row| !gone[*row]) {
            let cpf = cpfs.and_then(|cells| cells.get(row));
            let cpf = cpf.map(|text| xxh3_64(text.as_bytes()));
            if let Some((phone, cpf)) = phones.and_then(|cells| cells.get(row)).zip(cpf) {
                let phone = xxh3_64(phone.as_bytes());
                let people = self.by_phone.entry(phone).or_default();
                if people.len() < MOST_CPFS && !people.contains(&cpf) {
                    people.push(cpf);
                }
            }
            let Some(email) = emails.and_then(|cells| cells.get(row)) else {
                continue;
            };
            let name = names.and_then(|cells| cells.get(row));
            // A row says who it is by its CPF, or else by its name.
            let Some(person) = cpf.or_else(|| Some(name::key_hash(name?))) else {
                continue;
            };
            let email = email::key_hash(email);
            if *self.by_email.entry(email).or_insert(person) != person {
                self.found.emails.insert(email);
            }
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> SharedKeys {
        let shared = self.by_phone.into_iter();
        let shared = shared.filter(|(_, people)| people.len() >= MOST_CPFS);
        self.found.phones = shared.map(|(phone, _)| phone).collect();
        self.found
    }
}
