# Texts of the pages of the authority, in Russian.

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
trace-who-hint = Код человека или 32 знака псевдонима; либо номер с видом перед ним, например iin:800101300006 или phone:+77011234567
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
