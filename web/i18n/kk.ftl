# Every text of the screens, in Kazakh.

languages = Тіл
skip = Мазмұнға өту
nav-home = Шолу
nav-door = Есік экраны
nav-desk = Бақылау бекеті
nav-venue = Нысан
nav-authority = Санитарлық қызмет
leave = Шығу
version = Нұсқа { $value }
live = Жаңарып тұр
live-lost = Түйінмен байланыс үзілді. Қайта қосылуда…

home-title = Осы түйін
home-door = Кіреберіс жанындағы экран: келушінің көретіні.
home-desk = Кодты қолмен тексеру, өткізуді растау немесе бас тарту.
home-venue = Іштегі адамдар, есіктер, дерек алмасу және жабдықтың күйі.
home-authority = Аймақтағы келулер түскен бойда және байланыстарды іздеу.
home-open = Ашу
home-locked = Кіру кілті қажет

enter-title = Кіру кілті
enter-text = Бұл бетке осы түйіннің кіру кілті қажет. Ол алғаш іске қосылғанда шығарылған және түйіннің деректер қалтасында сақтаулы.
enter-key = Кіру кілті
enter-go = Жалғастыру
enter-wrong = Бұл осы түйіннің кіру кілті емес. Әр таңбаны тексеріп, қайталап көріңіз.
enter-locked = Бұл мекенжайдан қате кілт тым көп енгізілді. Бір минут күтіп, қайталаңыз.

door-hold = Кодты камераға 10–25 см жақындатыңыз
door-sound = Дыбысты күтіңіз
door-go = Экрандағы белгіге қараңыз
door-no-phone = Телефон жоқ па? Қызметкерге айтыңыз.
door-inside = Қазір ішінде
door-direction-in = Кіру
door-direction-out = Шығу
door-direction-both = Кіру және шығу

action-welcome = Қош келдіңіз
action-goodbye = Сау болыңыз
action-wait = Күте тұрыңыз
action-no-entry = Кіруге болмайды
action-again = Қайталап көріңіз

status-green = Жасыл
status-blue = Көк
status-yellow = Сары
status-red = Қызыл
status-grey = Расталмады

until = { $status }, { $time } дейін
until-then = { $status }, { $time } дейін, содан кейін { $then }

advice-staff = Қызметкерге жүгініңіз.
advice-again = Кодты тік әрі қозғалтпай ұстаңыз, экранды жарық етіңіз.
advice-other-code = Денсаулық кодын көрсетіңіз: ол ST1, HC1 немесе shc деп басталады.
advice-home = Кірмеуіңізді сұраймыз. Санитарлық қызметтің нұсқауын орындаңыз.
advice-later = Кейінірек келіңіз.
advice-decision = Қызметкер қарап жатыр.

reason-bad-prefix = Мұндай код мұнда оқылмайды
reason-bad-base45 = Код бүлінген
reason-bad-encoding = Код бүлінген
reason-bad-compression = Код бүлінген
reason-bad-json = Код бүлінген
reason-bad-cbor = Код бүлінген
reason-malformed = Код толық емес немесе қате
reason-too-large = Код тым ұзын
reason-not-a-credential = Бұл денсаулық коды емес
reason-unsupported-format = Код мұндай түрде мұнда тексерілмейді
reason-unsupported-algorithm = Мұндай қолтаңба мұнда тексерілмейді
reason-incomplete = Бір бөлігі оқылды, келесісін көрсетіңіз
reason-unknown-issuer = Кодты беруші мұнда белгісіз
reason-issuer-not-valid = Берушінің кілті қазір жарамсыз
reason-bad-signature = Кодтың қолтаңбасы жарамсыз
reason-no-proof = Кодты телефонда ашыңыз: оның суреті жарамайды
reason-stale-proof = Код ескірген: оны телефонда қайта ашыңыз
reason-key-usage = Беруші мұндай код бере алмайды
reason-not-yet-valid = Код әлі күшіне енген жоқ
reason-expired = Кодтың мерзімі өтті
reason-revoked = Код кері қайтарылған
reason-status-green = Ереже бойынша жасыл мәртебеге қазір рұқсат жоқ
reason-status-blue = Ереже бойынша көк мәртебеге қазір рұқсат жоқ
reason-status-yellow = Расталған науқаспен байланыста болған
reason-status-red = Тест нәтижесі оң
reason-status-grey = Кодта қазір күшінде ештеңе жоқ
reason-specimen = Бұл үлгі код
reason-minor = Кәмелетке толмаған: ересек адаммен кіреді
reason-no-policy = Бұл есікте аймақ ережелері әлі жоқ
reason-stale-lists = Бұл есіктің тізімдері ескірген
reason-clock-unknown = Бұл есік уақытты нақты білмейді
reason-already-inside = Бұл кодпен кіріп қойған
reason-not-inside = Бұл кодпен ешкім кірмеген
reason-full = Нысан толы
reason-no-rights = Бос орындар басқа кіреберістерде; мұнда орын қалмады
reason-staff = Қызметкердің шешімі
reason-not-recorded = Келуді жазу мүмкін болмады
reason-door-removed = Бұл кіреберіс енді бұл орынға тиесілі емес

desk-code = Код
desk-code-hint = Теріңіз, қойыңыз немесе қол сканерімен оқыңыз. Enter тексереді.
desk-check = Тексеру
desk-waiting = Шешіміңізді күтуде
desk-nobody = Ешкім күтіп тұрған жоқ.
desk-release = Өткізу
desk-refuse = Бас тарту
desk-release-key = Enter
desk-refuse-key = Esc
desk-name = Кодтағы есім
desk-read-at = Оқылған уақыты: { $value }
desk-recent = Соңғы шешімдер
desk-recent-none = Түйін іске қосылғалы шешім болған жоқ.
desk-empty = Алдымен кодты енгізіңіз.
desk-no-credential = Ештеңе жазылған жоқ. { $value }.
desk-error-unknown = Шешім қабылданып қойған немесе екі минуттан асқан. Кодты қайта тексеріңіз.
desk-error-binding = Аймақ ережелері бұл келушіні өткізуге рұқсат бермейді.
desk-error-ledger = Келуді жазу мүмкін болмады. Осы экран бойынша өткізбеңіз; дискіні тексеріңіз.
outcome-admit = Ереже рұқсат етеді
outcome-refuse = Ереже рұқсат етпейді
outcome-cannot-confirm = Растау мүмкін емес

kind-entry = Кіру
kind-exit = Шығу
kind-refusal = Бас тарту
decider-verdict = Ереже бойынша
decider-staff = Қызметкер

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
none-yet = әлі жоқ
never = ешқашан
clock-trusted = Уақыт сенімді
clock-bounded = Уақыт көзінсіз жүріп тұр; тек кешігуі мүмкін
clock-unknown = Уақыт сенімсіз. Мерзімі өтпегенін растау мүмкін емес.
clock-unread = Әлі тексерілмеген
scanner-none = Бұл түйінде камера жоқ
camera-opening = Камера ашылуда
camera-running = Оқып тұр
camera-lost = Қолжетімсіз
camera-ended = Кескін қалмады
scanner-facts = Кадр: { $frames }, өткізілген: { $dropped }, код: { $scans }; тану { $p50 } мс, 95 % — { $p95 } мс дейін
hint-camera-blocked = Камераны бірдеңе жауып тұр
hint-too-dark = Тым қараңғы, кодтар оқылмайды: кіреберіске көбірек жарық керек
hint-inverted = Кодта қара мен ақ ауысып кеткен: ашық фонды сұраңыз
hint-too-far = Кодты тым алыс ұстайды
hint-too-near = Кодты тым жақын ұстайды
hint-glare = Жылтыр шағылыс кодты жауып тұр: сәл еңкейтуді сұраңыз
hint-screen-dim = Келушінің экраны тым күңгірт
hint-blurred = Кодтар бұлыңғыр: қозғалтпай ұстаңыз немесе камераның анықтығын реттеңіз
hint-camera-moved = Камера бұрынғыдан басқа жаққа қарап тұр
hint-dirty-lens = Ештеңе анық емес: объективті сүртіңіз немесе анықтығын реттеңіз
poster-outdated = Кіреберістегі плакат ескірген: жаңасын басып шығарыңыз
poster-other-door = Кіреберістегі плакат басқа кіреберістікі
poster-other-venue = Кіреберістегі плакат басқа мекеменікі
poster-broken = Кіреберістегі плакат оқылмайды
scanner-wait = Код көрінгеннен оқылғанға дейін: { $p50 } мс, 95 % — { $p95 } мс дейін.
disk-ok = Жазылып тұр
disk-trouble = Соңғы жазу сәтсіз болды: { $value }
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
bulletin-membership = Мүшелік
bulletin-standing = Жағдай
bulletin-overdue = мерзімі өткен

age-seconds = { $n ->
    [one] { $n } секунд
   *[other] { $n } секунд
}
age-minutes = { $n ->
    [one] { $n } минут
   *[other] { $n } минут
}
age-hours = { $n ->
    [one] { $n } сағат
   *[other] { $n } сағат
}
age-days = { $n ->
    [one] { $n } күн
   *[other] { $n } күн
}

tab-venue = Нысанға шолу
tab-anomalies = Ауытқулар
tab-doors = Есіктер және қосу
reload = Қайта жүктеу

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
void = Осы кіруді жарамсыз ету
void-text = Мына кіру бірде-бір есікте есепке алынбайды және оны ешкім қайтара алмайды: { $value }.
void-sure = Иә, жарамсыз ету
void-unknown = Бұл кіру тізімде енді жоқ.
act-error-ledger = Жазу мүмкін болмады, сондықтан ештеңе өзгерген жоқ. Дискіні тексеріңіз.

click-title = Кодсыз адамдар
click-in = Бір адам кірді
click-out = Бір адам шықты
click-hint = Тек саны, есімсіз. Жазба сенімді сақталғанда сан өзгереді.
click-failed = Бұл есепке алынбады. Бетті қайта жүктеп, санын қараңыз.
desk-staff-pass = Қызметкер рұқсаты
desk-undo = Қайтарып алу
desk-undone = қайтарып алынды
desk-undo-late = Мұнда тек соңғы 60 секундтағы шешімді қайтарып алуға болады. Ауытқулар бетін қараңыз.

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

doors-title = Нысанның есіктері
doors-direction = Бағыты
doors-state = Күйі
doors-node = Кілті
doors-none = Бірде-бір есікте осы нысанның құжаты жоқ.
door-own = осы есік
door-up = байланыста
door-down = { $value } бері байланыс жоқ
door-unheard = байланыс жоқ
door-removed-lost = жоғалған деп алынды, { $value }
door-removed-replaced = ауыстырылды, { $value }
door-removed-retired = қызметтен шығарылды, { $value }
doors-elsewhere = Есіктерді басқарушының кілті бар есік шақырады және алып тастайды. Бұл ол есік емес.
invite-title = Есік шақыру
invite-text = Жаңа құрылғы кодты осы экраннан оқып, осы есікке қосылады да, құжаттары мен кілттерін алады. Код он минутқа және бір құрылғыға жарамды.
invite-wifi = Wi-Fi атауы, жаңа құрылғыға керек болса
invite-wifi-key = Wi-Fi құпиясөзі
invite-replaces = Орнын басатын есігі
invite-replaces-none = жоқ: қосымша есік
invite-go = Кодты көрсету
invite-wifi-error = Wi-Fi үшін 32 әріптен аспайтын атау және 8–63 таңбалы құпиясөз керек.
invite-failed = Шақыру мүмкін болмады: { $value }
invite-cancel = Шақыруды тоқтату
invited-title = Шақыру
invited-scan = Жаңа құрылғының камерасын осы кодқа тақаңыз немесе мәтінді сонда қойыңыз: vestibule pair join
invited-secret = Бұл кодты көрген кез келген адам осы нысанның есігі бола алады. Оны жібермеңіз, суретке түсірмеңіз.
invited-code = Есік шақыратын код
invited-text = Дәл соның мәтіні
invited-back = Есіктерге оралу
pairing-idle = Ешкім шақырылған жоқ.
pairing-waiting = Жаңа құрылғыны күту: { $value } дейін
pairing-wrong = Кодты көрмеген қоңыраулар: { $value }. Үшеуінен кейін шақыру тоқтайды.
pairing-joined = Есік қосылды: { $door }, { $time }
pairing-expired = Шақырудың мерзімі өтті.
pairing-broken = Үш қате қоңыраудан кейін шақыру тоқтатылды. Желіде біреу кодты болжап жатыр.
pairing-over = Шақыру тоқтады.
remove-title = Есікті алып тастау
remove-text = Алып тасталған есік бұл туралы білген бойда ешкімді кіргізбейді. Басқа есіктер содан бастап одан ештеңе қабылдамайды; бұрынғы келулері қалады.
remove-door = Есік
remove-cause = Себебі
remove-lost = Жоғалды немесе ұрланды: нысанның құпия кілті қайта жасалады, ал есік бұл туралы білгенде өз кілттерін жояды
remove-replaced = Ауыстырылды: қазір онда басқа құрылғы тұр
remove-retired = Қызметтен шығарылды: жоспарлы түрде алынып, тазартылды
remove-sure = Бұл есік енді нысанға тиесілі болмасын. Мұны қайтару мүмкін емес; құрылғы тек жаңа кілтпен қайта қосыла алады.
remove-go = Есікті алып тастау
remove-none = Алып тастайтын басқа есік жоқ.
remove-error-door = Нысанға тиесілі есікті таңдаңыз.
remove-error-cause = Себебін көрсетіңіз.
remove-error-sure = Алып тастауды растаңыз.
remove-error-own = Басқарушының кілті бар есік өзін өзі алып тастай алмайды.

authority-region = { $value }-аймақ
authority-visits = Келулер
authority-entries = Кіру
authority-exits = Шығу
authority-refusals = Бас тарту
authority-unreadable = Оқылмайды
authority-alerts = Дабылдар
authority-questions = Байланыс сұраулары
authority-chart = Нысандар бойынша келулер
authority-venues = Нысандар
authority-no-venues = Әзірге бірде-бір нысан келулерді жібермеген.
authority-bulletins = Күшіндегі бюллетеньдер

trace-title = Байланыстарды іздеу
trace-text = Мөрленген деректерді ашады. Әр сұрау жауап берілгенге дейін іс нөмірі, мақсаты және уақытымен журналға жазылады, ал сұраулар саны жарияланады.
trace-case = Іс нөмірі
trace-purpose = Мақсаты
trace-who = Адам
trace-who-hint = Адамның коды немесе бүркеншік атының 32 таңбасы
trace-from = Басы
trace-until = Соңы
trace-zone = Уақыт: { $value }.
trace-ask = Журналға жазып, іздеу
trace-asked-by = Сұраушы
trace-error = Сұрау орындалмады.
trace-error-case = Іс нөмірін көрсетіңіз, 200 таңбадан аспасын.
trace-error-purpose = Мақсатын көрсетіңіз, 200 таңбадан аспасын.
trace-error-window = Басын және одан кейінгі соңын көрсетіңіз, 60 күннен аспасын.
trace-error-asked-by = Кім сұрайтынын көрсетіңіз, 200 таңбадан аспасын.
trace-error-who = Адамның кодын немесе бүркеншік атын көрсетіңіз.
trace-error-code = Бұл код ешкімді атамайды: { $value }.
trace-error-from = Басталу күні мен уақытын көрсетіңіз.
trace-error-until = Аяқталу күні мен уақытын көрсетіңіз.
trace-error-ledger = Журналды немесе келулерді оқу не жазу мүмкін болмады. Ештеңе ашылған жоқ.
trace-result = Жауап
trace-subject = Бүркеншік ат
trace-window = Кезең
trace-stays = { $n ->
    [0] Бұл кезеңде болмаған
    [one] { $n } болу
   *[other] { $n } болу
}
tell = Нысандарға хабарлау
tell-text = Әр нысан өзінің ауытқулар тізімінен осы келулердің қайсысын тексеру керегін көреді, бірақ кім екенін көрмейді. Мұны қайтарып алуға болмайды.
tell-sure = Иә, хабарлау
told = { $n ->
    [0] Нысандарға бірде-бір келу көрсетілген жоқ
    [one] Нысандарға { $n } келу көрсетілді
   *[other] Нысандарға { $n } келу көрсетілді
}
trace-contacts = { $n ->
    [0] Бұл кезеңде байланыс жоқ
    [one] { $n } байланыс
   *[other] { $n } байланыс
}
trace-assumed = шамамен { $value } дейін
trace-timeline = Болулар мен байланыстар уақыт бойынша
trace-again = Басқа сұрақ қою
trace-minutes = { $n ->
    [one] { $n } минут
   *[other] { $n } минут
}

error-title = Орындалмады
error-not-found = Бұл түйінде мұндай бет жоқ.
error-forbidden = Пішін ескірген немесе басқа сайттан келген. Бетті қайта ашыңыз.
error-host = Түйін бұл атқа жауап бермейді. Оның өз мекенжайын пайдаланыңыз.
error-too-large = Тым көп дерек жіберілді.
error-busy = Тым көп экран қосылған. Біреуін жауып, қайталаңыз.
error-malformed = Сұрауды оқу мүмкін болмады.
error-slow = Сұрау тым ұзаққа созылды.
error-internal = Түйін ішінде ақау болды. Себебі журналда.
error-back = Шолуға оралу
