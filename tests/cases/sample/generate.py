#!/usr/bin/env python3
"""Writes the sample list `clientes.csv` and its reference base `referencia.jsonl` beside this script.

Nobody in them exists: names are drawn from lists, the digits of CPFs and phones are random. The list is as dirty as those
people send: windows-1252, `;`, an empty last column, a header that comes twice, and in the cells everything the comments
below say. The same bytes every time.
"""

import json
import random
from pathlib import Path

ROWS = 300
FOLDER = Path(__file__).parent

FIRST = """Ana Beatriz Camila Daniela Eduarda Fernanda Gabriela Helena Isabela Juliana Karina Letícia Mariana Natália Patrícia
Rafaela Sabrina Tatiana Vanessa Antônio Bruno Caio Diego Emílio Fábio Gustavo Henrique Igor João José Luís Márcio Otávio Paulo
Ricardo Sérgio Tiago Vítor""".split()
MIDDLE = ["da Silva", "dos Santos", "de Oliveira", "de Almeida", "Souza", "Ferreira", "Alves", "Pereira", "Lima", "da Conceição"]
LAST = """Rodrigues Gomes Costa Ribeiro Martins Carvalho Lopes Soares Vieira Barbosa Rocha Dias Nascimento Andrade Moreira Nunes
Marques Machado Mendes Freitas Araújo Gonçalves Assunção Falcão""".split()
STREETS = ["das Acácias", "do Comércio", "Sete de Setembro", "São João", "dos Ipês", "XV de Novembro", "da Estação", "Bela Vista"]
# State: its capital, an area code, the first five digits of its CEPs, and how often it is drawn.
STATES = {
    "SP": ("São Paulo", 11, 1310, 9),
    "RJ": ("Rio de Janeiro", 21, 20040, 4),
    "MG": ("Belo Horizonte", 31, 30130, 4),
    "BA": ("Salvador", 71, 40020, 3),
    "PR": ("Curitiba", 41, 80010, 3),
    "RS": ("Porto Alegre", 51, 90010, 3),
    "PE": ("Recife", 81, 50030, 2),
    "CE": ("Fortaleza", 85, 60025, 2),
    "GO": ("Goiânia", 62, 74003, 1),
    "PA": ("Belém", 91, 66010, 1),
    "DF": ("Brasília", 61, 70040, 1),
    "AM": ("Manaus", 92, 69005, 1),
}
HEADER = "Código;Nome;CPF;E-mail;DDD;Telefone;Telefone;Endereço;Cidade;UF;CEP;Renda;Observação".split(";")
ACCENTS = str.maketrans("áâãàéêíóôõúüçÁÂÃÀÉÊÍÓÔÕÚÜÇ", "aaaaeeiooouucAAAAEEIOOOUUC")

rng = random.Random(20_261_121)


def plain(text):
    return text.translate(ACCENTS)


def chance(share):
    return rng.random() < share


def cpf():
    """Eleven digits that pass the check; every fifth begins with a zero."""
    digits = [rng.randrange(10) for _ in range(9)]
    if chance(0.2):
        digits[0] = 0
    for _ in range(2):
        weighed = sum(digit * (len(digits) + 1 - place) for place, digit in enumerate(digits))
        digits.append((weighed * 10) % 11 % 10)
    return "".join(map(str, digits))


def person():
    state = rng.choices(list(STATES), [weight for *_, weight in STATES.values()])[0]
    city, ddd, cep, _ = STATES[state]
    name = f"{rng.choice(FIRST)} {rng.choice(MIDDLE)} {rng.choice(LAST)}"
    words = plain(name).lower().split()
    return {
        "name": name,
        "cpf": cpf(),
        "mail": f"{words[0]}.{words[-1]}",
        "ddd": str(ddd),
        "mobile": f"9{rng.randrange(6, 10)}{rng.randrange(10**7):07d}",
        "landline": f"3{rng.randrange(10**7):07d}",
        "street": f"Rua {rng.choice(STREETS)}, {rng.randrange(1, 2000)}",
        "city": city,
        "state": state,
        "cep": f"{cep:05d}{rng.randrange(1000):03d}",
        "income": rng.lognormvariate(7.9, 0.5),
    }


def dirty_name(name):
    pick = rng.random()
    if pick < 0.40:
        return name.upper()
    if pick < 0.50:
        return name.lower()
    if pick < 0.58:
        return "  " + name.replace(" ", "  ") + " "
    if pick < 0.64 and name != plain(name):
        # Read in the wrong encoding by somebody, and saved.
        return name.encode().decode("cp1252", errors="ignore")
    if pick < 0.66:
        return rng.choice(["não informado", "N/A", "-"])
    return name


def dirty_cpf(digits):
    masked = f"{digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}"
    pick = rng.random()
    if pick < 0.40:
        return masked
    if pick < 0.84:
        # A spreadsheet took it for a number: the zeros in front are gone.
        return str(int(digits))
    if pick < 0.89:
        wrong = (int(digits[-1]) + 1) % 10
        return f"{masked[:-1]}{wrong}"
    if pick < 0.91:
        return "111.111.111-11"
    if pick < 0.92:
        return f"{int(digits):.5E}".replace(".", ",")
    return rng.choice(["", "", "NULL", "não informado", "s/i"])


def dirty_mail(local, number):
    pick = rng.random()
    if pick < 0.35:
        return f"{local}.{number}@exemplo.com.br"
    if pick < 0.45:
        return f" {local.upper()}.{number}@EXEMPLO.COM.BR "
    if pick < 0.53:
        return f"{local}.{number}.exemplo@{rng.choice(['gmial.com', 'gmail.con', 'gmal.com'])}"
    if pick < 0.57:
        return f"{local}.{number}.exemplo@hotmial.com"
    if pick < 0.62:
        return f"{local}.{number}@exemplo,com.br"
    if pick < 0.66:
        return rng.choice([f"{local}.exemplo.com.br", f"{local}@exemplo", "naotem@naotem.com"])
    return rng.choice(["", "", "", "-", "não tem"])


def dirty_mobile(ddd, mobile):
    """The area code's column and the phone's."""
    pick = rng.random()
    if pick < 0.40:
        return ddd, mobile
    if pick < 0.60:
        # Written down before numbers grew to nine digits.
        return ddd, mobile[1:]
    if pick < 0.70:
        return f"0{ddd}", f"{mobile[:5]}-{mobile[5:]}"
    if pick < 0.80:
        return "", f"+55 ({ddd}) {mobile[:5]}-{mobile[5:]}"
    if pick < 0.83:
        return "00", mobile
    if pick < 0.86:
        return ddd, "999999999"
    return ddd, rng.choice(["", "", "0", "n/d"])


def dirty_cep(digits):
    pick = rng.random()
    if pick < 0.45:
        return str(int(digits))
    if pick < 0.88:
        return f"{digits[:5]}-{digits[5:]}"
    return rng.choice(["", "", "00000-000", digits[:6]])


def dirty_income(value):
    written = f"{value:,.2f}".translate(str.maketrans(",.", ".,"))
    pick = rng.random()
    if pick < 0.5:
        return f"R$ {written}"
    if pick < 0.85:
        return written.replace(".", "")
    return rng.choice(["", "-", "sob consulta"])


def dirty_row(who, number):
    ddd, mobile = dirty_mobile(who["ddd"], who["mobile"])
    return [
        str(1000 + number),
        dirty_name(who["name"]),
        dirty_cpf(who["cpf"]),
        dirty_mail(who["mail"], number),
        ddd,
        mobile,
        f"({who['ddd']}) {who['landline'][:4]}-{who['landline'][4:]}" if chance(0.25) else "",
        "" if chance(0.3) else who["street"].upper() if chance(0.5) else who["street"],
        who["city"].upper() if chance(0.4) else who["city"],
        who["state"].lower() if chance(0.2) else "" if chance(0.05) else who["state"],
        dirty_cep(who["cep"]),
        dirty_income(who["income"]),
        rng.choices(["", "cliente desde 2019", "ligar à tarde; não mandar SMS", "=1+1", "#N/D"], [80, 8, 6, 2, 4])[0],
    ]


def line(cells):
    quoted = (f'"{cell}"' if ";" in cell else cell for cell in cells)
    # Whoever exported it ends every line with a separator: one empty column more.
    return ";".join(quoted) + ";"


def write_list(people):
    rows = [dirty_row(who, number) for number, who in enumerate(people)]
    # The same row twice, and the same customer with another code and another phone.
    repeated = [list(row) for row in rng.sample(rows, 9)]
    again = []
    for number in rng.sample(range(len(people)), 9):
        who = {**people[number], "mobile": f"99{rng.randrange(10**7):07d}"}
        again.append(dirty_row(who, ROWS + number))
    for row in repeated + again:
        rows.insert(rng.randrange(30, len(rows)), row)
    lines = [line(row) for row in rows]
    # Separators inside a cell that nobody quoted: more cells than the header has.
    for number in rng.sample(range(len(lines)), 3):
        row = dirty_row(person(), ROWS + 500 + number)
        lines.insert(number, line(row[:7]) + "Rua do Sol, 10; fundos; casa 2;" + line(row[8:-1] + ["conferir"]))
    lines[150:150] = ["", ";" * len(HEADER)]
    text = "\r\n".join([line(HEADER), *lines]) + "\r\n"
    (FOLDER / "clientes.csv").write_bytes(text.encode("cp1252"))


def write_reference(people):
    known = rng.sample(people, 140)
    strangers = [person() for _ in range(10)]
    documents = []
    for place, who in enumerate(known + strangers):
        # The CPF of a few belongs to somebody else by now: nothing of theirs may be filled in.
        name = person()["name"] if place < 6 else who["name"]
        documents.append(
            {
                "CPF": who["cpf"],
                "NOME": plain(name).upper(),
                "TELEFONE": f"{who['ddd']}{who['mobile']}",
                "EMAIL": f"{who['mail']}.base@exemplo.com.br",
                "ENDERECO": who["street"],
            }
        )
    rng.shuffle(documents)
    lines = [json.dumps(document, ensure_ascii=False) for document in documents]
    (FOLDER / "referencia.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def main():
    people = [person() for _ in range(ROWS - 18)]
    write_list(people)
    write_reference(people)


if __name__ == "__main__":
    main()
