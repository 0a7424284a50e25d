//! A CPF or a CNPJ, where one column holds both.

use std::fmt;

use super::cnpj::{Cnpj, CnpjColumn};
use super::cpf::{Cpf, CpfColumn};
use super::{Outcome, Reason, Status};

/// Whose number it is follows from its kind (`tipo_pessoa`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Document {
    Cpf(Cpf),
    Cnpj(Cnpj),
}

/// What most documents of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Majority {
    Cpf,
    Cnpj,
}

impl Document {
    /// Lost zeros are put back as a CPF's first, then as a CNPJ's; where both would be valid the
    /// majority of the column decides, with an alert.
    pub fn parse(text: &str, majority: Majority) -> Outcome<Document> {
        let cpf = Cpf::parse(text, CpfColumn::OnlyCpfs);
        if cpf.status == Status::Vazio || cpf.keeps_text() {
            return cpf.map(Document::Cpf);
        }
        let cnpj = Cnpj::parse(text, CnpjColumn::OnlyCnpjs);
        match (cpf.value, cnpj.value) {
            (Some(_), Some(cnpj)) if majority == Majority::Cnpj => {
                Outcome::alert(Document::Cnpj(cnpj), Reason::Ambiguo)
            }
            (Some(cpf), Some(_)) => Outcome::alert(Document::Cpf(cpf), Reason::Ambiguo),
            (Some(_), None) => cpf.map(Document::Cpf),
            (None, Some(_)) => cnpj.map(Document::Cnpj),
            (None, None) => Outcome::rejected(Self::fault(&cpf, &cnpj)),
        }
    }

    /// The better of two reasons: that of the kind whose length the text has.
    fn fault(cpf: &Outcome<Cpf>, cnpj: &Outcome<Cnpj>) -> Reason {
        let of_length = [cpf.reason, cnpj.reason]
            .into_iter()
            .flatten()
            .find(|reason| {
                matches!(
                    reason,
                    Reason::DvInvalido
                        | Reason::Repetido
                        | Reason::DvNaoNumerico
                        | Reason::NotacaoCientifica
                )
            });
        of_length.or(cnpj.reason).unwrap_or(Reason::Tamanho)
    }

    /// `PF` or `PJ`.
    pub fn person_kind(self) -> &'static str {
        match self {
            Document::Cpf(_) => "PF",
            Document::Cnpj(_) => "PJ",
        }
    }

    /// The characters without separators.
    pub fn characters(&self) -> &str {
        match self {
            Document::Cpf(cpf) => cpf.digits(),
            Document::Cnpj(cnpj) => cnpj.characters(),
        }
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Document::Cpf(cpf) => cpf.fmt(f),
            Document::Cnpj(cnpj) => cnpj.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        Document::parse(text, Majority::Cpf)
            .value
            .map_or_else(|| "-".into(), |document| document.to_string())
    }

    #[test]
    fn each_kind_is_told_by_its_length_and_check_digits() {
        assert_eq!(shown("52998224725"), "529.982.247-25");
        assert_eq!(shown("11222333000181"), "11.222.333/0001-81");
        assert_eq!(shown("12abc34501de35"), "12.ABC.345/01DE-35");
        assert_eq!(shown("4515266861"), "045.152.668-61");
        assert_eq!(shown("1838723000127"), "01.838.723/0001-27");
    }

    #[test]
    fn a_number_that_could_be_both_follows_the_column() {
        // both with zeros lost: found by trying numbers of nine to eleven digits
        let both = (100_000_000u64..).map(|n| n.to_string()).find(|text| {
            Cpf::parse(text, CpfColumn::OnlyCpfs).value.is_some()
                && Cnpj::parse(text, CnpjColumn::OnlyCnpjs).value.is_some()
        });
        let both = both.unwrap();
        for (majority, kind) in [(Majority::Cpf, "PF"), (Majority::Cnpj, "PJ")] {
            let outcome = Document::parse(&both, majority);
            assert_eq!(
                (outcome.status, outcome.reason),
                (Status::Alerta, Some(Reason::Ambiguo))
            );
            assert_eq!(outcome.value.map(Document::person_kind), Some(kind));
        }
    }

    #[test]
    fn faults_are_those_of_the_likelier_kind() {
        for (text, reason) in [
            ("52998224726", Reason::DvInvalido),
            ("11222333000182", Reason::DvInvalido),
            ("11111111111", Reason::Repetido),
            ("123", Reason::Tamanho),
            ("não tem", Reason::CaracteresInvalidos),
        ] {
            assert_eq!(
                Document::parse(text, Majority::Cpf),
                Outcome::rejected(reason),
                "{text}"
            );
        }
        assert!(Document::parse("***456789**", Majority::Cpf).keeps_text());
    }
}
