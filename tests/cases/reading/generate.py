#!/usr/bin/env python3
"""Writes the cases of reading: a folder for each, beside this script or in the folder that is named.

    <name>/input.<ext>     the file as somebody sends it
    <name>/expected.csv    the table in it, as `pyservice sniff --table` prints it; absent where there is none
    <name>/expected.json   what `pyservice sniff --json` says of it

In expected.json only what is written is compared. `notes` are all there may be, besides those whose codes `also` lists; one
without `lines` may be about any. `rows` counts the rows below the header, rejected ones included. `error` is part of what is
said where the file cannot be read.

Nobody in the files exists. The same bytes every time: archives are stored, not compressed.
"""

import csv
import io
import json
import shutil
import struct
import sys
import zipfile
import zlib
from pathlib import Path
from xml.sax.saxutils import escape

FIRST = ["Ana", "João", "Conceição", "Márcio", "Letícia", "Antônio", "Júlia", "Sebastião"]
LAST = ["Araújo", "Lima", "Falcão", "Gonçalves", "Souza", "Assunção", "Reis"]
CITIES = ["São Paulo", "Maceió", "Goiânia", "Recife", "Brasília", "Belém"]
HEADER = ["Código", "Nome", "Cidade", "Valor"]

cases = {}


def people(count, decimal=","):
    """Rows for HEADER."""
    return [
        [str(101 + n), f"{FIRST[n % 8]} {LAST[n * 3 % 7]}", CITIES[n * 5 % 6], f"{20 + n * 37 % 900}{decimal}{n * 7 % 100:02}"]
        for n in range(count)
    ]


def lines_of(rows, delimiter=";"):
    """Without quotes, for rows that need none."""
    return [delimiter.join(row) for row in rows]


def text_of(lines, eol="\r\n"):
    return "".join(line + eol for line in lines)


def note(code, *lines):
    """A note about single lines or about ranges (first, last); about any where none is given."""
    ranges = [[line, line] if isinstance(line, int) else list(line) for line in lines]
    return {"code": code, "lines": ranges} if ranges else {"code": code}


def case(name, content, table=None, header=HEADER, ext="csv", notes=(), **facts):
    """`table` has the rows that are read; None where the file cannot be read."""
    assert name not in cases, name
    content = content.encode() if isinstance(content, str) else content
    files = {f"input.{ext}": content}
    if table is not None:
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([header, *table])
        files["expected.csv"] = out.getvalue().encode()
        facts = {"format": "csv" if ext in ("csv", "txt", "tsv") else ext, "rows": len(table), **facts, "notes": list(notes)}
    facts = {key: fact for key, fact in facts.items() if fact is not None}
    files["expected.json"] = (json.dumps(facts, ensure_ascii=False, indent=2) + "\n").encode()
    cases[name] = files


def encodings():
    rows = people(12)
    text = text_of(lines_of([HEADER, *rows]))
    for name, codec, mark, called in [
        ("utf8", "utf-8", b"", "utf-8"),
        ("utf8_mark", "utf-8", b"\xef\xbb\xbf", "utf-8"),
        ("windows_1252", "cp1252", b"", "windows-1252"),
        ("cp850", "cp850", b"", "cp850"),
        ("utf16le_mark", "utf-16-le", b"\xff\xfe", "utf-16le"),
        ("utf16be_mark", "utf-16-be", b"\xfe\xff", "utf-16be"),
        ("utf16le", "utf-16-le", b"", "utf-16le"),
        ("utf16be", "utf-16-be", b"", "utf-16be"),
        ("utf32le_mark", "utf-32-le", b"\xff\xfe\x00\x00", "utf-32le"),
    ]:
        case(f"encoding_{name}", mark + text.encode(codec), rows, encoding=called, delimiter=";", header_line=1)
    ascii_header = ["Codigo", "Nome", "Cidade", "Valor"]
    plain = [[str(1000 + n), f"Cliente {n}", "Recife", f"{n % 90 + 10},50"] for n in range(2600)]
    late = [*plain, ["9999", "João Falcão", "Maceió", "11,50"]]
    text = text_of(lines_of([ascii_header, *late]))
    assert len(text_of(lines_of(plain))) > 64 * 1024
    for name, codec, called in [("utf8", "utf-8", "utf-8"), ("windows_1252", "cp1252", "windows-1252")]:
        case(f"encoding_{name}_late_accent", text.encode(codec), late, ascii_header, encoding=called, delimiter=";", header_line=1)
    accented = [[str(101 + n), f"Conceição {LAST[n % 7]}", "São Paulo", f"{10 + n},25"] for n in range(240)]
    coded = [line.encode("cp1252" if n == 120 else "utf-8") + b"\r\n" for n, line in enumerate(lines_of([HEADER, *accented]))]
    case("encoding_mixed_by_line", b"".join(coded), accented, delimiter=";", header_line=1, notes=[note("encoding_misto")])


def delimiters():
    rows = people(10, ".")
    for name, delimiter in [("semicolon", ";"), ("comma", ","), ("tab", "\t"), ("pipe", "|"), ("caret", "^"), ("tilde", "~")]:
        text = text_of(lines_of([HEADER, *rows], delimiter))
        case(f"delimiter_{name}", text, rows, encoding="utf-8", delimiter=delimiter, header_line=1)
    case("delimiter_comma_space", text_of(lines_of([HEADER, *rows], ", ")), rows, delimiter=",", header_line=1)
    rows = people(10)
    priced = ["Código", "Preço", "Frete", "Total"]
    prices = [[row[0], row[3], f"{n},90", row[3]] for n, row in enumerate(rows)]
    case("delimiter_semicolon_among_decimal_commas", text_of(lines_of([priced, *prices])), prices, priced, delimiter=";",
         header_line=1)
    case("delimiter_named_by_hint", "sep=;\r\n" + text_of(lines_of([HEADER, *rows])), rows, delimiter=";", header_line=2,
         notes=[note("dica_sep", 1)])
    placed = ["Nome", "Endereço", "Valor"]
    places = [[row[1], f"Rua {n}; casa {n}; fundos", str(n)] for n, row in enumerate(rows)]
    case("delimiter_named_by_hint_against_others", "sep=|\r\n" + text_of(lines_of([placed, *places], "|")), places, placed,
         delimiter="|", header_line=2, notes=[note("dica_sep", 1)])
    named = ["E-mail"]
    single = [[f"pessoa{n}@exemplo.com.br"] for n in range(1, 9)]
    case("one_column", text_of(lines_of([named, *single])), single, named, header_line=1)


def quoted(cell, quote, inner):
    return quote + cell.replace(quote, inner) + quote


def quotes():
    header = ["Código", "Produto", "Obs", "Valor"]
    rows = [[str(101 + n), f"Mesa, modelo {n}", f"cor {n}; fosca", f"{n}.50"] for n in range(8)]
    for name, quote in [("double", '"'), ("single", "'")]:
        lines = [",".join([row[0], quoted(row[1], quote, ""), quoted(row[2], quote, ""), row[3]]) for row in [header, *rows]]
        case(f"quote_{name}", text_of(lines), rows, header, delimiter=",", quote=quote, header_line=1)
    inches = [[str(101 + n), f'Mesa 4{n}" redonda, azul' if n % 3 == 1 else f"Mesa {n}, lisa", "ok", f"{n}.50"] for n in range(8)]
    for name, inner in [("doubled", '""'), ("backslash", '\\"'), ("none", '"')]:
        lines = [",".join([row[0], quoted(row[1], '"', inner), row[2], row[3]]) for row in [header, *inches]]
        case(f"escape_{name}", text_of(lines), inches, header, delimiter=",", quote='"', header_line=1,
             also=["aspas_desbalanceadas"] if name == "none" else None)
    rows = people(12)
    for name, at, column in [("early", 0, 1), ("in_the_middle", 5, 1), ("in_the_last_cell", 5, 3), ("at_the_end", 11, 3)]:
        broken = [list(row) for row in rows]
        broken[at][column] = '"' + broken[at][column]
        case(f"unbalanced_quote_{name}", text_of(lines_of([HEADER, *broken])), broken, delimiter=";", header_line=1,
             notes=[note("aspas_desbalanceadas", at + 2)])
    literal = [[row[0], f'Âncora "{row[1]}"', row[2], row[3]] for row in rows]
    case("literal_quotes_in_plain_cells", text_of(lines_of([HEADER, *literal])), literal, delimiter=";", header_line=1)
    apostrophes = [[row[0], f"Copo d'água {n}", "Santa Bárbara d'Oeste", row[3]] for n, row in enumerate(rows)]
    case("apostrophes_are_no_quotes", text_of(lines_of([HEADER, *apostrophes])), apostrophes, delimiter=";", header_line=1)


def line_ends():
    rows = people(10)
    lines = lines_of([HEADER, *rows])
    for name, eol in [("lf", "\n"), ("crlf", "\r\n"), ("cr", "\r")]:
        case(f"line_end_{name}", text_of(lines, eol), rows, delimiter=";", header_line=1)
    ends = ["\n", "\r\n", "\r"]
    case("line_end_mixed", "".join(line + ends[n % 3] for n, line in enumerate(lines)), rows, delimiter=";", header_line=1)
    address = [[row[0], row[1], f"Rua {n}\nBloco B" if n in (2, 6) else f"Rua {n}", row[3]] for n, row in enumerate(rows)]
    wrapped = [";".join(f'"{cell}"' if "\n" in cell else cell for cell in row) for row in [HEADER, *address]]
    case("newline_in_quotes", text_of(wrapped), address, delimiter=";", header_line=1)
    case("newline_missing_at_the_end", text_of(lines)[:-2], rows, delimiter=";", header_line=1)
    case("newlines_at_the_end", text_of(lines) + "\r\n" * 4, rows, delimiter=";", header_line=1, also=["linha_em_branco"])
    nul = text_of(lines).replace("Lima", "Li\0ma").replace("Recife", "\0Recife")
    case("nul_bytes", nul, rows, delimiter=";", header_line=1, notes=[note("caracteres_nulos")])


def headers():
    rows = people(10)
    lines = lines_of([HEADER, *rows])
    facts = {"delimiter": ";"}
    case("preamble_plain", text_of(["Relatório de clientes", "Filial Norte"] + lines), rows, header_line=3,
         notes=[note("preambulo", (1, 2))], **facts)
    case("preamble_delimited", text_of(["Relatório de clientes;;;", ";;;"] + lines), rows, header_line=3,
         notes=[note("preambulo")], also=["linha_em_branco"], **facts)
    case("preamble_and_blank_line", text_of(["Relatório de clientes", "Período: janeiro", ""] + lines), rows, header_line=4,
         notes=[note("preambulo")], also=["linha_em_branco"], **facts)
    ours = [f"coluna_{n}" for n in range(1, 5)]
    case("header_missing", text_of(lines[1:]), rows, ours, header_line=0, notes=[note("sem_cabecalho")], **facts)
    fields = ["Código", "Nome", "Cidade", "UF"]
    located = [[*row[:3], ["SP", "AL", "GO", "PE"][n % 4]] for n, row in enumerate(rows)]
    joined = ["Cliente / Código", "Cliente / Nome", "Endereço / Cidade", "Endereço / UF"]
    case("header_in_two_rows", text_of(["Cliente;;Endereço;"] + lines_of([fields, *located])), located, joined,
         header_lines=[1, 2], notes=[note("cabecalho_multiplo", (1, 2))], **facts)
    phones = [[row[1], f"(11) 3333-44{n:02}", f"(21) 98765-43{n:02}", row[2]] for n, row in enumerate(rows)]
    case("header_names_twice", text_of(lines_of([["Nome", "Telefone", "Telefone", "Cidade"], *phones])), phones,
         ["Nome", "Telefone", "Telefone_2", "Cidade"], header_line=1, **facts)
    case("header_name_missing", text_of(lines_of([["Código", "Nome", "", "Valor"], *rows])), rows,
         ["Código", "Nome", "coluna_3", "Valor"], header_line=1, **facts)
    broken = [name.encode().decode("cp1252") for name in ["Código", "Nome", "Município", "Preço"]]
    case("header_mojibake", text_of(lines_of([broken, *rows])), rows, ["Código", "Nome", "Município", "Preço"], header_line=1,
         notes=[note("cabecalho_corrigido", 1)], **facts)
    case("header_repeated", text_of([*lines[:6], lines[0], *lines[6:]]), rows, header_line=1,
         notes=[note("cabecalho_repetido", 7)], **facts)
    case("header_repeated_in_capitals", text_of([*lines[:6], lines[0].upper(), *lines[6:]]), rows, header_line=1,
         notes=[note("cabecalho_repetido", 7)], **facts)
    case("header_only", text_of(lines[:1]), [], header_line=1, **facts)
    case("empty", b"", error="the file is empty")
    case("blank_only", "\r\n\r\n  \r\n", error="the file is empty")


def rows_of_other_kinds():
    rows = people(12)
    lines = lines_of([HEADER, *rows])
    cents = sum(int(row[3].replace(",", "")) for row in rows)
    total = f"{cents // 100},{cents % 100:02}"
    facts = {"delimiter": ";", "header_line": 1}
    case("total_by_word", text_of([*lines, f"Total geral;;;{total}"]), rows, notes=[note("linha_total", 14)], **facts)
    case("total_by_sum", text_of([*lines, f";;;{total}"]), rows, notes=[note("linha_total", 14)], **facts)
    group = people(30)
    grouped = lines_of([HEADER, *group])
    case("total_before_a_blank_row", text_of([*grouped[:6], "Subtotal;;;99,00", ";;;", *grouped[6:]]), group,
         notes=[note("linha_total", 7), note("linha_em_branco", 8)], **facts)
    named = [*rows[:11], ["112", "Total Distribuidora", "Recife", "10,00"]]
    case("total_in_a_name_is_no_total", text_of(lines_of([HEADER, *named])), named, **facts)
    footer = ["Fonte: cadastro interno", "Gerado em 02/01/2024", "Página 1"]
    case("footer_lines", text_of([*lines, *footer]), rows, notes=[note("linha_total", (14, 16))], **facts)
    case("blank_rows", text_of([*lines[:4], ";;;", *lines[4:7], "  ;;;", *lines[7:]]), rows,
         notes=[note("linha_em_branco", 5, 9)], **facts)
    observed = [[*row[:2], "", row[3]] for row in rows]
    case("blank_column", text_of(lines_of([["Código", "Nome", "Observação", "Valor"], *observed])), observed,
         ["Código", "Nome", "Observação", "Valor"], notes=[note("coluna_em_branco")], **facts)
    short = [row[:2] + ["", ""] if n == 3 else row for n, row in enumerate(rows)]
    case("row_short", text_of([";".join(rows[3][:2]) if n == 4 else line for n, line in enumerate(lines)]), short,
         notes=[note("linha_curta", 5)], **facts)
    case("row_long_with_blanks", text_of([line + ";;" if n == 4 else line for n, line in enumerate(lines)]), rows, **facts)
    kept = rows[:3] + rows[4:]
    case("row_long_rejected", text_of([line + ";sobra" if n == 4 else line for n, line in enumerate(lines)]), kept,
         notes=[note("linha_longa", 5)], rows=12, **facts)
    products = ["Produto;Estoque;Depósito", "Mesa;4;Norte", "Copo;15;Sul", "Luva;7;Norte"]
    case("two_tables", text_of([*lines, "", *products]), rows, notes=[note("outra_tabela", (14, 18))], **facts)
    case("comments", text_of(["# exportado do cadastro", *lines[:5], "# fim da primeira parte", *lines[5:]]), rows,
         delimiter=";", header_line=2, notes=[note("comentario", 1, 7)])


def archive(parts):
    """A ZIP file: the same bytes for the same parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as bundle:
        for name, content in parts:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            bundle.writestr(entry, content)
    return out.getvalue()


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def xlsx(sheets, date1904=False):
    """`sheets` are (name, state, rows, merged ranges); a cell is text, a number, or ("date", serial)."""
    strings = []

    def cell(reference, value):
        if value == "" or value is None:
            return ""
        if isinstance(value, tuple):
            return f'<c r="{reference}" s="1"><v>{value[1]}</v></c>'
        if not isinstance(value, str):
            return f'<c r="{reference}"><v>{value!r}</v></c>'
        if value not in strings:
            strings.append(value)
        return f'<c r="{reference}" t="s"><v>{strings.index(value)}</v></c>'

    parts, listed, related, typed = [], [], [], []
    for n, (name, state, rows, merged) in enumerate(sheets, 1):
        body = "".join(
            f'<row r="{r}">' + "".join(cell(f"{'ABCDEFGH'[c]}{r}", value) for c, value in enumerate(row)) + "</row>"
            for r, row in enumerate(rows, 1) if any(value != "" for value in row)
        )
        ranges = "".join(f'<mergeCell ref="{ref}"/>' for ref in merged)
        ranges = f'<mergeCells count="{len(merged)}">{ranges}</mergeCells>' if merged else ""
        parts.append((f"xl/worksheets/sheet{n}.xml",
                      f'{XML}<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData>{ranges}</worksheet>'))
        hidden = f' state="{state}"' if state else ""
        listed.append(f'<sheet name="{escape(name)}" sheetId="{n}"{hidden} r:id="r{n}"/>')
        related.append(f'<Relationship Id="r{n}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>')
        typed.append(f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="application/vnd.openxmlformats-'
                     'officedocument.spreadsheetml.worksheet+xml"/>')
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    first = [
        ("[Content_Types].xml", f'{XML}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/'
         'vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
         f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
         f'<Override PartName="/xl/styles.xml" ContentType="{kinds}.styles+xml"/>'
         f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kinds}.sharedStrings+xml"/>{"".join(typed)}</Types>'),
        ("_rels/.rels", f'{XML}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{RELATIONS}/'
         'officeDocument" Target="xl/workbook.xml"/></Relationships>'),
        ("xl/workbook.xml", f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><workbookPr'
         f'{" date1904=" + chr(34) + "1" + chr(34) if date1904 else ""}/><sheets>{"".join(listed)}</sheets></workbook>'),
        ("xl/_rels/workbook.xml.rels", f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{"".join(related)}'
         f'<Relationship Id="s1" Type="{RELATIONS}/styles" Target="styles.xml"/>'
         f'<Relationship Id="s2" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'),
        ("xl/styles.xml", f'{XML}<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
         '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2">'
         '<xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'),
    ]
    shared = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in strings)
    shared = f'{XML}<sst xmlns="{MAIN}" count="{len(strings)}" uniqueCount="{len(strings)}">{shared}</sst>'
    return archive([*first, ("xl/sharedStrings.xml", shared), *parts])


def workbooks():
    header = ["Código", "Nome", "Nascimento", "Valor"]
    cells = [[101 + n, row[1], ("date", 32874 + n), 20 + n + 0.5] for n, row in enumerate(people(8))]
    # 32874 days after 30/12/1899 is 01/01/1990.
    table = [[str(101 + n), row[1], f"{1 + n:02}/01/1990", f"{20 + n},5"] for n, row in enumerate(people(8))]
    one = [("Clientes", None, [header, *cells], [])]
    case("xlsx", xlsx(one), table, header, "xlsx", header_line=1)
    notes = [["Observação"], ["Conferir antes do envio"]]
    case("xlsx_fullest_of_two_sheets", xlsx([("Leia-me", None, notes, []), *one]), table, header, "xlsx", header_line=1,
         notes=[note("outra_planilha")])
    case("xlsx_hidden_sheet", xlsx([("Leia-me", None, notes, []), ("Clientes", "hidden", [header, *cells], [])]), table, header,
         "xlsx", header_line=1, notes=[note("outra_planilha"), note("planilha_oculta")])
    case("xlsx_preamble", xlsx([("Clientes", None, [["Relatório de clientes"], [], header, *cells], [])]), table, header, "xlsx",
         header_line=3, notes=[note("preambulo")], also=["linha_em_branco"])
    # 1462 days lie between the two first days that workbooks count from.
    early = [[row[0], row[1], ("date", row[2][1] - 1462), row[3]] for row in cells]
    case("xlsx_1904", xlsx([("Clientes", None, [header, *early], [])], date1904=True), table, header, "xlsx", header_line=1,
         notes=[note("sistema_1904")])
    region = ["Região", "Nome", "Valor"]
    merged = [["Norte", "Ana Lima", 10], ["", "Bia Reis", 11], ["", "Caio Souza", 12], ["Sul", "Davi Falcão", 13]]
    filled = [["Norte", "Ana Lima", "10"], ["Norte", "Bia Reis", "11"], ["Norte", "Caio Souza", "12"], ["Sul", "Davi Falcão", "13"]]
    case("xlsx_merged_down", xlsx([("Vendas", None, [region, *merged], ["A2:A4"])]), filled, region, "xlsx", header_line=1,
         notes=[note("mesclada")])
    upper, lower = ["Cliente", "", "Endereço", ""], ["Código", "Nome", "Cidade", "UF"]
    located = [[101 + n, row[1], row[2], "SP"] for n, row in enumerate(people(6))]
    case("xlsx_merged_header", xlsx([("Clientes", None, [upper, lower, *located], ["A1:B1", "C1:D1"])]),
         [[str(row[0]), *row[1:]] for row in located],
         ["Cliente / Código", "Cliente / Nome", "Endereço / Cidade", "Endereço / UF"], "xlsx", header_lines=[1, 2],
         notes=[note("cabecalho_multiplo", (1, 2))], also=["mesclada"])
    case("ods", ods([["Código", "Nome", "Cidade"], *[[row[0], row[1], row[2]] for row in people(8)]]),
         [row[:3] for row in people(8)], ["Código", "Nome", "Cidade"], "ods", header_line=1)
    case("xlsx_truncated", xlsx(one)[:-300], ext="xlsx", error="cannot be read")


def ods(rows):
    office = "urn:oasis:names:tc:opendocument:xmlns"
    body = "".join(
        "<table:table-row>" + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>' for cell in row
        ) + "</table:table-row>" for row in rows
    )
    content = (f'{XML}<office:document-content xmlns:office="{office}:office:1.0" xmlns:table="{office}:table:1.0" '
               f'xmlns:text="{office}:text:1.0" office:version="1.2"><office:body><office:spreadsheet><table:table '
               f'table:name="Clientes">{body}</table:table></office:spreadsheet></office:body></office:document-content>')
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (f'{XML}<manifest:manifest xmlns:manifest="{office}:manifest:1.0"><manifest:file-entry manifest:full-path="/" '
                f'manifest:media-type="{kind}"/><manifest:file-entry manifest:full-path="content.xml" '
                'manifest:media-type="text/xml"/></manifest:manifest>')
    return archive([("mimetype", kind), ("content.xml", content), ("META-INF/manifest.xml", manifest)])


def objects():
    lines = [
        '{"codigo": 12345678901234567890, "nome": "Ana Lima", "endereco": {"cidade": "São Paulo", "uf": "SP"}, "valor": 1.10}',
        '{"codigo": 7, "nome": "João Falcão", "telefones": ["(11) 3333-4444", "(11) 98765-4321"], "valor": 20.00}',
        '{"codigo": 8, "nome": "Bia Reis", "endereco": {"cidade": "Maceió"}, "valor": null}',
    ]
    header = ["codigo", "nome", "endereco.cidade", "endereco.uf", "valor", "telefones"]
    rows = [
        ["12345678901234567890", "Ana Lima", "São Paulo", "SP", "1.10", ""],
        ["7", "João Falcão", "", "", "20.00", "(11) 3333-4444; (11) 98765-4321"],
        ["8", "Bia Reis", "Maceió", "", "", ""],
    ]
    case("jsonl", text_of(lines, "\n"), rows, header, "jsonl", also=["linha_curta"])
    case("jsonl_invalid_line", text_of([lines[0], '{"codigo": 6, "nome": ', *lines[1:]], "\n"), rows, header, "jsonl",
         notes=[note("linha_invalida", 2)], rows=4, also=["linha_curta"])
    case("json", "[\n" + ",\n".join(lines) + "\n]\n", rows, header, "json", also=["linha_curta"])


def gzip(content):
    stored = zlib.compressobj(0, zlib.DEFLATED, -15)
    packed = stored.compress(content) + stored.flush()
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + packed + struct.pack("<II", zlib.crc32(content), len(content))


def archives():
    rows = people(10)
    text = text_of(lines_of([HEADER, *rows])).encode()
    case("gzip", gzip(text), rows, ext="csv.gz", format="csv", delimiter=";", header_line=1, notes=[note("compactado")])
    case("zip", archive([("clientes.csv", text)]), rows, ext="zip", format="csv", delimiter=";", header_line=1,
         notes=[note("compactado")])


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for write in (encodings, delimiters, quotes, line_ends, headers, rows_of_other_kinds, workbooks, objects, archives):
        write()
    for name, files in cases.items():
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)
        for file, content in files.items():
            (folder / name / file).write_bytes(content)


if __name__ == "__main__":
    main()
