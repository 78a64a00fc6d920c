# Texts of the pages of the venue, in Kazakh.

column-time = Уақыты
column-decision = Шешім
column-status = Мәртебе
column-reason = Себебі
column-decider = Шешкен
column-door = Есік
column-entries = Кіру
column-exits = Шығу
column-refusals = Бас тарту
column-unacknowledged = Әлі жіберілмеген
column-last = Соңғы келу
column-heard = Соңғы жауап
column-bulletin = Бюллетень
column-version = Нұсқа
column-age = Жасы
column-valid = Жарамды мерзімі
column-venue = Нысан
column-doors = Есіктер
column-visits = Келулер
column-entered = Кірген
column-left = Шыққан
column-overlap = Бірге
column-person = Адам

venue-inside = Қазір ішінде
venue-capacity = / { $value }
venue-entries = Бүгінгі кіру
venue-exits = Бүгінгі шығу
venue-refusals = Бүгінгі бас тарту
venue-pending = Қызметке әлі жетпеген
venue-doors = Есіктер
venue-own = осы есік
venue-sync = Дерек алмасу
venue-no-peers = Бұл түйіннің көршісі жоқ.
venue-bulletins = Санитарлық қызмет бюллетеньдері
venue-no-bulletins = Бюллетень әлі келген жоқ. Ережелер мен сенім тізімі келмейінше кодтарды растау мүмкін емес.
venue-state = Жабдық
venue-clock = Сағат
venue-scanner = Сканер
venue-disk = Диск
peer-up = Қосылған
peer-down = Қосылмаған: { $value }
peer-refused = Ажыратылған: { $value }
peer-since = { $value } бері
refused-unknown-membership = сертификаты осы аймақтікі емес
refused-other-node = сертификаты басқа түйінге тиесілі
refused-other-venue = сертификаты басқа нысанға берілген
refused-membership-not-yet-valid = сертификаты әлі күшіне енбеген
refused-membership-expired = сертификатының мерзімі өткен
refused-membership-malformed = сертификаты бүлінген
bulletin-policy = Ережелер
bulletin-trust = Сенім тізімі
bulletin-tracing-keys = Тергеу кілттері
bulletin-beacon = Уақыт
bulletin-revocations = Кері қайтарылған кодтар
bulletin-roots = Түбір кілттер
bulletin-membership = Мүшелік
bulletin-standing = Жағдай
bulletin-overdue = мерзімі өткен

inside-between = { $lo }–{ $hi }
inside-at-least = кемінде { $value }
zone-inside = Қазір ішінде, { $value }-бөлік
zone-unseen = Байланыс жоқ есік: { $door }, { $time } бері
zone-unseen-never = Байланыс әлі болмаған есік: { $value }
zone-range = { $most } орыннан { $lo } мен { $hi } аралығы
zone-rights = Осы есік тағы кіргізе алады: { $value }
zone-advisory = анықтама үшін
zone-advisory-text = Есіктер бірге осы шектен көп кіргізуі мүмкін.

alarm-unsent = { $day } күнінен бергі келулер санитарлық қызметке жеткен жоқ. Жойылғанша қалды: { $left }. Тасымалдағышпен жеткізіңіз: { $command }
alarm-duplicates = { $time } бері қайталану болуы мүмкін. Байланыс жоқ есіктер: { $doors }
alarm-duplicates-ever = Қайталану болуы мүмкін. Байланыс жоқ есіктер: { $value }
alarm-anomalies = { $n ->
    [one] Қарайтын { $n } ауытқу бар
   *[other] Қарайтын { $n } ауытқу бар
}

anomalies-none = Ауытқу жоқ.
anomalies-duplicates = Бір кодпен екі рет кірген
anomalies-duplicates-do = Адамдардан сұраңыз: бір кодты екеуі қолдануы немесе біреу байқалмай шығуы мүмкін. Болмаған кіруді жарамсыз етуге болады. Ол жазбада қалады, бірақ есепке алынбайды.
anomalies-clones = Көшірілген карта
anomalies-clones-do = Бір есіктің екі іске қосылуы бір мезгілде жазған: жад картасы көшірілген немесе сағаты кейін шегерілген. Екінші құрылғыны тауып, өшіріңіз. Артық құрылғы болмаса, есікті жоғалған деп алып тастап, қайта қосыңыз.
anomalies-forked = Бір есіктің екі тарихы
anomalies-forked-do = Бұл есіктер екі түрлі тарихқа қол қойған; екеуі де дәлел ретінде сақталды. Мұндай есікті жоғалған деп алып тастап, қайта қосыңыз да, санитарлық қызметке хабарлаңыз.
anomalies-gaps = Қызметке жетпей жойылған
anomalies-gaps-do = Бұл жазбаларды ешкім қайтара алмайды. Санитарлық қызметке есікті, күнді және санын айтыңыз, ал алдағы уақытта есіктерді дер кезінде қосыңыз немесе келулерді тасымалдағышпен жеткізіңіз.
anomalies-alerts = Код жарамсыз болып шықты
anomalies-alerts-do = Келушіні өзіңіз іздемеңіз: кім екенін санитарлық қызмет біледі. Оның қоңырауына уақыт пен есікті дайын ұстаңыз.
anomaly-entry = { $door }, { $time }
anomaly-clone = { $door }: екеуі де { $from } – { $to } аралығында жазған
anomaly-gap = { $door }, { $day }: { $records }
anomaly-records = { $n ->
    [one] { $n } жазба
   *[other] { $n } жазба
}
anomaly-noted = белгіленген уақыты { $value }
anomaly-part = { $value }-бөлік
anomaly-revoked = Код келуші келгеннен кейін кері қайтарылған
anomaly-status = Мәртебе кодта көрсетілгендей болмаған
anomaly-by-authority = санитарлық қызмет анықтады
anomaly-by-door = есік анықтады

count-title = Адам санын енгізу
count-text = Іштегілердің бәрін санап, санын осында жазыңыз. Бұрынғы алшақтық әр есікте осымен тоқтайды.
count-zone = Нысанның бөлігі
count-zone-whole = Бүкіл нысан
count-inside = Саналған адам
count-sure = Адамдар қазір ғана саналды
count-set = Санды енгізу
count-error-number = Ішінде неше адам бар екенін цифрмен жазыңыз.
count-error-sure = Адамдар қазір саналғанын растаңыз.

notes-title = Ауысым жазбалары
notes-none = Жазба жоқ.
notes-text = Жаңа жазба
notes-hint = Оны нысанның әр есігі көреді. Келушілердің есімін жазбаңыз.
notes-add = Жазба қосу
notes-edit = Өзгерту
notes-save = Сақтау
notes-remove = Алып тастау
notes-keep = Осыны қалдыру
notes-both = Екі есік бір мезгілде жазған. Біреуін қалдырыңыз:
notes-by = { $who }, { $time }
notes-manager = басқарушы
notes-error-empty = Алдымен бірдеңе жазыңыз.
notes-error-long = Тым ұзақ. Шамамен 300 әріпке дейін қысқартыңыз.
notes-error-changed = Осы арада мұны біреу өзгертті. Сіздің мәтініңіз төменде; қазір не тұрғанын қарап, қайта сақтаңыз.
fields-title = Осы нысан туралы
fields-none = көрсетілмеген
fields-hint = Басқарушының кілті бар есікте өзгертіледі.
field-name = Атауы
field-address = Мекенжайы
field-hours = Жұмыс уақыты
