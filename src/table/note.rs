//! What was decided, mended or left out while a file was read.

use serde::{Deserialize, Serialize};

use super::Lines;

/// Something about the reading of a file that whoever uses the result should be able to check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub code: NoteCode,
    /// The lines it is about; empty where it is about the whole file.
    pub lines: Lines,
    /// What the code alone does not tell, in Portuguese: the name of a sheet, a width. Never the
    /// value of a cell below the header.
    pub detail: Option<String>,
}

impl Note {
    /// A note about the whole file.
    pub fn of_file(code: NoteCode, detail: impl Into<Option<String>>) -> Self {
        Note {
            code,
            lines: Lines::default(),
            detail: detail.into(),
        }
    }

    pub fn of_lines(code: NoteCode, lines: Lines) -> Self {
        Note {
            code,
            lines,
            detail: None,
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $words:literal;)*) => {
        /// The closed list of notes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum NoteCode { $($(#[$doc])* #[serde(rename = $code)] $name,)* }

        impl NoteCode {
            pub const ALL: &'static [NoteCode] = &[$(NoteCode::$name,)*];

            /// The stable code, in Portuguese because people read it.
            pub fn code(self) -> &'static str {
                match self { $(NoteCode::$name => $code,)* }
            }

            /// Whether whoever uses the result has to know: something was guessed, mended or left
            /// out that they may have wanted.
            pub fn is_alert(self) -> bool {
                !matches!(
                    self,
                    NoteCode::CaracteresNulos
                        | NoteCode::DicaSep
                        | NoteCode::Preambulo
                        | NoteCode::CabecalhoCorrigido
                        | NoteCode::CabecalhoRepetido
                        | NoteCode::LinhaEmBranco
                        | NoteCode::ColunaEmBranco
                        | NoteCode::Comentario
                        | NoteCode::Sistema1904
                        | NoteCode::Compactado
                )
            }

            /// The same in a few words of Brazilian Portuguese.
            pub fn words(self) -> &'static str {
                match self { $(NoteCode::$name => $words,)* }
            }
        }
    };
}

codes! {
    /// Lines are in UTF-8 or windows-1252, each for itself.
    EncodingMisto = "encoding_misto", "linhas em mais de uma codificação de caracteres";
    CaracteresNulos = "caracteres_nulos", "bytes nulos retirados";
    DicaSep = "dica_sep", "primeira linha diz o separador";
    Preambulo = "preambulo", "linhas antes do cabeçalho";
    SemCabecalho = "sem_cabecalho", "sem cabeçalho: os nomes das colunas são nossos";
    CabecalhoMultiplo = "cabecalho_multiplo", "cabeçalho em mais de uma linha";
    CabecalhoCurto = "cabecalho_curto", "cabeçalho com menos colunas que as linhas: confira os nomes";
    CabecalhoCorrigido = "cabecalho_corrigido", "acentos do cabeçalho recuperados";
    CabecalhoRepetido = "cabecalho_repetido", "cabeçalho repetido no meio dos dados";
    LinhaTotal = "linha_total", "linha de total ou de rodapé";
    LinhaEmBranco = "linha_em_branco", "linha em branco";
    ColunaEmBranco = "coluna_em_branco", "coluna sem nenhum valor";
    Comentario = "comentario", "linha de comentário";
    LinhaCurta = "linha_curta", "linha com menos colunas que o cabeçalho, completada com vazios";
    LinhaLonga = "linha_longa", "linha com mais colunas que o cabeçalho, rejeitada";
    LinhaInvalida = "linha_invalida", "linha que não pode ser lida, rejeitada";
    AspasDesbalanceadas = "aspas_desbalanceadas", "aspas sem par, lidas como texto";
    DelimitadorDivergente = "delimitador_divergente", "linha com outro separador";
    OutraTabela = "outra_tabela", "outra tabela no mesmo arquivo, não tratada";
    OutraPlanilha = "outra_planilha", "outra planilha na pasta de trabalho, não tratada";
    PlanilhaOculta = "planilha_oculta", "planilha oculta";
    LinhaOculta = "linha_oculta", "linha oculta na planilha, tratada como as outras";
    Mesclada = "mesclada", "células mescladas: o valor foi repetido para baixo";
    PrecisaoPerdida = "precisao_perdida", "número com mais de 15 dígitos: o Excel zerou o final";
    Sistema1904 = "sistema_1904", "datas contadas desde 1904";
    Compactado = "compactado", "arquivo compactado";
}
