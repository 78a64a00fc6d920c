## Programs and systems that the authority works with.
links-laboratory = 實驗室
links-laboratory-may = 提交檢測結果和接觸者名單，不能讀取任何內容
links-sormas-sent = { $at } · { $by }：接收 { $taken } 筆紀錄，對方已有 { $known } 筆，拒收 { $refused } 筆。
links-sormas-trouble = 未完成：{ $value }。請再次傳送：不會重複記錄。
links-sormas-event = 事件
links-sormas-busy = 正在傳送其他結果，請一分鐘後再試。
links-sormas-text = 人員和接觸者將連同姓名和號碼傳送到所設定的伺服器；再次傳送仍是同一批紀錄。此操作會留下紀錄。
links-sormas-sure = 本病例需要將這些人員傳送到 SORMAS。
links-sormas-go = 傳送到 SORMAS
links-log-sormas = 結果已傳送到 SORMAS
