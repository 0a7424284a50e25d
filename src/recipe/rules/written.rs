//! How a derivation is written: its formula is a key beside its name,
//! `{days_since: {column: Cadastro}, name: Dias}`. Serde's own `flatten` would lose the places
//! of what it reads, and with them the lines of mistakes.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::{EnumAccessDeserializer, StrDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer, MapAccess, VariantAccess,
    Visitor,
};

use super::{Derivation, Formula};

impl<'de, C: Deserialize<'de>> Deserialize<'de> for Derivation<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Keys(PhantomData))
    }
}

struct Keys<C>(PhantomData<C>);

impl<'de, C: Deserialize<'de>> Visitor<'de> for Keys<C> {
    type Value = Derivation<C>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a formula, such as `days_since: {column: Cadastro}`, and maybe a `name`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut name, mut formula) = (None, None);
        while let Some(key) = map.next_key::<String>()? {
            if key == "name" {
                name = Some(map.next_value()?);
                continue;
            }
            if formula.is_some() {
                return Err(A::Error::custom(format!(
                    "`{key}` is a second key of one derived column: it takes one formula and a `name`"
                )));
            }
            let tagged = Tagged {
                tag: &key,
                map: &mut map,
            };
            formula = Some(Formula::deserialize(EnumAccessDeserializer::new(tagged))?);
        }
        Ok(Derivation {
            name,
            formula: formula.ok_or_else(|| A::Error::custom("a derived column has no formula"))?,
        })
    }
}

/// A key that names a variant, whose value is still to come.
struct Tagged<'a, A> {
    tag: &'a str,
    map: &'a mut A,
}

impl<'de, A: MapAccess<'de>> EnumAccess<'de> for Tagged<'_, A> {
    type Error = A::Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self::Variant), Self::Error> {
        let tag: StrDeserializer<'_, A::Error> = self.tag.into_deserializer();
        Ok((seed.deserialize(tag)?, self))
    }
}

impl<'de, A: MapAccess<'de>> VariantAccess<'de> for Tagged<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), Self::Error> {
        self.map.next_value()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, Self::Error> {
        self.map.next_value_seed(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(Fields(visitor, &[]))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.map.next_value_seed(Fields(visitor, fields))
    }
}

struct Fields<V>(V, &'static [&'static str]);

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for Fields<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        deserializer.deserialize_struct("formula", self.1, self.0)
    }
}
