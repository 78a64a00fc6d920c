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
action-noted = Записано

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
reason-no-policy = На этом входе ещё нет правил региона
reason-stale-lists = Списки на этом входе устарели
reason-clock-unknown = Этот вход не знает точного времени
reason-already-inside = По этому коду уже вошли
reason-not-inside = По этому коду никто не входил
reason-full = Объект заполнен
reason-staff = Решение сотрудника
reason-not-recorded = Не удалось записать посещение

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
kind-correction = Исправление
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

authority-region = Регион { $value }
authority-visits = Посещения
authority-entries = Входы
authority-exits = Выходы
authority-refusals = Отказы
authority-unreadable = Не читаются
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
