#include "heading.h"
#include "../../base/check.h"
#include "../../base/text.h"

/* Compared folded and without blanks, so "InvoiceNo", "invoice_no" and "Invoice No." are one. A
 * word for one kind of import only begins with c: (customers) or t: (transactions); one that may as
 * well mean something else begins with ?: then the cells have a say. */
static const struct {
    enum import_field field;
    const char *words; /* separated by | */
} table[] = {
    {F_EXTERNAL_ID,
     "customer id|customer no|customer number|customer code|?customer|cust id|client id|client "
     "no|client number|"
     "?client|external id|member id|member no|member number|loyalty number|card number|card "
     "no|user id|"
     "contact id|account number|buyer id|shopper id|c:id|c:number|c:no|c:code|"
     "id client|n° client|numero client|no client|code client|identifiant "
     "client|identifiant|c:numéro|"
     "num client|ref client|reference client|numéro de carte|n° carte|?carte|c:référence|"
     "id cliente|codice cliente|numero cliente|cod cliente|?cliente|n cliente|codice|numero "
     "tessera|?tessera|"
     "n° cliente|nr cliente|código cliente|código de cliente|número de cliente|nº cliente|"
     "núm cliente|número de socio|?socio|c:código|c:clave|clave cliente|número de tarjeta|?tarjeta|"
     "код клиента|номер клиента|ид клиента|id клиента|?клиент|?покупатель|код "
     "покупателя|c:номер|c:код|"
     "номер карты|?карта|клиент id"},
    {F_FIRST_NAME,
     "first name|given name|forename|firstname|fname|first|prénom|prenom|nome di battesimo|"
     "nombre de pila|c:nome|c:nombre|имя|customer first name|n (given)|billing first name|customer "
     "firstname"},
    {F_LAST_NAME,
     "last name|surname|family name|lastname|lname|last|nom de famille|nom "
     "famille|cognome|apellido|"
     "apellidos|primer apellido|фамилия|customer last name|n (family)|billing last name"},
    {F_FULL_NAME,
     "?client|?customer|?cliente|?клиент|?покупатель|full name|name|customer name|client "
     "name|contact name|display name|fn|nom complet|nom et prénom|"
     "prénom et nom|nom client|nom du client|nom|nome completo|nominativo|nome e cognome|"
     "cognome e nome|nome cliente|nombre completo|nombre y apellidos|nombre cliente|"
     "nombre del cliente|фио|ф.и.о.|полное имя|имя клиента|имя и фамилия|имя фамилия|"
     "наименование клиента|member name|buyer name|billing name|ragione sociale|razón social"},
    {F_NICKNAME, "nickname|nick|alias|alias "
                 "name|surnom|pseudo|pseudonyme|soprannome|apodo|mote|прозвище|псевдоним|ник"},
    {F_GENDER,
     "gender|sex|sexe|genre|civilité|civilite|salutation|genere|sesso|género|sexo|пол|обращение"},
    {F_BIRTHDAY,
     "birthday|birth date|birthdate|date of birth|dob|bday|born|date de "
     "naissance|naissance|anniversaire|"
     "né le|née le|data di nascita|nascita|compleanno|nato il|fecha de nacimiento|nacimiento|"
     "cumpleaños|f nacimiento|дата рождения|день рождения|рождение|др"},
    {F_PHONE,
     "phone|phone number|telephone|tel|mobile|mobile phone|mobile number|cell|cell phone|cellphone|"
     "contact phone number|phone 1|primary phone|customer phone|contact number|msisdn|téléphone|"
     "numéro de téléphone|tél|portable|tél portable|téléphone portable|téléphone mobile|gsm|"
     "telefono|numero di telefono|cellulare|numero cellulare|recapito|teléfono|número de teléfono|"
     "móvil|teléfono móvil|celular|телефон|номер телефона|мобильный|мобильный телефон|тел|моб|"
     "сотовый|whatsapp|billing phone"},
    {F_PHONE2,
     "phone 2|second phone|secondary phone|other phone|home phone|landline|tel 2|téléphone 2|"
     "téléphone fixe|fixe|tél domicile|autre téléphone|telefono 2|telefono fisso|telefono casa|"
     "teléfono 2|teléfono fijo|otro teléfono|телефон 2|домашний телефон|другой телефон|deuxième "
     "téléphone|secondo telefono|segundo teléfono|"
     "второй телефон"},
    {F_PHONE3,
     "phone 3|third phone|work phone|tel 3|téléphone 3|tél travail|telefono 3|telefono lavoro|"
     "teléfono 3|teléfono trabajo|телефон 3|рабочий телефон|troisième téléphone|"
     "terzo telefono|tercer teléfono|третий телефон"},
    {F_PHONE4, "phone 4|fourth phone|tel 4|téléphone 4|telefono 4|teléfono 4|телефон 4|"
               "quatrième téléphone|quarto telefono|cuarto teléfono|четвёртый телефон"},
    {F_EMAIL, "email|e-mail|mail|email address|e-mail address|customer email|primary email|email 1|"
              "adresse e-mail|adresse email|adresse mail|courriel|mél|adresse électronique|"
              "posta elettronica|indirizzo email|indirizzo e-mail|correo|correo electrónico|"
              "dirección de correo|dirección de correo electrónico|correo e|электронная "
              "почта|почта|эл. почта|"
              "адрес электронной почты|e-mail клиента|имейл|billing email|subscriber email"},
    {F_EMAIL2,
     "email 2|second email|other email|secondary email|autre e-mail|altra email|otro "
     "correo|correo 2|почта 2|deuxième e-mail|seconda e-mail|segundo correo|второй e-mail"},
    {F_EMAIL3, "email 3|third email|correo 3|почта 3|troisième e-mail|terza e-mail|tercer "
               "correo|третий e-mail"},
    {F_ADDRESS, "address|street|street address|address 1|address line 1|addr|adr "
                "(street)|adresse|rue|adresse postale|"
                "adresse 1|indirizzo|via|dirección|calle|domicilio|адрес|улица|billing address 1"},
    {F_POSTCODE,
     "postcode|post code|zip|zip code|zipcode|postal code|adr (code)|code postal|cp|cap|"
     "codice postale|código postal|c.p.|индекс|почтовый индекс|billing postcode|plz"},
    {F_CITY,
     "city|town|cities|adr (city)|ville|commune|città|comune|località|ciudad|población|localidad|"
     "municipio|город|населенный пункт|billing city"},
    {F_COUNTRY,
     "country|country code|country region|adr (country)|pays|paese|nazione|stato|país|pais|страна|"
     "billing country|customer country"},
    {F_LANGUAGE, "language|lang|locale|langue|lingua|idioma|язык"},
    {F_STORE,
     "store|shop|branch|location|outlet|store name|point of sale|pos|register|home store|favourite "
     "store|"
     "magasin|boutique|point de vente|établissement|succursale|negozio|punto vendita|filiale|"
     "tienda|sucursal|punto de venta|establecimiento|local|магазин|точка продаж|торговая точка|"
     "филиал|salon|salone|салон"},
    {F_SOURCE,
     "source|origin|channel|acquisition|acquisition channel|how did you hear|lead "
     "source|origine|provenance|"
     "canal|canal d'acquisition|fonte|provenienza|canale|fuente|origen|procedencia|источник|канал|"
     "откуда узнали"},
    {F_TAGS, "tags|tag|labels|label|étiquettes|étiquette|libellés|etichette|etichetta|"
             "etiquetas|etiqueta|"
             "метки|метка|теги|тег|ярлыки"},
    {F_REGISTERED,
     "registered|registration date|registered on|created|created at|created on|signup date|sign up "
     "date|"
     "sign-up date|member since|customer since|date created|join date|joined|optin time|"
     "date d'inscription|inscrit le|inscription|date de création|créé le|client depuis|"
     "data di registrazione|registrato il|registrazione|data registrazione|iscritto il|"
     "data iscrizione|cliente dal|fecha de registro|fecha de alta|alta|registrado|"
     "fecha registro|cliente desde|дата регистрации|зарегистрирован|регистрация|дата создания|"
     "клиент с"},
    {F_CONSENT_SMS,
     "consent sms|sms consent|sms|sms opt in|sms optin|accepts sms|accepts sms marketing|sms "
     "marketing|"
     "consentement sms|accord sms|accepte sms|consenso sms|accetta sms|consentimiento sms|"
     "acepta sms|согласие sms|согласие на sms|смс|согласие на смс|sms рассылка"},
    {F_CONSENT_EMAIL,
     "consent email|email consent|email opt in|email optin|accepts email marketing|accepts "
     "marketing|"
     "email marketing|newsletter|marketing consent|subscribed|opt in|optin|"
     "consentement email|consentement e-mail|accord email|accepte email|abonné newsletter|"
     "consenso email|consenso marketing|accetta email|consentimiento email|acepta email|"
     "acepta correo|boletín|согласие email|согласие на email|согласие на рассылку|рассылка|"
     "email рассылка|consent e-mail|consenso e-mail|consentimiento correo|"
     "consentimiento por correo|согласие на e-mail"},
    {F_CONSENT_PUSH,
     "consent push|push consent|push|push opt in|push notifications|consentement "
     "push|notifications|"
     "consenso push|notifiche push|consentimiento push|notificaciones|согласие push|"
     "push уведомления|пуш|согласие на push"},
    {F_DEVICE, "device|device type|platform|os|appareil|type d'appareil|dispositivo|tipo "
               "dispositivo|piattaforma|"
               "plataforma|устройство|тип устройства|платформа"},
    {F_FACEBOOK, "facebook|facebook name|facebook user|fb|фейсбук"},
    {F_TWITTER, "twitter|twitter name|twitter handle|x|твиттер"},
    {F_GOOGLE, "google|google name|google plus|gmail|google+|гугл"},
    {F_POINTS,
     "points|point balance|points balance|loyalty points|reward points|opening points|bonus points|"
     "solde de points|points fidélité|points de fidélité|solde points|punti|saldo punti|punti "
     "fedeltà|"
     "puntos|saldo de puntos|puntos de fidelidad|баллы|бонусы|баланс баллов|бонусный "
     "баланс|остаток баллов"},
    {F_INSTAGRAM, "instagram|instagram name|insta|инстаграм"},
    {F_WEBSITE, "c:website|c:web site|c:homepage|c:site web|c:site internet|c:sito "
                "web|c:sito|c:sitio web|c:página web|"
                "c:сайт|c:веб-сайт"},
    {F_NUMBER,
     "c:habitué number|c:numéro habitué|c:numero habitué|c:número habitué|c:номер habitué"},
    {F_ADDRESSES,
     "c:other addresses|c:autres adresses|c:altri indirizzi|c:otras direcciones|c:другие адреса"},
    {F_DATES,
     "c:important dates|c:dates importantes|c:date importanti|c:fechas importantes|c:важные даты"},
    {F_PHONE_LABELS, "c:kinds of phones|c:phone type|c:phone types|c:phone label|c:phone "
                     "kind|c:types de téléphones|"
                     "c:type de téléphone|c:tipi di telefono|c:tipo di telefono|c:tipo "
                     "telefono|c:tipos de teléfonos|"
                     "c:tipo de teléfono|c:виды телефонов|c:вид телефона|c:тип телефона"},
    {F_EMAIL_LABELS,
     "c:kinds of e-mails|c:email type|c:email types|c:email label|c:email kind|c:types d'e-mails|"
     "c:type d'e-mail|c:tipi di e-mail|c:tipo di e-mail|c:tipo email|c:tipos de correos|"
     "c:tipo de correo|c:tipo de email|c:виды e-mail|c:вид e-mail|c:тип e-mail|c:тип почты"},
    {F_ADDRESS_KIND,
     "c:kind of address|c:address type|c:address label|c:type d'adresse|c:tipo di indirizzo|"
     "c:tipo indirizzo|c:tipo de dirección|c:вид адреса|c:тип адреса"},
    {F_GROUPS,
     "c:groups|c:group|c:member of groups|c:customer groups|c:customer group|c:group membership|"
     "c:groupes|c:groupe|c:membre des groupes|c:groupes de clients|c:gruppi|c:gruppo|"
     "c:membro dei gruppi|c:gruppi di clienti|c:grupos|c:grupo|c:miembro de los grupos|"
     "c:grupos de clientes|c:группы|c:группа|c:состоит в группах|c:группы клиентов"},
    {F_BLOCKED,
     "c:blocked|c:is blocked|c:banned|c:blacklisted|c:blacklist|c:bloqué|c:bloquée|c:liste noire|"
     "c:bloccato|c:bloccata|c:lista nera|c:bloqueado|c:bloqueada|c:lista negra|c:заблокирован|"
     "c:заблокирована|c:чёрный список"},
    {F_BLOCKED_REASON,
     "c:reason of the block|c:block reason|c:blocking reason|c:reason for blocking|"
     "c:motif du blocage|c:motif de blocage|c:motivo del blocco|c:motivo blocco|"
     "c:motivo del bloqueo|c:motivo bloqueo|c:причина блокировки"},
    {F_INVOICE,
     "invoice|invoice no|invoice number|invoice id|receipt|receipt no|receipt number|receipt "
     "id|ticket|"
     "ticket no|ticket number|order|order id|order no|order number|transaction id|transaction no|"
     "transaction number|transaction|sale id|basket id|check number|bill no|bill number|document|"
     "document number|facture|n° facture|no facture|numéro de facture|numéro facture|num facture|"
     "n° ticket|numéro de ticket|numéro ticket|commande|n° commande|numéro de commande|"
     "fattura|numero fattura|n° fattura|n. fattura|nr fattura|num fattura|scontrino|"
     "numero scontrino|n. scontrino|ordine|numero ordine|n. ordine|documento|numero documento|"
     "factura|número de factura|nº factura|n factura|núm factura|recibo|número de recibo|pedido|"
     "número de pedido|nº pedido|id pedido|nº ticket|número de ticket|"
     "чек|номер чека|№ чека|n чека|счет|счёт|номер счета|номер счёта|накладная|номер накладной|"
     "заказ|номер заказа|№ заказа|документ|номер документа|invoiceno|t:id"},
    {F_DATE,
     "date|invoice date|order date|transaction date|sale date|purchase date|date "
     "time|datetime|timestamp|"
     "day|sold at|paid at|completed at|receipt date|created at|date of purchase|date of sale|"
     "date facture|date de facture|date d'achat|date de vente|date vente|date achat|date commande|"
     "date et heure|date heure|jour|date ticket|data|data fattura|data vendita|data acquisto|"
     "data e ora|data ora|data ordine|data scontrino|giorno|fecha|fecha factura|fecha de factura|"
     "fecha de compra|fecha de venta|fecha venta|fecha compra|fecha y hora|fecha pedido|día|"
     "дата|дата чека|дата покупки|дата продажи|дата заказа|дата и время|дата счета|дата документа|"
     "день|invoicedate"},
    {F_TIME, "time|sale time|hour|heure|ora|hora|время|время чека|время продажи|heure de "
             "vente|invoice time"},
    {F_PRODUCT_CODE,
     "product code|stock code|sku|item code|item id|product id|article code|article no|article "
     "number|"
     "item number|part number|ean|ean13|gtin|barcode|upc|plu|t:code|code produit|"
     "code article|référence|référence produit|réf|ref|référence article|code barre|"
     "code-barres|codice prodotto|codice articolo|cod articolo|codice a barre|"
     "riferimento|código producto|código de producto|código artículo|código de artículo|"
     "referencia|código de barras|t:código|t:codice|"
     "артикул|код товара|код продукта|штрихкод|штрих-код|код номенклатуры|t:код|stockcode"},
    {F_PRODUCT,
     "product|product name|description|item|item name|item description|article|title|goods|"
     "product title|lineitem name|produit|nom du produit|nom produit|désignation|libellé|"
     "libellé produit|libellé article|descriptif|prodotto|nome prodotto|articolo|descrizione|"
     "descrizione articolo|descrizione prodotto|producto|nombre del producto|nombre producto|"
     "artículo|descripción|concepto|товар|название товара|наименование|наименование товара|"
     "продукт|название|описание|номенклатура"},
    {F_CATEGORY,
     "category|product category|product type|department|family|group|product group|class|catégorie|"
     "catégorie produit|famille|rayon|département|categoria|reparto|famiglia|categoría|familia|"
     "sección|departamento|категория|группа|группа товаров|отдел|раздел|product line"},
    {F_SIZE, "size|variant size|taille|pointure|taglia|misura|talla|tamaño|размер"},
    {F_QUANTITY,
     "quantity|qty|units|pieces|count|number of items|items sold|lineitem quantity|number of cds|"
     "number of units|quantité|qté|qte|nombre|nb|nb articles|quantità|qta|q.tà|pezzi|cantidad|cant|"
     "unidades|uds|количество|кол-во|кол во|штук|шт|число"},
    {F_PRICE,
     "price|unit price|unit cost|price each|item price|selling price|lineitem price|list "
     "price|prix|"
     "prix unitaire|pu|p.u.|prix de vente|prix ttc|prix unitaire ttc|pu ttc|prezzo|prezzo unitario|"
     "prezzo di vendita|precio|precio unitario|precio unidad|precio de venta|p. unitario|цена|"
     "цена за единицу|цена за шт|стоимость единицы|цена продажи|unitprice"},
    {F_AMOUNT,
     "amount|total|line total|total price|subtotal|value|sales|revenue|net amount|total "
     "amount|dollar value|"
     "amount paid|total sales|gross sales|net sales|montant|montant ttc|total ttc|total ligne|"
     "valeur|chiffre d'affaires|ca ttc|importo|totale|importo totale|totale riga|valore|"
     "importe|importe total|monto|total línea|total linea|valor|сумма|итого|всего|стоимость|"
     "сумма чека|выручка|сумма продажи"},
    {F_CURRENCY, "currency|currency code|devise|monnaie|valuta|divisa|moneda|валюта"},
    {F_URL, "url|link|product url|product link|web page|lien|lien produit|url produit|link "
            "prodotto|url prodotto|"
            "enlace|enlace producto|url producto|ссылка|ссылка на товар"},
};

enum { WORDS_MAX = 1600 };
struct heading_word {
    struct str folded, tight; /* tight: without blanks */
    uint8_t kinds;            /* 1 customers, 2 transactions */
    bool doubtful;
};
struct headings {
    int n;
    struct {
        int from, to;
    } of_field[FIELDS_MAX]; /* its words */
    struct heading_word words[WORDS_MAX];
};

static struct str without_blanks(struct arena *a, struct str s)
{
    char *out = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != ' ')
            out[n++] = s.p[i];
    return (struct str){out, n};
}

static void add_word(struct headings *h, struct arena *a, struct str word)
{
    check(h->n < WORDS_MAX);
    struct heading_word *w = &h->words[h->n++];
    w->kinds = 3;
    w->doubtful = word.p[0] == '?';
    if (w->doubtful)
        word = (struct str){word.p + 1, word.n - 1};
    if (str_starts(word, STR("c:")) || str_starts(word, STR("t:"))) {
        w->kinds = word.p[0] == 'c' ? 1 : 2;
        word = (struct str){word.p + 2, word.n - 2};
    }
    w->folded = text_fold(a, word);
    w->tight = without_blanks(a, w->folded);
}

/* What is of one kind of import alone is meant only where it stands alone: "blocked", not "blocked
 * on". */
static void add_own_name(struct headings *h, struct arena *a, enum import_field f)
{
    bool customers = import_field_of_kind(f, IMPORT_CUSTOMERS),
         sales = import_field_of_kind(f, IMPORT_TRANSACTIONS);
    const char *prefix = customers && sales ? "" : customers ? "c:" : "t:";
    add_word(h, a, str_c(arena_printf(a, "%s%s", prefix, import_field_name(f))));
}

struct headings *headings_new(struct arena *a)
{
    struct headings *h = arena_make(a, struct headings);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        enum import_field f = table[i].field;
        const char *p = table[i].words, *end;
        check(h->of_field[f].to == 0); /* one row a field */
        h->of_field[f].from = h->n;
        for (; (end = strchr(p, '|')); p = end + 1)
            add_word(h, a, (struct str){p, (size_t)(end - p)});
        add_word(h, a, str_c(p));
        if (f != F_NUMBER) /* "number" alone is somebody else's */
            add_own_name(h, a, f);
        h->of_field[f].to = h->n;
    }
    return h;
}

/* Whether the words of `part` stand together among the words of `whole`. */
static bool has_words(struct str whole, struct str part)
{
    for (size_t i = 0; i + part.n <= whole.n; i++) {
        if ((i == 0 || whole.p[i - 1] == ' ') &&
            (i + part.n == whole.n || whole.p[i + part.n] == ' ') &&
            memcmp(whole.p + i, part.p, part.n) == 0)
            return true;
    }
    return false;
}

int heading_score(const struct headings *h, enum import_kind kind, enum import_field f,
                  struct str folded)
{
    int best = 0;
    char tight[128];
    size_t n = 0;
    for (size_t i = 0; i < folded.n && n < sizeof tight; i++)
        if (folded.p[i] != ' ')
            tight[n++] = folded.p[i];
    if (n == 0 || n == sizeof tight)
        return 0;
    for (int i = h->of_field[f].from; i < h->of_field[f].to; i++) {
        const struct heading_word *w = &h->words[i];
        if (!(w->kinds & (kind == IMPORT_CUSTOMERS ? 1 : 2)) || w->tight.n == 0)
            continue;
        if (str_eq(w->tight, (struct str){tight, n}))
            return w->doubtful ? HEADING_DOUBTFUL : HEADING_EXACT;
        if (w->tight.n >= 4 && w->kinds == 3 && !w->doubtful && has_words(folded, w->folded)) {
            int score = (int)(20 + 60 * w->folded.n / folded.n);
            best = score > best ? score : best;
        }
    }
    return best;
}
