# Texts of every page, in Kazakh.

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
reason-unverified = Тек нөмірі белгілі, денсаулық сақтау органы жауап бермеді
reason-specimen = Бұл үлгі код
reason-minor = Кәмелетке толмаған: ересек адаммен кіреді
reason-no-policy = Бұл есікте аймақ ережелері әлі жоқ
reason-stale-lists = Бұл есіктің тізімдері ескірген
reason-clock-unknown = Бұл есік уақытты нақты білмейді
reason-already-inside = Бұл кодпен кіріп қойған
reason-not-inside = Бұл кодпен ешкім кірмеген
reason-full = Нысан толы
reason-venue-closed = Мұндай нысандарға қазір бұл аймақта жұмыс істеуге болмайды
reason-venue-excluded = Орган бұл нысанды уақытша шығарды
reason-closed-now = Қазір нысанның рұқсат етілген жұмыс уақытынан тыс
reason-house-status = Орынның өз ережесі: бұл мәртебемен мұнда кіргізілмейді
reason-house-document = Орынның өз ережесі: алдымен қызметкер құжатты қарайды
reason-house-closed = Бұл уақытта орынның өзі ешкімді кіргізбейді
reason-house-full = Орынның өз ережесі: бұдан көп келуші кіргізілмейді
reason-no-rights = Бос орындар басқа кіреберістерде; мұнда орын қалмады
reason-paper = Қағазға жазылып, кейін енгізілген
reason-staff = Қызметкердің шешімі
reason-fever = Дене қызуы жоғары
reason-not-recorded = Келуді жазу мүмкін болмады
reason-door-removed = Бұл кіреберіс енді бұл орынға тиесілі емес
none-yet = әлі жоқ
never = ешқашан
clock-trusted = Уақыт сенімді
clock-bounded = Уақыт көзінсіз жүріп тұр; тек кешігуі мүмкін
clock-unknown = Уақыт сенімсіз. Мерзімі өтпегенін растау мүмкін емес.
clock-unread = Әлі тексерілмеген

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
