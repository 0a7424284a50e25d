//! What people can do about a rejected value.

use crate::values::Reason;

/// A sentence in Portuguese.
pub fn advice(reason: Reason) -> &'static str {
    match reason {
        Reason::DvInvalido | Reason::DvNaoNumerico | Reason::IbgeInvalido => {
            "Confira os dígitos no documento ou na fonte: há erro de digitação."
        }
        Reason::Tamanho => "Complete os dígitos que faltam ou retire os que sobram.",
        Reason::NotacaoCientifica => {
            "Exporte de novo com a coluna formatada como texto: o Excel descartou dígitos."
        }
        Reason::CaracteresInvalidos => "Retire o que não faz parte do número.",
        Reason::EhCnpj => "Mova o valor para a coluna de CNPJ.",
        Reason::EhCpf => "Mova o valor para a coluna de CPF.",
        Reason::Repetido | Reason::Placeholder | Reason::NomePlaceholder => {
            "Peça o valor verdadeiro: este foi posto só para preencher o campo."
        }
        Reason::SemDdd => "Informe o DDD, ou a UF e o município da linha.",
        Reason::DddInvalido => "Corrija o DDD: este não existe.",
        Reason::NonoDigitoInvalido | Reason::PrefixoInvalido | Reason::TelefoneLegado => {
            "Peça o número atual do telefone."
        }
        Reason::CepAntigo | Reason::FaixaInexistente => "Busque o CEP atual pelo endereço.",
        Reason::UfDesconhecida => "Escreva a sigla da UF.",
        Reason::MunicipioDesconhecido => "Confira o nome do município e a UF.",
        Reason::NaoEhEmail | Reason::DominioInvalido | Reason::LocalInvalido => {
            "Corrija o endereço: falta ou sobra algo antes ou depois do @."
        }
        Reason::NaoNumerico => "Deixe só o número na célula.",
        Reason::Formato => "Escreva o valor na forma das outras linhas da coluna.",
        Reason::DataInexistente => "Confira dia e mês: a data não existe.",
        Reason::Futura => "Confira o ano: a data ainda não chegou.",
        Reason::ForaDeFaixa => "Confira o valor, ou amplie a faixa na receita.",
        Reason::ForaDaLista => "Use um dos valores permitidos, ou acrescente este à receita.",
        Reason::ForaDoPadrao => "Escreva o valor no padrão exigido pela receita.",
        Reason::Obrigatorio => "Preencha o campo obrigatório e envie a linha de novo.",
        Reason::LinhaLonga => "Ponha entre aspas o texto que contém o separador.",
        Reason::LinhaInvalida => "Corrija a linha na origem e envie de novo.",
        _ => "Confira o valor na origem.",
    }
}
