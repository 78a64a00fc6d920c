## Programs and systems that the authority works with.
links-laboratory = Лаборатория
links-laboratory-may = передаёт результаты и списки контактов, ничего не читает
links-sormas-sent = { $at } · { $by }: принято записей — { $taken }, уже были там — { $known }, отклонено — { $refused }.
links-sormas-trouble = Отправка не завершена: { $value }. Отправьте снова: ничего не запишется дважды.
links-sormas-event = Событие
links-sormas-busy = Сейчас отправляются другие ответы. Повторите через минуту.
links-sormas-text = Люди и контакты уходят на указанный сервер с именами и номерами; при повторной отправке это те же записи. Отправка заносится в журнал.
links-sormas-sure = Эти люди нужны мне в SORMAS по этому случаю.
links-sormas-go = Отправить в SORMAS
links-log-sormas = Ответ отправлен в SORMAS
