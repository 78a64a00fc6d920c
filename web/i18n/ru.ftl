# Every text of the screens, in Russian.

languages = Язык
skip = К содержанию
nav-home = Обзор
nav-door = Экран у входа
nav-desk = Пост контроля
nav-venue = Объект
nav-authority = Санитарная служба
leave = Выйти
version = Версия { $value }
live = Обновляется
live-lost = Связь с узлом потеряна. Идёт подключение…

home-title = Этот узел
home-door = Экран рядом со входом: то, что видит посетитель.
home-desk = Проверить код вручную, подтвердить проход или отказать.
home-venue = Люди внутри, двери, обмен данными и состояние оборудования.
home-authority = Посещения региона по мере поступления и поиск контактов.
home-open = Открыть
home-locked = Нужен ключ доступа

enter-title = Ключ доступа
enter-text = Для этой страницы нужен ключ доступа этого узла. Он был напечатан при первом запуске и хранится в папке данных узла.
enter-key = Ключ доступа
enter-go = Продолжить
enter-wrong = Это не ключ доступа этого узла. Проверьте каждый знак и попробуйте ещё раз.
enter-locked = Слишком много неверных ключей с этого адреса. Подождите минуту и попробуйте снова.

door-hold = Поднесите код к камере на 10–25 см
door-sound = Дождитесь звука
door-go = Следуйте знаку на экране
door-no-phone = Нет телефона? Обратитесь к сотруднику.
door-inside = Сейчас внутри
door-direction-in = Вход
door-direction-out = Выход
door-direction-both = Вход и выход

action-welcome = Добро пожаловать
action-goodbye = До свидания
action-wait = Подождите
action-no-entry = Вход запрещён
action-again = Попробуйте ещё раз

status-green = Зелёный
status-blue = Синий
status-yellow = Жёлтый
status-red = Красный
status-grey = Не подтверждён

until = { $status } до { $time }
until-then = { $status } до { $time }, затем { $then }

advice-staff = Пожалуйста, обратитесь к сотруднику.
advice-again = Держите код ровно и неподвижно, сделайте экран ярче.
advice-other-code = Покажите код здоровья: он начинается с ST1, HC1 или shc.
advice-home = Пожалуйста, не входите. Следуйте указаниям санитарной службы.
advice-later = Пожалуйста, приходите позже.
advice-decision = Сотрудник уже смотрит.

reason-bad-prefix = Такой код здесь не читается
reason-bad-base45 = Код повреждён
reason-bad-encoding = Код повреждён
reason-bad-compression = Код повреждён
reason-bad-json = Код повреждён
reason-bad-cbor = Код повреждён
reason-malformed = Код неполон или неверен
reason-too-large = Код слишком длинный
reason-not-a-credential = Это не код здоровья
reason-unsupported-format = Код такого вида здесь не проверяется
reason-unsupported-algorithm = Подпись такого вида здесь не проверяется
reason-incomplete = Часть прочитана, покажите следующую
reason-unknown-issuer = Издатель кода здесь неизвестен
reason-issuer-not-valid = Ключ издателя сейчас не действует
reason-bad-signature = Подпись кода недействительна
reason-no-proof = Откройте код на телефоне: снимок не засчитывается
reason-stale-proof = Код устарел: откройте его на телефоне заново
reason-key-usage = Издатель не вправе выдавать такие коды
reason-not-yet-valid = Код ещё не действует
reason-expired = Срок действия кода истёк
reason-revoked = Код отозван
reason-status-green = По правилам зелёный статус сейчас не допускается
reason-status-blue = По правилам синий статус сейчас не допускается
reason-status-yellow = Контакт подтверждённого случая
reason-status-red = Положительный тест
reason-status-grey = Код не сообщает ничего, что действует сейчас
reason-specimen = Это образец кода
reason-minor = Несовершеннолетний: вход со взрослым
reason-no-policy = На этом входе ещё нет правил региона
reason-stale-lists = Списки на этом входе устарели
reason-clock-unknown = Этот вход не знает точного времени
reason-already-inside = По этому коду уже вошли
reason-not-inside = По этому коду никто не входил
reason-full = Объект заполнен
reason-no-rights = Свободные места у других входов; здесь мест не осталось
reason-staff = Решение сотрудника
reason-not-recorded = Не удалось записать посещение
reason-door-removed = Этот вход больше не относится к заведению

desk-code = Код
desk-code-hint = Введите, вставьте или считайте ручным сканером. Enter — проверить.
desk-check = Проверить
desk-waiting = Ждёт вашего решения
desk-nobody = Никто не ждёт.
desk-release = Пропустить
desk-refuse = Отказать
desk-release-key = Enter
desk-refuse-key = Esc
desk-name = Имя в коде
desk-read-at = Считан в { $value }
desk-recent = Последние решения
desk-recent-none = С запуска узла решений не было.
desk-empty = Сначала введите код.
desk-no-credential = Ничего не записано. { $value }.
desk-error-unknown = Решение уже принято, или прошло больше двух минут. Проверьте код ещё раз.
desk-error-binding = Правила региона не позволяют вам пропустить этого посетителя.
desk-error-ledger = Не удалось записать посещение. Не пропускайте посетителя по этому экрану; проверьте диск.
outcome-admit = Правила допускают
outcome-refuse = Правила не допускают
outcome-cannot-confirm = Подтвердить нельзя

kind-entry = Вход
kind-exit = Выход
kind-refusal = Отказ
decider-verdict = По правилам
decider-staff = Сотрудником

column-time = Время
column-decision = Решение
column-status = Статус
column-reason = Причина
column-decider = Решено
column-door = Дверь
column-entries = Входы
column-exits = Выходы
column-refusals = Отказы
column-unacknowledged = Ещё не переданы
column-last = Последнее посещение
column-heard = Последний ответ
column-bulletin = Бюллетень
column-version = Версия
column-age = Возраст
column-valid = Действует до
column-venue = Объект
column-doors = Двери
column-visits = Посещения
column-entered = Вошёл
column-left = Вышел
column-overlap = Вместе
column-person = Человек

venue-inside = Сейчас внутри
venue-capacity = из { $value }
venue-entries = Входы сегодня
venue-exits = Выходы сегодня
venue-refusals = Отказы сегодня
venue-pending = Ещё не переданы службе
venue-doors = Двери
venue-own = эта дверь
venue-sync = Обмен данными
venue-no-peers = У этого узла нет соседей.
venue-bulletins = Бюллетени санитарной службы
venue-no-bulletins = Бюллетени ещё не получены. Пока нет правил и списка доверия, коды подтвердить нельзя.
venue-state = Оборудование
venue-clock = Часы
venue-scanner = Сканер
venue-disk = Диск
none-yet = пока нет
never = никогда
clock-trusted = Время достоверно
clock-bounded = Идут без источника времени; могут только отставать
clock-unknown = Время недостоверно. Подтвердить, что код не истёк, нельзя.
clock-unread = Ещё не проверены
scanner-none = У этого узла нет камеры
camera-opening = Камера открывается
camera-running = Читает
camera-lost = Недоступна
camera-ended = Изображений больше нет
scanner-facts = Кадров: { $frames }, пропущено: { $dropped }, кодов: { $scans }; распознавание { $p50 } мс, 95 % — до { $p95 } мс
hint-camera-blocked = Камера чем-то закрыта
hint-too-dark = Слишком темно, коды не читаются: нужно больше света у входа
hint-inverted = В коде тёмное и светлое поменяны местами: попросите светлый фон
hint-too-far = Коды держат слишком далеко
hint-too-near = Коды держат слишком близко
hint-glare = Блик закрывает код: попросите немного наклонить его
hint-screen-dim = Экран посетителя слишком тёмный
hint-blurred = Коды размыты: держите неподвижно или настройте резкость камеры
hint-camera-moved = Камера смотрит не туда, куда смотрела раньше
hint-dirty-lens = Всё нерезко: протрите объектив или настройте резкость
poster-outdated = Плакат у входа устарел: напечатайте новый
poster-other-door = Плакат у входа — от другого входа
poster-other-venue = Плакат у входа — от другого заведения
poster-broken = Плакат у входа не читается
scanner-wait = От появления кода до считывания: { $p50 } мс, 95 % — до { $p95 } мс.
disk-ok = Запись идёт
disk-trouble = Последняя запись не удалась: { $value }
peer-up = Подключён
peer-down = Не подключён: { $value }
peer-refused = Отключён: { $value }
peer-since = с { $value }
refused-unknown-membership = его сертификат не из этого региона
refused-other-node = его сертификат принадлежит другому узлу
refused-other-venue = его сертификат выдан другому объекту
refused-membership-not-yet-valid = его сертификат ещё не действует
refused-membership-expired = срок его сертификата истёк
refused-membership-malformed = его сертификат повреждён
bulletin-policy = Правила
bulletin-trust = Список доверия
bulletin-tracing-keys = Ключи расследования
bulletin-beacon = Время
bulletin-revocations = Отозванные коды
bulletin-membership = Участники
bulletin-standing = Положение
bulletin-overdue = просрочен

age-seconds = { $n ->
    [one] { $n } секунда
    [few] { $n } секунды
   *[many] { $n } секунд
}
age-minutes = { $n ->
    [one] { $n } минута
    [few] { $n } минуты
   *[many] { $n } минут
}
age-hours = { $n ->
    [one] { $n } час
    [few] { $n } часа
   *[many] { $n } часов
}
age-days = { $n ->
    [one] { $n } день
    [few] { $n } дня
   *[many] { $n } дней
}

tab-venue = Обзор объекта
tab-anomalies = Отклонения
tab-doors = Двери и подключение
reload = Загрузить снова

inside-between = { $lo }–{ $hi }
inside-at-least = не менее { $value }
zone-inside = Сейчас внутри, часть { $value }
zone-unseen = Нет связи с дверью: { $door }, с { $time }
zone-unseen-never = Связи с дверью ещё не было: { $value }
zone-range = От { $lo } до { $hi } из { $most }
zone-rights = Эта дверь может впустить ещё: { $value }
zone-advisory = для сведения
zone-advisory-text = Вместе двери могут впустить больше этого предела.

alarm-unsent = Посещения с { $day } не дошли до санитарной службы. До их уничтожения осталось: { $left }. Отвезите их на накопителе: { $command }
alarm-duplicates = С { $time } возможны повторы. Нет связи с дверями: { $doors }
alarm-duplicates-ever = Возможны повторы. Нет связи с дверями: { $value }
alarm-anomalies = { $n ->
    [one] { $n } отклонение требует внимания
    [few] { $n } отклонения требуют внимания
   *[many] { $n } отклонений требуют внимания
}

anomalies-none = Отклонений нет.
anomalies-duplicates = Один код вошёл дважды
anomalies-duplicates-do = Спросите людей: кодом могли пользоваться двое, или кто-то вышел незамеченным. Вход, которого не было, можно аннулировать. Он останется в записях, но учитываться не будет.
anomalies-clones = Скопированная карта
anomalies-clones-do = Два запуска одной двери писали одновременно: её карту памяти скопировали или её часы перевели назад. Найдите второе устройство и выключите его. Если лишнего у вас нет, удалите дверь как утерянную и подключите её заново.
anomalies-forked = Две истории одной двери
anomalies-forked-do = Эти двери подписали две разные истории; обе сохранены как доказательство. Удалите такую дверь как утерянную, подключите её заново и сообщите санитарной службе.
anomalies-gaps = Уничтожено раньше, чем дошло до службы
anomalies-gaps-do = Эти записи никто не вернёт. Сообщите санитарной службе дверь, день и число, а впредь вовремя подключайте двери или отвозите посещения на накопителе.
anomalies-alerts = Код оказался недействительным
anomalies-alerts-do = Не ищите посетителя сами: санитарная служба знает, кто это был. Держите время и дверь наготове к её звонку.
anomaly-entry = { $door }, { $time }
anomaly-clone = { $door }: оба писали с { $from } до { $to }
anomaly-gap = { $door }, { $day }: { $records }
anomaly-records = { $n ->
    [one] { $n } запись
    [few] { $n } записи
   *[many] { $n } записей
}
anomaly-noted = отмечено { $value }
anomaly-part = часть { $value }
anomaly-revoked = Код отозван после прихода посетителя
anomaly-status = Статус был не тот, что в коде
anomaly-by-authority = обнаружила санитарная служба
anomaly-by-door = обнаружила дверь
void = Аннулировать этот вход
void-text = Вход { $value } не будет учитываться ни у одной двери, и вернуть его никто не сможет.
void-sure = Да, аннулировать
void-unknown = Этого входа уже нет в списке.
act-error-ledger = Записать не удалось, поэтому ничего не изменилось. Проверьте диск.

click-title = Люди без кодов
click-in = Вошёл один
click-out = Вышел один
click-hint = Только счёт, без имён. Число меняется, когда запись надёжно сохранена.
click-failed = Это не учтено. Загрузите страницу снова и посмотрите на число.
desk-staff-pass = Пропуск сотрудника
desk-undo = Отменить
desk-undone = отменено
desk-undo-late = Здесь можно отменить только решение последних 60 секунд. Посмотрите страницу отклонений.

count-title = Задать число людей
count-text = Пересчитайте всех внутри и запишите число здесь. Прежние расхождения на этом закончатся у каждой двери.
count-zone = Часть объекта
count-zone-whole = Весь объект
count-inside = Насчитано людей
count-sure = Люди пересчитаны только что
count-set = Задать число
count-error-number = Запишите цифрами, сколько людей внутри.
count-error-sure = Подтвердите, что люди пересчитаны сейчас.

notes-title = Записки смены
notes-none = Записок нет.
notes-text = Новая записка
notes-hint = Её видит каждая дверь объекта. Без имён посетителей.
notes-add = Добавить записку
notes-edit = Изменить
notes-save = Сохранить
notes-remove = Убрать
notes-keep = Оставить эту
notes-both = Две двери записали одновременно. Оставьте одно:
notes-by = { $who }, { $time }
notes-manager = управляющий
notes-error-empty = Сначала напишите что-нибудь.
notes-error-long = Слишком длинно. Сократите примерно до 300 букв.
notes-error-changed = Тем временем это кто-то изменил. Ваш текст стоит ниже; посмотрите, что там теперь, и сохраните снова.
fields-title = Об этом объекте
fields-none = не указано
fields-hint = Меняется у двери, где хранится ключ управляющего.
field-name = Название
field-address = Адрес
field-hours = Часы работы

doors-title = Двери объекта
doors-direction = Направление
doors-state = Состояние
doors-node = Ключ
doors-none = Ни у одной двери нет документов этого объекта.
door-own = эта дверь
door-up = на связи
door-down = нет связи с { $value }
door-unheard = нет связи
door-removed-lost = удалена как утерянная, { $value }
door-removed-replaced = заменена, { $value }
door-removed-retired = снята, { $value }
doors-elsewhere = Двери приглашают и удаляют у той двери, где хранится ключ управляющего. Это не она.
invite-title = Пригласить дверь
invite-text = Новое устройство считывает код с этого экрана, вызывает эту дверь и получает документы и ключи. Код действует десять минут и для одного устройства.
invite-wifi = Имя Wi-Fi, если он нужен новому устройству
invite-wifi-key = Пароль Wi-Fi
invite-replaces = Встанет на место
invite-replaces-none = ничьё: ещё одна дверь
invite-go = Показать код
invite-wifi-error = Для Wi-Fi нужны имя не длиннее 32 букв и пароль от 8 до 63 знаков.
invite-failed = Пригласить не удалось: { $value }
invite-cancel = Прекратить приглашение
invited-title = Приглашение
invited-scan = Поднесите камеру нового устройства к этому коду или вставьте там текст: vestibule pair join
invited-secret = Кто увидит этот код, может стать дверью этого объекта. Не пересылайте его и не фотографируйте.
invited-code = Код, приглашающий дверь
invited-text = То же текстом
invited-back = К дверям
pairing-idle = Никто не приглашён.
pairing-waiting = Ждём новое устройство до { $value }
pairing-wrong = Вызовов без знания кода: { $value }. После трёх приглашение прекращается.
pairing-joined = Дверь подключена: { $door }, в { $time }
pairing-expired = Срок приглашения истёк.
pairing-broken = Приглашение прекращено после трёх неверных вызовов. Кто-то в сети подбирает код.
pairing-over = Приглашение прекращено.
remove-title = Удалить дверь
remove-text = Удалённая дверь никого не впускает, как только узнает об этом. Другие двери с этого времени ничего от неё не принимают; её прежние посещения остаются.
remove-door = Дверь
remove-cause = Почему
remove-lost = Утеряна или украдена: секретный ключ объекта создаётся заново, а дверь уничтожит свои ключи, когда узнает об этом
remove-replaced = Заменена: теперь там стоит другое устройство
remove-retired = Снята: убрана планово и очищена
remove-sure = Эта дверь больше не должна относиться к объекту. Отменить это нельзя; устройство сможет вернуться только с новым ключом.
remove-go = Удалить дверь
remove-none = Других дверей нет.
remove-error-door = Выберите дверь, которая относится к объекту.
remove-error-cause = Укажите причину.
remove-error-sure = Подтвердите удаление.
remove-error-own = Дверь, где хранится ключ управляющего, не может удалить сама себя.

authority-region = Регион { $value }
authority-visits = Посещения
authority-entries = Входы
authority-exits = Выходы
authority-refusals = Отказы
authority-unreadable = Не читаются
authority-alerts = Тревоги
authority-questions = Запросы о контактах
authority-chart = Посещения по объектам
authority-venues = Объекты
authority-no-venues = Ни один объект ещё не передал посещений.
authority-bulletins = Действующие бюллетени

trace-title = Поиск контактов
trace-text = Раскрывает запечатанные данные. Каждый запрос до ответа записывается в журнал с номером дела, целью и временем, а число запросов публикуется.
trace-case = Номер дела
trace-purpose = Цель
trace-who = Человек
trace-who-hint = Код человека или 32 знака псевдонима
trace-from = С
trace-until = До
trace-zone = Время: { $value }.
trace-ask = Записать в журнал и искать
trace-asked-by = Кто запрашивает
trace-error = Запрос не выполнен.
trace-error-case = Укажите номер дела, не длиннее 200 знаков.
trace-error-purpose = Укажите цель, не длиннее 200 знаков.
trace-error-window = Укажите начало и более поздний конец, не более 60 дней.
trace-error-asked-by = Укажите, кто запрашивает, не длиннее 200 знаков.
trace-error-who = Укажите код или псевдоним человека.
trace-error-code = Этот код никого не называет: { $value }.
trace-error-from = Укажите дату и время начала.
trace-error-until = Укажите дату и время конца.
trace-error-ledger = Не удалось прочитать или записать журнал либо посещения. Ничего не раскрыто.
trace-result = Ответ
trace-subject = Псевдоним
trace-window = Период
trace-stays = { $n ->
    [0] Пребываний в этот период нет
    [one] { $n } пребывание
    [few] { $n } пребывания
   *[many] { $n } пребываний
}
tell = Сообщить объектам
tell-text = Каждый объект увидит в своём списке отклонений, какие из этих посещений нужно проверить, но не увидит, кто это был. Отменить это нельзя.
tell-sure = Да, сообщить
told = { $n ->
    [0] Объектам не указано ни одного посещения
    [one] Объектам указано { $n } посещение
    [few] Объектам указано { $n } посещения
   *[many] Объектам указано { $n } посещений
}
trace-contacts = { $n ->
    [0] Контактов в этот период нет
    [one] { $n } контакт
    [few] { $n } контакта
   *[many] { $n } контактов
}
trace-assumed = предположительно до { $value }
trace-timeline = Пребывания и контакты по времени
trace-again = Задать другой вопрос
trace-minutes = { $n ->
    [one] { $n } минута
    [few] { $n } минуты
   *[many] { $n } минут
}

error-title = Не получилось
error-not-found = На этом узле нет такой страницы.
error-forbidden = Форма устарела или пришла с другого сайта. Откройте страницу заново.
error-host = Узел не отвечает на это имя. Используйте один из его собственных адресов.
error-too-large = Отправлено слишком много.
error-busy = Подключено слишком много экранов. Закройте один и попробуйте снова.
error-malformed = Запрос не удалось прочитать.
error-slow = Запрос длился слишком долго.
error-internal = Внутри узла произошёл сбой. Причина в его журнале.
error-back = Назад к обзору
