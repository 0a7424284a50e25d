#!/usr/bin/env python3
"""Writes a synthetic Brazilian customer list with the dirt that real ones carry, and a base to
complete it from. No real person's data: every value is drawn by a seeded generator, so the same
arguments write the same bytes.

    generate.py 100000 list.csv --reference base.jsonl

The list: 18 columns, `;` between them and one after the last, CRLF, windows-1252. Its dirt, as
shares of the rows:

    CPF         lost leading zeros (8 %), punctuation (11 %), one wrong digit (3 %), blank (4 %),
                an earlier person again (5 %), the whole row again (0.5 %)
    Nome        capitals (60 %), stray spaces (10 %)
    Telefone    DDD in a column of its own, land lines (28 %), blank (7 %)
    E-mail      blank (35 %), capitals and a space (13 %), misspelt domain (3 %), no domain (4 %)
    Cep         hyphen (35 %), lost leading zero, blank (5 %)
    Renda       `R$ 1.234,56` (40 %), `1234,56` (50 %), blank (10 %)
    Idade       999 (0.4 %)
    others      null tokens such as `N/A` and `-`, mixed case, blanks

The base: a JSON document a line for 70 % of the list's CPFs, in another order, one in ten under
another name.
"""

from __future__ import annotations

import argparse
import json
from random import Random
from typing import Iterator

HEADER = (
    "Nome;Atividade Remunerada;CPF;Sexo;RG;Estado Civil;Bairro;Cidade;Estado;Cep;E-mail;"
    "DDD;Telefone;Idade;Renda;STATUSCONTATO;Empresa;ANO;\r\n"
)

WOMEN = (
    "Adriana Aline Amélia Bruna Camila Cecília Débora Elisa Flávia Giovana Inês Jaqueline Lívia "
    "Letícia Lúcia Marta Mônica Paula Regina Sônia"
).split()
MEN = (
    "Alex André Breno César Cláudio Danilo Edson Felipe Fabrício Hélio Jonas Júlio Leandro Lúcio "
    "Mário Murilo Otávio Renato Rogério Vinícius"
).split()
SURNAMES = (
    "Almeida;Assunção;Azevedo;Batista;Braga;Campos;Cardoso;da Conceição;da Cunha;Damião;de Paula;"
    "dos Anjos;Esteves;Falcão;Figueiredo;Fonseca;Guimarães;Leão;Macêdo;Magalhães;Medeiros;Melo;"
    "Monteiro;Moura;Pacheco;Paixão;Queirós;Ramos;Sampaio;Siqueira;Teixeira;Valença;Xavier"
).split(";")

# Name of a state, its largest city, that city's DDD, the first five digits of its CEPs, and how
# often it is drawn.
STATES = [
    ("SP", "São Paulo", 11, 1000, 22.0),
    ("MG", "Belo Horizonte", 31, 30000, 10.0),
    ("RJ", "Rio de Janeiro", 21, 20000, 8.0),
    ("BA", "Salvador", 71, 40000, 7.0),
    ("PR", "Curitiba", 41, 80000, 6.0),
    ("RS", "Porto Alegre", 51, 90000, 6.0),
    ("PE", "Recife", 81, 50000, 5.0),
    ("CE", "Fortaleza", 85, 60000, 5.0),
    ("PA", "Belém", 91, 66000, 4.0),
    ("SC", "Florianópolis", 48, 88000, 4.0),
    ("MA", "São Luís", 98, 65000, 3.0),
    ("GO", "Goiânia", 62, 74000, 3.0),
    ("AM", "Manaus", 92, 69000, 2.0),
    ("ES", "Vitória", 27, 29000, 2.0),
    ("PB", "João Pessoa", 83, 58000, 2.0),
    ("RN", "Natal", 84, 59000, 2.0),
    ("MT", "Cuiabá", 65, 78000, 2.0),
    ("AL", "Maceió", 82, 57000, 1.0),
    ("PI", "Teresina", 86, 64000, 1.0),
    ("DF", "Brasília", 61, 70000, 1.0),
    ("MS", "Campo Grande", 67, 79000, 1.0),
    ("SE", "Aracaju", 79, 49000, 1.0),
    ("RO", "Porto Velho", 69, 76800, 0.5),
    ("TO", "Palmas", 63, 77000, 0.5),
    ("AC", "Rio Branco", 68, 69900, 0.4),
    ("AP", "Macapá", 96, 68900, 0.3),
    ("RR", "Boa Vista", 95, 69300, 0.3),
]
OCCUPATIONS = (
    ["ADMINISTRATIVO", "usuario", "PROFESSORA", "AUTÔNOMO", "VENDEDOR", "MOTORISTA", "COZINHEIRO"]
    + ["N/A", ""]
)
MARITAL = ["SOLTEIRO(A)", "CASADO(A)", "DIVORCIADO(A)", "VIÚVO(A)", "-"]
COMPANIES = ["PADARIA MODELO", "COMÉRCIO LTDA", "PREFEITURA", "SERVIÇOS GERAIS ME", "ESCOLA"]
PLAIN = str.maketrans("áâãçéêíóôõú", "aaaceeiooou")


def with_check_digits(nine: int) -> str:
    """The CPF of nine digits."""
    digits = f"{nine:09d}"
    for _ in range(2):
        weighed = sum(int(d) * w for d, w in zip(reversed(digits), range(2, 12)))
        digits += str(weighed * 10 % 11 % 10)
    return digits


class Person:
    """Who a row is about; the same in every row that repeats them."""

    __slots__ = ("cpf", "name", "first", "woman")

    def __init__(self, draw: Random):
        self.cpf = with_check_digits(draw.randrange(1_000_000, 1_000_000_000))
        self.woman = draw.random() < 0.5
        self.first = draw.choice(WOMEN if self.woman else MEN)
        self.name = f"{self.first} {draw.choice(SURNAMES)} {draw.choice(SURNAMES)}"


def dirty_name(name: str, roll: float) -> str:
    if roll < 0.6:
        return name.upper()
    if roll < 0.7:
        return "  " + name.replace(" ", "  ") + " "
    return name


def dirty_cpf(cpf: str, roll: float) -> str:
    if roll < 0.04:
        return ""
    if roll < 0.07:
        cpf = cpf[:-1] + str((int(cpf[-1]) + 1) % 10)
    elif roll < 0.18:
        return f"{cpf[:3]}.{cpf[3:6]}.{cpf[6:9]}-{cpf[9:]}"
    # As a spreadsheet leaves it: a number.
    return cpf.lstrip("0")


def dirty_email(first: str, row: int, roll: float) -> str:
    if roll < 0.35:
        return ""
    first = first.lower().translate(PLAIN)
    if roll < 0.80:
        return f"{first}{row}@gmail.com"
    if roll < 0.93:
        return f"{first.upper()}.{row}@HOTMAIL.COM "
    if roll < 0.96:
        return f"{first}{row}@gmial.com"
    return f"{first}{row}.empresa"


def dirty_phone(draw: Random, roll: float) -> str:
    if roll < 0.07:
        return ""
    if roll < 0.72:
        return f"9{draw.randrange(60_000_000, 100_000_000)}"
    return f"3{draw.randrange(10_000_000):07d}"


def dirty_cep(prefix: int, street: int, roll: float) -> str:
    cep = prefix * 1000 + street * 7
    if roll < 0.05:
        return ""
    if roll < 0.40:
        return f"{cep // 1000:05d}-{cep % 1000:03d}"
    return str(cep)


def dirty_income(draw: Random, roll: float) -> str:
    if roll < 0.1:
        return ""
    income = draw.lognormvariate(7.8, 0.6)
    if roll < 0.5:
        return "R$ " + f"{income:,.2f}".translate(str.maketrans(",.", ".,"))
    return f"{income:.2f}".replace(".", ",")


def row_of(person: Person, number: int, draw: Random) -> str:
    roll = draw.random
    state, city, ddd, prefix, _ = draw.choices(STATES, cum_weights=CUMULATED)[0]
    street = draw.randrange(400)
    age = 999 if roll() < 0.004 else min(99, max(0, int(draw.gauss(42, 15))))
    cells = (
        dirty_name(person.name, roll()),
        draw.choice(OCCUPATIONS),
        dirty_cpf(person.cpf, roll()),
        "feminino" if person.woman else "MASCULINO",
        str(draw.randrange(10**8, 10**10)) if roll() < 0.5 else "",
        draw.choice(MARITAL),
        f"BAIRRO {street}",
        city.upper() if roll() < 0.5 else city,
        state if roll() < 0.9 else state.lower(),
        dirty_cep(prefix, street, roll()),
        dirty_email(person.first, number, roll()),
        str(ddd),
        dirty_phone(draw, roll()),
        str(age),
        dirty_income(draw, roll()),
        "1",
        draw.choice(COMPANIES),
        str(draw.randrange(2008, 2026)),
    )
    return ";".join(cells) + ";\r\n"


def accumulate(weights: list[float]) -> list[float]:
    total, sums = 0.0, []
    for weight in weights:
        total += weight
        sums.append(total)
    return sums


CUMULATED = accumulate([state[-1] for state in STATES])


def rows(count: int, draw: Random, people: list[Person]) -> Iterator[str]:
    """The rows of the list. Everybody in it is added to `people` once."""
    last = ""
    for number in range(count):
        roll = draw.random()
        if last and roll < 0.005:
            yield last
            continue
        if people and roll < 0.055:
            person = draw.choice(people)
        else:
            person = Person(draw)
            people.append(person)
        last = row_of(person, number, draw)
        yield last


def documents(people: list[Person], share: float, draw: Random) -> Iterator[str]:
    """The lines of the base."""
    for person in people:
        if draw.random() >= share:
            continue
        namesake = draw.random() < 0.9
        document = {
            "CPF": person.cpf,
            "NOME": (person if namesake else Person(draw)).name.upper(),
            "TELEFONE": f"{draw.choice(STATES)[2]}9{draw.randrange(60_000_000, 100_000_000)}",
            "EMAIL": f"p{person.cpf}@exemplo.com.br",
            "ENDERECO": f"Rua {draw.randrange(5000)}, {draw.randrange(900)}",
            "RENDA_PRESUMIDA": draw.randrange(1200, 10200),
            "SCORE": draw.randrange(1000),
        }
        yield json.dumps(document, ensure_ascii=False) + "\n"


def main() -> None:
    words = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    words.add_argument("rows", type=int)
    words.add_argument("list", help="where the list goes")
    words.add_argument("--reference", help="where the base goes, if one is wanted")
    words.add_argument("--share", type=float, default=0.7, help="of the CPFs in the base")
    words.add_argument("--seed", type=int, default=11)
    words.add_argument("--encoding", default="cp1252")
    asked = words.parse_args()
    draw, people = Random(asked.seed), []
    with open(asked.list, "w", encoding=asked.encoding, newline="") as file:
        file.write(HEADER)
        file.writelines(rows(asked.rows, draw, people))
    if asked.reference:
        draw.shuffle(people)
        with open(asked.reference, "w", encoding="utf-8", newline="") as file:
            file.writelines(documents(people, asked.share, draw))


if __name__ == "__main__":
    main()
