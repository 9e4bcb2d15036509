#!/usr/bin/env python3
"""Makes data/demo/first_names.tsv and surnames.tsv from public name lists (data/demo/README.md).

demo-data.py NAMES_FOLDER data/demo

first_names.tsv: country, sex, name, weights of those born before 1960, 1960-1979, 1980-1994, later.
surnames.tsv: country, name, its feminine form (empty: the same), weight.
"""
import collections, csv, gzip, os, sys

BIRTHS = ((0, 1959), (1960, 1979), (1980, 1994), (1995, 9999))
FIRST_EACH, LAST_EACH = 160, 260

# Which names belong to which generation; what is not named here belongs to all alike.
OLDER = {
    'IT': 'Maria Giuseppe Giovanni Antonio Mario Luigi Angela Giovanna Teresa Lucia Carmela Caterina Rosa '
          'Franca Bruno Franco Vincenzo Salvatore Domenico Pietro Anna Giuseppina Carla Luciano Giorgio '
          'Sergio Graziella Rosanna Adriana Carlo Renato Gino Silvana Bruna',
    'ES': 'María Carmen Josefa Dolores Pilar Concepción Antonio José Manuel Francisco Juan Jesús Luis Pedro '
          'Ángel Rafael Rosario Mercedes Teresa Julia Emilia Vicente Miguel Isabel Encarnación Ramón '
          'Joaquín Felipe Amparo Consuelo Fernando Ana',
    'GB': 'Margaret Patricia Jean Barbara Christine Susan Maureen Sheila Carol Linda John David Peter Brian '
          'Michael Robert Alan Kenneth Derek Roger Keith Geoffrey Pauline Janet Dorothy Joan Raymond Ronald '
          'Anthony Judith Marion Shirley',
    'RU': 'Валентина Галина Людмила Тамара Нина Лидия Зинаида Раиса Вера Надежда Владимир Николай Анатолий '
          'Виктор Валерий Геннадий Юрий Борис Леонид Вячеслав Михаил Лариса Любовь Антонина',
}
YOUNGER = {
    'IT': 'Sofia Giulia Aurora Martina Chiara Alice Gaia Giorgia Beatrice Matilde Leonardo Lorenzo Mattia '
          'Tommaso Edoardo Gabriele Riccardo Alessandro Francesco Andrea Davide Federico Camilla Ginevra '
          'Arianna Noemi Ludovica Emma Filippo Samuele',
    'ES': 'Lucía Paula Sara Alba Marta Carla Claudia Irene Noa Valeria Hugo Pablo Álvaro Adrián Mario Daniel '
          'Alejandro Diego Marcos Martina Julia Nerea Sofía Iker Aitana Laia Marc Izan Leo Ainhoa',
    'GB': 'Olivia Amelia Isla Ava Sophie Chloe Megan Jessica Lauren Emily Charlotte Lily Ella Grace Jack '
          'Oliver Harry George Noah Charlie Jacob Thomas Callum Liam Joshua Ethan Freya Poppy Alfie Connor '
          'Ellie Molly Ryan Jordan',
    'RU': 'Анастасия Дарья Полина Виктория Екатерина Алина София Ксения Арина Елизавета Никита Артём Кирилл '
          'Даниил Егор Иван Максим Роман Илья Матвей Диана Милана Вероника Тимофей Денис Марк',
}
MIDDLE = {
    'IT': 'Marco Stefano Paolo Roberto Fabio Massimo Elena Laura Paola Cristina Barbara Daniela Simona '
          'Monica Patrizia Claudia Alessandra Silvia Luca Simone Michele Daniele Valentina Sara Elisa Ilaria',
    'ES': 'Javier David Carlos Sergio Raúl Jorge Óscar Rubén Iván Elena Cristina Laura Raquel Mónica Silvia '
          'Beatriz Patricia Nuria Eva Marta Alberto Roberto Eduardo Susana Yolanda Sonia Marcos',
    'GB': 'Sarah Karen Nicola Claire Emma Joanne Lisa Michelle Rachel Helen Paul Mark Andrew Stephen Simon '
          'Richard Ian Gary Neil Jason Daniel Matthew Christopher Rebecca Laura Gemma Kelly Amy Stuart Gareth '
          'Hannah Katie James Adam',
    'RU': 'Елена Ольга Татьяна Наталья Ирина Светлана Марина Юлия Анна Мария Сергей Андрей Алексей Дмитрий '
          'Александр Олег Игорь Евгений Павел Константин Оксана Инна Антон Яна Екатерина Владислав',
}
MEN = set('''Giuseppe Giovanni Antonio Mario Luigi Bruno Franco Vincenzo Salvatore Domenico Pietro Luciano Giorgio
Sergio Carlo Renato Gino José Manuel Francisco Juan Jesús Luis Pedro Ángel Rafael Vicente Miguel Ramón Joaquín
Felipe Fernando John David Peter Brian Michael Robert Alan Kenneth Derek Roger Keith Geoffrey Raymond Ronald
Anthony Владимир Николай Анатолий Виктор Валерий Геннадий Юрий Борис Леонид Вячеслав Михаил Leonardo Lorenzo
Mattia Tommaso Edoardo Gabriele Riccardo Alessandro Francesco Andrea Davide Federico Filippo Samuele Hugo Pablo
Álvaro Adrián Daniel Alejandro Diego Marcos Iker Marc Izan Leo Jack Oliver Harry George Noah Charlie Jacob
Thomas Callum Liam Joshua Ethan Alfie Connor Ryan Jordan Никита Артём Кирилл Даниил Егор Иван Максим Роман Илья
Матвей Тимофей Денис Марк Marco Stefano Paolo Roberto Fabio Massimo Luca Simone Michele Daniele Javier Carlos
Raúl Jorge Óscar Rubén Iván Alberto Eduardo Paul Mark Andrew Stephen Simon Richard Ian Gary Neil Jason Matthew
Christopher Stuart Gareth James Adam Сергей Андрей Алексей Дмитрий Александр Олег Игорь Евгений Павел
Константин Антон Владислав'''.split())
BRITISH = '''Smith Jones Williams Brown Taylor Davies Wilson Evans Thomas Johnson Roberts Walker Wright Robinson
Thompson White Hughes Edwards Green Hall Wood Harris Lewis Martin Jackson Clarke Clark Turner Hill Cooper Morris
Ward Moore Morgan Baker Harrison King Allen Scott Watson Parker Bennett Young Cook Mitchell Carter Richardson
Bailey Collins Bell Shaw Murphy Miller Cox Khan Patel Marshall Simpson Price Anderson Adams Wilkinson Ali Foster
Ellis Murray Chapman Mason Gray Mills Webb Rogers Hunt Palmer Holmes Campbell Fraser Stewart MacDonald Reid
Ross Graham Hamilton Robertson Kelly Hussain Begum O'Brien O'Neill Barnes Knight Lloyd Butler Russell Barker
Fisher Stevens Jenkins Dixon Fletcher'''.split()
SPANISH = '''Martínez Sánchez Pérez Gómez Martín Jiménez Ruiz Hernández Díaz Moreno Muñoz Álvarez Romero Alonso
Gutiérrez Navarro Torres Domínguez Vázquez Ramos Gil Ramírez Serrano Blanco Molina Morales Suárez Ortega Delgado
Castro Ortiz Rubio Marín Sanz Núñez Iglesias Medina Garrido Cortés Castillo Santos Lozano Guerrero Cano Prieto
Méndez Cruz Calvo Gallego Vidal León Márquez Herrera Peña Flores Cabrera Campos Vega Fuentes Carrasco Reyes
Caballero Nieto Aguilar Pascual Santana Herrero Montero Lorenzo Hidalgo Giménez Ibáñez Ferrer Durán Santiago
Vicente Benítez Mora Arias Vargas Carmona Crespo Román Pastor Soto Sáez Velasco Soler Moya Esteban Parra Bravo
Gallardo Rojas'''.split()


def french(folder):
    counts = collections.defaultdict(lambda: [0, 0, 0, 0])
    with gzip.open(os.path.join(folder, 'insee_prenoms_1900_2021.csv.gz'), 'rt', encoding='utf-8') as f:
        for row in csv.DictReader(f):
            year = int(row['year'])
            if 1935 <= year <= 2008:
                counts[row['sex'], row['name']][next(i for i, (a, b) in enumerate(BIRTHS) if a <= year <= b)] += int(row['n'])
    for sex in 'FM':
        names = {}
        for i in range(4):  # the best of each generation, so that none is missing
            best = sorted((k for k in counts if k[0] == sex), key=lambda k: -counts[k][i])[:FIRST_EACH // 2]
            names.update((k[1], counts[k]) for k in best)
        total = [sum(v[i] for v in names.values()) for i in range(4)]
        for name, v in sorted(names.items()):
            yield 'FR', sex, name, [round(10000 * v[i] / total[i]) for i in range(4)]


def by_generation(country, sex, weights):
    """weights: name → how common; moved between the generations by the lists above."""
    sets = [set(d[country].split()) for d in (OLDER, MIDDLE, YOUNGER)]
    shares = {(1, 0, 0): (8, 4, 1, .4), (0, 1, 0): (1, 6, 5, 1), (0, 0, 1): (.3, .8, 4, 9)}
    rows = {}
    for name, weight in weights.items():
        share = shares.get(tuple(int(name in s) for s in sets), (1, 1, 1, 1))
        rows[name] = [weight * s for s in share]
    total = [sum(v[i] for v in rows.values()) for i in range(4)]
    for name, v in sorted(rows.items()):
        yield country, sex, name, [round(10000 * v[i] / total[i]) for i in range(4)]


def curated(country, sex):
    """Names of the lists above, the earlier the commoner."""
    weights = {}
    for d in (OLDER, MIDDLE, YOUNGER):
        names = [n for n in d[country].split() if (n in MEN) == (sex == 'M')]
        for i, name in enumerate(names):
            weights[name] = max(weights.get(name, 0), 100 / (1 + i * .12))
    return weights


def italian(folder, sex):
    weights = {}
    with gzip.open(os.path.join(folder, 'italian_first_names.csv.gz'), 'rt', encoding='utf-8') as f:
        for row in csv.DictReader(f):
            if row['sex'] == sex and ' ' not in row['name'] and len(weights) < FIRST_EACH:
                weights[row['name'].capitalize()] = float(row['weight']) ** .8
    return weights


def faker(folder, locale, kind, sex):
    with gzip.open(os.path.join(folder, 'faker_names.tsv.gz'), 'rt', encoding='utf-8') as f:
        rows = [line.rstrip('\n').split('\t') for line in f]
    return [r[3] for r in rows if r[:3] == [locale, kind, sex]]


def first_names(folder):
    yield from french(folder)
    sexes = {'F': 'female', 'M': 'male'}
    with open(os.path.join(folder, 'common-forenames-by-country.csv'), encoding='utf-8-sig') as f:
        newborn = list(csv.DictReader(f))
    for sex in 'FM':
        yield from by_generation('IT', sex, {**italian(folder, sex), **{
            n: max(w * 60, italian(folder, sex).get(n, 0)) for n, w in curated('IT', sex).items()}})
        spanish = curated('ES', sex)
        for name in faker(folder, 'es', 'first_name', sexes[sex]):
            spanish.setdefault(name, 6)
        yield from by_generation('ES', sex, spanish)
        british = curated('GB', sex)
        for row in newborn:
            if row['Country'] == 'GB' and row['Gender'] == sex:
                british.setdefault(row['Localized Name'], 10)
        yield from by_generation('GB', sex, british)
        russian = curated('RU', sex)
        for name in faker(folder, 'ru', 'first_name', sexes[sex])[:40]:
            russian.setdefault(name, 2)
        yield from by_generation('RU', sex, russian)


def surnames(folder):
    def ranked(country, names):
        seen = dict.fromkeys(n for n in names if n)
        for i, name in enumerate(list(seen)[:LAST_EACH]):
            yield country, name, '', round(1000 / (1 + i * .06))

    with open(os.path.join(folder, 'common-surnames-by-country.csv'), encoding='utf-8-sig') as f:
        common = collections.defaultdict(list)
        for row in csv.DictReader(f):
            common[row['Country']].append(row['Localized Name'])
    yield from ranked('FR', common['FR'] + faker(folder, 'fr', 'last_name', 'generic'))
    yield from ranked('IT', common['IT'] + faker(folder, 'it', 'last_name', 'generic')[::9])
    yield from ranked('ES', common['ES'] + SPANISH)
    yield from ranked('GB', BRITISH)
    women = set(faker(folder, 'ru', 'last_name', 'female'))
    pairs = [(m, m + 'а') for m in faker(folder, 'ru', 'last_name', 'male') if m + 'а' in women]
    plain = [n.replace('\u0301', '') for n in common['RU']]
    order = sorted(pairs, key=lambda p: plain.index(p[0]) if p[0] in plain else 99)
    for i, (man, woman) in enumerate(order):
        yield 'RU', man, woman, round(1000 / (1 + i * .06))


def write(path, rows):
    with open(path, 'w', encoding='utf-8') as f:
        for row in rows:
            f.write('\t'.join(str(v) for v in row) + '\n')


def main():
    folder, out = sys.argv[1:3]
    write(os.path.join(out, 'first_names.tsv'),
          ([c, s, n] + w for c, s, n, w in first_names(folder) if any(w)))
    write(os.path.join(out, 'surnames.tsv'), surnames(folder))


main()
