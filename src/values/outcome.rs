//! What became of a cell.

/// The closed list of statuses, in the order reports show them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Status {
    /// Already canonical.
    Ok,
    /// The same value in another form: mask, case, spaces, encoding.
    Padronizado,
    /// Rebuilt by a rule that is certain of it.
    Corrigido,
    /// Kept, but suspicious.
    Alerta,
    /// Nothing there, or a word for nothing.
    Vazio,
    /// Not to be trusted: blank in the result, kept among the rejected.
    Rejeitado,
    /// Filled by statistics.
    Imputado,
    /// Filled from the reference base.
    Enriquecido,
}

impl Status {
    pub const ALL: [Status; 8] = [
        Status::Ok,
        Status::Padronizado,
        Status::Corrigido,
        Status::Alerta,
        Status::Vazio,
        Status::Rejeitado,
        Status::Imputado,
        Status::Enriquecido,
    ];

    /// The word delivered files use.
    pub fn code(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Padronizado => "padronizado",
            Status::Corrigido => "corrigido",
            Status::Alerta => "alerta",
            Status::Vazio => "vazio",
            Status::Rejeitado => "rejeitado",
            Status::Imputado => "imputado",
            Status::Enriquecido => "enriquecido",
        }
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $words:literal;)*) => {
        /// Why a cell is not simply `ok`: the closed list of codes of delivered files.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Reason { $($(#[$doc])* $name,)* }

        impl Reason {
            pub const ALL: &'static [Reason] = &[$(Reason::$name,)*];

            /// The stable code, in Portuguese because people read it.
            pub fn code(self) -> &'static str {
                match self { $(Reason::$name => $code,)* }
            }

            /// The same in a few words of Brazilian Portuguese.
            pub fn words(self) -> &'static str {
                match self { $(Reason::$name => $words,)* }
            }
        }
    };
}

reasons! {
    CaracteresInvalidos = "caracteres_invalidos", "caracteres inválidos";
    Ocr = "ocr", "letra lida no lugar de dígito";
    NotacaoCientifica = "notacao_cientifica", "notação científica: dígitos perdidos";
    ZeroEsquerda = "zero_esquerda", "zero à esquerda restaurado";
    Tamanho = "tamanho", "quantidade de dígitos errada";
    EhCnpj = "eh_cnpj", "é um CNPJ";
    EhCpf = "eh_cpf", "é um CPF";
    Repetido = "repetido", "dígitos repetidos";
    DvInvalido = "dv_invalido", "dígito verificador não confere";
    DvNaoNumerico = "dv_nao_numerico", "dígito verificador não é número";
    DocumentoDeTeste = "documento_de_teste", "número famoso de teste";
    Mascarado = "mascarado", "mascarado na origem";
    TelefonesConcatenados = "telefones_concatenados", "vários telefones numa célula";
    Estrangeiro = "estrangeiro", "telefone estrangeiro";
    ServicoLegado = "servico_legado", "número de serviço antigo";
    DddInferido = "ddd_inferido", "DDD deduzido";
    SemDdd = "sem_ddd", "sem DDD";
    DddInvalido = "ddd_invalido", "DDD não existe";
    Placeholder = "placeholder", "valor de preenchimento";
    NonoDigito = "nono_digito", "nono dígito acrescentado";
    NonoDigitoInvalido = "nono_digito_invalido", "nono dígito inválido";
    PrefixoInvalido = "prefixo_invalido", "prefixo não existe";
    TelefoneLegado = "telefone_legado", "telefone anterior a 2000";
    Ramal = "ramal", "tinha ramal";
    CepAntigo = "cep_antigo", "CEP de cinco dígitos";
    FaixaExtinta = "faixa_extinta", "faixa de CEP extinta";
    FaixaInexistente = "faixa_inexistente", "faixa de CEP não atribuída";
    CepUf = "cep_uf", "CEP de outra UF";
    UfDesconhecida = "uf_desconhecida", "UF desconhecida";
    UfExtinta = "uf_extinta", "UF extinta";
    NaoEhEmail = "nao_eh_email", "não é e-mail";
    DominioInvalido = "dominio_invalido", "domínio inválido";
    LocalInvalido = "local_invalido", "parte antes do @ inválida";
    Dominio = "dominio", "domínio corrigido";
    SemAcentos = "sem_acentos", "acentos retirados";
    VariosEmails = "varios_emails", "vários e-mails numa célula";
    Funcao = "funcao", "e-mail de função";
    Descartavel = "descartavel", "e-mail descartável";
    Sugestao = "sugestao", "domínio parecido com outro";
    Mojibake = "mojibake", "acentos recuperados";
    MojibakeIrrecuperavel = "mojibake_irrecuperavel", "acentos perdidos";
    ErroExcel = "erro_excel", "erro de fórmula do Excel";
    TokenNulo = "token_nulo", "palavra que significa vazio";
    CaixaAjustada = "caixa", "maiúsculas e minúsculas ajustadas";
    Espacos = "espacos", "espaços ajustados";
    NomePlaceholder = "nome_placeholder", "nome de preenchimento";
    LinhaCurta = "linha_curta", "linha com menos colunas que o cabeçalho";
    LinhaLonga = "linha_longa", "linha com mais colunas que o cabeçalho";
    LinhaInvalida = "linha_invalida", "linha que não pode ser lida";
    Divergente = "divergente", "base de referência diz outra coisa";
    TitularDivergente = "titular_divergente", "CPF é de outra pessoa na base";
    DuplicadoChave = "duplicado_chave", "chave repetida em outra linha";
    NaoNumerico = "nao_numerico", "não é número";
    Ambiguo = "ambiguo", "separador ambíguo";
    Formato = "formato", "formato não reconhecido";
    Invisiveis = "invisiveis", "caracteres invisíveis retirados";
    EntidadeHtml = "entidade_html", "código HTML decodificado";
    Escala = "escala_por_extenso", "mil, milhão escritos por extenso";
    NomeUnico = "nome_unico", "nome de uma palavra só";
    ContemDigitos = "contem_digitos", "nome com dígitos";
    PareceEmpresa = "parece_pj", "parece nome de empresa";
    DataInexistente = "data_inexistente", "data não existe no calendário";
    Futura = "futura", "data no futuro";
    ForaDeFaixa = "fora_de_faixa", "fora da faixa aceita";
    SerialExcel = "serial_excel", "data guardada como número do Excel";
    OrdemInvertida = "ordem_invertida", "mês antes do dia";
    Obrigatorio = "obrigatorio", "campo obrigatório sem valor válido";
    ForaDaLista = "fora_da_lista", "valor fora da lista permitida";
    ForaDoPadrao = "fora_do_padrao", "valor fora do padrão exigido";
    Discrepante = "discrepante", "valor discrepante do resto da coluna";
    Limitado = "limitado", "valor discrepante trazido ao limite";
    Faltante = "faltante", "valor que falta";
    Constante = "constante", "preenchido com valor fixo";
    Media = "media", "preenchido com a média";
    Mediana = "mediana", "preenchido com a mediana";
    Moda = "moda", "preenchido com o valor mais frequente";
    Vizinhos = "vizinhos", "preenchido pelas linhas mais parecidas";
    DuplicadoProvavel = "duplicado_provavel", "muito parecida com outra linha";
    DuplicadoPossivel = "duplicado_possivel", "parecida com outra linha";
    Complementado = "complementado", "preenchido pela linha duplicada";
    CepMunicipio = "cep_municipio", "CEP de outro município";
    DddUf = "ddd_uf", "DDD de outra UF";
    DddMunicipio = "ddd_municipio", "DDD de outro município";
    IbgeMunicipio = "ibge_municipio", "código IBGE de outro município ou UF";
    MunicipioUf = "municipio_uf", "município de outra UF";
    TipoPessoa = "tipo_pessoa", "documento não é do tipo de pessoa informado";
    OrdemDatas = "ordem_datas", "datas fora de ordem";
    TotalNaoConfere = "total_nao_confere", "total não é quantidade vezes preço";
    EmailEmpresa = "email_empresa", "e-mail de outra empresa";
    TelefoneCompartilhado = "telefone_compartilhado", "telefone em cinco CPFs ou mais";
    EmailCompartilhado = "email_compartilhado", "mesmo e-mail em pessoas diferentes";
    MunicipioDesconhecido = "municipio_desconhecido", "município desconhecido";
    MunicipioAproximado = "municipio_aproximado", "nome de município corrigido";
    IbgeInvalido = "ibge_invalido", "código IBGE inválido";
    CodigoCompletado = "codigo_completado", "código completado";
    UnidadeMista = "unidade_mista", "percentual e fração na mesma coluna";
    MilharIndevido = "milhar_indevido", "separador de milhar indevido";
    Abreviatura = "abreviatura", "abreviatura escrita por extenso";
    EnderecoDividido = "endereco_dividido", "endereço separado em partes";
}

/// The result of reading one value: what it is (if it can be trusted), how it was got, and why.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome<T> {
    pub value: Option<T>,
    pub status: Status,
    pub reason: Option<Reason>,
    /// How sure a correction is, in percent; 100 where nothing was guessed.
    pub confidence: u8,
}

impl<T> Outcome<T> {
    pub fn ok(value: T) -> Self {
        Self::new(Some(value), Status::Ok, None)
    }

    pub fn standardised(value: T) -> Self {
        Self::new(Some(value), Status::Padronizado, None)
    }

    /// The same value in another form, where it is worth saying what was done.
    pub fn standardised_because(value: T, reason: Reason) -> Self {
        Self::new(Some(value), Status::Padronizado, Some(reason))
    }

    /// A value rebuilt by a rule; `confidence` in percent.
    pub fn corrected(value: T, reason: Reason, confidence: u8) -> Self {
        Outcome {
            confidence,
            ..Self::new(Some(value), Status::Corrigido, Some(reason))
        }
    }

    pub fn alert(value: T, reason: Reason) -> Self {
        Self::new(Some(value), Status::Alerta, Some(reason))
    }

    /// Neither valid nor invalid: there is no value, the text is delivered as it was typed
    /// (a CPF masked at its source, a foreign telephone).
    pub fn kept(reason: Reason) -> Self {
        Self::new(None, Status::Alerta, Some(reason))
    }

    /// Whether the cell's own text is to be delivered in place of a value.
    pub fn keeps_text(&self) -> bool {
        self.value.is_none() && self.status == Status::Alerta
    }

    pub fn rejected(reason: Reason) -> Self {
        Self::new(None, Status::Rejeitado, Some(reason))
    }

    pub fn blank() -> Self {
        Self::new(None, Status::Vazio, None)
    }

    /// `ok` when the input already was in a delivered form, else `padronizado`.
    pub(super) fn of_form(value: T, canonical: bool) -> Self {
        if canonical {
            Self::ok(value)
        } else {
            Self::standardised(value)
        }
    }

    fn new(value: Option<T>, status: Status, reason: Option<Reason>) -> Self {
        Outcome {
            value,
            status,
            reason,
            confidence: 100,
        }
    }

    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Outcome<U> {
        Outcome {
            value: self.value.map(f),
            status: self.status,
            reason: self.reason,
            confidence: self.confidence,
        }
    }
}
