# Texts of the staff desk, in Russian.

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
