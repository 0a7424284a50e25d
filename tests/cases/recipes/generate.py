#!/usr/bin/env python3
"""Writes the inputs of the cases in this folder: one for each shipped recipe, of people and companies
that do not exist. Numbers get their check digits here; everything else is written as it stands.

    tests/cases/recipes/generate.py
    UPDATE_CASES=1 cargo test --test it cases     and then what is expected, to be read before it is kept
"""

import json
from pathlib import Path

HERE = Path(__file__).parent


def digit(digits, weights):
    rest = sum(int(ord(d) - 48) * w for d, w in zip(digits, weights)) % 11
    return "0" if rest < 2 else str(11 - rest)


def cpf(number, masked=True):
    d = f"{number:09}"
    d += digit(d, range(10, 1, -1))
    d += digit(d, range(11, 1, -1))
    return f"{d[:3]}.{d[3:6]}.{d[6:9]}-{d[9:]}" if masked else d


def cnpj(base, masked=True):
    """`base`: twelve digits or letters."""
    d = base + digit(base, [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])
    d += digit(d, [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])
    return f"{d[:2]}.{d[2:5]}.{d[5:8]}/{d[8:12]}-{d[12:]}" if masked else d


def write(case, name, rows, encoding="utf-8", delimiter=";", quote=False):
    folder = HERE / case / "input"
    folder.mkdir(parents=True, exist_ok=True)
    cell = (lambda text: f'"{text}"') if quote else str
    lines = [delimiter.join(cell(text) for text in row) + "\n" for row in rows]
    (folder / name).write_bytes("".join(lines).encode(encoding))


def mailing_pf():
    one, zero = cpf(234567891), cpf(34567892, masked=False).lstrip("0")
    write("mailing_pf", "mailing_pf_novembro.csv", [
        ["Nome completo", "CPF", "dt_nasc", "Sexo", "E-mail", "Celular", "CEP", "UF", "Salário"],
        ["MARIA DA SILVA EXEMPLO", one, "01/02/1980", "feminino", "MARIA@GMIAL.COM", "11 98765-0001", "01310100", "sp", "2500,00"],
        # The same person, with what is missing above.
        ["Maria da Silva Exemplo", one.replace(".", ""), "", "F", "", "(11) 98765-0001", "", "SP", ""],
        ["joão de teste", zero, "15/03/75", "Masculino", "joao@teste.example", "2198765002", "20040-002", "RJ", "R$ 3.100,50"],
        ["Ana Modelo", "123.456.789-00", "10/10/1990", "Feminino", "ana@", "1", "30140-071", "MG", "1800"],
        ["", "", "", "", "", "", "", "", "2000"],
        ["Bia Ficção", cpf(345678903), "31/12/1890", "feminino", "bia@ficcao.example", "31 3333-4444", "30140-071", "MG", "2.200,00"],
        ["Caio Inventado", cpf(456789014), "1985-07-20", "não diz", "caio@inventado.example", "41998765003", "80010-000", "PR", "950000,00"],
        ["Davi Suposto", cpf(567890125), "02/08/1992", "MASCULINO", "davi@suposto.example", "51998765004", "90010-000", "RS", "-10"],
        ["Eva Hipótese", cpf(678901236), "12/04/1988", "Feminino", "eva@hipotese.example", "61998765005", "70040-010", "DF", "4.000,00"],
    ])


def mailing_pj():
    write("mailing_pj", "Mailing_PJ_sul.csv", [
        ["CNPJ", "Nome empresarial", "Fantasia", "E-mail", "Fone", "CEP", "Cidade", "Estado", "Porte", "Data de abertura", "Faturamento"],
        [cnpj("123456780001"), "PADARIA MODELO LTDA", "padaria modelo", "contato@padariamodelo.example", "51 3333-4444", "90010-000", "Porto Alegre", "RS", "me", "01/03/2010", "350000"],
        [cnpj("123456780001", masked=False), "Padaria Modelo Ltda", "", "", "", "90010000", "PORTO ALEGRE", "Rio Grande do Sul", "", "01/03/2010", ""],
        # Alphanumeric, as they are given out since July 2026.
        [cnpj("12ABC34501DE").lower(), "oficina exemplo s/a", "", "oficina@exemplo.example", "4133334444", "80010-000", "Curitiba", "PR", "EPP", "15/08/2026", "1.200.000,00"],
        [cnpj("018387230001", masked=False).lstrip("0"), "Comércio Fictício ME", "Fictício", "vendas@ficticio.example", "(48) 99876-5001", "88010-000", "Florianópolis", "SC", "MEI", "20/05/2019", "81.000,00"],
        # A telephone and a CEP of other states.
        [cnpj("345678900001"), "Transportes Inventados EIRELI", "", "adm@inventados.example", "(11) 3333-4444", "01310-100", "Joinville", "SC", "Demais", "2001-01-31", "9.500.000,00"],
        ["11.111.111/1111-11", "Sem Cadastro Ltda", "", "", "", "", "", "", "ME", "", ""],
        [cnpj("456789010001"), "Futuro Breve Ltda", "", "ola@futuro.example", "51 3333-5555", "90010-000", "Porto Alegre", "RS", "grande", "01/01/2031", "-5"],
    ])


def vendas():
    rows = [["Nº do pedido", "Data da venda", "Entrega", "Cliente", "Produto", "Canal", "Quantidade", "Preço", "Valor unitário", "Desconto", "Valor total", "Custo", "UF"]]
    rows[0].remove("Preço")
    buyers = ["ANA MODELO", "Bia Ficção", "caio inventado", "Davi Suposto"]
    goods = [("Caneta", 250, 110), ("Caderno", 1890, 950), ("Mochila", 12990, 7000)]
    money = lambda cents: f"{cents // 100},{cents % 100:02}"
    for n in range(24):
        product, price, cost = goods[n % 3]
        quantity = 1 + n % 4
        rows.append([
            f"{1001 + n // 2}", f"{1 + n:02}/10/2026", f"{4 + n:02}/10/2026", buyers[n % 4], product,
            ["Loja", "site", "TELEVENDAS", "Marketplace"][n % 4], str(quantity), money(price), "10%" if n % 5 == 0 else "",
            money(price * quantity), "" if n % 7 == 3 else money(cost + n), ["SP", "RJ", "São Paulo"][n % 3],
        ])
    # Exactly the row before: an order may hold a product twice.
    rows.append(list(rows[-1]))
    rows.append(["A-77", "20/10/2026", "18/10/2026", "Eva Hipótese", "Caneta", "Rua", "0", "2,50", "", "5,00", "1,10", "SP"])
    rows.append(["1099", "31/02/2026", "", "Eva Hipótese", "Caneta", "Loja", "2", "2,50", "", "5,00", "1,10", "SP"])
    rows.append(["1100", "21/10/2026", "22/10/2026", "Eva Hipótese", "Mochila", "Loja", "2", "99999,00", "", "100,00", "70,00", "SP"])
    write("vendas", "vendas_2026-10.csv", rows, encoding="windows-1252")


def contatos_crm():
    write("contatos_crm", "export (3).csv", [
        ["Record ID", "Nome", "E-mail", "Telefone", "Empresa", "Estágio no funil", "Origem do lead", "Último contato", "Opt-in", "Lead score"],
        ["9001", "ana modelo", "ana@modelo.example", "(11) 98765-1001", "Modelo Ltda", "lead", "Site", "01/10/2026", "sim", "40"],
        ["9002", "Ana Modelo", "ANA@modelo.example", "", "", "Cliente", "site", "20/10/2026", "", ""],
        ["9003", "Joao Baptista Exemplo", "joao@exemplo.example", "(21) 98765-1002", "Exemplo S/A", "Oportunidade", "Feira", "05/09/2026", "x", "75"],
        ["9004", "João Batista Exemplo", "j.exemplo@exemplo.example", "(21) 98765-1002", "Exemplo S/A", "Oportunidade", "Feira", "06/09/2026", "não", "80"],
        ["9005", "Bia Ficção", "bia@ficcao.example", "31987651003", "Ficção ME", "perdido", "Indicação", "", "não", "150"],
        ["9006", "Caio Inventado", "caio@inventado.example", "4833334444", "Inventado Ltda", "Pausado", "Indicação", "11/08/2026", "1", "10"],
        ["9007", "Davi Suposto", "", "", "Suposto Ltda", "Lead", "Site", "12/08/2026", "0", "55"],
    ])


def receita_federal():
    write("receita_federal_empresas", "K3241.K03200Y0.D61114.EMPRECSV", [
        ["11222333", "PADARIA MODELO LTDA", "2062", "49", "1000,00", "01", ""],
        ["22333444", "OFICINA EXEMPLO S/A", "2054", "10", "2500000,00", "05", ""],
        ["33444555", "MARIA EXEMPLO 00000000000", "2135", "50", "0,00", "01", ""],
        ["44555666", "MUNICIPIO DE EXEMPLO", "1244", "05", "0,00", "05", "EXEMPLO"],
        ["12ABC345", "CONFECÇÃO FICTÍCIA LTDA", "2062", "49", "10000,00", "03", ""],
        ["5566677", "SEM ZERO LTDA", "2062", "49", "1,00", "09", ""],
        ["11222333", "PADARIA MODELO LTDA", "2062", "49", "1000,00", "01", ""],
    ], encoding="windows-1252", quote=True)
    blank = [""] * 4
    write("receita_federal_estabelecimentos", "K3241.K03200Y0.D61114.ESTABELE", [
        ["11222333", "0001", "81", "1", "PADARIA MODELO", "02", "20100301", "00", "", "", "20100301", "1091102", "4712100,5611203",
         "RUA", "DAS FLORES", "100", "LOJA 1", "CENTRO", "90010000", "RS", "8801", "51", "33334444", "", "", "51", "33334445", "CONTATO@PADARIAMODELO.EXAMPLE", "", ""],
        ["22333444", "0001", "81", "1", "", "08", "20200131", "01", "", "", "20010515", "4520001", "",
         "AVENIDA", "BRASIL", "SN", "", "CENTRO", "1310100", "PR", "7535", "41", "99876500", "", "", "", "", "OFICINA@GMIAL.COM", "", ""],
        ["22333444", "0002", "62", "2", "OFICINA EXEMPLO FILIAL", "02", "19991231", "00", "", "", "20010515", "4520001", "",
         "RUA", "XV DE NOVEMBRO", "1500", "", "CENTRO", "80020310", "PR", "7535", "11", "33335555", "", "", "", "", "", "", ""],
        ["44555666", "0001", "09", "1", "", "02", "0", "00", "LISBOA", "607", "20150101", "8411600", "",
         "", "", "", "", "", "", "EX", "9707", *blank, "", "", "", "", "00000000"],
    ], encoding="windows-1252", quote=True)
    write("receita_federal_socios", "K3241.K03200Y0.D61114.SOCIOCSV", [
        ["11222333", "2", "MARIA DA SILVA EXEMPLO", "***456789**", "49", "20100301", "", "***000000**", "", "00", "5"],
        ["22333444", "1", "PARTICIPAÇÕES FICTÍCIAS LTDA", cnpj("123456780001", masked=False), "22", "20010515", "", "***345678**", "JOÃO DE TESTE", "05", "0"],
        ["22333444", "3", "JANE EXAMPLE", "***111222**", "22", "20150820", "249", "***345678**", "JOÃO DE TESTE", "17", "4"],
        ["12ABC345", "2", "CAIO INVENTADO", "***987654**", "49", "20260715", "", "***000000**", "", "00", "3"],
        ["12ABC345", "9", "DAVI SUPOSTO", "***987655**", "49", "20261301", "", "***000000**", "", "00", "3"],
    ], encoding="windows-1252", quote=True)
    write("receita_federal_simples", "F.K03200$W.SIMPLES.CSV.D61114", [
        ["11222333", "S", "20100301", "00000000", "N", "00000000", "00000000"],
        ["33444555", "S", "20180101", "00000000", "S", "20180101", "00000000"],
        ["44555666", "N", "20070701", "20091231", "N", "00000000", "00000000"],
        ["22333444", "N", "20120101", "20110101", "", "00000000", "00000000"],
    ], encoding="windows-1252", quote=True)


def ibge():
    write("ibge_municipios", "RELATORIO_DTB_BRASIL_MUNICIPIO.csv", [
        ["UF", "Nome_UF", "Município", "Código Município Completo", "Nome_Município"],
        ["35", "São Paulo", "50308", "3550308", "São Paulo"],
        ["33", "Rio de Janeiro", "04557", "3304557", "RIO DE JANEIRO"],
        ["31", "Minas Gerais", "06200", "3106200", "Belo Horizonte"],
        # One of the nine whose check digit is wrong by IBGE itself.
        ["31", "Minas Gerais", "17836", "3117836", "Cônego Marinho"],
        ["53", "Distrito Federal", "00108", "5300108", "Brasília"],
        # Another state's, and a code that is none.
        ["41", "Paraná", "50308", "3550308", "São Paulo"],
        ["35", "São Paulo", "99999", "3599999", "Lugar Nenhum"],
    ], delimiter=";")


def viacep():
    def answer(cep, street, quarter, town, state, name, region, ibge, ddd, siafi, gia=""):
        return {
            "cep": cep, "logradouro": street, "complemento": "", "unidade": "", "bairro": quarter, "localidade": town,
            "uf": state, "estado": name, "regiao": region, "ibge": ibge, "gia": gia, "ddd": ddd, "siafi": siafi,
        }
    answers = [
        answer("01001-000", "Praça da Sé", "Sé", "São Paulo", "SP", "São Paulo", "Sudeste", "3550308", "11", "7107", "1004"),
        answer("20040-002", "Av Rio Branco", "Centro", "Rio de Janeiro", "RJ", "Rio de Janeiro", "sudeste", "3304557", "21", "6001"),
        answer("80010000", "Rua XV de Novembro", "Centro", "Curitiba", "PR", "Paraná", "Sul", "4106902", "41", "7535"),
        # Belongs to São Paulo by its CEP, and to Curitiba by everything else.
        answer("01310-100", "Rua do Engano", "Centro", "Curitiba", "PR", "Paraná", "Sul", "4106902", "41", "7535"),
        answer("01001-000", "Praça da Sé", "Sé", "São Paulo", "SP", "São Paulo", "Sudeste", "3550308", "11", "7107", "1004"),
        answer("", "Rua Sem CEP", "Centro", "Manaus", "AM", "Amazonas", "Norte", "1302603", "92", "0255"),
    ]
    folder = HERE / "viacep" / "input"
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(answers, ensure_ascii=False, indent=2)
    (folder / "enderecos.json").write_text(text + "\n", encoding="utf-8")


for make in (mailing_pf, mailing_pj, vendas, contatos_crm, receita_federal, ibge, viacep):
    make()
