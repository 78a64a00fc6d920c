# Texts of the pages of the authority, in Kazakh.

authority-region = { $value }-аймақ
authority-visits = Келулер
authority-entries = Кіру
authority-exits = Шығу
authority-refusals = Бас тарту
authority-unreadable = Оқылмайды
authority-alerts = Дабылдар
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
trace-who-hint = Адамның коды немесе бүркеншік атының 32 таңбасы; не алдында түрі жазылған нөмір, мысалы iin:800101300006 немесе phone:+77011234567
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
tell = Нысандарға хабарлау
tell-text = Әр нысан өзінің ауытқулар тізімінен осы келулердің қайсысын тексеру керегін көреді, бірақ кім екенін көрмейді. Мұны қайтарып алуға болмайды.
tell-sure = Иә, хабарлау
told = { $n ->
    [0] Нысандарға бірде-бір келу көрсетілген жоқ
    [one] Нысандарға { $n } келу көрсетілді
   *[other] Нысандарға { $n } келу көрсетілді
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
