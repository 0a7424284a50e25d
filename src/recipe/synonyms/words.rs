//! The words themselves, folded.

use crate::recipe::ColumnKind;

/// Whole headers, parted by commas, by the type they speak for.
pub(super) const KINDS: &[(ColumnKind, &str)] = &[
    (
        ColumnKind::Cpf,
        "CPF, NR CPF, NUM CPF, NUMERO CPF, CPF CLIENTE, CIC, CPF TITULAR",
    ),
    (
        ColumnKind::Cnpj,
        "CNPJ, CNPJ CIA, CGC, NR CNPJ, CNPJ CLIENTE, CNPJ EMPRESA",
    ),
    (
        ColumnKind::Phone,
        "TELEFONE, TELEFONES, TEL, FONE, FIXO, TELEFONE1, TELEFONE 1, TELEFONE FIXO, \
         DDD TELEFONE, DDD TELEFONE 1, CELULAR, CEL, CELULAR1, CELULAR 1, WHATSAPP, \
         WHATS, ZAP, MOBILE, PHONE, TELEFONE CELULAR, TELEFONE CONTATO, TELEFONE2, \
         TELEFONE 2, CELULAR2, CELULAR 2",
    ),
    (
        ColumnKind::Ddd,
        "DDD, DDD TEL, DDD1, DDD 1, DDD CELULAR, DDD CEL, CODIGO DE AREA",
    ),
    (
        ColumnKind::Email,
        "EMAIL, E MAIL, MAIL, CORREIO ELETRONICO, ENDERECO ELETRONICO, EMAIL 1, \
         E MAIL 1, EMAIL1, EMAIL PESSOAL",
    ),
    (
        ColumnKind::Cep,
        "CEP, CODIGO POSTAL, CEP RESIDENCIAL, CEP COMERCIAL",
    ),
    (
        ColumnKind::State,
        "UF, ESTADO, SG UF, SIGLA UF, UF RESIDENCIA, ESTADO UF",
    ),
    (
        ColumnKind::Municipality,
        "MUNICIPIO, CIDADE, LOCALIDADE, MUN, NOME MUNICIPIO, NOME DO MUNICIPIO, \
         NO MUNICIPIO, NM MUNICIPIO, CIDADE UF, MUNICIPIO UF",
    ),
    (
        ColumnKind::Ibge,
        "IBGE, CODIGO IBGE, COD IBGE, CD IBGE, CODIGO DO IBGE, CODIGO MUNICIPIO, \
         CODIGO DO MUNICIPIO, COD MUNICIPIO, COD MUN, CD MUN, CO MUNICIPIO, \
         CODIGO MUNICIPIO IBGE, COD MUNICIPIO IBGE, MUNICIPIO IBGE, IBGE MUNICIPIO",
    ),
    (
        ColumnKind::Name,
        "NOME, NOME COMPLETO, CLIENTE, CONTATO, TITULAR, RESPONSAVEL, NOME CLIENTE, \
         NOME DO CLIENTE, NOME CONTATO, NOME DA MAE, NOME MAE, NOME DO PAI, \
         NOME TITULAR, FUNCIONARIO, ALUNO, PACIENTE, SOCIO, NOME SOCIO",
    ),
    (
        ColumnKind::Company,
        "RAZAO SOCIAL, RAZAO, DENOM SOCIAL, DENOMINACAO SOCIAL, NOME FANTASIA, \
         FANTASIA, EMPRESA, NOME EMPRESA, NOME DA EMPRESA, NOME EMPRESARIAL, FORNECEDOR",
    ),
    (
        ColumnKind::Street,
        "LOGRADOURO, ENDERECO, RUA, ENDERECO COMPLETO, NOME LOGRADOURO, \
         ENDERECO RESIDENCIAL, ENDERECO COMERCIAL, END",
    ),
    (
        ColumnKind::Number,
        "NUMERO, NO, N, NUM, NRO, NR, NUMERO ENDERECO, NUM ENDERECO, NUMERO CASA, \
         NUMERO IMOVEL, NO ENDERECO",
    ),
    (
        ColumnKind::BirthDate,
        "DATA DE NASCIMENTO, DATA NASCIMENTO, DATA NASC, DATA DE NASC, DT NASCIMENTO, \
         DT NASC, DTNASC, NASCIMENTO, NASC, ANIVERSARIO, DATA ANIVERSARIO, \
         DATA DE ANIVERSARIO",
    ),
    (
        ColumnKind::Date,
        "DATA, DT, DATA VENDA, DATA DA VENDA, DT VENDA, DATA COMPRA, EMISSAO, \
         DATA EMISSAO, DATA DE EMISSAO, VENCIMENTO, DATA VENCIMENTO, DATA CADASTRO, \
         DATA DE CADASTRO, ABERTURA, DATA ABERTURA, DATA DE ABERTURA, \
         DATA INICIO ATIVIDADE, ADMISSAO, DATA ADMISSAO, CRIADO EM, ATUALIZADO EM, \
         CADASTRADO EM",
    ),
    (
        ColumnKind::Money,
        "VALOR, PRECO, TOTAL, FATURAMENTO, SALARIO, RENDA, VALOR TOTAL, RENDA MENSAL, \
         RENDA PRESUMIDA, LIMITE, CAPITAL SOCIAL, PRECO UNITARIO, SUBTOTAL, SALDO, \
         CUSTO, RECEITA",
    ),
    (
        ColumnKind::Integer,
        "IDADE, QUANTIDADE, QTD, QTDE, QUANT, ANO, SCORE, PARCELAS, POPULACAO",
    ),
    (
        ColumnKind::Decimal,
        "TAXA, NOTA, PESO, ALTURA, LATITUDE, LONGITUDE",
    ),
    (
        ColumnKind::Percent,
        "PERCENTUAL, PORCENTAGEM, PERCENTAGEM, PERCENT, PERC, ALIQUOTA, \
         PERCENTUAL DESCONTO",
    ),
    (
        ColumnKind::Boolean,
        "ATIVO, ATIVA, OPTIN, OPT IN, ACEITA, ACEITE, POSSUI, FLAG, BLOQUEADO, \
         CANCELADO, INADIMPLENTE, PAGO, VIP",
    ),
    (
        ColumnKind::Category,
        "SEXO, GENERO, STATUS, SITUACAO, ESTADO CIVIL, CATEGORIA, SEGMENTO, CANAL, \
         ORIGEM, PORTE, ESCOLARIDADE, FORMA PAGAMENTO, FORMA DE PAGAMENTO, TIPO, \
         TIPO PESSOA, TIPO DE PESSOA",
    ),
];

/// A CPF or a CNPJ.
pub(super) const DOCUMENTS: &str = "DOCUMENTO, DOC, CPF CNPJ, CNPJ CPF, CPFCNPJ, NR DOCUMENTO, NUM DOCUMENTO, \
    DOCUMENTO CLIENTE";

/// Numbers that look like documents or phones and are not.
pub(super) const OTHERS: [&str; 18] = [
    "RG",
    "IDENTIDADE",
    "INSCRICAO ESTADUAL",
    "IE",
    "CODIGO",
    "COD",
    "ID",
    "MATRICULA",
    "PROTOCOLO",
    "PEDIDO",
    "CONTRATO",
    "NOTA FISCAL",
    "NF",
    "CNH",
    "TITULO ELEITOR",
    "PIS",
    "CONTA",
    "AGENCIA",
];

/// Tokens that speak for a type wherever they stand in a longer header: `CPF do cônjuge`.
pub(super) const TOKENS: &[(&str, ColumnKind)] = &[
    ("CPF", ColumnKind::Cpf),
    ("CNPJ", ColumnKind::Cnpj),
    ("TELEFONE", ColumnKind::Phone),
    ("FONE", ColumnKind::Phone),
    ("CELULAR", ColumnKind::Phone),
    ("WHATSAPP", ColumnKind::Phone),
    ("EMAIL", ColumnKind::Email),
    ("MAIL", ColumnKind::Email),
    ("CEP", ColumnKind::Cep),
    ("UF", ColumnKind::State),
    ("MUNICIPIO", ColumnKind::Municipality),
    ("CIDADE", ColumnKind::Municipality),
    ("SALARIO", ColumnKind::Money),
    ("PRECO", ColumnKind::Money),
    ("FATURAMENTO", ColumnKind::Money),
    ("LOGRADOURO", ColumnKind::Street),
    ("ENDERECO", ColumnKind::Street),
    ("NASCIMENTO", ColumnKind::BirthDate),
    ("NASC", ColumnKind::BirthDate),
    ("IBGE", ColumnKind::Ibge),
    ("PERCENTUAL", ColumnKind::Percent),
    ("QUANTIDADE", ColumnKind::Integer),
    ("OPTIN", ColumnKind::Boolean),
    ("DATA", ColumnKind::Date),
];

/// Tokens that speak for a type where a longer header begins with them.
pub(super) const FIRST_TOKENS: &[(&str, ColumnKind)] = &[
    ("VL", ColumnKind::Money),
    ("VLR", ColumnKind::Money),
    ("VALOR", ColumnKind::Money),
    ("QTD", ColumnKind::Integer),
    ("QTDE", ColumnKind::Integer),
    ("QT", ColumnKind::Integer),
    ("DT", ColumnKind::Date),
    ("DATA", ColumnKind::Date),
    ("FLAG", ColumnKind::Boolean),
    ("FL", ColumnKind::Boolean),
    ("IND", ColumnKind::Boolean),
    ("POSSUI", ColumnKind::Boolean),
    ("ACEITA", ColumnKind::Boolean),
    ("ACEITE", ColumnKind::Boolean),
    ("OPTIN", ColumnKind::Boolean),
    ("OPT", ColumnKind::Boolean),
    ("RECEBE", ColumnKind::Boolean),
    ("AUTORIZA", ColumnKind::Boolean),
    ("PERMITE", ColumnKind::Boolean),
    ("TEM", ColumnKind::Boolean),
    ("EH", ColumnKind::Boolean),
    ("NOME", ColumnKind::Name),
    ("RAZAO", ColumnKind::Company),
    ("PERC", ColumnKind::Percent),
    ("PCT", ColumnKind::Percent),
    ("SEXO", ColumnKind::Category),
    ("STATUS", ColumnKind::Category),
    ("SITUACAO", ColumnKind::Category),
    ("TIPO", ColumnKind::Category),
];
