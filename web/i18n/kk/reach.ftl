# Куәліктер, мәртебе, хабарландырулар, күту, сұраулар: органның нысанға айтатыны.
reach-papers = Түйін куәлігі
reach-papers-until = { $value } дейін жарамды.
reach-papers-ended = Мерзімі { $value } бітті: басқа түйіндер мұны қабылдамайды. Жаңасын басшыдан немесе органнан сұраңыз.
reach-papers-text = Мерзімі бітпей тұрып өздігінен ұзартылады: органмен осы жерден немесе басқа кіреберіс арқылы байланыс болса болғаны.
bulletin-announcements = Хабарландырулар
office-policy-excluded-venues = Шығарылған нысанда не қолданылады
office-word-no-privileges = жеңілдіксіз
office-word-advise = тек көрсетіледі
reach-until = { $value } дейін
reach-venue-test = Органның шешімі: { $value } дейін сынақ режимі. Тексерулер тек ескертеді.
reach-venue-excluded = Орган бұл нысанды { $value } дейін шығарды.
reach-announced = Органның хабарландыруы ({ $value } дейін)
reach-change-standing = { $venue }-нысан: { $before } → { $after }
reach-change-announced = Енді хабарланады: { $value }
reach-change-unannounced = Бұдан былай хабарланбайды: { $value }
reach-stands-good = ескертусіз
reach-stands-test = { $value } дейін сынақ режимі
reach-stands-excluded = { $value } дейін шығарылған
reach-announce-title = Нысандарға хабарландырулар
reach-announce-none = Қазір ештеңе хабарланбаған.
reach-announce-all = барлық нысандар
reach-announce-new = Хабарлау
reach-announce-text = Қатысы бар нысандардың беттерінде, оқырманның тілінде, көрсетілген уақытқа дейін тұрады. Түбірлік кілттердің қолдары жеткенде шығады.
reach-announce-until = Көрсетілетін мерзімі
reach-announce-areas = Тек осы аудандарда, үтір арқылы
reach-announce-activities = Тек осылай басталатын қызмет кодтары үшін
reach-announce-venues = Тек осы нөмірлі нысандар үшін
reach-announce-back = Қайтарып алу
reach-announce-until-wrong = Қашанға дейін көрсетілетінін жазыңыз: ол алдағы уақыт болуы керек.
reach-announce-venues-wrong = Нысандар нөмірлерімен, үтір арқылы жазылады.
reach-announce-gone = Бұл хабарландыру енді күшінде емес.
reach-standing-title = Нысандардың мәртебесі
reach-standing-text = Тізілім мен расталған бұзушылықтар бойынша дәл осы сәттегі сынақ режимі мен шығарулар. Бюллетеньге қол қойылғанда кіреберістер соған бағынады.
reach-waits = Дәл қазір келулер қабылданбайды; { $value } қайта жіберіледі. Ештеңе жоғалмайды, кодтар әдеттегідей тексеріледі.
reach-asked = Ізге түсу сұраулары
reach-asked-times = { $n ->
    [0] Орган бұл нысанға келулерді сұратқан жоқ.
    [one] Органның { $n } сұрауы осы нысанға келулерге қатысты болды.
   *[other] Органның { $n } сұрауы осы нысанға келулерге қатысты болды.
}
