# Texts of the staff desk, in Kazakh.

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
decider-verdict = Ереже бойынша
decider-staff = Қызметкер
void = Осы кіруді жарамсыз ету
void-text = Мына кіру бірде-бір есікте есепке алынбайды және оны ешкім қайтара алмайды: { $value }.
void-sure = Иә, жарамсыз ету
void-unknown = Бұл кіру тізімде енді жоқ.
act-error-ledger = Жазу мүмкін болмады, сондықтан ештеңе өзгерген жоқ. Дискіні тексеріңіз.

click-title = Кодсыз адамдар
click-in = Бір адам кірді
click-out = Бір адам шықты
click-hint = Тек саны, есімсіз. Жазба сенімді сақталғанда сан өзгереді.
click-failed = Бұл есепке алынбады. Бетті қайта жүктеп, санын қараңыз.
desk-staff-pass = Қызметкер рұқсаты
desk-undo = Қайтарып алу
desk-undone = қайтарып алынды
desk-undo-late = Мұнда тек соңғы 60 секундтағы шешімді қайтарып алуға болады. Ауытқулар бетін қараңыз.
