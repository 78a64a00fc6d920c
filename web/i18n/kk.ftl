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
action-noted = Жазылды

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
reason-no-policy = Бұл есікте аймақ ережелері әлі жоқ
reason-stale-lists = Бұл есіктің тізімдері ескірген
reason-clock-unknown = Бұл есік уақытты нақты білмейді
reason-already-inside = Бұл кодпен кіріп қойған
reason-not-inside = Бұл кодпен ешкім кірмеген
reason-full = Нысан толы
reason-staff = Қызметкердің шешімі
reason-not-recorded = Келуді жазу мүмкін болмады

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
kind-correction = Түзету
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

authority-region = { $value }-аймақ
authority-visits = Келулер
authority-entries = Кіру
authority-exits = Шығу
authority-refusals = Бас тарту
authority-unreadable = Оқылмайды
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
