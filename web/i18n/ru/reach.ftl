# Удостоверения, положение, объявления, ожидание, запросы: что орган сообщает объекту.
reach-papers = Удостоверение узла
reach-papers-until = Действует до { $value }.
reach-papers-ended = Срок истёк { $value }: другие узлы отказывают этому. Запросите новое у руководителя или в органе.
reach-papers-text = Продлевается само до окончания срока, как только есть связь с органом — отсюда или через другой вход.
bulletin-announcements = Объявления
office-policy-excluded-venues = Что действует на исключённом объекте
office-word-no-privileges = без льгот
office-word-advise = только показывать
reach-until = до { $value }
reach-venue-test = По решению органа: тестовый режим до { $value }. Проверки только предупреждают.
reach-venue-excluded = Орган исключил этот объект до { $value }.
reach-announced = Объявление органа (до { $value })
reach-change-standing = Объект { $venue }: { $before } → { $after }
reach-change-announced = Теперь объявляется: { $value }
reach-change-unannounced = Больше не объявляется: { $value }
reach-stands-good = без замечаний
reach-stands-test = тестовый режим до { $value }
reach-stands-excluded = исключён до { $value }
reach-announce-title = Объявления для объектов
reach-announce-none = Сейчас ничего не объявлено.
reach-announce-all = все объекты
reach-announce-new = Объявить
reach-announce-text = Показывается на страницах тех объектов, которых касается, на языке читателя, до указанного времени. Выходит, когда собрано достаточно подписей корневых ключей.
reach-announce-until = Показывать до
reach-announce-areas = Только в этих районах, через запятую
reach-announce-activities = Только для кодов деятельности, начинающихся так
reach-announce-venues = Только для объектов с этими номерами
reach-announce-back = Отозвать
reach-announce-until-wrong = Укажите, до какого времени показывать: оно должно быть в будущем.
reach-announce-venues-wrong = Объекты указываются номерами через запятую.
reach-announce-gone = Это объявление уже не действует.
reach-standing-title = Положение объектов
reach-standing-text = Тестовый режим и исключения на эту минуту — по реестру и подтверждённым нарушениям. Входы следуют им, когда бюллетень подписан.
reach-waits = Сейчас посещения не принимаются; повторная отправка в { $value }. Ничего не теряется, коды проверяются как обычно.
reach-asked = Запросы об отслеживании
reach-asked-times = { $n ->
    [0] Орган не запрашивал посещения этого объекта.
    [one] { $n } запрос органа касался посещений этого объекта.
    [few] { $n } запроса органа касались посещений этого объекта.
   *[many] { $n } запросов органа касались посещений этого объекта.
}
