## Programs and systems that the authority works with.
links-laboratory = Зертхана
links-laboratory-may = нәтижелер мен байланыс тізімдерін жібереді, ештеңе оқымайды
links-sormas-sent = { $at } · { $by }: { $taken } жазба қабылданды, { $known } жазба онда бұрыннан бар, { $refused } жазба қабылданбады.
links-sormas-trouble = Жіберу аяқталмады: { $value }. Қайта жіберіңіз: ештеңе екі рет жазылмайды.
links-sormas-event = Оқиға
links-sormas-busy = Қазір басқа жауаптар жіберілуде. Бір минуттан кейін қайталаңыз.
links-sormas-text = Адамдар мен байланыстар көрсетілген серверге аты-жөнімен және нөмірлерімен жіберіледі; қайта жіберілсе, сол жазбалар болып қалады. Бұл журналға жазылады.
links-sormas-sure = Бұл адамдар маған осы жағдай бойынша SORMAS жүйесінде керек.
links-sormas-go = SORMAS жүйесіне жіберу
links-log-sormas = Жауап SORMAS жүйесіне жіберілді
