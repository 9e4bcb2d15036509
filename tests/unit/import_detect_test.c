/* What is found out of a file by itself: columns by headings of five languages and by content,
 * delimiter, decimal sign, order of dates, header; and what a person says goes before it. */
#include "import_fixture.h"
#include "src/crm/import/scan.h"

/* "delimiter decimal order header: field=column …" */
static const char *detected(struct arena *a, enum import_kind kind, struct str bytes,
                            const struct reading_wish *wish, const char *country)
{
    struct scan scan;
    struct reading scanned;
    struct reading_wish none;
    struct detection d;
    struct problem p = {0};
    struct source source;
    uint8_t hash[FILE_HASH_BYTES];
    struct buf b;
    reading_init(&scanned);
    reading_wish_init(&none);
    scan_init(&scan);
    scan_feed(&scan, bytes.p, bytes.n);
    source_memory(&source, &bytes);
    struct detect_for what = {kind, country, 2026};
    if (scan_finish(&scan, hash, &scanned, a, &p) ||
        detect(&source, &scanned, &what, wish ? wish : &none, a, &d, &p))
        return p.code;
    buf_init(&b, 1 << 16);
    buf_printf(&b, "%c%c %s%s:", d.reading.delimiter == '\t' ? 'T' : d.reading.delimiter,
               d.reading.decimal, date_order_name(d.reading.date_order),
               d.reading.header ? "" : " no header");
    for (int i = 0; i < d.reading.columns; i++)
        for (int f = 0; f < FIELDS_MAX; f++)
            if (d.reading.column_of[f] == i)
                buf_printf(&b, " %s=%d", import_field_name((enum import_field)f), i + 1);
    const char *text = arena_cstr(a, buf_str(&b));
    buf_free(&b);
    return text;
}

static void sales_headings(void **state)
{
    (void)state;
    static const char *const headings[] = {
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
        "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country",
        "receipt_number,sku,product name,qty,sold at,unit price,customer no,country",
        "N° facture,Référence,Désignation,Quantité,Date de facture,Prix unitaire,N° client,Pays",
        "Ticket,Code article,Libellé,Qté,Date d'achat,PU TTC,Code client,Pays",
        "Numero fattura,Codice articolo,Descrizione,Quantità,Data fattura,Prezzo unitario,Codice "
        "cliente,Paese",
        "Scontrino,Codice prodotto,Prodotto,Q.tà,Data vendita,Prezzo,Tessera,Nazione",
        "Número de factura,Código de artículo,Descripción,Cantidad,Fecha de factura,Precio "
        "unitario,Código de cliente,País",
        "Pedido,Referencia,Producto,Unidades,Fecha,Precio,Nº cliente,País",
        "Номер чека,Артикул,Наименование товара,Количество,Дата продажи,Цена,Код клиента,Страна",
        "Чек,Штрихкод,Товар,Кол-во,Дата и время,Цена за единицу,Номер карты,Страна",
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(headings); i++) {
        struct str file = str_c(arena_printf(
            a, "%s\n536365,85123A,LANTERN,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n",
            headings[i]));
        const char *found = detected(a, IMPORT_TRANSACTIONS, file, NULL, "FR");
        if (strcmp(found, ",. ymd: invoice=1 product_code=2 product=3 quantity=4 date=5 price=6 "
                          "external_id=7 country=8") != 0)
            fail_msg("%s\n%s", headings[i], found);
    }
    arena_free(&a);
}

static void customer_headings(void **state)
{
    (void)state;
    static const char *const headings[] = {
        "Customer ID;First Name;Last "
        "Name;Gender;Birthday;Mobile;E-mail;Address;Zip;City;Country;SMS consent;Tags",
        "Numéro client;Prénom;Nom de famille;Sexe;Date de "
        "naissance;Portable;Courriel;Adresse;CP;Ville;Pays;Accord SMS;Étiquettes",
        "Codice cliente;Nome di battesimo;Cognome;Sesso;Data di nascita;Cellulare;Posta "
        "elettronica;Indirizzo;CAP;Città;Paese;Consenso SMS;Etichette",
        "Código de cliente;Nombre de pila;Apellidos;Sexo;Fecha de nacimiento;Móvil;Correo "
        "electrónico;Dirección;Código postal;Ciudad;País;Acepta SMS;Etiquetas",
        "Код клиента;Имя;Фамилия;Пол;Дата рождения;Мобильный телефон;Электронная "
        "почта;Адрес;Индекс;Город;Страна;Согласие на SMS;Теги",
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(headings); i++) {
        struct str file = str_c(arena_printf(
            a,
            "%s\n1;Anna;Rossi;f;31/01/1980;0612345678;a@example.com;x;75001;Paris;France;1;vip\n",
            headings[i]));
        const char *found = detected(a, IMPORT_CUSTOMERS, file, NULL, "FR");
        if (strcmp(found, ";, dmy: external_id=1 first_name=2 last_name=3 gender=4 birthday=5 "
                          "phone=6 email=7 address=8 postcode=9 "
                          "city=10 country=11 consent_sms=12 tags=13") != 0)
            fail_msg("%s\n%s", headings[i], found);
    }
    arena_free(&a);
}

static void layouts(void **state)
{
    (void)state;
    static const struct {
        enum import_kind kind;
        const char *country, *text, *expected;
    } cases[] = {
        {IMPORT_TRANSACTIONS, "FR",
         "customer_id  date number_of_cds  dollar_value\n 00001 19970101  1   11.77\n 00002 "
         "19970112  1   12.00\n"
         " 00002 19970112  5   77.00\n 00003 19970102  2   20.76\n",
         " . ymd: external_id=1 date=2 quantity=3 amount=4"},
        {IMPORT_TRANSACTIONS, "FR", "Date\tTotal\n13.01.2024\t1.234,50\n14.01.2024\t2,00\n",
         "T, dmy: date=1 amount=2"},
        {IMPORT_TRANSACTIONS, "FR", "Date|Total\n01/13/2024|1,234.50\n01/02/2024|2.00\n",
         "|. mdy: date=1 amount=2"},
        {IMPORT_TRANSACTIONS, "US", "Date,Total\n01/02/2024,5\n", ",. mdy: date=1 amount=2"},
        {IMPORT_TRANSACTIONS, "IT", "Date;Total\n01/02/2024;5\n", ";, dmy: date=1 amount=2"},
        {IMPORT_TRANSACTIONS, "FR",
         "Date;Article;Total\n01/02/2024;a, b, c;5,50\n02/02/2024;d, e;6,00\n",
         ";, dmy: date=1 product=2 amount=3"},
        {IMPORT_CUSTOMERS, "FR",
         "anna@example.com,06 12 34 56 78\nbob@example.com,06 12 34 56 79\n",
         ",. dmy no header: email=1 phone=2"},
        {IMPORT_CUSTOMERS, "FR", "whatever;thing\nanna@example.com;+33 6 12 34 56 78\n",
         ";, dmy: email=1 phone=2"},
        {IMPORT_CUSTOMERS, "FR", "E-mail\nanna@example.com\n", ",. dmy: email=1"},
        {IMPORT_CUSTOMERS, "FR", "Client,Téléphone\nAnna Rossi,0612345678\nBob Martin,0612345679\n",
         ",. dmy: full_name=1 phone=2"},
        {IMPORT_CUSTOMERS, "FR", "Client,Téléphone\n17,0612345678\n",
         ",. dmy: external_id=1 phone=2"},
        {IMPORT_CUSTOMERS, "FR", "phone,Phone 2,telephone\n0612345678,,\n",
         ",. dmy: phone=1 phone2=2"},
        {IMPORT_TRANSACTIONS, "FR", "date,price\n31/02/2024,5\n", ",. dmy: date=1 price=2"},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *found =
            detected(a, cases[i].kind, str_c(cases[i].text), NULL, cases[i].country);
        if (strcmp(found, cases[i].expected) != 0)
            fail_msg("%s\n%s", cases[i].text, found);
    }
    arena_free(&a);
}

/* The order of dates shows only far into the file. */
static void late_evidence(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct buf b;
    buf_init(&b, 8 << 20);
    buf_adds(&b, "date,total,note\n");
    for (int i = 0; i < 60000; i++)
        buf_printf(&b, "%02d/%02d/2024,5.00,something to fill the line\n", i / 30000 + 1,
                   i / 1000 % 28 + 1);
    assert_string_equal(detected(a, IMPORT_TRANSACTIONS, buf_str(&b), NULL, "FR"),
                        ",. mdy: date=1 amount=2");
    buf_free(&b);
    arena_free(&a);
}

static void wishes(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct str file = STR("a;b;c\n1;05/04/2024;7,5\n");
    struct reading_wish w = wish_of("external_id=a date=2 amount=3", IMPORT_TRANSACTIONS);
    assert_string_equal(detected(a, IMPORT_TRANSACTIONS, file, &w, "FR"),
                        ";, dmy: external_id=1 date=2 amount=3");
    w.date_order = DATE_MDY;
    w.decimal = '.';
    w.header = 0;
    w.columns[0].column = 0;
    assert_string_equal(detected(a, IMPORT_TRANSACTIONS, file, &w, "FR"),
                        ";. mdy no header: external_id=1 date=2 amount=3");
    w.delimiter = ',';
    assert_string_equal(detected(a, IMPORT_TRANSACTIONS, file, &w, "FR"), "import_no_such_column");
    file = STR("id,phone\n1,0612345678\n");
    w = wish_of("phone=", IMPORT_CUSTOMERS);
    w.columns[0].column = -2;
    assert_string_equal(detected(a, IMPORT_CUSTOMERS, file, &w, "FR"), ",. dmy: external_id=1");
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sales_headings), cmocka_unit_test(customer_headings),
        cmocka_unit_test(layouts),        cmocka_unit_test(late_evidence),
        cmocka_unit_test(wishes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
