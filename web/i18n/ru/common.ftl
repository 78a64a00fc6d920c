# Texts of every page, in Russian.

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
reason-unverified = Известен только номер, орган здравоохранения не ответил
reason-specimen = Это образец кода
reason-minor = Несовершеннолетний: вход со взрослым
reason-no-policy = На этом входе ещё нет правил региона
reason-stale-lists = Списки на этом входе устарели
reason-clock-unknown = Этот вход не знает точного времени
reason-already-inside = По этому коду уже вошли
reason-not-inside = По этому коду никто не входил
reason-full = Объект заполнен
reason-venue-closed = Объектам такого вида сейчас нельзя работать в этой зоне
reason-venue-excluded = Орган временно исключил этот объект
reason-closed-now = Сейчас объекту нельзя работать: вне разрешённых часов
reason-house-status = Правило самого заведения: с этим статусом сюда не пускают
reason-house-document = Правило самого заведения: сначала сотрудник смотрит документ
reason-house-closed = В это время заведение само никого не пускает
reason-house-full = Правило самого заведения: больше посетителей не впускать
reason-no-rights = Свободные места у других входов; здесь мест не осталось
reason-paper = Записано на бумаге и введено позже
reason-staff = Решение сотрудника
reason-fever = Повышенная температура
reason-not-recorded = Не удалось записать посещение
reason-door-removed = Этот вход больше не относится к заведению
none-yet = пока нет
never = никогда
clock-trusted = Время достоверно
clock-bounded = Идут без источника времени; могут только отставать
clock-unknown = Время недостоверно. Подтвердить, что код не истёк, нельзя.
clock-unread = Ещё не проверены

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
