# Texts of the pages of the venue, in Russian.

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
bulletin-roots = Корневые ключи
bulletin-membership = Участники
bulletin-standing = Положение
bulletin-overdue = просрочен

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
